"""The border to the kernel: its structures, its extremes, and installations without a kernel."""

import ctypes
import gc
import os
import re
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import hatch_build
from simulator.foundation.compiled.library import sources
from simulator.foundation.errors import UserError
from simulator.kernel import lanes, sums
from simulator.kernel.book import places_of
from simulator.kernel.border import ARRAYS, CALLS, FLOATS, INTS, LIBRARY, TABLES, KernelFacts, KernelWorld, library
from simulator.kernel.calls import DrawnStream
from simulator.kernel.numbers import RULES, SERVICE, SHIPS
from simulator.kernel.outside import START
from simulator.kernel.play import KernelPlay
from simulator.model.nouns import Adjustment, Cause, Exit
from simulator.policies.allocation.allocation import CriticalLevel
from simulator.record.ledger import COLUMNS
from simulator.scenario.loader import load
from simulator.scenario.schema.schema import Scenario
from simulator.world.clock import Phase
from simulator.world.simulate import simulate
from tests.unit.kernel.storm import Storm, compiled, difference

EXAMPLE = Path(__file__).parents[3] / "scenarios" / "flash-sale.yaml"
MOMENTS = 40
HEADER = (LIBRARY.parent / "kernel.h").read_text()
PLAY = (LIBRARY.parent / "play.h").read_text()
built = pytest.mark.skipif(library() is None, reason="no compiled kernel: run `make kernel`, which needs cc")


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def members(struct):
    """(type, name) of every member of a structure of kernel.h."""
    body = re.search(r"typedef struct \{([^{}]*)\} " + struct, without_comments(HEADER))[1]
    for line in filter(None, (line.strip() for line in body.split(";"))):
        kind, names = re.fullmatch(r"(?:const )?(\w+) (.*)", line, re.DOTALL).groups()
        for name in names.split(","):
            yield kind + "*" * name.count("*"), name.strip(" *\n")


def enum_of(text, first):
    body = next(found for found in re.findall(r"enum \{([^}]*)\}", without_comments(text)) if first in found)
    names, number, found = [name.strip() for name in body.split(",")], 0, {}
    for name in names:
        key, _, given = (part.strip() for part in name.partition("="))
        number = int(given) if given else number
        found[key] = number
        number += 1
    return found


def test_python_and_c_name_the_same_fields_in_the_same_order_with_the_same_types():
    types = {"f8": "double*", "i8": "i64*", "i4": "i32*"}
    calls = {"more": "More", "lengthen": "Lengthen", "pick_time": "PerParcel", "transit_time": "PerParcel"}
    calls |= {"rank": "Rank", "decide": "Decide", "effect": "Call", "plan": "Call", "wake": "Call"}
    calls |= {"buy_outside": "Buying", "withdraw_outside": "Buying"}
    mine = [*(("double", name) for name in FLOATS), *(("i64", name) for name in INTS)]
    mine += [(types[kind], name) for name, kind in ARRAYS.items()]
    mine += [(calls[name], name) for name in CALLS]
    assert list(members("World")) == mine


def test_python_and_c_number_kinds_tables_and_causes_alike():
    tables = enum_of(HEADER, "BACKORDERED")
    assert [name.lower() for name in tables] == [*TABLES, "extra", "ended", "left", "tables"]
    widths = re.search(r"WIDTH\[TABLES\] = \{([^}]*)\}", (LIBRARY.parent / "facts.c").read_text())[1]
    assert [int(width) for width in widths.split(",")] == [*(len(COLUMNS[name]) for name in TABLES), 3, 2, 2]
    assert set(RULES.values()) == set(enum_of(HEADER, "BASE_STOCK").values())
    queues = {kind: number for kind, number in SERVICE.items() if kind is not CriticalLevel}  # played as priority
    assert {kind.__name__.upper(): number for kind, number in queues.items()} == enum_of(HEADER, "LIFO")
    ships = {re.sub("(?<=[a-z])(?=[A-Z])", "_", kind.__name__).upper(): number for kind, number in SHIPS.items()}
    named = {name: number for name, number in enum_of(HEADER, "HOLD_UNTIL").items() if name != "NEVER"}
    assert {name: number for name, number in ships.items() if number} == named
    phases = {phase.name: int(phase) for phase in Phase if phase is not Phase.CLOSE}
    assert enum_of(PLAY, "SWITCH =") == {"START": START, **phases}
    causes = enum_of(PLAY, "CAUSE_PATIENCE")
    assert causes.items() <= {f"CAUSE_{cause.name}": cause.value for cause in Cause}.items()
    parts = enum_of((LIBRARY.parent / "sums.c").read_text(), "TAKEN")
    assert parts == {name: getattr(sums, name) for name in ("TAKEN", "WAITS", "FILLED", "FREED", "CUT")}
    others = enum_of(PLAY, "EXIT_REFUSED")
    assert others["EXIT_REFUSED"] == Exit.REFUSED
    assert others["ADJUSTMENT_SEASON"] == Adjustment.SEASON
    assert others["ADJUSTMENT_RETURNED"] == Adjustment.RETURNED


def test_the_build_hook_and_the_loader_number_the_sources_alike():
    assert hatch_build.fingerprint() == sources(LIBRARY.parent)


def world(**changes):
    words = {
        "name": "small",
        "clock": {"horizon": 30},
        "items": {"mug": {"price": 5, "unit_cost": 2}},
        "customers": {
            "web": {"arrivals": {"kind": "poisson", "rate": 3}, "basket": {"kind": "single", "item": "mug"}},
        },
        "warehouse": {"stock": {"mug": 5}},
        "suppliers": {"maker": {"items": ["mug"], "lead_time": 2}},
        "policies": {"p": {"replenishment": {"kind": "s_S", "s": 5, "S": 12}}},
    }
    return Scenario.model_validate({**words, **changes})


def equal(scenario):
    run = compiled(scenario, "p", 1)
    run.audit()
    assert difference(simulate(scenario, "p", 1), run) == ""
    return run


@built
def test_a_world_without_customers_is_played():
    run = equal(world(customers={}, warehouse={"stock": {"mug": 2}}))
    assert len(run.demand.times) == 0
    assert run.purchases["units"].tolist() == [10.0]


@built
def test_a_world_in_which_nobody_orders_is_played():
    quiet = {"arrivals": {"kind": "every", "interval": 99}, "basket": {"kind": "single", "item": "mug"}, "need_by": 3}
    assert len(equal(world(customers={"web": quiet})).demand.times) == 0


@built
def test_a_horizon_of_a_millionth_of_a_day_is_played():
    assert len(equal(world(clock={"horizon": 1e-6}, warehouse={"stock": {"mug": 0}})).purchases["time"]) == 1


@built
def test_ten_thousand_items_are_played():
    names = [f"item-{k:05}" for k in range(10_000)]
    basket = {"kind": "weighted", "items": dict.fromkeys(names, 1), "lines": 2}
    run = equal(
        world(
            items={name: {"price": 1, "unit_cost": 1} for name in names},
            customers={"web": {"arrivals": {"kind": "poisson", "rate": 60}, "basket": basket, "patience": 1}},
            warehouse={"stock": dict.fromkeys(names, 0)},
            suppliers={"maker": {"items": "all", "lead_time": {"kind": "exponential", "mean": 3}}},
            policies={"p": {"replenishment": {"kind": "base_stock", "S": 1}}},
        )
    )
    assert len(run.fills["time"]) > 100


@built
def test_what_arrives_too_little_for_ever_is_left_to_simpy_which_words_the_error():
    maker = {"items": ["mug"], "lead_time": 0, "yield": 0.01}
    endless = world(suppliers={"maker": maker}, policies={"p": {"replenishment": {"kind": "base_stock", "S": 6}}})
    with pytest.raises(UserError, match="so little arrives of each purchase of 'mug'"):
        lanes.simulate(endless, "p", 1)


@built
def test_an_interrupt_while_the_kernel_asks_python_ends_the_play(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("simulator.kernel.calls.DrawnStream.block", interrupted)
    late = {"maker": {"items": ["mug"], "lead_time": {"kind": "exponential", "mean": 2}}}
    with pytest.raises(KeyboardInterrupt):
        compiled(world(suppliers=late), "p", 1)


def test_more_lines_than_the_kernel_counts_are_refused():
    assert places_of(np.array([2**31 - 2, 1])).tolist() == [0, 2**31 - 2, 2**31 - 1]
    with pytest.raises(MemoryError, match="2,147,483,648 order lines"):
        places_of(np.array([2**31 - 1, 1]))


class Late(BaseException):
    """What the handler of a signal raises."""


@built
@pytest.mark.skipif(not hasattr(signal, "SIGUSR2"), reason="this system has no such signal")
def test_a_signal_at_any_moment_ends_the_play_or_changes_nothing(monkeypatch):
    """The handler runs when Python next does, which often is the beginning of a function that the kernel calls."""

    def handler(*_):
        raise Late

    def played(play, kernel):
        """Measures the first play; a signal comes during the later ones."""
        nonlocal seconds, timer
        if seconds is None:
            began = time.perf_counter()
            levels = to_horizon(play, kernel)
            seconds = time.perf_counter() - began
            return levels
        timer = threading.Timer(seconds * raised / MOMENTS, os.kill, (os.getpid(), signal.SIGUSR2))
        timer.start()
        return to_horizon(play, kernel)

    scenario, to_horizon = load(EXAMPLE), KernelPlay.to_horizon
    policy = next(iter(scenario.policies))
    seconds, timer, raised = None, None, 0
    monkeypatch.setattr(KernelPlay, "to_horizon", played)
    whole = compiled(scenario, policy, 1)
    # What a callback of the garbage collector raises is dropped by Python itself; hypothesis has one to measure time.
    callbacks, gc.callbacks[:] = gc.callbacks[:], []
    before = signal.signal(signal.SIGUSR2, handler)
    try:
        for _ in range(MOMENTS):
            try:
                run = compiled(scenario, policy, 1)
                timer.join()
                time.sleep(0.001)  # the handler runs by now
                assert difference(run, whole) == ""
            except Late:
                raised += 1
            timer.join()
    finally:
        signal.signal(signal.SIGUSR2, before)
        gc.callbacks[:] = callbacks
    assert raised == MOMENTS


@built
def test_a_handler_that_does_not_raise_lets_the_play_go_on(monkeypatch):
    came, block = [], DrawnStream.block

    def signalled(stream):
        signal.raise_signal(signal.SIGTERM)
        return block(stream)

    late = world(suppliers={"maker": {"items": ["mug"], "lead_time": {"kind": "exponential", "mean": 2}}})
    whole = compiled(late, "p", 1)
    monkeypatch.setattr(DrawnStream, "block", signalled)
    before = signal.signal(signal.SIGTERM, lambda number, _: came.append(number))
    try:
        assert difference(compiled(late, "p", 1), whole) == ""
        assert signal.getsignal(signal.SIGTERM) is not before
    finally:
        signal.signal(signal.SIGTERM, before)
    assert set(came) == {signal.SIGTERM}


@built
def test_a_play_that_fails_starts_again_in_simpy(monkeypatch):
    def broken(*_):
        raise ArithmeticError

    monkeypatch.setattr("simulator.kernel.calls.DrawnStream.block", broken)
    scenario = world(suppliers={"maker": {"items": ["mug"], "lead_time": {"kind": "exponential", "mean": 2}}})
    assert difference(simulate(scenario, "p", 1), lanes.simulate(scenario, "p", 1)) == ""


@built
def test_the_kernel_does_not_change_what_python_hands_over():
    scenario = Storm(3).scenario()
    first, second = (compiled(scenario, "p", 3) for _ in range(2))
    assert difference(first, second) == ""


@built
def test_a_library_of_other_sources_is_not_loaded(tmp_path):
    path = tmp_path / LIBRARY.name
    path.write_bytes(LIBRARY.read_bytes())
    (tmp_path / "kernel.h").write_text(HEADER)
    assert library(path) is None


def test_without_a_compiler_the_build_says_so_and_leaves_no_library(tmp_path, monkeypatch):
    monkeypatch.setenv("CC", str(tmp_path / "no-such-compiler"))
    target = tmp_path / LIBRARY.name
    assert "no-such-compiler" in hatch_build.compile_kernel(target)
    assert not target.exists()
    assert library(target) is None


def test_a_compiler_without_link_time_optimisation_builds_the_kernel(tmp_path, monkeypatch):
    compiler = tmp_path / "cc"
    compiler.write_text('#!/bin/sh\ncase "$*" in *-flto*) exit 1;; esac\nexec cc "$@"\n')
    compiler.chmod(0o755)
    monkeypatch.setenv("CC", str(compiler))
    path = tmp_path / LIBRARY.name
    assert hatch_build.compile_kernel(path) == ""
    assert ctypes.CDLL(str(path)).abi() == 1


def test_without_a_kernel_simpy_plays_and_the_compiled_lane_is_an_error(monkeypatch):
    monkeypatch.setattr(lanes, "library", lambda: None)
    scenario = world()
    assert difference(simulate(scenario, "p", 1), lanes.simulate(scenario, "p", 1)) == ""
    assert lanes.lane_of(scenario, "p") == "simpy"
    with pytest.raises(UserError, match="policy 'p': this installation has no compiled kernel"):
        lanes.simulate(scenario, "p", 1, lane="compiled")


def test_structures_have_the_sizes_that_64_bit_fields_give():
    words = len(FLOATS) + len(INTS) + len(ARRAYS) + len(CALLS)
    assert ctypes.sizeof(KernelWorld) == 8 * words
    assert ctypes.sizeof(KernelFacts) == 8 * (3 * (len(TABLES) + 3) + 4)
    assert np.dtype(np.float64).itemsize == 8
