"""At the checkout: who orders what is not there, what the others do, and that nobody gets lost on the way."""

import math

import pytest

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.model.nouns import Exit
from tests.unit.world.shops import play, shop

EMPTY = {
    "warehouse__stock__mug": 0,
    "customers__web__arrivals": {"kind": "poisson", "rate": "20 / d"},
    "policies__first": {"replenishment": {"kind": "none"}},
    "clock": {"horizon": 200},
}


def share_of(run, exit_):
    chosen = run.refused["exit"] == exit_
    return run.refused["units"][chosen].sum() / run.demand.quantities.sum()


def near(p, n):
    return pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / n))


def test_a_steady_share_orders_and_the_others_go_without():
    run = play(shop(**EMPTY, customers__web__join={"kind": "share", "share": "60 %"}))
    assert share_of(run, Exit.WALKED) == near(0.4, 4000)
    assert run.refused["units"].sum() + run.backordered["units"].sum() == run.demand.quantities.sum()


def test_without_a_date_the_logit_joins_as_its_field_says_and_with_one_the_more_the_nearer():
    run = play(shop(**EMPTY, customers__web__join={"kind": "logit", "no_date": "15 %"}))
    assert share_of(run, Exit.WALKED) == near(0.85, 4000)
    gone = []
    for days in (1, 7, 28):
        words = {
            **EMPTY,
            "policies__first": {"replenishment": {"kind": "none"}, "promise": {"kind": "fixed", "within": days}},
        }
        gone.append(share_of(play(shop(**words, customers__web__join={"kind": "logit"})), Exit.WALKED))
    assert gone == sorted(gone)
    assert gone[1] == near(0.45, 4000)
    assert gone[2] == near(0.75, 4000)


def test_those_who_do_not_order_switch_sign_up_or_walk_in_the_shares_of_the_evidence():
    d = shop(**EMPTY, customers__web__otherwise={})
    d["policies"]["first"]["acceptance"] = {"kind": "waitlist"}
    run = play(d)
    assert share_of(run, Exit.SWITCHED) == near(0.31, 4000)
    assert share_of(run, Exit.WAITLISTED) == near(0.15, 4000)
    assert share_of(run, Exit.WALKED) == near(0.54, 4000)
    d["policies"]["first"]["acceptance"] = {"kind": "never"}
    run = play(d)
    assert share_of(run, Exit.WAITLISTED) == 0
    assert share_of(run, Exit.WALKED) == near(0.69, 4000)


def test_a_substitute_is_taken_from_the_shelf_at_once_while_there_is_one():
    d = shop(**EMPTY, customers__web__otherwise={}, items__cup={"price": 9, "unit_cost": 4}, warehouse__stock__cup=50)
    d["items"]["mug"]["substitutes"] = {"cup": "20 %"}
    d["policies"]["first"]["acceptance"] = {"kind": "never"}
    run = play(d)
    assert run.recovered["units"].sum() == 50 == run.parcels["units"].sum()
    assert (run.recovered["item"] == [i.name for i in run.world.items].index("cup")).all()
    assert evaluate(run)["revenue"] == 50 * 9
    assert share_of(run, Exit.SUBSTITUTED) * run.demand.quantities.sum() == 50
    assert run.level("on_hand", "cup").values[-1] == 0


def chained(**cup):
    d = shop(
        **EMPTY,
        customers__web__otherwise={},
        items__cup={"price": 9, "unit_cost": 4},
        items__glass={"price": 5, "unit_cost": 2},
    )
    d["warehouse"]["stock"] |= {"cup": 30, "glass": 20}
    d["items"]["mug"]["substitutes"] = {"cup": {"share": "20 %", "else": ["glass"], **cup}}
    d["policies"]["first"]["acceptance"] = {"kind": "never"}
    return d


def test_who_finds_no_substitute_looks_for_the_next_one():
    run = play(chained())
    names = [item.name for item in run.world.items]
    taken = [names[k] for k in run.recovered.numbers("item").tolist()]
    assert taken == ["cup"] * 30 + ["glass"] * 20
    assert evaluate(run)["revenue"] == 30 * 9 + 20 * 5


@pytest.mark.parametrize(
    ("cup", "said"),
    [
        ({"else": ["glas"]}, "items.mug.substitutes.cup.else.0: no item 'glas' (did you mean 'glass'?)"),
        ({"else": ["mug"]}, "items.mug.substitutes.cup.else.0: an item cannot be its own substitute"),
        ({"else": ["glass", "cup"]}, "names an item twice in one chain: cup, else glass, else cup"),
        ({"share": "120 %"}, "items.mug.substitutes.cup"),
        ({"otherwise": ["glass"]}, "unknown key 'otherwise'"),
    ],
)
def test_faults_of_a_chain_are_named(cup, said):
    with pytest.raises(UserError) as caught:
        play(chained(**cup))
    assert said in str(caught.value)


def test_whoever_signed_up_is_told_once_and_comes_back_with_the_given_chance():
    """200 mugs are bought every 50 days; between, all sign up; of those who are told at once x % buy."""
    d = shop(
        clock={"horizon": 1000},
        warehouse__stock__mug=0,
        customers__web__arrivals={"kind": "poisson", "rate": "2 / d"},
        customers__web__otherwise={"switch": 0, "walk": 0, "waitlist": 1},
        customers__web__waitlist={"convert": "30 %", "fade": "10000000 d"},
        suppliers__pottery__lead_time=1,
        policies__first={"replenishment": {"kind": "R_S", "R": 50, "S": 50}, "acceptance": {"kind": "waitlist"}},
    )
    run = play(d)
    signed = run.refused["units"][run.refused["exit"] == Exit.WAITLISTED].sum()
    found = evaluate(run)
    assert found["waitlisted"] > 0.3
    assert found["recovered"] == pytest.approx(0.30, abs=0.06)
    assert run.recovered["units"].sum() == pytest.approx(found["recovered"] * signed)


def test_an_interest_that_fades_brings_fewer_back():
    words = {
        "clock": {"horizon": 1000},
        "warehouse__stock__mug": 0,
        "customers__web__arrivals": {"kind": "poisson", "rate": "2 / d"},
        "customers__web__otherwise": {"switch": 0, "walk": 0, "waitlist": 1},
        "suppliers__pottery__lead_time": 1,
        "policies__first": {"replenishment": {"kind": "R_S", "R": 50, "S": 50}, "acceptance": {"kind": "waitlist"}},
    }
    slow = play(shop(**words, customers__web__waitlist={"convert": "30 %", "fade": "100 d"}))
    fast = play(shop(**words, customers__web__waitlist={"convert": "30 %", "fade": "10 d"}))
    assert fast.recovered["units"].sum() < slow.recovered["units"].sum()


@pytest.mark.parametrize(
    ("acceptance", "taken"),
    [
        ({"kind": "eta_limit", "days": 5}, True),
        ({"kind": "eta_limit", "days": 3}, False),
        ({"kind": "eta_rule", "days": 5, "cv": 0.1}, True),
        ({"kind": "committed"}, False),
        ({"kind": "indefinite"}, True),
    ],
)
def test_an_acceptance_looks_at_the_date_its_spread_or_what_is_on_order(acceptance, taken):
    """Nothing is under way when the first order comes; a purchase made now takes 4 days exactly."""
    d = shop(warehouse__stock__mug=0, policies__first={"replenishment": {"kind": "s_Q", "s": -4, "Q": 5}})
    d["policies"]["first"]["acceptance"] = acceptance
    run = play(d)
    assert (0 in run.backordered["order"]) is taken


def test_an_uncertain_receipt_pauses_backorders_under_the_rule():
    d = shop(warehouse__stock__mug=0, policies__first={"replenishment": {"kind": "base_stock", "S": 5}})
    d["suppliers"]["pottery"]["lead_time"] = {"kind": "gamma", "mean": 4, "cv": 0.9}
    d["policies"]["first"]["acceptance"] = {"kind": "eta_rule", "days": 30, "cv": 0.3}
    strict = play(d).refused["units"].sum()
    d["policies"]["first"]["acceptance"]["cv"] = 3
    assert play(d).refused["units"].sum() < strict


def test_items_that_take_orders_indefinitely_quote_no_date():
    d = shop(policies__first={"replenishment": {"kind": "base_stock", "S": 2}, "promise": {"kind": "ctp"}})
    assert play(d).promises["order"].size
    d["policies"]["first"]["acceptance"] = {"kind": "indefinite"}
    assert play(d).promises["order"].size == 0


def test_with_memoryless_patience_and_multipliers_of_one_nothing_changes():
    """T12 rests on it: the clock that can be set anew rings when the plain one does."""
    d = shop(**EMPTY, customers__web__patience={"kind": "exponential", "mean": 5})
    plain = play(d)
    d["customers"]["web"]["impatience"] = {"no_date": 1, "after_promise": 1, "per_slip": 1}
    watched = play(d)
    assert plain.cancelled["time"].tolist() == watched.cancelled["time"].tolist()


def test_the_hazard_is_multiplied_while_there_is_no_date():
    """Nothing ever comes; a customer who would wait 10 days at the usual pace waits 5 without a date."""
    d = shop(**EMPTY, customers__web__patience=10, customers__web__impatience={"no_date": "x2"})
    run = play(d)
    assert (run.cancelled["time"] - run.cancelled["placed"]).max() == pytest.approx(5)


def test_the_hazard_is_multiplied_once_the_promised_day_has_passed():
    """Promised within 4 days, patience 10: 4 days at the usual pace, the other 6 at three times it."""
    d = shop(**EMPTY, customers__web__patience=10, customers__web__impatience={"after_promise": "x3"})
    d["policies"]["first"]["promise"] = {"kind": "fixed", "within": 4}
    run = play(d)
    assert (run.cancelled["time"] - run.cancelled["placed"]).max() == pytest.approx(6)
