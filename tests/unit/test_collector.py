"""The collector of garbage around what creates many objects."""

import gc
import mmap
import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator.foundation import collector
from simulator.foundation.collector import QUIET, give_back, quiet_gc, settle, settled_gc


@pytest.fixture
def thawed():
    """A process in which nothing is frozen; the test suite's is."""
    frozen = gc.get_freeze_count()
    gc.unfreeze()
    yield
    gc.unfreeze()
    if frozen:
        gc.freeze()


class Node:
    """Something that the collector looks at."""


def test_what_is_made_in_a_settled_block_is_old_at_its_end_and_the_thresholds_are_as_before(thawed):
    before = gc.get_threshold()
    with settled_gc():
        assert gc.get_threshold() == QUIET
        made = [Node() for _ in range(10)]
    assert gc.get_threshold() == before
    young = {id(found) for found in gc.get_objects(generation=0)} | {id(o) for o in gc.get_objects(generation=1)}
    assert not young & {id(node) for node in made}


def test_objects_that_a_program_froze_stay_frozen(thawed):
    gc.freeze()
    frozen = gc.get_freeze_count()
    with settled_gc():
        pass
    assert gc.get_freeze_count() == frozen > 0


def test_a_module_that_is_there_is_not_settled_again(monkeypatch):
    """Asking how much is frozen takes as long as there is much, so no look at `simulator.run` may ask."""
    simulator.load  # noqa: B018 - imports it
    monkeypatch.setattr(gc, "get_freeze_count", lambda: pytest.fail("asked again"))
    assert simulator.load is simulator.load


def test_a_quiet_block_gives_the_thresholds_back_after_an_error():
    before = gc.get_threshold()
    try:
        with quiet_gc():
            raise ValueError
    except ValueError:
        pass
    assert gc.get_threshold() == before


def test_a_quiet_block_within_another_leaves_everything_as_it_is(monkeypatch):
    with quiet_gc():
        monkeypatch.setattr(gc, "collect", lambda *_: pytest.fail("collected"))
        with quiet_gc():
            assert gc.get_threshold() == QUIET
        assert gc.get_threshold() == QUIET
        monkeypatch.undo()


def test_only_a_process_of_our_own_settles(thawed, monkeypatch):
    with quiet_gc():
        settle()
    assert gc.get_freeze_count() == 0
    monkeypatch.setattr(collector, "_ours", True)
    settle()
    assert gc.get_freeze_count() > 0


def test_a_command_of_its_own_stays_quiet_and_lets_the_collector_rest_at_exit():
    code = """
import atexit, gc, sys
sys.argv = ["backorder", "list", "kpi"]
from simulator.cli.main import main
from simulator.foundation.collector import QUIET
atexit.register(lambda: print("frozen", gc.get_freeze_count() > 1000, gc.get_threshold() == QUIET))  # runs last
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "frozen True True"


FAULTS = """
import resource, sys
from simulator.foundation.collector import keep_memory

def touch(blocks, size):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    [bytearray(size) for _ in range(blocks)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

touch(16, 4 << 20)
without = touch(16, 4 << 20)
keep_memory()
touch(16, 4 << 20)
print(without, touch(16, 4 << 20), touch(1, 128 << 20), touch(1, 128 << 20))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
def test_memory_that_was_freed_is_there_for_the_next_use():
    root = Path(__file__).parents[2]
    told = subprocess.run([sys.executable, "-c", FAULTS], cwd=root, capture_output=True, text=True, check=True)
    without, kept, *large = map(int, told.stdout.split())
    assert kept < 10 < without
    assert min(large) > 10, "a large block went back"


def test_where_there_is_no_glibc_nothing_is_asked(monkeypatch):
    monkeypatch.setattr(collector.sys, "platform", "darwin")
    monkeypatch.setattr(collector.ctypes, "CDLL", lambda name: pytest.fail("asked"))
    collector.keep_memory()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere nothing is given back")
def test_whole_pages_alone_are_given_back():
    numbers, page = np.ones(1 << 20), mmap.PAGESIZE // 8
    begin = numbers.__array_interface__["data"][0]
    give_back(begin + 8, numbers.nbytes - 16)
    given = np.flatnonzero(numbers == 0)
    assert given.size % page == 0
    assert numbers.size - 2 * page <= given.size < numbers.size
    assert numbers[0] == numbers[-1] == 1
    kept = numbers.copy()
    give_back(begin, 8)
    assert np.array_equal(numbers, kept), "less than a page"
