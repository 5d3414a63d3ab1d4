"""Orders that are held until they are cleared: when goods leave, what goes back, and who keeps which place."""

import numpy as np
import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.kernel.eligible import reasons
from simulator.kpis.evaluate import evaluate
from simulator.model.nouns import Cause
from simulator.report.tracking.letters import messages
from simulator.report.tracking.order import Tracked
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.properties.models.facts import digest
from tests.unit.world.shops import play, shop

HOLD = {"share": 1, "time": 3}
ONE = {"arrivals": {"kind": "every", "interval": 500, "first": 0}}


def world(hold=None, stock=6, lead=4, units=4, **changes):
    """An order for mugs on day 0, held for three days; whatever is missing is bought at once."""
    basket = {"kind": "single", "item": "mug", "quantity": units}
    changes.setdefault("policies__first", {"replenishment": {"kind": "base_stock", "S": 0}})
    d = shop(customers__web={**ONE, "basket": basket, "hold": {**HOLD, **(hold or {})}}, **changes)
    d["warehouse"]["stock"]["mug"], d["suppliers"]["pottery"]["lead_time"] = stock, lead
    return d


def cancelled(run):
    columns = ("time", "units", "held", "cause")
    return [*zip(*(run.cancelled[name].tolist() for name in columns), strict=True)]


def test_nothing_leaves_before_the_hold_ends():
    run = play(world())
    assert run.parcels["shipped"].tolist() == [3.0]
    assert run.parcels["units"].tolist() == [4]
    assert not run.backordered["units"].size, "the units were taken on day 0"
    assert evaluate(run, ["held_back_share", "not_released_share"]) == {"held_back_share": 1, "not_released_share": 0}


def test_an_order_that_is_not_released_gives_its_goods_back_once():
    run = play(world({"released": 0}))
    assert cancelled(run) == [(3.0, 4, 1, Cause.SELLER)]
    assert not run.parcels["shipped"].size
    assert run.final[0].on_hand == 6
    assert evaluate(run, ["not_released_share", "cancelled_seller"]) == {"not_released_share": 1, "cancelled_seller": 1}
    story = " ".join(map(str, run.story(0)))
    assert "held until day 3.000" in story
    assert "the order was not released from its hold; it was held for the order and goes back to the shelf" in story
    assert "because the order could not be approved" in " ".join(letter.text for letter in messages(Tracked(run, 0)))


@pytest.mark.parametrize(
    ("lead", "parcels"),
    [
        (2, [(3.0, 10)]),  # 6 mugs from the shelf, the other 4 on day 2: they leave together
        (5, [(3.0, 6), (5.0, 4)]),  # what comes after the hold leaves at once
    ],
)
def test_what_comes_during_the_hold_leaves_with_the_rest(lead, parcels):
    run = play(world(lead=lead, units=10))
    assert [*zip(run.parcels["shipped"], run.parcels["units"], strict=True)] == parcels


@pytest.mark.parametrize(
    ("fulfilment", "gone"),
    [
        ("as_available", [(3, 0), (6, 1), (7, 1)]),  # 3 mugs leave the backlog, 6 mugs and 7 cups go back
        ("line_complete", [(7, 1), (9, 0)]),  # 9 mugs wait, 7 packed cups go back
        ("order_complete", [(7, 1), (9, 0)]),  # the cups wait for the mugs
    ],
)
def test_what_waits_is_cancelled_with_what_is_there(fulfilment, gone):
    policy = {"replenishment": {"kind": "base_stock", "S": 0}, "fulfilment": {"kind": fulfilment}}
    d = world({"released": 0}, lead=5, policies__first=policy, items__cup={"price": 7, "unit_cost": 3})
    d["warehouse"]["stock"]["cup"], d["suppliers"]["pottery"]["items"] = 8, "all"
    d["customers"]["web"]["basket"] = {"kind": "bundle", "items": {"mug": 9, "cup": 7}}
    run = play(d)
    assert sorted(row[1:3] for row in cancelled(run)) == gone
    assert run.final[1].backordered == run.final[0].backordered == 0
    assert not run.parcels["shipped"].size


def test_a_held_order_keeps_its_place_and_goods_that_come_back_go_to_the_next():
    # An order for 4 every day, 4 on the shelf and none bought; the first one is refused on day 3.
    d = world({"released": 0}, stock=4, policies__first={"replenishment": {"kind": "none"}})
    d["customers"]["late"] = {
        "arrivals": {"kind": "every", "interval": 500, "first": 1},
        "basket": d["customers"]["web"]["basket"],
    }
    run = play(d)
    assert run.backordered["order"].tolist() == [1]
    assert [*zip(run.parcels["order"], run.parcels["shipped"], strict=True)] == [(1, 3.0)]


def test_a_hold_that_goes_beyond_the_end_is_open():
    run = play(world({"time": 50}))
    assert not run.parcels["shipped"].size
    assert "no hold of an order ended" in str(evaluate(run, ["not_released_share"])["not_released_share"])


def test_orders_are_held_under_every_policy_and_more_of_them_with_a_larger_share():
    def held(share, **policy):
        d = shop(customers__web__hold={"share": share, "time": {"kind": "exponential", "mean": 2}})
        d["policies"]["first"] |= policy
        return play(d).demand.held_until

    few, many = held(0.2), held(0.6)
    assert few.tobytes() == held(0.2, fulfilment={"kind": "order_complete"}).tobytes()
    kept = ~np.isnan(few)
    assert 0 < kept.sum() < (~np.isnan(many)).sum()
    assert (few[kept] == many[kept]).all()


def test_a_share_of_zero_changes_nothing_that_happens():
    plain = play(shop())
    assert digest(play(shop(customers__web__hold={"share": 0, "time": 2}))) == digest(plain)
    assert plain.demand.held_until is None


def test_backlogs_from_before_the_start_are_never_held():
    d = world(stock=-3, lead=1, policies__first={"replenishment": {"kind": "s_Q", "s": 0, "Q": 50}})
    run = play(d)
    old = run.parcels["order"] < 0
    assert run.parcels["shipped"][old].tolist() == [1.0]
    assert run.parcels["shipped"][~old].tolist() == [3.0]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"hold": {"share": "120 %", "time": 3}}, "share"),
        ({"hold": {"share": 0.5}}, "time"),
        ({"inflate": {}}, "`hold` and `inflate` cannot be combined"),
        ({"wanted": 5}, "`hold` and `wanted` cannot be combined"),
    ],
)
def test_holds_that_cannot_be_meant_are_refused(change, fault):
    d = world()
    d["customers"]["web"] |= change
    with pytest.raises(UserError, match=fault):
        load_text(yaml.safe_dump(d))


def test_holds_are_played_by_simpy_with_and_without_records():
    scenario = load_text(yaml.safe_dump(world()))
    assert any("hold" in reason for reason in reasons(scenario, "first"))
    run = simulate(scenario, "first", 1, records=False)
    run.audit()
    for name in ("fill_rate", "on_hand_mean", "revenue"):
        assert evaluate(run)[name] == evaluate(simulate(scenario, "first", 1))[name]


def test_dates_count_on_the_hold_of_goods_that_are_there_and_of_goods_that_are_not():
    for stock, shipped in ((6, 3.0), (0, 4.0)):  # there at once, or four days after they are bought
        ctp = {"replenishment": {"kind": "base_stock", "S": 0}, "promise": {"kind": "ctp"}}
        run = play(world(stock=stock, policies__first=ctp))
        assert run.promises["date"].tolist()[:1] == run.parcels["delivered"].tolist() == [shipped]
        assert evaluate(run)["otif_first_promise"] == 1


def test_a_date_is_late_in_its_share_of_the_orders_where_the_hold_is_random():
    law = {"kind": "gamma", "mean": 4, "cv": 0.8}
    d = world({"time": law}, stock=4000, units=1, clock__horizon=900)
    d["customers"]["web"]["arrivals"] = {"kind": "every", "interval": 1}
    d["policies"]["first"]["promise"] = {"kind": "quantile", "p": "80 %"}
    late = 1 - evaluate(play(d))["otif_first_promise"]
    assert late == pytest.approx(0.2, abs=0.05)


def test_checkout_and_promise_agree_about_an_order_that_is_held():
    for days, refused in ((2.99, 4), (3.01, 0)):
        d = world()
        d["policies"]["first"] |= {"promise": {"kind": "ctp"}, "acceptance": {"kind": "always", "reject_after": days}}
        d["warehouse"]["stock"]["mug"] = 0
        d["suppliers"]["pottery"]["lead_time"] = 1
        assert play(d).refused["units"].sum() == refused
