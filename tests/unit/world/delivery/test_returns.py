"""Goods that customers send back: worked out by hand, and everything adds up."""

import numpy as np
import pytest

from simulator.foundation.errors import AuditError, UserError
from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.groups.items import item_values
from simulator.kpis.series.series import measure
from simulator.model.nouns import Exit
from simulator.record.audit import audit
from tests.unit.world.shops import play, play_book, shop


def returning(**changes):
    """One mug, wanted once a day from day 1 on; every unit is sent back after three days. Nothing is bought."""
    returns = {"share": "100 %", "after": 3, "sellable": "100 %", **changes.pop("returns", {})}
    return shop(
        customers__web__returns=returns,
        customers__web__arrivals={"kind": "every", "interval": 1, "first": 1},
        warehouse__stock__mug=1,
        policies__first={"replenishment": {"kind": "none"}},
        clock={"horizon": 14},
        **changes,
    )


def test_a_unit_that_comes_back_fills_the_oldest_backorder():
    run = play(returning())
    assert run.returned["time"].tolist() == [4, 7, 10, 13]
    assert run.returned["order"].tolist() == [0, 1, 2, 3]
    assert run.fills["order"].tolist() == [1, 2, 3, 4]
    assert (run.fills["time"] - run.fills["placed"]).tolist() == [2, 4, 6, 8]


def test_revenue_refunds_and_stock_add_up():
    run = play(returning(costs={"handling": 2}))
    found = evaluate(run)
    assert found["refunds"] == 4 * 12
    assert found["revenue"] == (13 - 4) * 12  # open orders count until they are cancelled
    assert found["handling_cost"] == 4 * 2
    assert found["return_rate"] == 4 / 5
    assert found["resold_share"] == 1
    assert found["exchanged_share"] == 0
    assert found["total_cost"] == 8
    assert found["contribution"] == 9 * 12 - 8
    assert found["write_off_units"] == 0


def test_what_cannot_be_sold_again_is_written_off():
    run = play(returning(returns={"sellable": 0}))
    found = evaluate(run)
    assert run.returned["time"].tolist() == [4]
    assert run.fills.size == 0
    assert found["resold_share"] == 0
    assert found["write_off_units"] == 1
    assert found["write_off_cost"] == 5
    assert found["operating_cost"] == 5


def test_who_exchanges_gets_the_item_again_when_nobody_waits_for_it():
    d = returning(returns={"exchange": "100 %"})
    d["customers"]["web"]["arrivals"] = {"kind": "every", "interval": 100, "first": 1}
    run = play(d)
    assert run.recovered["time"].tolist() == [4]
    assert run.recovered["exit"].tolist() == [Exit.EXCHANGED]
    assert run.parcels["shipped"].tolist() == [1, 4]
    assert run.returned.size == 1, "goods that were sent in exchange are kept"
    found = evaluate(run)
    assert found["exchanged_share"] == 1
    assert (found["revenue"], found["refunds"]) == (12, 12)
    assert "sent in exchange for what came back" in "\n".join(run.story(0))


@pytest.mark.parametrize("lost", [0, "60 %"])
def test_what_was_sent_in_exchange_is_kept_also_by_a_customer_who_gave_units_up(lost):
    """Two mugs are wanted and one is there: the other is cancelled, which leaves room for one more to come back."""
    d = returning(returns={"exchange": "100 %"}, carriers__post={"transit": 1, "lost": lost, "missed_after": 2})
    d["customers"]["web"]["arrivals"] = {"kind": "every", "interval": 100, "first": 1}
    d["customers"]["web"]["basket"]["quantity"] = 2
    d["customers"]["web"]["patience"] = 1
    d["clock"]["horizon"] = 60
    d["suppliers"]["pottery"]["under_way"] = [{"item": "mug", "units": 9, "due": 4}]
    for replication in range(6):
        run = play(d, replication=replication)
        assert run.cancelled["units"].tolist() == [1]
        assert run.returned["units"].tolist() == [1]
        assert run.recovered["units"].tolist() == [1]
        assert (run.lost.size > 0) <= bool(lost)


def test_goods_that_were_sent_in_exchange_are_kept_though_the_line_still_waits_for_others():
    d = returning(returns={"exchange": "100 %"})
    d["customers"]["web"]["arrivals"] = {"kind": "every", "interval": 100, "first": 1}
    d["customers"]["web"]["basket"] = {"kind": "single", "item": "mug", "quantity": 2}
    d["customers"]["web"]["patience"] = 2
    run = play(d)  # one of two mugs is delivered, and the other is cancelled before the first is back
    assert run.recovered["time"].tolist() == [4]
    assert run.returned["units"].tolist() == [1]


def test_an_exchange_waits_behind_the_backlog():
    d = returning(returns={"exchange": "100 %"})
    d["customers"]["web"]["arrivals"] = {"kind": "every", "interval": 2, "first": 1}
    run = play(d)  # orders on days 1, 3, 5 …: one mug for all of them, so that there is always someone who waits
    assert run.fills.size == 4
    assert run.recovered.size == 0


def test_part_of_an_order_may_come_back():
    d = returning(returns={"share": "50 %"}, suppliers__pottery__lead_time=1)
    d["customers"]["web"]["basket"] = {"kind": "single", "item": "mug", "quantity": 40}
    d["policies"]["first"] = {"replenishment": {"kind": "s_S", "s": 1000, "S": 2000}}
    d["warehouse"]["stock"]["mug"] = 2000
    run = play(d)
    assert run.returned.size == 10  # of the orders of days 1 to 10; later ones are not back by day 14
    assert (run.returned["units"] < 40).all()
    assert abs(run.returned["units"].sum() / 400 - 0.5) < 4 * np.sqrt(0.25 / 400)


def test_customers_send_back_the_same_goods_under_every_policy():
    d = returning(returns={"share": "40 %"})
    d["warehouse"]["stock"]["mug"] = 100
    d["policies"]["second"] = {"replenishment": {"kind": "s_S", "s": 90, "S": 100}}
    one, two = (play(d, policy) for policy in ("first", "second"))
    assert one.returned.size > 0
    assert one.returned["order"].tolist() == two.returned["order"].tolist()
    assert one.returned["time"].tolist() == two.returned["time"].tolist()


def test_recorded_returns_follow_the_same_path(tmp_path):
    line = "1,A,mug,4,5,2"
    plain = play_book(tmp_path, line)
    graded = play_book(tmp_path, line, customers__web__returns={"share": 0, "sellable": 0}, costs={"handling": 3})
    assert plain.returned["units"].tolist() == graded.returned["units"].tolist() == [2]
    assert plain.unsellable.size == 0
    assert graded.unsellable["units"].tolist() == [2]
    assert evaluate(graded)["handling_cost"] == 6


def test_a_return_of_a_line_that_was_delivered_in_parts():
    d = returning(returns={"share": "100 %", "after": 2})
    d["customers"]["web"]["arrivals"] = {"kind": "every", "interval": 100, "first": 1}
    d["customers"]["web"]["basket"] = {"kind": "single", "item": "mug", "quantity": 3}
    d["suppliers"]["pottery"]["under_way"] = [{"item": "mug", "units": 2, "due": 6}]
    run = play(d)
    assert run.parcels["units"].tolist() == [1, 1, 1]
    assert run.returned["time"].tolist() == [3, 5, 7]


def test_items_add_up_with_returns():
    run = play(returning(costs={"handling": 2, "refund": 1}, returns={"share": "60 %", "exchange": "50 %"}))
    item_values(evidence_of(run), "here")


def test_kpis_of_returns_are_reported_only_where_goods_come_back():
    assert "return_rate" in evaluate(play(returning()))
    assert "return_rate" not in evaluate(play(shop()))
    series, found = measure(evidence_of(play(returning(costs={"handling": 2})))), play(returning(costs={"handling": 2}))
    assert series["money.handling_cost"].sum() == evaluate(found)["handling_cost"] == 8
    assert series["money.not_followed"][0] == 0


def test_the_audit_counts_what_came_back():
    run = play(returning(returns={"sellable": 0}))
    run.unsellable["units"][0] = 2
    with pytest.raises(AuditError, match="returned goods are on the shelf: -1 units of 'mug' came back, 0 are on"):
        audit(run, "here")


def test_the_audit_knows_what_was_sent_in_exchange():
    d = returning(returns={"exchange": "100 %"})
    d["customers"]["web"]["arrivals"] = {"kind": "every", "interval": 100, "first": 1}
    run = play(d)
    run.returned["units"][0] = 2
    with pytest.raises(AuditError, match="lines send back their own: order 0 sent 1 units too many back"):
        audit(run, "here")


@pytest.mark.parametrize(
    ("returns", "said"),
    [
        ({"share": "110 %"}, "customers.web.returns.share: "),
        ({"after": 3}, "customers.web.returns.share: "),
        ({"share": "5 %", "after": -1}, "customers.web.returns.after"),
        ({"share": "5 %", "resale": 1}, "unknown key 'resale'"),
    ],
)
def test_faults_are_named(returns, said):
    with pytest.raises(UserError) as caught:
        play(shop(customers__web__returns=returns))
    assert said in str(caught.value)
