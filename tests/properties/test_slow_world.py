"""The simulator and the slow world tell the same story, fact by fact, to the last bit."""

import math

import numpy as np
import pytest

from simulator.policies.allocation.allocation import Allocation, Claim
from simulator.policies.fulfilment import Fulfilment
from simulator.randomness.arrivals.trace import Trace
from simulator.randomness.orderbook import OrderBook
from simulator.scenario.loader import load_text
from simulator.scenario.tree.nodes import dump
from simulator.world.simulate import simulate
from tests.properties.models.facts import rows
from tests.properties.models.slow_world import SlowItem, SlowWorld, Wish

ITEMS = ["bowl", "jug", "mug"]
RANKS = {
    "fifo": lambda priority, number: (0, number),
    "lifo": lambda priority, number: (0, -number),
    "priority": lambda priority, number: (priority, number),
    "critical_level": lambda priority, number: (priority, number),
}
SEGMENTS = [
    {"items": ["jug"], "strategy": "redistribute", "sort": "largest"},
    {"priority": 1, "strategy": "win"},
    {"priority": 2, "strategy": "fill", "sort": "lifo"},
]
DIVIDES = {
    "proportional": {"kind": "proportional"},
    "linear": {"kind": "linear"},
    "uniform": {"kind": "uniform"},
    "events": {"kind": "backorder_processing", "segments": SEGMENTS, "against": "expected"},
    "nightly": {"kind": "backorder_processing", "segments": SEGMENTS, "against": "expected", "run": "nightly"}
    | {"new_orders": "confirm", "at_hour": 18},
    "on hand": {"kind": "backorder_processing", "segments": SEGMENTS, "run": "nightly", "at_hour": 6},
}
SPLITS = {"as_available": (True, True), "line_complete": (False, True), "order_complete": (False, False)}
HOLDS = {
    "hold": {"kind": "hold_until", "days": 2.5},
    "part of an order": {"kind": "minimum_split", "share": 0.5},
    "part of a line": {"kind": "minimum_split", "share": 0.6, "of": "line"},
    "allocated": {"kind": "minimum_allocated", "share": 0.7},
    "two parcels": {"kind": "maximum_shipments", "parcels": 2},
    "once": {"kind": "ship_once"},
    "critical": {"kind": "critical_item", "items": "jug"},
    "in time": {"kind": "as_available", "must_arrive": True},
    "held in time": {"kind": "hold_until", "days": 6, "must_arrive": True},
    "whole in time": {"kind": "order_complete", "must_arrive": True},
}
COLUMNS = {
    "backordered": ("order", "line", "item", "units"),
    "refused": ("order", "line", "item", "units"),
    "fills": ("time", "order", "line", "item", "units"),
    "holds": ("time", "order", "until", "units"),
    "confirmed": ("time", "order", "line", "item", "units"),
    "parcels": ("shipped", "delivered", "order", "units"),
    "cancelled": ("time", "order", "line", "item", "units", "cause", "held"),
    "returned": ("time", "order", "line", "item", "units"),
    "purchases": ("time", "item", "units"),
    "receipts": ("time", "item", "units", "lost"),
}
HORIZON = 60.0
RANKED, DIVIDED, ALL = 24, 48, 88
"""Worlds whose backlog is served by rank, those and the ones where a rule divides stock, and all: in the last ones
orders are held."""


def story(seed):
    """One world told twice: as a scenario and as a slow world."""
    dice = np.random.default_rng(seed)
    kind = [*DIVIDES][seed % len(DIVIDES)] if RANKED <= seed < DIVIDED or seed % 3 == 0 else [*RANKS][seed % 4]
    kind = [*RANKS][seed % 4] if seed < RANKED else kind
    fulfilment = [*SPLITS][seed // 4 % 3] if seed < DIVIDED else [*HOLDS][seed % len(HOLDS)]
    tick = 4 if seed % 2 else 256  # coarse times meet often
    wishes = []
    for time in np.sort(dice.integers(0, int(HORIZON * tick), 90) / tick).tolist():
        chosen = dice.permutation(3)[: dice.integers(1, 4)].tolist()
        lines = [(item, int(dice.integers(1, 5))) for item in chosen]
        recalls = [
            (k, max(time + float(dice.integers(-tick, 9 * tick)) / tick, 0.0), int(dice.integers(1, units + 1)))
            for k, (_, units) in enumerate(lines)
            if dice.random() < 0.2
        ]
        wishes.append(
            Wish(
                time=time,
                lines=lines,
                patience=float(dice.choice([0.0, 1.0, 4.25, 50.0])),
                together=bool(dice.random() < 0.2),
                priority=int(dice.integers(1, 4)),
                transits=(dice.integers(0, 5 * tick, 40) / tick).tolist(),
                recalls=recalls,
            )
        )
    items = []
    for k in range(3):
        leads = (dice.integers(0 if seed % 3 else tick, 9 * tick, 7) / tick).tolist()
        rule = {"Q": int(dice.integers(1, 9))} if k == 1 else {"S": int(dice.integers(6, 14))}
        limit = math.inf if dice.random() < 0.6 else int(dice.integers(0, 7))
        items.append(SlowItem(int(dice.integers(-4, 12)), leads, int(dice.integers(0, 6)), limit=limit, **rule))
    share = float(dice.choice([1.0, 0.75]))
    slow = SlowWorld(
        items=items,
        wishes=wishes,
        horizon=HORIZON,
        rank=RANKS.get(kind, RANKS["fifo"]),
        ranked=kind not in ("fifo", *DIVIDES),
        splits=SPLITS.get(fulfilment, (True, True)),
        reserve=2 if kind == "critical_level" else 0,
        window=float(dice.choice([math.inf, 3.5])),
        arriving=lambda units: math.floor(units * share + 0.5),
        minimum=int(dice.choice([0, 5])),
        fifo=bool(dice.random() < 0.5),
        outages=[(10.0, 18.0), (15.0, 20.0), (40.0, 41.0)] if seed % 5 else [],
    )
    if fulfilment in ("order_complete", *HOLDS):
        rule = slow.fulfilment = Fulfilment.parse(HOLDS.get(fulfilment, {"kind": fulfilment}))
        slow.splits = rule.splits_lines, rule.splits_orders
        slow.need_by = 3.25 if rule.must_arrive else math.inf
        if type(rule).ships is not Fulfilment.ships:
            slow.ships = True
            slow.may_leave = lambda part: rule.ships(part._replace(missing=frozenset(ITEMS[k] for k in part.missing)))
    if kind in DIVIDES:
        allocation = Allocation.parse(DIVIDES[kind])
        slow.divide = divider(allocation)
        slow.expected, slow.confirms_new = allocation.counts_expected, allocation.confirms_new
        slow.keeps_record = allocation.keeps_record
        slow.nightly = None if allocation.hour is None else allocation.hour / 24
    return slow, scenario(slow, kind, fulfilment, share)


def divider(allocation):
    def claim(line):
        terms = line.order.terms
        segment = "record" if line.order.number >= 0 else ""
        waits = (line.waiting, line.confirmed, not terms.splits_lines)
        return Claim(line.order.number, terms.priority, 0.0, segment, ITEMS[line.item], *waits)

    return lambda lines, supply: allocation.divide([claim(line) for line in lines], supply)


def scenario(slow, kind, fulfilment, share):
    """The same as a scenario: one supplier an item (each its own record of lead times), all struck by the outages."""
    replenishment, acceptance, suppliers = {}, {}, {}
    for name, item in zip(ITEMS, slow.items, strict=True):
        replenishment[name] = (
            {"kind": "s_Q", "s": item.s, "Q": item.Q} if item.Q else {"kind": "s_S", "s": item.s, "S": item.S}
        )
        acceptance[name] = {"kind": "always"} if item.limit == math.inf else {"kind": "limit", "units": item.limit}
        suppliers[f"{name} maker"] = {
            "items": [name],
            "lead_time": {"kind": "sequence", "values": item.leads},
            "crossing": "fifo" if slow.fifo else "allowed",
            "minimum": slow.minimum,
            "yield": share,
            "overdelivers": share > 1,
        }
    d = {
        "name": "slow world",
        "clock": {"horizon": slow.horizon},
        "items": {name: {"price": 1, "unit_cost": 1} for name in ITEMS},
        "customers": {
            "record": {"arrivals": {"kind": "every", "interval": 1}, "basket": {"kind": "single", "item": "mug"}}
            | ({} if slow.need_by == math.inf else {"need_by": slow.need_by})
        },
        "warehouse": {"stock": {name: item.stock for name, item in zip(ITEMS, slow.items, strict=True)}},
        "suppliers": suppliers,
        "events": [
            {"kind": ("outage", "closure")[k % 2], "supplier": list(suppliers), "at": start, "until": end}
            for k, (start, end) in enumerate(slow.outages)
        ],
        "policies": {
            "only": {
                "replenishment": replenishment,
                "acceptance": acceptance,
                "allocation": DIVIDES.get(kind, {"kind": kind})
                | ({"units": slow.reserve, "top": 1} if slow.reserve else {}),
                "fulfilment": HOLDS.get(fulfilment, {"kind": fulfilment}),
                "window": {"kind": "none"}
                if slow.window == math.inf
                else {"kind": "cancel_after", "days": slow.window},
            }
        },
    }
    lines = [line for wish in slow.wishes for line in wish.lines]
    book = OrderBook(
        np.array([wish.time for wish in slow.wishes]),
        np.array([len(wish.lines) for wish in slow.wishes]),
        np.array([item for item, _ in lines]),
        np.array([units for _, units in lines]),
    )
    book.patience = np.array([wish.patience for wish in slow.wishes])
    book.transits = np.array([wish.transits for wish in slow.wishes])
    book.one_parcel = np.array([wish.together for wish in slow.wishes])
    book.priority = np.array([wish.priority for wish in slow.wishes])
    recalls = [{line: (time, units) for line, time, units in wish.recalls} for wish in slow.wishes]
    each = [recalls[k].get(line, (np.nan, 1)) for k, wish in enumerate(slow.wishes) for line in range(len(wish.lines))]
    book.cancel_at = np.array([time for time, _ in each])
    book.cancel_quantity = np.array([units for _, units in each])
    found = load_text(dump(d))
    record = found.customers["record"].model_copy(update={"arrivals": Trace.of(book, tuple(ITEMS)), "basket": None})
    return found.model_copy(update={"customers": {"record": record}})


def facts(run):
    return {
        name: sorted(tuple(row[c] for c in columns) for row in rows(run, name)) for name, columns in COLUMNS.items()
    }


@pytest.mark.parametrize("seed", range(ALL))
def test_the_slow_world_and_the_simulator_agree_on_every_fact(seed):
    slow, fast = story(seed)
    run = simulate(fast, "only", 1)
    run.audit()
    expected = slow.play()
    found = facts(run)
    for name, table in expected.items():
        assert found[name] == table, name


def test_the_worlds_compared_have_all_that_can_happen():
    total = dict.fromkeys(COLUMNS, 0)
    for seed in range(ALL):
        for name, table in story(seed)[0].play().items():
            total[name] += len(table)
    assert min(total.values()) > 50, total
