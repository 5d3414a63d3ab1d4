"""Changed kernels that random worlds must catch, and kernels that watch memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import hatch_build
from simulator.kernel.border import LIBRARY, library
from tests.unit.kernel.storm import compared
from tests.unit.kernel.summed import sums_compared

ROOT = Path(__file__).parents[3]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(library() is None, reason="no compiled kernel: run `make kernel`, which needs cc"),
]

MUTANTS = {
    "a late entry goes first": (
        "events.c",
        "(a->time == b->time) & (a->key < b->key)",
        "(a->time == b->time) & (a->key > b->key)",
    ),
    "orders arrive before receipts": ("events.c", "top->key >> 56 <= DEMAND", "top->key >> 56 < RECEIPT"),
    "the horizon is played": ("events.c", "if (next >= w->horizon) return;", "if (next > w->horizon) return;"),
    "a page begins late": ("events.c", "next >= p->page_ends &&", "next >= p->page_ends + p->page_length &&"),
    "an entry is put into the page after its own": (
        "events.c",
        "p->page[(i64)(time / p->page_length)]",
        "p->page[(i64)(time / p->page_length) + (time + p->page_length < p->w->horizon)]",
    ),
    "who waits for one of two lines has no patience": ("events.c", "].waiting;\n}", "].waiting - 1;\n}"),
    "a stop ends like the rest": (
        "events.c",
        "w->ends_last[event] ? LAST_END : END",
        "w->ends_last[event] ? END : END",
    ),
    "due shelves from the front": ("supply.c", "AT(p->due, i64, --p->due.n)", "*(i64 *)p->due.at; p->due.n--"),
    "the last supplier furthest behind": ("supply.c", "if (behind > best) best", "if (behind >= best) best"),
    "a minimum not in lots": ("supply.c", "+ lot - 1) / lot * lot", "+ 0)"),
    "yield rounded down": ("supply.c", "b.share + 0.5)", "b.share)"),
    "s is above the reorder point": (
        "supply.c",
        "case S_S: units = position <= s ?",
        "case S_S: units = position < s ?",
    ),
    "purchases overtake": ("supply.c", "if (p->last[source] > due) due = p->last[source];", ""),
    "the oldest purchase is withdrawn": (
        "supply.c",
        "k = s->under_way.n - 1; k >= 0 && units; k--",
        "k = 0; k < s->under_way.n && units; k++",
    ),
    "lost units stay on order": ("supply.c", "s->position -= lost;", ""),
    "later equals earlier in a backlog": (
        "backlog.c",
        "return a->number < b->number;",
        "return a->number > b->number;",
    ),
    "whoever comes later is served first": (
        "backlog.c",
        "return !ranks_before(&mine, &first);",
        "return ranks_before(&mine, &first);",
    ),
    "the reserve may be taken": ("stock.c", "free_ = s->on_hand - w->reserve[terms];", "free_ = s->on_hand;"),
    "the limit ignores the stock": ("stock.c", "(stock > 0 ? stock : 0) + s->limit", "s->limit"),
    "a hold never ends": ("stock.c", "    o->over = 1;\n", ""),
    "a refusal counts as held": ("stock.c", "            p->gone[line] = (i32)less;\n", ""),
    "patience at the window": ("orders.c", "if (patience > w->window)", "if (patience >= w->window)"),
    "held goods are told twice": ("orders.c", "|| o->told == o->parcels + 1", ""),
    "workers take the last free": ("delivery.c", "if (begun < p->now) begun = p->now;", ""),
    "a refused card leaves held goods behind": ("charging.c", "fill.units - kept : kept", "fill.units : kept"),
    "a card is forgotten with the first parcel": ("charging.c", "fill.units - kept : kept", "fill.units - kept : 0"),
    "a new authorisation on its last day": ("charging.c", "> w->reauth_days", ">= w->reauth_days"),
    "refused goods stay with the order": ("charging.c", "    release(p);\n", ""),
    "an old backlog counts from 0": ("facts.c", "w->opening_number[i - w->orders]", "i - w->orders"),
    "an old backlog is not owed": ("backlog.c", "        s->backordered += w->quantity[line];\n", ""),
    "impatience forgets the window": ("orders.c", "        at(p, p->now + w->window, CANCEL, WINDOW, i);\n", ""),
    "the tracked wait is reviewed late": ("orders.c", "        stock_is_reviewed(p);\n        at(", "        at("),
    "returns come at once": ("delivery.c", "if (back.day <= p->now)", "if (1)"),
}
"""A fault of the kernel: in which file, what stands there, and what stands there in its place."""
MUTANTS_OF_SUMS = {
    "whoever waited was filled at once": ("sums.c", "w->times[i] == p->now", "w->times[i] <= p->now"),
    "the first instant does not count": (
        "sums.c",
        "counted_from) WRITE(p, ENDED",
        "counted_from + 1e-9) WRITE(p, ENDED",
    ),
    "parcels of the warm-up count": ("sums.c", "if (shipped >= w->counted_from)", "if (1)"),
    "areas begin with the run": ("sums.c", "p->now < w->counted_from ? w->counted_from : p->now", "p->now"),
    "what was held had waited": ("sums.c", "r.held ? FREED : CUT", "r.held ? CUT : CUT"),
    "refused units were taken": ("sums.c", " - w->refused_of[line]", ""),
    "a day late is in time": ("sums.c", "w->due[k] + 1e-9", "w->due[k] + 1"),
    "the seller's cancellations are given up": ("sums.c", "cause == CAUSE_PATIENCE ||", "1 ||"),
    "an old backlog is an order": ("sums.c", "    if (i >= w->orders) return;\n    if (shipped", "    if (shipped"),
    "parcels pass shut gates": ("facts.c", "p->no_stops &= w->op_kind[k] != SHUT", "p->no_stops &= 1"),
    "what is called off leaves": ("facts.c", " && !w->recall_at;", ";"),
    "an old backlog never waited": ("backlog.c", "        if (w->sums) sum_waiting(p, i, line);\n", ""),
}
"""Faults of sums: they change KPIs, and no facts."""
ENOUGH = 1500


def built(folder: Path, *flags: str) -> Path:
    """A kernel of the sources in a folder."""
    problem = hatch_build.compile_kernel(folder / LIBRARY.name, folder, flags)
    assert not problem, problem
    return folder / LIBRARY.name


def copied(folder: Path) -> Path:
    for path in LIBRARY.parent.glob("*.[ch]"):
        shutil.copy(path, folder)
    return folder


@pytest.mark.parametrize("fault", [*MUTANTS, *MUTANTS_OF_SUMS])
def test_random_worlds_catch_a_fault_of_the_kernel(fault, tmp_path):
    name, old, new = {**MUTANTS, **MUTANTS_OF_SUMS}[fault]
    compare = compared if fault in MUTANTS else sums_compared
    path = copied(tmp_path) / name
    source = path.read_text()
    assert source.count(old) == 1
    path.write_text(source.replace(old, new))
    changed = built(tmp_path, "-O0", "-fno-lto")  # compiling takes longer than playing
    for seed in range(ENOUGH):
        try:
            if compare(seed, changed):
                return
        except Exception:
            return  # the audit, or a play that the kernel gave up
    pytest.fail(f"{ENOUGH} random worlds do not see it")


def test_another_compiler_makes_a_kernel_of_the_same_facts(tmp_path, monkeypatch):
    clang = shutil.which("clang")
    if clang is None:
        pytest.skip("clang is not there")
    monkeypatch.setenv("CC", clang)
    path = built(copied(tmp_path))
    assert {seed: what for seed in range(300) if (what := compared(seed, path))} == {}
    assert {seed: what for seed in range(100) if (what := sums_compared(seed, path))} == {}


PLAYS = """
import sys
from pathlib import Path
from tests.unit.kernel.storm import compared
from tests.unit.kernel.summed import sums_compared
path, seeds = Path(sys.argv[1]), range(int(sys.argv[2]))
found = {seed: what for seed in seeds if (what := compared(seed, path) or sums_compared(seed, path))}
sys.exit(str(found) if found else 0)
"""
SCORES = """
import sys
from pathlib import Path
import simulator
from simulator.experiment.running.replicate import replicate
from simulator.foundation.compiled import library
watched = library.compiled_library(Path(sys.argv[1]))
assert watched is not None
library.compiled_library = lambda: watched
library.function_of.cache_clear()
for name in ("steady-shop", "flash-sale", "causes/raw-material", "strategies/kits", "strategies/returns"):
    scenario = simulator.load(name, ["clock.horizon=120 d"])
    replicate(scenario, list(scenario.policies), 1, 0)
assert library.function_of.cache_info().currsize > 2
"""


def test_a_kernel_that_watches_memory_and_arithmetic_finds_nothing_in_random_worlds(tmp_path):
    asan = subprocess.run(["cc", "-print-file-name=libasan.so"], capture_output=True, text=True).stdout.strip()
    if not Path(asan).is_absolute():
        pytest.skip("this compiler has no address sanitizer")
    path = built(copied(tmp_path), "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1", "-fno-lto")
    environment = {**os.environ, "LD_PRELOAD": asan, "ASAN_OPTIONS": "detect_leaks=0", "PYTHONPATH": str(ROOT)}
    environment["PYTHONMALLOC"] = "malloc"  # arrays of numpy are watched, too
    for script in (PLAYS, SCORES):
        command = [sys.executable, "-c", script, str(path), "200"]
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
        assert done.returncode == 0, done.stderr[-3000:]


COUNTED = """
#include <stdlib.h>
static long left = -1, alive;
static int refused(void) { return left >= 0 && left-- == 0; }
void *test_calloc(size_t n, size_t size) {
    void *block = refused() ? NULL : calloc(n, size);
    alive += block != NULL;
    return block;
}
void *test_realloc(void *old, size_t size) {
    void *block = refused() ? NULL : realloc(old, size);
    alive += block != NULL && old == NULL;
    return block;
}
void test_free(void *block) { alive -= block != NULL; free(block); }
__attribute__((visibility("default"))) void refuse(long after) { left = after; }
__attribute__((visibility("default"))) long living(void) { return alive; }
"""
FAILS = """
import ctypes, sys
from pathlib import Path
from simulator.kernel.border import library
from simulator.kernel.play import NotPlayed
from tests.unit.kernel.storm import compared, compiled, Storm
from tests.unit.kernel.summed import summed
path, ends = Path(sys.argv[1]), 0
for seed, play in [*((seed, compiled) for seed in range(4)), (0, summed), (3, summed)]:
    for after in range(0, 4000):
        library(path).refuse(ctypes.c_long(after))
        try:
            play(Storm(seed).scenario(), "p", seed, seed % 3, path)
        except NotPlayed:
            ends += 1
        else:
            break
        assert library(path).living() == 0, (seed, after, library(path).living())
    library(path).refuse(ctypes.c_long(-1))
    assert not compared(seed, path)
assert ends > 100, ends
"""


def test_a_kernel_without_memory_gives_up_and_frees_what_it_has(tmp_path):
    copied(tmp_path)
    (tmp_path / "counted.c").write_text(COUNTED)
    facts = tmp_path / "facts.c"
    names = "".join(f"#define {name} test_{name}\n" for name in ("calloc", "realloc", "free"))
    declared = "void *test_calloc(size_t, size_t);\nvoid *test_realloc(void *, size_t);\nvoid test_free(void *);\n"
    source = facts.read_text().replace("#include <stdlib.h>\n", f"#include <stdlib.h>\n{declared}")
    facts.write_text(source.replace("#include <string.h>\n", f"#include <string.h>\n{names}"))
    path = built(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", FAILS, str(path)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
