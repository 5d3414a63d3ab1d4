"""Change requests on record, worked out by hand: who waits for what, which goods stay, and every error at its place."""

import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.kernel.eligible import reasons
from simulator.kpis.evaluate import evaluate
from simulator.report.tracking.letters import messages
from simulator.report.tracking.order import Tracked
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.unit.world.shops import shop

COLUMNS = {"time": "ts", "order": "order", "item": "item", "quantity": "qty"}
CHANGES = {"change_time": "at", "change_quantity": "new"}
CANCELS = {"cancel_time": "off", "cancel_quantity": "offq"}
RAISED = ("1,A,mug,4,2,5,,", "2,B,mug,3,,,,", "3,C,mug,1,,,,")
"""A wants a fifth mug on day 2, just before or after B orders three."""


def recorded(folder, *lines, stock=4, under_way=(), columns=(), **policy):
    """The tiny shop with these orders: time, order, item, units, time of a change, new quantity, cancelled, units."""
    (folder / "orders.csv").write_text("\n".join(["ts,order,item,qty,at,new,off,offq", *lines]) + "\n")
    d = shop(warehouse__stock__mug=stock, items__cup={"price": 7, "unit_cost": 3})
    coming = [{"item": "mug", "units": units, "due": day} for day, units in under_way]
    d["suppliers"]["pottery"] |= {"items": "all", "under_way": coming}
    names = COLUMNS | (dict(columns) if columns else CHANGES | CANCELS)
    d["customers"]["web"] = {"arrivals": {"kind": "trace", "file": "orders.csv", **names}}
    d["policies"]["first"] = {"replenishment": {"kind": "none"}, "promise": {"kind": "atp"}, **policy}
    return load_text(yaml.safe_dump(d, sort_keys=False), folder=folder)


def played(folder, *lines, **changes):
    run = simulate(recorded(folder, *lines, **changes), "first", 1, 0)
    run.audit()
    return run


def fills(run):
    return list(zip(*(run.fills[name].tolist() for name in ("time", "order", "units")), strict=True))


def test_a_raised_quantity_keeps_the_old_units_place_and_queues_the_new_ones_at_the_end(tmp_path):
    lines = ("1,A,mug,3,4,5,,", "2,B,mug,2,,,,", "6,C,mug,1,,,,")
    run = played(tmp_path, *lines, stock=0, under_way=[(8, 5), (10, 2), (12, 1)])
    # Orders in turn: A's three (0), B's two (1), what A adds on day 4 (2), and C (3).
    assert run.demand.times.tolist() == [1, 2, 4, 6]
    assert run.demand.quantities.tolist() == [3, 2, 2, 1]
    assert run.adds_to.tolist() == [-1, -1, 0, -1]
    assert fills(run) == [(8, 0, 3), (8, 1, 2), (10, 2, 2), (12, 3, 1)]
    found = evaluate(run)
    assert found["changed_orders"] == 1 / 3
    assert found["added_share"] == 2 / 8
    assert "the customer adds 2 mug: see order 2" in " ".join(run.story(0))
    assert "order 2 placed by web: 2 mug, added to order 0 of day 1.000" in " ".join(run.story(2))
    assert "You asked for 2 mug more: they come with your order 2." in [m.text for m in messages(Tracked(run, 0))]


def test_added_units_are_promised_and_served_behind_an_order_of_the_same_instant(tmp_path):
    run = played(tmp_path, *RAISED, stock=4, under_way=[(5, 3), (7, 1), (9, 1)])
    assert run.demand.quantities.tolist() == [4, 3, 1, 1]  # of day 2, B's come before what A adds
    assert fills(run) == [(5, 1, 3), (7, 2, 1), (9, 3, 1)]
    assert run.promises["date"].tolist() == [5, 7, 9]


def test_units_that_wait_are_called_off_when_the_quantity_is_lowered(tmp_path):
    run = played(tmp_path, "1,A,mug,6,3,5,,", "2,B,mug,2,,,,", stock=4, under_way=[(8, 2)])
    assert fills(run) == [(8, 0, 1), (8, 1, 1)]
    assert run.cancelled["units"].tolist() == [1]
    assert "cancelled: 1 mug, 2.00 d after the order: the customer asked for less" in " ".join(run.story(0))
    assert any("as you asked for less" in m.text for m in messages(Tracked(run, 0)))
    assert evaluate(run)["changed_orders"] == 0.5


def test_goods_that_have_left_stay_where_they_are(tmp_path):
    run = played(tmp_path, "1,A,mug,4,3,1,,", stock=4)
    assert run.parcels["units"].tolist() == [4]
    assert not run.cancelled["units"].size
    assert not run.returned["units"].size
    assert "the customer asks for less mug, but it has left" in " ".join(run.story(0))
    cancelled = played(tmp_path, "1,A,mug,4,,,3,3", stock=4)
    assert cancelled.returned["units"].tolist() == [3], "what is cancelled after it has left comes back"


def test_goods_that_are_held_or_packed_go_back_to_the_shelf(tmp_path):
    lines = ("1,A,mug,4,3,1,,", "1,A,cup,1,,,,", "2,B,mug,2,,,,")  # held for the cup that never comes
    run = played(tmp_path, *lines, stock=4, fulfilment={"kind": "order_complete"})
    assert run.cancelled["units"].tolist() == [3]
    assert run.cancelled["held"].tolist() == [1]
    assert fills(run)[:1] == [(3, 1, 2)]


def test_a_line_can_be_taken_out_of_an_order(tmp_path):
    run = played(tmp_path, "1,A,mug,2,3,0,,", "1,A,cup,1,,,,", stock=0)
    assert run.cancelled["units"].tolist() == [2]


def test_what_is_cancelled_later_comes_out_of_the_added_units_first(tmp_path):
    run = played(tmp_path, "1,A,mug,3,2,5,4,3", stock=0)
    gone = zip(*(run.cancelled[name].tolist() for name in ("time", "order", "units")), strict=True)
    assert sorted(gone) == [(4, 0, 1), (4, 1, 2)]
    run = played(tmp_path, "1,A,mug,3,2,5,4,", stock=0)
    gone = zip(*(run.cancelled[name].tolist() for name in ("time", "order", "units")), strict=True)
    assert sorted(gone) == [(4, 0, 3), (4, 1, 2)]


def test_a_request_for_the_same_quantity_changes_nothing(tmp_path):
    run = played(tmp_path, "1,A,mug,3,2,3,,", stock=4)
    assert evaluate(run)["changed_orders"] == 0
    assert run.demand.times.size == 1


def test_those_who_add_wait_longer_than_if_they_had_ordered_all_at_once(tmp_path):
    """The paired direction: the same units, asked for on day 1 or added on day 4."""
    others = tuple(f"{day},B{day},mug,1,,,," for day in (2, 3))
    under_way = [(6, 3), (8, 1), (10, 1)]
    later = played(tmp_path, "1,A,mug,2,4,3,,", *others, stock=0, under_way=under_way)
    at_once = played(tmp_path, "1,A,mug,3,,,,", *others, stock=0, under_way=under_way)
    last = {
        run: max(day for day, order, _ in fills(run) if order in mine)
        for run, mine in ((later, (0, 3)), (at_once, (0,)))
    }
    assert last[later] > last[at_once]
    assert sum(units for _, _, units in fills(later)) == sum(units for _, _, units in fills(at_once))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("1,A,mug,2,3,,,", "a change request needs a quantity"),
        ("1,A,mug,2,,3,,", "a changed quantity needs the time of the request"),
        ("5,A,mug,2,3,4,,", "'3' is before the order was placed"),
        ("1,A,mug,2,3,1.5,,", "orders.csv"),
        ("1,A,mug,2,3,-1,,", "orders.csv"),
        ("1,A,mug,2,3,1,4,1", "lowers a line of which units are also cancelled"),
    ],
)
def test_an_error_names_the_row_and_what_is_wrong(tmp_path, line, words):
    with pytest.raises(UserError, match=words) as raised:
        recorded(tmp_path, "1,Z,mug,1,,,,", line)
    assert "orders.csv:3" in str(raised.value)


@pytest.mark.parametrize("only", CHANGES)
def test_a_column_without_the_other_is_an_error(tmp_path, only):
    with pytest.raises(UserError, match="`change_time` and `change_quantity` need each other"):
        recorded(tmp_path, "1,Z,mug,1,,,,", columns={only: CHANGES[only]})


def test_without_requests_the_facts_are_those_of_an_order_book_without_the_columns(tmp_path):
    lines = ("1,A,mug,3,,,,", "2,B,mug,4,,,,")
    plain, empty = played(tmp_path, *lines, columns=CANCELS), played(tmp_path, *lines)
    assert plain.fills["time"].tolist() == empty.fills["time"].tolist()
    assert plain.demand.quantities.tolist() == empty.demand.quantities.tolist()


def test_the_kernel_leaves_change_requests_to_simpy(tmp_path):
    scenario = recorded(tmp_path, *RAISED)
    assert "customers.web.arrivals.change_time" in reasons(scenario, "first")
