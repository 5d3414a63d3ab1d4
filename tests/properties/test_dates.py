"""The laws of dates: in a world without chance every first promise is the day at the door, whatever holds goods up."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from simulator.kpis.evidence.dates import Dates
from tests.unit.world.shops import play, shop

HORIZON = 120.0
WORLDS = 150


class Deterministic:
    """Writes a world without chance: every choice is drawn once, here."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.lines = False
        """The supplier's capacity is limited."""

    def whole(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def quarter(self, low: float, high: float) -> float:
        """A number of quarter days, so that instants of different parts coincide as often as in practice."""
        return self.whole(round(low * 4), round(high * 4)) / 4

    def maybe(self, share: float = 0.4) -> bool:
        return bool(self.rng.random() < share)

    def replenishment(self) -> dict[str, Any]:
        # Where items share production lines, a later review of another item may still come first: no planner knows it.
        kinds = ["base_stock", "s_Q", "s_S", *([] if self.lines else ["R_S", "R_s_S"])]
        kind = self.rng.choice(kinds)
        s, more = self.whole(0, 6), self.whole(1, 8)
        period = {"R": self.quarter(1, 9)}
        return {
            "base_stock": {"kind": "base_stock", "S": s},
            "s_Q": {"kind": "s_Q", "s": s, "Q": more},
            "s_S": {"kind": "s_S", "s": s, "S": s + more},
            "R_S": {"kind": "R_S", "S": s, **period},
            "R_s_S": {"kind": "R_s_S", "s": s, "S": s + more, **period},
        }[str(kind)]

    def closures(self) -> list[dict[str, float]]:
        found, day = [], 0.0
        for _ in range(self.whole(1, 3)):
            start = day + self.quarter(2, 20)
            day = start + self.quarter(1, 9)
            found.append({"from": start, "to": day})
        return found

    def supplier(self) -> dict[str, Any]:
        spec: dict[str, Any] = {"items": ["mug", "plate"], "lead_time": self.quarter(0.5, 9), "crossing": "fifo"}
        if self.maybe():
            spec["order_delay"] = self.quarter(0.25, 3)
        if self.maybe():
            spec["closures"] = self.closures()
        if self.maybe():
            spec["lane"] = {"departures": {"every": self.quarter(1, 8), "first": self.quarter(0, 4)}}
        if self.maybe():
            spec["minimum"] = self.whole(1, 9)
        if self.maybe(0.3):
            spec["announces"] = True
        if self.maybe(0.25):
            spec.setdefault("lane", {})["customs"] = {"inspected": 1, "delay": self.quarter(0.5, 3)}
        choice = self.whole(0, 5)
        self.lines = choice == 0
        if self.lines:
            spec["capacity"] = {"rate": self.whole(2, 9)}
        elif choice == 1:
            spec |= {"stock": {"mug": self.whole(0, 6)}, "make_time": self.quarter(0.5, 6)}
        elif choice == 2:
            inner = {"items": ["mug"], "lead_time": self.quarter(1, 6), "crossing": "fifo"}
            if self.maybe():
                inner["closures"] = self.closures()
            spec |= {"stock": {"mug": self.whole(0, 6)}, "suppliers": {"quarry": inner}}
        if self.maybe(0.3):
            days = sorted(self.quarter(0.25, 12) for _ in range(self.whole(1, 3)))
            spec["under_way"] = [{"item": "plate", "units": self.whole(1, 5), "due": day} for day in days]
        return spec

    def world(self) -> dict[str, Any]:
        supplier = self.supplier()
        basket = {"mug": self.whole(1, 4), "plate": self.whole(0, 3)}
        d = shop(
            clock={"horizon": HORIZON},
            items={"mug": {"price": 12, "unit_cost": 5}, "plate": {"price": 12, "unit_cost": 5}},
            customers__web={
                "arrivals": {"kind": "every", "interval": self.quarter(1, 3) + 1 / 16},
                "basket": {"kind": "bundle", "items": basket},
            },
            suppliers={"pottery": supplier},
            warehouse__stock={"mug": self.whole(0, 6), "plate": self.whole(0, 6)},
            policies={
                "first": {
                    "replenishment": {"mug": self.replenishment(), "plate": self.replenishment()},
                    "promise": {"kind": str(self.rng.choice(["ctp", "ctp", "quantile"]))},
                    "fulfilment": {"kind": str(self.rng.choice(["as_available", "line_complete", "order_complete"]))},
                }
            },
        )
        if self.maybe(0.6):
            d["carriers"] = {"van": {"transit": self.quarter(0.25, 4)}}
            if self.maybe():
                d["carriers"]["van"]["pickup"] = {"every": self.quarter(0.5, 3), "first": self.quarter(0, 1)}
        if self.maybe(0.3):
            d["warehouse"]["picking"] = {"time": self.quarter(0.25, 1)}
        if self.maybe(0.25):
            d["events"] = [
                {"kind": "closure", "warehouse": True, "at": self.quarter(5, 60), "lasts": self.quarter(0.5, 6)}
            ]
        if self.maybe(0.2):
            d["items"]["plate"]["release"] = self.quarter(3, 20)
            d["warehouse"]["stock"]["plate"] = 0
        return d


def first_promises(run: Any) -> dict[int, tuple[float, float]]:
    """Order -> (when, date) of its first promise, of orders that wait and where each order gets a date of its own."""
    found: dict[int, tuple[float, float]] = {}
    p = run.promises
    for order, time, date in zip(p["order"].astype(int), p["time"], p["date"], strict=True):
        found.setdefault(int(order), (float(time), float(date)))
    return found


def last_parcels(run: Any) -> dict[int, float]:
    """Order -> the day on which the last of it is at the door."""
    found: dict[int, float] = {}
    for order, day in zip(run.parcels["order"].astype(int), run.parcels["delivered"], strict=True):
        found[int(order)] = max(found.get(int(order), -math.inf), float(day))
    return found


def delivered_in_full(run: Any) -> set[int]:
    """Orders of which every unit was handed to the carrier before the horizon."""
    asked = np.zeros(len(run.demand.times))
    np.add.at(asked, run.line_orders, run.demand.quantities)
    left = run.per_order(run.parcels)
    return set(np.flatnonzero(left >= asked).tolist())


def errors(d: dict[str, Any]) -> tuple[dict[int, tuple[float, float]], int]:
    """Orders, waiting or filled at once, whose first promise is not the day at the door, and how many were compared."""
    run = play(d)
    delivered, complete = last_parcels(run), delivered_in_full(run)
    wrong, compared = {}, 0
    first = Dates(run).first
    assert first is not None
    for order, date in enumerate(first.tolist()):
        if order not in complete or math.isnan(date):
            continue
        compared += 1
        if abs(delivered[order] - date) > 1e-9:
            wrong[order] = (date, delivered[order])
    return wrong, compared


def for_later(seed: int) -> dict[str, Any]:
    """The world with this number, whose customers want their goods on a later day."""
    author = Deterministic(seed)
    d = author.world()
    author = Deterministic(1000 + seed)  # draws of its own: the world itself stays as it is
    days = [author.quarter(0, 25) for _ in range(author.whole(1, 4))]
    d["customers"]["web"]["wanted"] = {"kind": "sequence", "values": days}
    if author.maybe(0.7):
        d["policies"]["first"]["reservation"] = {"ahead": author.quarter(0, 15)}
    return d


@pytest.mark.parametrize("seed", range(0, WORLDS, 2))
def test_goods_for_a_later_day_come_on_the_first_day_that_is_promised(seed):
    d = for_later(seed)
    wrong, compared = errors(d)
    assert not wrong
    run = play(d)
    first = Dates(run).first
    assert first is not None
    named = ~np.isnan(first)
    assert (first[named] >= run.demand.wanted[named] - 1e-9).all(), "no date is before the day that is wanted"
    assert compared or not run.parcels["shipped"].size


def of_kits(d: dict[str, Any], seed: int) -> dict[str, Any]:
    """The same world, whose customers order sets of mugs and plates."""
    author = Deterministic(5000 + seed)
    d["items"]["set"] = {"price": 30, "kit": {"mug": author.whole(1, 2), "plate": author.whole(1, 2)}}
    d["customers"]["web"]["basket"] = {"kind": "bundle", "items": {"set": author.whole(1, 2)}}
    d["policies"]["first"]["kits"] = {"reserve": str(author.rng.choice(["together", "piecewise"]))}
    return d


@pytest.mark.parametrize("seed", range(0, WORLDS, 5))
def test_kits_come_on_the_first_day_that_is_promised_also_those_for_a_later_day(seed):
    for d in (Deterministic(seed).world(), for_later(seed)):
        wrong, _ = errors(of_kits(d, seed))
        assert not wrong


def at_two_sites(d: dict[str, Any], seed: int) -> dict[str, Any]:
    """The same world with two warehouses, which serve the customers together and buy what they need."""
    author = Deterministic(6000 + seed)
    d.pop("events", None)
    north, south = d.pop("warehouse"), {"stock": {"mug": author.whole(0, 6), "plate": author.whole(0, 6)}}
    north["reach"] = {"web": {"transit": author.quarter(0.25, 2)}}
    south["reach"] = {"web": {"transit": author.quarter(0.25, 5)}}
    if "release" in d["items"]["plate"]:
        south["stock"]["plate"] = 0
    pottery = d["suppliers"]["pottery"]
    for key in ("stock", "suppliers"):
        pottery.pop(key, None)  # which of two sites reviews its stock first, and gets it, is not known beforehand
    for purchase in pottery.get("under_way", ()):
        purchase["site"] = str(author.rng.choice(["north", "south"]))
    kind = str(author.rng.choice(["ranked", "nearest", "whole_first"]))
    sourcing = {"kind": kind, "rest_at": str(author.rng.choice(["home", "soonest"]))}
    d["policies"]["first"]["sourcing"] = sourcing | ({"order": ["south", "north"]} if kind == "ranked" else {})
    return d | {"warehouses": {"north": north, "south": south}}


@pytest.mark.parametrize("seed", range(0, WORLDS, 5))
def test_goods_of_two_sites_come_on_the_first_day_that_is_promised_also_those_for_a_later_day(seed):
    for d in (Deterministic(seed).world(), for_later(seed)):
        wrong, _ = errors(at_two_sites(d, seed))
        assert not wrong


def held_back(seed: int) -> dict[str, Any]:
    """The world with this number, in which half of the orders are held for some days."""
    d = Deterministic(seed).world()
    author = Deterministic(3000 + seed)
    d["customers"]["web"]["hold"] = {"share": 0.5, "time": author.quarter(0.25, 12)}
    return d


@pytest.mark.parametrize("seed", range(0, WORLDS, 3))
def test_orders_that_are_held_come_on_the_first_day_that_is_promised(seed):
    wrong, _ = errors(held_back(seed))
    assert not wrong


def in_parts(seed: int) -> dict[str, Any]:
    """The world with this number, whose suppliers deliver in parts."""
    author = Deterministic(seed)
    d = author.world()
    author = Deterministic(2000 + seed)
    pottery = d["suppliers"]["pottery"]
    for supplier in [pottery, *pottery.get("suppliers", {}).values()]:
        if "stock" not in supplier:
            supplier["parts"] = {"share": author.whole(5, 9) / 10, "gap": author.quarter(0.25, 6)}
        if author.maybe():
            supplier["multiple"] = author.whole(2, 3)
    return d


@pytest.mark.parametrize("seed", range(1, WORLDS, 2))
def test_goods_that_come_in_parts_come_no_later_than_is_promised(seed):
    """They come earlier where the first part of a purchase for later orders overtakes the rest of an earlier one."""
    wrong, _ = errors(in_parts(seed))
    assert all(delivered < date for date, delivered in wrong.values())


def test_goods_that_come_in_parts_nearly_always_come_on_the_first_day_that_is_promised():
    found = [errors(in_parts(seed)) for seed in range(0, 80, 4)]
    assert sum(len(wrong) for wrong, _ in found) < 0.05 * sum(compared for _, compared in found)


@pytest.mark.parametrize("seed", range(WORLDS))
def test_without_chance_every_first_promise_is_the_day_at_the_door(seed):
    wrong, _ = errors(Deterministic(seed).world())
    assert not wrong


def test_the_random_worlds_are_worth_the_name():
    assert sum(errors(Deterministic(seed).world())[1] for seed in range(20)) > 200


@pytest.mark.parametrize("seed", range(0, WORLDS, 5))
def test_what_only_the_future_knows_changes_no_date(seed):
    """An outage that begins on day 60 is not known before: all dates that were quoted until then are the same."""
    d = Deterministic(seed).world()
    before = first_promises(play(d))
    d.setdefault("events", []).append({"kind": "outage", "supplier": "pottery", "at": 60, "lasts": 20})
    after = first_promises(play(d))
    quoted = {order: found for order, found in before.items() if found[0] < 60}
    assert quoted == {order: found for order, found in after.items() if found[0] < 60}


@pytest.mark.parametrize("seed", range(1, WORLDS, 10))
def test_names_change_no_date(seed):
    d = Deterministic(seed).world()
    d["suppliers"]["pottery"]["lead_time"] = {"kind": "gamma", "mean": 5, "cv": 0.5}
    before = first_promises(play(d))
    d["suppliers"]["kiln"] = {**d["suppliers"].pop("pottery"), "stream": "pottery"}
    d["customers"]["shop"] = {**d["customers"].pop("web"), "stream": "web"}
    if "carriers" in d:
        d["carriers"]["bike"] = {**d["carriers"].pop("van"), "stream": "van"}
    assert first_promises(play(d)) == before


@pytest.mark.parametrize("seed", range(2, WORLDS, 5))
def test_checkout_and_promise_agree_about_the_first_order_that_waits(seed):
    """It is taken up to the very day that is promised to it, and refused a minute below."""
    d = Deterministic(seed).world()
    policy = d["policies"]["first"]
    policy["promise"] = {"kind": "ctp"}
    promises = first_promises(play(d))
    waits = set(play(d).backordered["order"].astype(int).tolist()) - {-1}
    first = min(waits)
    assert first in promises
    days = promises[first][1] - promises[first][0]
    for slack, taken in ((1e-6, True), (-1 / 1440, False)):
        policy["acceptance"] = {"kind": "eta_limit", "days": days + slack}
        run = play(d)
        refused = set(run.refused["order"].astype(int).tolist())
        assert (first not in refused) is taken


def test_a_shorter_way_never_makes_a_date_later():
    """More stock, a shorter lead time, twice as many departures: no first date of the same order moves back."""

    def dates(stock: int, lead: float, every: float) -> dict[int, float]:
        d = shop(
            clock={"horizon": 60},
            customers__web__arrivals={"kind": "every", "interval": 2, "first": 1},
            customers__web__basket={"kind": "single", "item": "mug", "quantity": 3},
            warehouse__stock__mug=stock,
            suppliers__pottery={
                "items": ["mug"],
                "lead_time": lead,
                "lane": {"departures": {"every": every}},
            },
            policies__first={"replenishment": {"kind": "base_stock", "S": stock}, "promise": {"kind": "ctp"}},
        )
        return {order: date for order, (_, date) in first_promises(play(d)).items()}

    usual = dates(4, 5, 6)
    for better in (dates(7, 5, 6), dates(4, 4, 6), dates(4, 5, 3)):
        common = usual.keys() & better.keys()
        assert len(common) >= 5
        assert all(better[order] <= usual[order] for order in common)
