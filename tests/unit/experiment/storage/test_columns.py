"""KPI values by column: exact, in any order of arrival, and flat in memory."""

import pickle
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.experiment.storage.columns import NOT_REPORTED, Columns, Scratch
from simulator.experiment.storage.journal import Journal, Task
from simulator.experiment.storage.replication import Replication
from simulator.kpis.kpi import Undefined

ROOT = Path(__file__).parents[4]


def replication(number):
    values = {"fill_rate": number / 7, "wait_mean": Undefined("nobody waited") if number % 3 else -float(number)}
    late = {"only_late": 1.5} if number > 40 else {}
    return Replication(number, {"lean": values, "safe": {**values, **late}})


@pytest.mark.parametrize("memory", [0, 1 << 20])
@pytest.mark.parametrize("rows", [1, 7, 256])
def test_what_went_in_comes_out_whatever_the_order_and_wherever_it_waited(rows, memory):
    order = list(range(100))
    random.Random(3).shuffle(order)
    columns = Columns(Scratch(memory), rows)
    for number in order:
        columns.add(replication(number))
    assert columns.count == 100
    assert columns.kpis == ("fill_rate", "wait_mean", "only_late")
    assert [columns.replication(k, ["lean", "safe"]) for k in range(100)] == [replication(k) for k in range(100)]
    assert columns.column("lean", "wait_mean", 100) == [replication(k).values["lean"]["wait_mean"] for k in range(100)]
    assert columns.column("safe", "only_late", 42) == [NOT_REPORTED] * 41 + [1.5]
    assert columns.column("safe", "fill_rate", 90, 30) == [k / 7 for k in range(30, 90)]
    assert np.isnan(columns.values("lean", "wait_mean", 3)).tolist() == [False, True, True]
    before = columns.column("safe", "wait_mean", 100)
    columns.close()
    assert columns.column("safe", "wait_mean", 100) == before


GROW = """
import re, sys
from pathlib import Path
from simulator.experiment.storage.columns import Columns
from simulator.experiment.storage.replication import Replication
def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024
columns, names = Columns(), [f"kpi{k}" for k in range(40)]
for number in range(int(sys.argv[1])):
    columns.add(Replication(number, {p: {k: number + 0.5 for k in names} for p in ("a", "b")}))
    if number == 2000:
        before = peak()
columns.values("a", "kpi7", columns.count)
print(peak() - before)
"""


def test_memory_does_not_grow_with_the_number_of_replications():
    """12,000 replications of 80 values would be 77 MB as objects and 8 MB as plain doubles beyond the first 2000."""
    script = GROW.replace("Columns()", "Columns(Scratch(1 << 20))").replace("import Columns", "import Columns, Scratch")
    told = subprocess.run([sys.executable, "-c", script, "12000"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(told.stdout) <= 3  # MB


def test_a_replication_from_another_process_is_the_same(tmp_path):
    missing = Undefined("no orders")
    values = {"lean": {"a": 0.1, "b": missing, "c": -2.5e-300}, "safe": {"a": missing, "b": Undefined("no stock")}}
    here = Replication(3, values, {"lean": "00000000000ff"}, {"safe": 1 / 3})
    sent, again = pickle.loads(pickle.dumps([here, replace(here, number=4)]))
    assert sent == here
    assert (sent.values["safe"], list(sent.values), len(sent.values)) == (values["safe"], ["lean", "safe"], 2)
    assert sent.layout is again.layout is here.layout
    assert sent.to_plain() == here.to_plain()
    for number, replication in enumerate((here, sent)):
        journal = Journal(tmp_path / f"{number}.jsonl", "f" * 64)
        journal.append([(Task("p1", 3), replication)])
        assert (tmp_path / f"{number}.jsonl").read_bytes() == (tmp_path / "0.jsonl").read_bytes()
        ((_, loaded),) = Journal.read(journal.path, "f" * 64).load([Task("p1", 3)])
        assert loaded == here
        assert Columns.of([replication]).replication(3, values) == here


def test_only_the_first_of_a_batch_of_replications_carries_the_names():
    kpis = [f"a_long_name_of_a_kpi_{k}" for k in range(100)]
    one = Replication(0, {"lean": dict.fromkeys(kpis, 0.5)})
    lean = len(pickle.dumps([one, replace(one, number=1)])) - len(pickle.dumps([one]))
    assert lean < len(one.text) + len(one.vector.tobytes()) + len(one.codes.tobytes()) + 200
