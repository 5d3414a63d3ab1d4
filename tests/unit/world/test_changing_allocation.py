"""Schedules of allocation and reservation: whose backorder is filled first, and when stock is reserved, by the day."""

import math

import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.record.digest import digest
from simulator.scenario.loader import load_text
from tests.unit.world.shops import play, shop

LIFO, FIFO, PRIORITY = {"kind": "lifo"}, {"kind": "fifo"}, {"kind": "priority"}


def queue(*entries, under_way=((10.25, 2), (20.25, 2), (30.25, 2)), **changes):
    """One mug is ordered each day at noon from day 0 to 7; nothing is there, and two come at a time."""
    d = shop(**{"warehouse__stock__mug": 0, "clock__horizon": 40, **changes})
    d["customers"]["web"]["arrivals"] = {"kind": "every", "interval": 1, "first": 0.5}
    d["events"] = [{"kind": "demand_spike", "customers": ["web"], "factor": 0, "at": 7.9, "lasts": 40}]
    purchases = [{"item": "mug", "units": units, "due": due} for due, units in under_way]
    d["suppliers"]["pottery"]["under_way"] = purchases
    d["policies"]["first"] |= {"replenishment": {"kind": "none"}, "schedule": list(entries)}
    return d


def filled(run):
    """(day, order) of every fill."""
    return [(math.floor(time), int(order)) for time, order in zip(run.fills["time"], run.fills["order"], strict=True)]


def test_all_that_waits_is_served_by_the_rule_of_the_day():
    run = play(queue({"from": 15, "to": 25, "allocation": LIFO}))
    assert filled(run) == [(10, 0), (10, 1), (20, 7), (20, 6), (30, 2), (30, 3)]


def test_a_rule_that_never_changes_is_the_rule_itself():
    for kind in ("fifo", "lifo", "priority", "margin"):
        plain = play(queue(policies__first__allocation={"kind": kind}))
        other = "fifo" if kind == "lifo" else "lifo"
        changing = play(queue({"from": 39, "allocation": {"kind": other}}, policies__first__allocation={"kind": kind}))
        assert filled(plain) == filled(changing), kind


def test_another_rule_fills_at_once_what_the_one_before_held_up():
    """A whole order of three is first in line for two mugs; last come, first served, single mugs are."""
    d = queue({"from": 15, "allocation": LIFO}, under_way=((10.25, 2),))
    d["policies"]["first"]["fulfilment"] = {"kind": "line_complete"}
    quantities = {"kind": "sequence", "values": [3, 1, 1, 1, 1, 1, 1, 1]}
    d["customers"]["web"]["basket"] = {"kind": "single", "item": "mug", "quantity": quantities}
    assert filled(play(d)) == [(15, 7), (15, 6)]


def test_a_rule_holds_while_its_condition_does():
    """The pottery is closed from day 19 to 22: those who pay most are served first meanwhile."""
    d = queue({"while": {"closed": "pottery"}, "allocation": PRIORITY})
    d["customers"]["vip"] = {**d["customers"]["web"], "priority": 1}
    d["customers"]["web"]["priority"] = 2
    d["events"][0]["customers"] = ["web", "vip"]
    d["events"].append({"kind": "closure", "supplier": "pottery", "at": 19, "lasts": 3})
    run = play(d)
    names = [run.world.segments[int(segment)].name for segment in run.demand.segments]
    served = [(day, order, names[order]) for day, order in filled(run)]
    assert served[:4] == [(10, 0, "vip"), (10, 1, "web"), (20, 2, "vip"), (20, 4, "vip")]
    assert served[4:] == [(30, 3, "web"), (30, 5, "web")]


def test_dates_follow_the_rule_in_force():
    """Last come, first served, the newest order gets the next receipt; first come, first served, the last one."""
    rows = {}
    for name, rule in (("lifo", LIFO), ("fifo", FIFO)):
        d = queue({"from": 6.6, "allocation": rule}, policies__first__promise={"kind": "atp"})
        d["policies"]["first"]["allocation"] = FIFO if name == "lifo" else LIFO
        run = play(d)
        rows[name] = {int(o): float(day) for o, day in zip(run.promises["order"], run.promises["date"], strict=True)}
    assert rows["lifo"][7] == 10.25
    assert 7 not in rows["fifo"], "six mugs are under way for seven orders before it"


def test_stock_is_reserved_earlier_for_orders_placed_in_the_season():
    """Orders of days 0 and 10 are for the 40th day after; those from day 5 on reserve 30 days ahead, others ten."""
    d = shop(
        clock__horizon=60,
        customers__web={
            "arrivals": {"kind": "every", "interval": 10, "first": 0},
            "basket": {"kind": "single", "item": "mug", "quantity": 2},
            "wanted": 40,
        },
        carriers__post={"transit": 2},
        warehouse__stock__mug=20,
    )
    entry = {"from": 5, "to": 15, "reservation": {"ahead": 30}}
    policy = {"replenishment": {"kind": "none"}, "reservation": {"ahead": 10, "early": 1}, "schedule": [entry]}
    d["policies"]["first"] = policy
    run = play(d)
    assert run.demand.opens.tolist()[:3] == [30, 20, 50]
    assert run.demand.leaves.tolist()[:3] == [37, 47, 57], "a day early, as usual: the entry changes `ahead` alone"
    assert run.parcels["delivered"].tolist() == [39, 49, 59]


@pytest.mark.parametrize(
    ("entry", "allocation", "fault"),
    [
        (
            {"from": 3, "allocation": {"kind": "critical_level", "units": 3}},
            FIFO,
            "critical_level` keeps units for later",
        ),
        ({"from": 3, "allocation": LIFO}, {"kind": "critical_level", "units": 3}, "policies.first.allocation: .*keeps"),
        ({"while": {"late": "pottery"}, "reservation": {"ahead": 3}}, FIFO, "changes on dates only"),
        ({"from": 3, "reservation": {"at": "at_cart"}}, FIFO, "holds for the whole run: at_checkout"),
    ],
)
def test_what_cannot_take_turns_is_refused(entry, allocation, fault):
    d = queue(entry, policies__first__allocation=allocation)
    with pytest.raises(UserError, match=fault):
        load_text(yaml.safe_dump(d))


def test_the_same_seed_is_the_same_run():
    d = queue({"from": 15, "allocation": LIFO})
    assert digest(play(d)) == digest(play(d))
