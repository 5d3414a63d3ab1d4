"""Kits for a later day: a kit reserves its components when its order opens, and leaves whole, on its day."""

import numpy as np
import pytest
import yaml

from simulator.engine.backlog import Order, Queue, Release, Shelf, Terms
from simulator.engine.kit_engine import KitEngine
from simulator.kpis.evaluate import evaluate
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate

PARTS = {"top": {"price": 90, "unit_cost": 40}, "leg": {"price": 12, "unit_cost": 5}}


def desks(folder, *rows, stock, under_way=(), reservation=None, **policy):
    """An audited run of a desk shop whose orders are recorded as "day,order,item,units,wanted after so many days"; the
    way to the customer takes 2 days, and nothing is bought."""
    (folder / "orders.csv").write_text("\n".join(["day,so,sku,qty,on", *rows]) + "\n")
    columns = {"time": "day", "order": "so", "item": "sku", "quantity": "qty", "wanted": "on"}
    d = {
        "name": "desks",
        "clock": {"horizon": 60},
        "items": {**PARTS, "desk": {"price": 150, "kit": {"top": 1, "leg": 4}}},
        "customers": {"web": {"arrivals": {"kind": "trace", "file": "orders.csv", **columns}}},
        "carriers": {"post": {"transit": 2}},
        "warehouse": {"stock": stock},
        "suppliers": {
            "mill": {"items": "all", "lead_time": 9, "under_way": [dict(bought) for bought in under_way]},
        },
        "policies": {"first": {"replenishment": {"kind": "none"}, "promise": {"kind": "atp"}, **policy}},
    }
    d["policies"]["first"] |= {"reservation": reservation} if reservation else {}
    scenario = load_text(yaml.safe_dump(d, sort_keys=False), folder=folder)
    run = simulate(scenario, "first", 1)
    run.audit()
    return run


def parcels(run):
    """(left, at the door, order, units) of each parcel."""
    columns = (run.parcels[name] for name in ("shipped", "delivered", "order", "units"))
    return [tuple(map(float, row)) for row in zip(*columns, strict=True)]


def taken(run, item, day):
    """Units of a component that kits have taken off the shelf by a day."""
    number = [facts.name for facts in run.world.items].index(item)
    each = {kit: units for part, kit, units in run.world.parts if part == number}
    rows = zip(run.assembled["time"], run.assembled["item"], run.assembled["units"], strict=True)
    return sum(each[int(kit)] * units for time, kit, units in rows if time <= day)


def test_the_components_of_a_desk_for_day_40_stay_on_the_shelf_until_day_26(tmp_path):
    run = desks(tmp_path, "0,A,desk,2,40", stock={"top": 2, "leg": 8}, reservation={"ahead": "14 d"})
    assert [taken(run, "leg", day) for day in (0, 25.9, 26)] == [0, 0, 8]
    assert parcels(run) == [(38, 40, 0, 2)]
    assert evaluate(run, ["otif_requested", "fill_rate"]) == {"otif_requested": 1.0, "fill_rate": 1.0}


@pytest.mark.parametrize("reserve", ["together", "piecewise"])
def test_kits_are_served_in_the_order_in_which_their_orders_open(tmp_path, reserve):
    """B takes all legs before the others open. C opens on day 18, before A on day 26, although A was placed first: so
    the four legs of day 28 make the desk of C, and the eight of day 35 those of A."""
    run = desks(
        tmp_path,
        "0,A,desk,2,40",
        "1,C,desk,1,31",
        "5,B,leg,8,",
        stock={"top": 3, "leg": 8},
        under_way=[{"item": "leg", "units": 4, "due": 28}, {"item": "leg", "units": 8, "due": 35}],
        reservation={"ahead": "14 d"},
        kits={"reserve": reserve},
    )
    assert run.backordered["order"].tolist() == [1, 0]
    assert [*zip(run.fills["time"], run.fills["order"], run.fills["units"], strict=True)] == [(28, 1, 1), (35, 0, 2)]
    assert parcels(run) == [(5, 7, 2, 8), (30, 32, 1, 1), (38, 40, 0, 2)]
    assert [*zip(run.promises["order"], run.promises["date"], strict=True)] == [(1, 32), (0, 40)], "as they come"
    lacking = [*zip(run.lacking["order"], run.lacking["units"], strict=True)]
    assert lacking == [(1, 4), (0, 8)], "what a kit lacks is noted with its own order, when it opens"
    kept = [*zip(run.aside["time"], run.aside["order"], run.aside["units"], strict=True)]
    assert [row for row in kept if row[2] > 0] == (
        [(18, 1, 1), (26, 0, 2), (28, 1, 4), (35, 0, 8)] if reserve == "piecewise" else []
    )


def test_whoever_wants_a_leg_at_once_may_take_one_that_no_desk_has_reserved(tmp_path):
    rows = ("0,A,desk,1,40", "20,B,leg,1,")
    late = desks(tmp_path, *rows, stock={"top": 1, "leg": 4}, reservation={"ahead": "14 d"})
    assert parcels(late) == [(20, 22, 1, 1)], "three legs do not make a desk, so none leaves"
    assert np.array_equal(late.backordered["order"], [0])
    early = desks(tmp_path, *rows, stock={"top": 1, "leg": 4}, reservation={"ahead": "21 d"})
    assert parcels(early) == [(38, 40, 0, 1)], "reserved on day 19"


def test_two_lines_that_come_back_spoilt_leave_no_shelf_below_nothing():
    """Two lines of one perishable component are cancelled at once, after it has expired, while a kit waits for it."""
    leg, desk = Shelf(0, 0, Queue()), Shelf(1, 0, Queue())
    engine = KitEngine([leg, desk], {1: ((0, 1),)})
    waits = Order(1, 0.0, Terms(lambda number: (0, number)))
    engine.take([1], [3], 0)
    engine.place(waits, [1], [3], [0])
    gone = Order(0, 0.0, Terms(lambda number: (0, number)))
    engine.spoils = lambda order, released: [(release.shelf, release.units) for release in released]
    engine.release(gone, [Release(0, leg, 2, True), Release(1, leg, 3, True)])
    assert (leg.on_hand, desk.backordered) == (0, 3)
