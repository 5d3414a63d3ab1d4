"""Faults are sown into the simulator one at a time; the audit, the books or the slow world must notice nearly all."""

from __future__ import annotations

import inspect
import math
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

import pytest

from simulator.engine import backlog, backorder_engine
from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence import evidence
from simulator.policies.replenishment import replenishment
from simulator.record import ledger, levels
from simulator.world import pace, simpy_clock
from simulator.world import switchboard as gates
from simulator.world.orders import flow
from simulator.world.simulate import simulate
from simulator.world.suppliers import lanes, purchase, purchasing, stocking_node
from simulator.world.suppliers import vendor as suppliers
from tests.properties.models.books import Books, differences
from tests.properties.test_slow_world import facts, story
from tests.unit.world.shops import play, shop

GATE = 0.9
"""Of thirty faults at least twenty-seven."""


class Fault(NamedTuple):
    """A piece of source text and what stands there instead."""

    owner: Any
    name: str
    right: str
    wrong: str

    def __str__(self) -> str:
        return (
            f"{getattr(self.owner, '__name__', self.owner)}.{self.name}: {self.right.strip()} -> {self.wrong.strip()}"
        )


ENGINE, FLOW, NODE = backorder_engine.BackorderEngine, flow.Flow, stocking_node.StockingNode
FAULTS = [
    Fault(ENGINE, "take", "left >= reserve and", "left > reserve and"),
    Fault(ENGINE, "take", "left >= reserve and not shelf.backordered", "left >= reserve"),
    Fault(ENGINE, "take", "left >= reserve and", "left >= 0 and"),
    Fault(ENGINE, "take", "position = shelf.position - quantity", "position = shelf.position - 1"),
    Fault(ENGINE, "take", "if position <= shelf.trigger", "if position < shelf.trigger"),
    Fault(ENGINE, "place", "packed = self.taken", "packed = 0"),
    Fault(ENGINE, "place", "shelf.backordered += units", "shelf.backordered += 1"),
    Fault(ENGINE, "_place_short", "and shelf.backlog.goes_before(order)", "and False"),
    Fault(ENGINE, "_place_short", "stock = shelf.on_hand - terms.reserve", "stock = shelf.on_hand"),
    Fault(ENGINE, "_place_short", "taken = free if terms.splits_lines else 0", "taken = free"),
    Fault(ENGINE, "_place_short", "shelf.position -= accepted", "shelf.position -= quantity"),
    Fault(ENGINE, "_acceptable", "- shelf.backordered", ""),
    Fault(ENGINE, "receive", "shelf.position -= lost", "shelf.position += lost"),
    Fault(ENGINE, "receive", "if shelf.backordered:", "if shelf.backordered > 1:"),
    Fault(ENGINE, "_serve", "shelf.backordered -= units", "shelf.backordered -= 1"),
    Fault(ENGINE, "_serve", "if free <= 0 or not terms.splits_lines", "if free <= 0"),
    Fault(ENGINE, "_serve", "free = shelf.on_hand - terms.reserve", "free = shelf.on_hand"),
    Fault(ENGINE, "_serve", "order.packed += units", "order.packed = units"),
    Fault(ENGINE, "_complete", "if not order.waiting", "if True"),
    Fault(ENGINE, "cancel", "line.open = 0", "line.open = 1"),
    Fault(ENGINE, "cancel", "order.waiting, order.held = [], 0", "order.waiting, order.held = [], order.held"),
    Fault(ENGINE, "cancel", "(item, units) in held.items()]", "(item, units) in list(held.items())[1:]]"),
    Fault(ENGINE, "call_off", "units -= less", "units -= 0"),
    Fault(ENGINE, "release", "if shelf.on_hand and shelf.backordered", "if False"),
    Fault(ENGINE, "release", "shelf.position += units", "shelf.position += 1"),
    Fault(backlog.Queue, "goes_before", "return True", "return False"),
    Fault(backlog.Queue, "head", "if first.open", "if first.open > 1"),
    Fault(backlog.Ranked, "goes_before", "<=", ">"),
    Fault(FLOW, "order_waits", "if patience > self.window", "if patience < self.window"),
    Fault(FLOW, "order_waits", "elif patience > 0", "elif patience >= 0"),
    Fault(FLOW, "order_waits", "after(self.window,", "after(self.window * 2,"),
    Fault(FLOW, "stock_is_allocated", "order.placed))", "now))"),
    Fault(FLOW, "ready_orders_leave", "for order in ready:", "for order in ready[1:]:"),
    Fault(FLOW, "goods_leave", "order.parcels = parcel + 1", "order.parcels = parcel"),
    Fault(FLOW, "customer_calls_off", ", left)", ", recall.units)"),
    Fault(NODE, "stock_is_reviewed", "shelf.position <= shelf.trigger", "shelf.position < shelf.trigger"),
    Fault(NODE, "goods_arrive", "if self.engine.due", "if False"),
    Fault(suppliers.Vendor, "travel", "due = max(due,", "due = min(due,"),
    Fault(purchase.Seller, "buy", "max(quantity, self.minimum)", "quantity"),
    Fault(lanes.SupplyRoute, "enter", "if self.gate.shut", "if False"),
    Fault(purchasing.Purchasing, "buy", "expect(shelf, purchase.units)", "expect(shelf, purchase.units + 1)"),
    Fault(gates.Gate, "reopen", "held, self.held = self.held, []", "held = self.held"),
    Fault(gates.Gate, "reopen", "if not self.shut", "if True"),
    Fault(pace.Workers, "serve", "heappush(self.busy, start + days)", "heappush(self.busy, now)"),
    Fault(replenishment.UpTo, "buys", "view.position <= self.s", "view.position < self.s"),
    Fault(replenishment.ReorderQuantity, "buys", "// self.Q + 1", "// self.Q"),
    Fault(simpy_clock.SimpyClock, "at", "(time, phase,", "(time, 4,"),
    Fault(levels, "changes", 'held = facts.cancelled["held"] > 0', 'held = facts.cancelled["held"] > 1'),
    Fault(levels, "areas", "np.clip(when, start, end)", "np.clip(when, 0, end)"),
    Fault(evidence.Evidence, "cancelled", "self._cancelled if cause", "self.returned if cause"),
    Fault(ledger.FactColumns, "own", 'self["order"] >= 0', 'self["order"] > 0'),
]  # fmt: skip


def function_of(kept: Any) -> Any:
    """The function behind a static method, a class method or a property."""
    return getattr(kept, "__func__", None) or getattr(kept, "fget", None) or kept


def fits(fault: Fault) -> bool:
    """Whether the piece of source stands where it is looked for, once."""
    kept = inspect.getattr_static(fault.owner, fault.name, None)
    return kept is not None and inspect.getsource(function_of(kept)).count(fault.right) == 1


@contextmanager
def sown(fault: Fault) -> Iterator[None]:
    """The fault is in the simulator while it lasts."""
    kept = inspect.getattr_static(fault.owner, fault.name)
    function = function_of(kept)
    source = textwrap.dedent(inspect.getsource(function))
    space = dict(function.__globals__)
    exec(compile(source.replace(fault.right, fault.wrong), "<fault>", "exec"), space)
    users = [fault.owner] if inspect.isclass(fault.owner) else importers(function)
    for user in users:
        setattr(user, fault.name, space[fault.name])
    try:
        yield
    finally:
        for user in users:
            setattr(user, fault.name, kept)


def importers(function: Any) -> list[Any]:
    """Modules that hold the function under its own name."""
    found = [m for n, m in sys.modules.items() if n.startswith("simulator.") and m]
    return [m for m in found if getattr(m, function.__name__, None) is function]


@lru_cache(None)
def told(seed: int) -> tuple[Any, dict[str, list[Any]]]:
    slow, fast = story(seed)
    return fast, slow.play()


def books_differ(run: Any, window: float = math.inf) -> bool:
    run.audit()
    return bool(Books(run).problems(window) or differences(run, evaluate(run)))


PICKED = shop(
    warehouse={"stock": {"mug": 9}, "picking": {"time": 0.8, "workers": 1}},
    customers__web__patience=2,
    customers__web__arrivals={"kind": "every", "interval": 0.5},
    clock={"horizon": 40, "warm_up": 10},
)


def pickers_never_work_on_two_parcels() -> bool:
    """One picker: a parcel starts when the one before it is done."""
    run = play(
        PICKED | {"customers": {"web": PICKED["customers"]["web"] | {"arrivals": {"kind": "every", "interval": 0.5}}}}
    )
    return bool((run.picks["started"][1:] < run.picks["done"][:-1]).any()) or books_differ(run)


def noticed() -> str:
    """Who notices that something is wrong: '' when nobody does."""
    for seed in range(24):
        fast, expected = told(seed)
        try:
            run = simulate(fast, "only", 1)
            if books_differ(run, fast.policies["only"].window["default"].length):
                return "books"
            if facts(run) != expected:
                return "slow world"
        except Exception as error:  # an audit that fails, or a crash
            return type(error).__name__
    try:
        return "pickers" if pickers_never_work_on_two_parcels() else ""
    except Exception as error:
        return type(error).__name__


def test_without_a_fault_nobody_notices_anything():
    assert noticed() == ""


@pytest.mark.slow
def test_of_the_faults_that_are_sown_nine_in_ten_are_noticed(capsys):
    verdicts, stale = {}, [str(fault) for fault in FAULTS if not fits(fault)]
    for fault in FAULTS:
        if fits(fault):
            with sown(fault):
                verdicts[str(fault)] = noticed()
    missed = [fault for fault, who in verdicts.items() if not who]
    with capsys.disabled():
        print(f"\nfaults noticed: {len(verdicts) - len(missed)} of {len(verdicts)}; missed: {missed or 'none'}")
        print(f"faults that no longer fit the source: {stale or 'none'}")
    assert len(verdicts) >= 30, stale
    assert len(missed) <= (1 - GATE) * len(verdicts), verdicts
