"""Policies that change on dates or while a supplier is late, closed or slowed, worked out by hand."""

import numpy as np
import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.kpis.evaluate import evaluate
from simulator.record.digest import digest
from simulator.record.story import story
from simulator.scenario.loader import load_text
from tests.unit.world.shops import play, shop

NONE = {"kind": "none"}
NEVER = {"kind": "never"}


def scheduled(*entries, **changes):
    """One mug is ordered each day at noon; nothing is bought unless the policy says so."""
    d = shop(**changes)
    d["customers"]["web"]["arrivals"] = {"kind": "every", "interval": 1, "first": 0.5}
    d["policies"]["first"].setdefault("replenishment", NONE)
    d["policies"]["first"]["schedule"] = list(entries)
    return d


def refused(run):
    """Numbers of the orders that were refused; order n is placed on day n + 0.5."""
    return run.refused["order"].astype(int).tolist()


def test_acceptance_changes_on_the_very_day():
    d = scheduled(
        {"from": 3, "to": 7, "acceptance": {"kind": "never"}},
        warehouse__stock={"mug": 0},
        clock__horizon=10,
        policies__first__replenishment=NONE,
    )
    run = play(d)
    assert refused(run) == [3, 4, 5, 6]
    assert run.switched["time"].tolist() == [3, 7]
    assert run.switched["on"].tolist() == [1, 0]
    assert evaluate(run)["lost_at_checkout"] == 0.4


def test_the_story_of_an_order_names_the_entries_in_force():
    d = scheduled({"from": 3, "to": 4, "acceptance": NEVER}, clock__horizon=6, policies__first__replenishment=NONE)
    d["warehouse"]["stock"] = {"mug": 0}
    run = play(d)
    assert "in force: entry 0 of the policy's schedule" in "\n".join(story(run, 3))
    assert "in force" not in "\n".join([*story(run, 2), *story(run, 4)])


def test_an_order_placed_at_the_instant_of_a_change_meets_the_new_policy():
    d = scheduled(
        {"from": 3.5, "acceptance": {"kind": "never"}},
        warehouse__stock={"mug": 0},
        clock__horizon=6,
        policies__first__replenishment=NONE,
    )
    assert refused(play(d)) == [3, 4, 5]


def test_levels_change_on_the_very_day_and_back():
    base = {"kind": "s_S", "s": 2, "S": 4}
    d = scheduled(
        {"from": 10, "to": 20, "replenishment": {"s": 12, "S": 15}},
        policies__first__replenishment=base,
        warehouse__stock={"mug": 4},
        suppliers__pottery__lead_time=0,
    )
    run = play(d)
    bought = list(zip(run.purchases["time"].tolist(), run.purchases["units"].tolist(), strict=True))
    # One mug a day from 4: at 2 on day 1.5, buys 2, and so on every second day. On day 10 the position is 4, so that it
    # is lifted to 15 that day. It is at 12 three days later, again and again; on day 20 the old levels are back.
    assert [pair for pair in bought if pair[0] < 10] == [(1.5 + 2 * k, 2) for k in range(5)]
    assert [pair for pair in bought if 10 <= pair[0] < 20] == [(10.0, 11), (12.5, 3), (15.5, 3), (18.5, 3)]
    later = [pair for pair in bought if pair[0] >= 20]
    assert later[0] == (31.5, 2)  # 14 on hand on day 20
    assert {units for _, units in later} == {2}


def test_reviews_follow_the_rhythm_in_force():
    d = scheduled(
        {"from": 10, "to": 20, "replenishment": {"kind": "R_S", "R": "2 d", "S": 30}},
        policies__first__replenishment={"kind": "R_S", "R": "5 d", "S": 10},
        warehouse__stock={"mug": 10},
        suppliers__pottery__lead_time=0,
    )
    run = play(d)
    assert run.purchases["time"].tolist() == [5, 10, 12, 14, 16, 18]
    assert run.purchases["units"].tolist() == [5, 25, 2, 2, 2, 2]  # 28 on day 20, and 13 on day 35: above 10


def test_a_supplier_of_another_season_is_asked_meanwhile():
    d = scheduled(
        {"from": 10, "to": 20, "replenishment": {"supplier": "importer"}},
        policies__first__replenishment={"kind": "base_stock", "S": 6},
        suppliers__importer={"items": ["mug"], "lead_time": 1},
    )
    run = play(d)
    times, supplier = run.purchases["time"], run.purchases.numbers("supplier")
    importer = [s.name for s in run.world.suppliers].index("importer")
    np.testing.assert_array_equal((supplier == importer), (times >= 10) & (times < 20))


def test_while_a_supplier_is_closed():
    d = scheduled(
        {"while": {"closed": "pottery"}, "acceptance": {"kind": "never"}},
        warehouse__stock={"mug": 0},
        clock__horizon=12,
        suppliers__pottery__closures=[{"from": 2, "to": 5}, {"from": 8, "to": 9}],
        policies__first__replenishment=NONE,
    )
    run = play(d)
    assert refused(run) == [2, 3, 4, 8]
    assert run.switched["time"].tolist() == [2, 5, 8, 9]


def test_while_a_supplier_is_slowed():
    d = scheduled(
        {"while": {"slowed": "pottery"}, "acceptance": {"kind": "never"}},
        warehouse__stock={"mug": 0},
        clock__horizon=12,
        events=[{"kind": "supplier_delay", "supplier": "pottery", "at": 3, "lasts": 4, "extra": 10}],
        policies__first__replenishment=NONE,
    )
    assert refused(play(d)) == [3, 4, 5, 6]


def test_while_a_supplier_is_late():
    d = scheduled(
        {"while": {"late": "pottery"}, "acceptance": {"kind": "never"}},
        warehouse__stock={"mug": 0},
        clock__horizon=14,
        policies__first__replenishment={"kind": "R_S", "R": "20 d", "first": "1 d", "S": 9},
        suppliers__pottery={"items": ["mug"], "lead_time": 8, "quotes": 4},
    )
    run = play(d)
    # Bought on day 1 and quoted for day 5, it comes on day 9: orders of days 5.5 to 8.5 are refused.
    assert refused(run) == [5, 6, 7, 8]
    np.testing.assert_allclose(run.switched["time"], [5, 9], atol=1e-8)


def test_a_punctual_supplier_is_never_late():
    d = scheduled(
        {"while": {"late": "pottery"}, "acceptance": {"kind": "never"}},
        policies__first__replenishment={"kind": "s_Q", "s": 4, "Q": 5},
    )
    run = play(d)
    assert not run.switched["time"].size
    d["policies"]["first"]["schedule"] = []
    assert digest(run) == digest(play(d))


def test_dates_and_condition_together():
    d = scheduled(
        {"from": 3, "to": 5, "while": {"closed": "pottery"}, "acceptance": {"kind": "never"}},
        warehouse__stock={"mug": 0},
        clock__horizon=8,
        suppliers__pottery__closures=[{"from": 2, "to": 4}],
        policies__first__replenishment=NONE,
    )
    assert refused(play(d)) == [3]


def test_the_entry_with_the_smaller_priority_goes_first():
    d = scheduled(
        {"from": 2, "to": 8, "priority": 2, "acceptance": {"kind": "never"}},
        {"from": 4, "to": 6, "priority": 1, "acceptance": {"kind": "always"}},
        warehouse__stock={"mug": 0},
        clock__horizon=10,
        policies__first__replenishment=NONE,
    )
    assert refused(play(d)) == [2, 3, 6, 7]


def test_an_order_keeps_the_terms_of_the_day_on_which_it_was_placed():
    d = scheduled(
        {"from": 3, "to": 5, "window": {"kind": "cancel_after", "days": "4 d"}, "payment": {"kind": "at_delivery"}},
        warehouse__stock={"mug": 0},
        clock__horizon=12,
        policies__first__replenishment=NONE,
    )
    run = play(d)
    assert run.cancelled["order"].tolist() == [3, 4]
    assert run.cancelled["time"].tolist() == [7.5, 8.5]
    assert evaluate(run)["cash_received"] == 10 * 12  # twelve orders, of which two pay on delivery


def test_a_segment_is_changed_alone():
    d = scheduled(
        {"from": 0, "to": 5, "acceptance": {"segments": {"shop": {"kind": "never"}}}},
        warehouse__stock={"mug": 0},
        clock__horizon=10,
        policies__first__replenishment=NONE,
    )
    d["customers"]["shop"] = d["customers"]["web"]
    run = play(d)
    shops = [segment.name for segment in run.world.segments].index("shop")
    gone = run.refused.numbers("order")
    assert set(run.demand.segments[gone].tolist()) == {shops}
    assert (run.demand.times[gone] < 5).all()
    assert gone.size == 5


def test_a_date_counts_on_purchases_that_the_schedule_will_make():
    """Nothing is bought before day 5; from then on the level is 10, so that goods bought that day come on day 9."""
    d = scheduled(
        {"from": 5, "replenishment": {"kind": "base_stock", "S": 10}},
        policies__first__promise={"kind": "ctp"},
        policies__first__replenishment=NONE,
        warehouse__stock={"mug": 0},
        clock__horizon=20,
    )
    run = play(d)
    first = run.promises["order"] == 0
    assert run.promises["date"][first].tolist() == [9.0]
    assert run.fills["time"][run.fills["order"] == 0].tolist() == [9.0]


def test_a_date_of_the_schedule_that_ends_is_known_too():
    d = scheduled(
        {"to": 5, "replenishment": NONE},
        policies__first__promise={"kind": "ctp"},
        policies__first__replenishment={"kind": "R_S", "R": "3 d", "S": 10},
        warehouse__stock={"mug": 0},
        clock__horizon=20,
    )
    run = play(d)
    assert run.promises["date"][0] == 10.0  # the review of day 3 buys nothing, that of day 6 does
    assert run.fills["time"][run.fills["order"] == 0].tolist() == [10.0]


FAULTS = {
    "unknown supplier": ({"while": {"late": "potery"}, "acceptance": {"kind": "never"}}, "no supplier 'potery'"),
    "unknown segment": (
        {"from": 3, "acceptance": {"segments": {"b2b": {"kind": "never"}}}},
        "no customer segment 'b2b'",
    ),
    "unknown item": ({"from": 3, "acceptance": {"items": {"mgu": {"kind": "never"}}}}, "no item 'mgu'"),
    "nothing": ({"from": 3}, "changes nothing"),
    "always": ({"acceptance": {"kind": "never"}}, "is always in force"),
    "backwards": ({"from": 5, "to": 3, "acceptance": {"kind": "never"}}, "`to` must be after `from`"),
    "no supplier": ({"while": {}, "acceptance": {"kind": "never"}}, "names no supplier"),
    "unknown key": ({"from": 3, "replenishment": {"Q": 5}}, "unknown key 'Q'"),
    "by segment": (
        {"from": 3, "replenishment": {"segments": {"web": {"kind": "none"}}}},
        "replenishment cannot differ by segment",
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_faults_are_reported_at_their_place(fault):
    entry, said = fault
    d = scheduled(entry, policies__first__replenishment={"kind": "base_stock", "S": 5})
    with pytest.raises(UserError) as caught:
        load_text(yaml.safe_dump(d))
    (problem,) = caught.value.problems
    assert said in problem.message
    assert problem.key.startswith("policies.first.schedule.0")
    assert problem.line > 1


def test_overlapping_entries_without_an_order_are_refused():
    never = {"acceptance": {"kind": "never"}}
    d = scheduled({"from": 2, "to": 6, **never}, {"from": 4, **never}, {"from": 1, "window": NONE})
    with pytest.raises(UserError, match=r"schedule\.1: may be in force at the same time as entry 0"):
        load_text(yaml.safe_dump(d))
    d["policies"]["first"]["schedule"][1]["priority"] = 2
    load_text(yaml.safe_dump(d))


def test_entries_outside_of_the_run_are_warned_of():
    d = scheduled({"from": 50, "acceptance": {"kind": "never"}}, clock__horizon=40)
    (warning,) = [w for w in load_text(yaml.safe_dump(d)).warnings if "schedule" in w.key]
    assert "never in force" in warning.message


def test_the_buyer_expedites_only_while_the_supplier_is_late():
    expedite = {"kind": "expedite", "age": "0 d", "every": "1 d"}
    d = scheduled(
        {"while": {"late": "pottery"}, "procurement": expedite},
        warehouse__stock={"mug": 0},
        clock__horizon=14,
        policies__first__replenishment={"kind": "R_S", "R": "20 d", "first": "1 d", "S": 9},
        suppliers__pottery={"items": ["mug"], "lead_time": 10, "quotes": 4, "expedite": {"factor": 0.5, "premium": 1}},
    )
    run = play(d)
    # Bought on day 1, quoted for day 5 and due on day 11: on day 6 the buyer halves the 5 days that are left.
    assert run.hurried["time"].tolist() == [6.0]
    assert run.receipts["time"].tolist() == [8.5]
    d["policies"]["first"] |= {"procurement": expedite, "schedule": []}
    assert play(d).hurried["time"].tolist() == [2.0]


def test_a_promotion_pauses_only_as_long_as_the_schedule_says():
    d = scheduled(
        {"from": 10, "to": 20, "promotion": {"kind": "pause"}},
        warehouse__stock={"mug": 0},
        clock__horizon=30,
        policies__first__replenishment=NONE,
        events=[{"kind": "promotion", "customers": "web", "items": "mug", "at": 0, "lasts": 30, "uplift": 2}],
    )
    run = play(d)
    stayed_away = run.demand.times[~run.came]
    assert stayed_away.size
    assert ((stayed_away >= 10) & (stayed_away < 20)).all()
