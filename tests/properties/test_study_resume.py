"""Sweeps, factorial experiments and searches that are killed or run out of disk end like undisturbed ones."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, os, random, resource, signal, sys, time
from pathlib import Path
from simulator.experiment.studies import factorial
from simulator.experiment.storage import fingerprint
from simulator.experiment.studies import optimise
from simulator.experiment.studies import study
from simulator.experiment.studies import sweep
from simulator.experiment.storage.lock import LOCK
from simulator.foundation.errors import UserError
from tests.unit.experiment import fakes

fingerprint.code_digest = lambda: "one and the same"  # even where somebody edits the code meanwhile
study.replicate = fakes.replicate
kind, root, log = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
KEY = "items.mug.price"
PLAN = {"price": {"low": {}, "high": {KEY: 20}}, "length": {"usual": {}, "long": {"clock.horizon": 120}}}
scenario = fakes.scenario(experiment={"replications": 5, "seed": 7, "factorial": PLAN})

def play(out):
    if kind == "sweep":
        sweep.sweep(scenario, {KEY: [1, 2, 3, 4, 5, 6]}, policies=["lean"], out=out)
    elif kind == "factorial":
        factorial.factorial(scenario, policies=["lean"], replications=8, out=out)
    else:
        optimise.optimise(scenario, {KEY: "1..99"}, minimise=["wait_mean"], policy="lean", trials=8,
                          replications=3, finalists=2, most=12, out=out)

def lines(out):
    found = [p.read_bytes() for p in out.glob("corner-shop/*/replications.jsonl")]
    return set(found[0].splitlines(keepends=True)[: found[0].count(b"\\n")]) if found else set()

def child(out, limit=None):
    pid = os.fork()
    if pid:
        return pid
    try:
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        play(out)
        os._exit(0)
    except UserError as error:
        os.write(1, (json.dumps({"told": str(error)}) + "\\n").encode())
        os._exit(2)
    except KeyboardInterrupt as stopped:
        os._exit(getattr(stopped, "exit_code", 130))
    finally:
        os._exit(1)

def calls():
    return sum(len(path.read_text().splitlines()) for path in log.glob("*.log"))

os.environ["FAKE_SECONDS"] = "0"
assert os.waitpid(child(root / "clean"), 0)[1] == 0
(clean,) = (root / "clean").glob("corner-shop/*")
needed = len(lines(root / "clean"))
os.environ["FAKE_LOG"], os.environ["FAKE_SECONDS"] = str(log), "0.02"
dice, kills, kept, stops = random.Random(3), 0, set(), [signal.SIGKILL] * 5 + [signal.SIGINT, signal.SIGTERM]
while kills < 20:
    pid = child(root / "out")
    time.sleep(0.15 * dice.random())
    number = dice.choice(stops)
    os.kill(pid, number)
    status = os.waitpid(pid, 0)[1]
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:  # done: begin again somewhere else
        (folder,) = (root / "out").glob("corner-shop/*")
        assert fakes.contents(folder) == fakes.contents(clean)
        folder.rename(root / f"done-{kills}")
        kept = set()
    else:
        kills += 1
        assert kept <= lines(root / "out"), "a finished replication was lost or changed"
        kept = lines(root / "out")
before = calls()
assert os.waitpid(child(root / "out"), 0)[1] == 0
assert calls() - before == needed - len(kept), "a finished replication was played again"
(folder,) = (root / "out").glob("corner-shop/*")
assert fakes.contents(folder) == fakes.contents(clean)

os.environ["FAKE_SECONDS"] = "0"
size = (clean / "replications.jsonl").stat().st_size
for share in (0.3, 0.6):  # the disk is full after so much
    status = os.waitpid(child(root / "full", int(size * share)), 0)[1]
    assert os.WEXITSTATUS(status) == 2
    assert lines(root / "full") <= lines(root / "clean")
    assert lines(root / "full")
    assert not [p for p in (root / "full").rglob(".*") if p.name != LOCK]
assert os.waitpid(child(root / "full"), 0)[1] == 0
(folder,) = (root / "full").glob("corner-shop/*")
assert fakes.contents(folder) == fakes.contents(clean)
print(json.dumps({"kills": kills}))
"""


@pytest.mark.parametrize("kind", ["sweep", "factorial", "optimise"])
def test_twenty_kills_and_a_full_disk_change_no_byte_and_lose_no_replication(kind, tmp_path):
    """SIGKILL, Ctrl-C and SIGTERM at random moments; then a file may not grow beyond a part of what is needed."""
    log = tmp_path / "log"
    log.mkdir()
    command = [sys.executable, "-c", SCRIPT, kind, str(tmp_path), str(log)]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=250)
    assert told.returncode == 0, told.stderr
    said = [json.loads(line) for line in told.stdout.splitlines()]
    assert said[-1] == {"kills": 20}
    assert all("cannot write: File too large (finished replications are kept" in s["told"] for s in said[:-1])
    assert len(said) == 3
