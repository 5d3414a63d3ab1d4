"""Messages, questions and the desk: when they come, who reads them, what they change, and that physics stays."""

import math

import numpy as np
import pytest

from simulator.kpis.evaluate import evaluate
from simulator.model.nouns import Answer, Cause, Message
from tests.unit.world.shops import play, shop

SURE = {"name": "email", "delivered": 1, "opened": 1, "fatigue": 0}


def stops(many=10):
    """The pottery stands still from day 2 on (to day 32), and is always believed to go on within three days."""
    return [{"kind": "outage", "supplier": "pottery", "at": 2 + 3 * k, "lasts": 3} for k in range(many)]


def late(**decisions):
    """A shop whose supplier is shut from day 2 to 32: a mug a day is asked for, six are there."""
    policy = {
        "replenishment": {"kind": "base_stock", "S": 6},
        "promise": {"kind": "ctp", "repromise": "on_infeasible"},
        **decisions,
    }
    return shop(clock={"horizon": 60}, events=stops(), policies__first=policy)


def messages(run, kind):
    return run.notices["order"][run.notices["message"] == kind]


def test_a_silent_seller_moves_dates_and_tells_nobody():
    run = play(late())
    assert not run.notices["order"].size
    assert (run.promises["told"] == 0).any()
    found = evaluate(run)
    assert found["untold_share"] == 1
    assert found["warned_share"] == 0
    assert found["notices_per_order"] == 0


def test_every_move_of_a_date_is_told_where_the_policy_says_so():
    run = play(late(communication={"kind": "on_change", "channel": SURE}))
    moves = run.promises["told"] == 0
    assert messages(run, Message.CHANGED).tolist() == run.promises["order"][moves].tolist()
    assert evaluate(run)["untold_share"] == 0


def test_a_message_that_nobody_reads_changes_nothing():
    quiet = play(late())
    unread = play(late(communication={"kind": "on_change", "channel": {**SURE, "opened": 0}}))
    assert unread.notices["order"].size
    assert not unread.notices["read"].any()
    assert (unread.promises["told"] == quiet.promises["told"]).all()


def test_messages_are_read_with_the_chance_that_they_arrive_and_are_opened_less_fatigue():
    words = {
        "kind": "heartbeat",
        "every": 1,
        "channel": {"name": "email", "delivered": 0.8, "opened": 0.5, "fatigue": 0.1},
    }
    d = late(communication=words)
    d["customers"]["web"]["arrivals"] = {"kind": "poisson", "rate": "3 / d"}
    run = play(d)
    order = run.notices["order"].astype(int)
    place = np.lexsort((np.arange(order.size), order))
    rank = np.empty(order.size, dtype=int)
    rank[place] = np.arange(order.size) - np.searchsorted(order[place], order[place])
    for k in range(3):
        read = run.notices["read"][rank == k]
        p = 0.8 * 0.5 * 0.9**k
        assert read.mean() == pytest.approx(p, abs=4 * math.sqrt(p * (1 - p) / read.size))


def test_before_a_breach_the_customer_is_warned_so_many_days_before_the_day():
    run = play(late(communication={"kind": "before_breach", "lead": "3 d", "channel": SURE}))
    warned = run.notices["message"] == Message.BREACH
    assert warned.any()
    first = {}
    for order, date in zip(run.promises["order"], run.promises["date"], strict=True):
        first.setdefault(order, date)
    for order, time in zip(run.notices["order"][warned], run.notices["time"][warned], strict=True):
        if order in first:
            assert time <= max(first.pop(order) - 3, run.demand.times[int(order)]) + 1e-9
    assert evaluate(run)["warned_share"] > evaluate(play(late(communication={"kind": "on_request"})))["warned_share"]


def test_a_warning_moves_the_day_from_which_patience_wears_faster():
    """Patience 20, three times as fast after the told day; who is warned keeps to the usual pace and stays longer."""
    words = {"patience": 20, "impatience": {"after_promise": "x3", "no_date": 1}}
    quiet, warned = late(), late(communication={"kind": "before_breach", "channel": SURE})
    for d in (quiet, warned):
        d["customers"]["web"].update(words)
    silent, told = play(quiet), play(warned)
    waited = [(run.cancelled["time"] - run.cancelled["placed"]) for run in (silent, told)]
    assert waited[1].mean() > waited[0].mean()


def test_a_heartbeat_beats_whatever_there_is_to_say():
    d = late(communication={"kind": "heartbeat", "every": "5 d", "channel": SURE})
    d["events"] = stops(20)  # to the end
    run = play(d)
    assert set(run.notices["message"].tolist()) == {Message.DELAYED}
    on_time = late(communication={"kind": "heartbeat", "every": "1 d"}, promise={"kind": "ctp"})
    on_time["suppliers"]["pottery"], on_time["events"] = {"items": ["mug"], "lead_time": 20}, []
    assert set(play(on_time).notices["message"].tolist()) == {Message.ON_TRACK}
    beats = (run.notices["time"] - run.demand.times[run.notices["order"].astype(int)]) / 5
    np.testing.assert_allclose(beats, np.round(beats), atol=1e-9)


def test_an_offer_is_made_once_an_order_and_its_answers_follow_the_weights():
    d = late(communication={"kind": "on_change", "channel": SURE, "options": ["keep", "cancel"]})
    d["customers"]["web"].update(arrivals={"kind": "poisson", "rate": "12 / d"}, offer={"keep": 60, "cancel": 40})
    run = play(d)
    orders = run.answers["order"]
    assert np.unique(orders).size == orders.size > 300
    gone = (run.answers["answer"] == Answer.CANCEL).mean()
    assert gone == pytest.approx(0.4, abs=4 * math.sqrt(0.24 / orders.size))
    cancelled = set(run.cancelled["order"][run.cancelled["cause"] == Cause.OFFER])
    assert cancelled == set(orders[run.answers["answer"] == Answer.CANCEL])
    assert evaluate(run)["kept_on_offer"] == pytest.approx(1 - gone)


def test_whoever_switches_gets_the_substitute_at_once_and_where_none_lies_keeps_the_order():
    words = {"kind": "on_change", "channel": SURE, "options": ["keep", "switch"]}
    d = late(communication=words)
    d["items"] |= {"cup": {"price": 9, "unit_cost": 4}}
    d["suppliers"]["pottery"]["items"] = "all"
    d["policies"]["first"]["replenishment"] = {"mug": {"kind": "base_stock", "S": 6}, "cup": {"kind": "none"}}
    d["items"]["mug"]["substitutes"] = {"cup": "100 %"}
    d["warehouse"]["stock"]["cup"] = 3
    d["customers"]["web"]["offer"] = {"keep": 0, "switch": 1}
    run = play(d)
    assert run.recovered["units"].sum() == 3
    assert (run.answers["answer"] == Answer.SWITCH).sum() == 3
    assert (run.cancelled["cause"] == Cause.OFFER).sum() == 3


def test_contacts_come_at_the_rate_that_the_customer_s_knowledge_makes():
    """Nothing ever comes and no date is given: 2 % a day, three times that without a date, each day of waiting."""
    d = shop(
        clock={"horizon": 100},
        warehouse__stock__mug=0,
        customers__web__arrivals={"kind": "poisson", "rate": "20 / d"},
        customers__web__contact={"per_day_waiting": "2 %", "after_promise": "x3"},
        policies__first={"replenishment": {"kind": "none"}},
    )
    run = play(d)
    days = (100 - run.demand.times).sum()
    expected = 0.06 * days
    assert len(run.contacts["time"]) == pytest.approx(expected, abs=4 * math.sqrt(expected))


def test_a_tracking_page_answers_its_share_and_agents_the_rest_first_come_first_served():
    d = shop(
        clock={"horizon": 100},
        warehouse__stock__mug=0,
        customers__web__arrivals={"kind": "poisson", "rate": "20 / d"},
        customers__web__contact={"per_day_waiting": "5 %", "after_promise": 1},
        support={"agents": 1, "time": "10 min"},
        policies__first={
            "replenishment": {"kind": "none"},
            "communication": {"kind": "on_request", "tracking_page": 0.4},
        },
    )
    run = play(d)
    assert run.contacts["page"].mean() == pytest.approx(0.4, abs=4 * math.sqrt(0.24 / run.contacts["page"].size))
    agent = run.contacts["page"] == 0
    time, started, done = (run.contacts[name][agent] for name in ("time", "started", "done"))
    free = 0.0
    for k in range(time.size):
        assert started[k] == pytest.approx(max(time[k], free))
        free = done[k]
    assert evaluate(run)["agent_wait"] == pytest.approx(
        ((started - time) * 24)[run.contacts["time"][agent] >= 0].mean()
    )


def test_agents_who_are_overrun_cost_patience():
    d = shop(
        clock={"horizon": 100},
        warehouse__stock__mug=0,
        customers__web__arrivals={"kind": "poisson", "rate": "20 / d"},
        customers__web__patience={"kind": "exponential", "mean": 30},
        customers__web__contact={"per_day_waiting": "20 %"},
        support={"agents": 1, "time": "2 h", "tolerance": "1 d", "upset": "x3"},
        policies__first={"replenishment": {"kind": "none"}},
    )
    overrun = evaluate(play(d))
    d["support"]["agents"] = 50
    assert overrun["cancelled_patience"] > evaluate(play(d))["cancelled_patience"]


def test_costs_of_contacts_and_messages_are_their_numbers_times_their_prices():
    d = late(communication={"kind": "heartbeat", "every": "5 d", "tracking_page": "50 %"})
    d["customers"]["web"]["contact"] = {"per_day_waiting": "20 %"}
    d["costs"] = {"contact": 8, "self_service": 0.5, "notice": 0.1}
    run = play(d)
    found = evaluate(run)
    page = run.contacts["page"].sum()
    assert found["contact_cost"] == pytest.approx(8 * (run.contacts["page"].size - page) + 0.5 * page)
    assert found["notice_cost"] == pytest.approx(0.1 * run.notices["order"].size)


def test_talk_moves_no_goods_while_patience_is_endless():
    quiet, loud = (
        play(late()),
        play(late(communication={"kind": "heartbeat", "every": "2 d", "also": ["order", "shipped"]})),
    )
    for facts in ("fills", "parcels", "purchases", "receipts", "backordered"):
        for column, values in getattr(quiet, facts).items():
            np.testing.assert_array_equal(values, getattr(loud, facts)[column])


# ------------------------------------------------------------------------------------------------ consent
def test_an_order_that_nobody_confirms_again_is_cancelled_after_the_grace():
    d = late(
        window={"kind": "reconfirm", "after": "10 d", "agree": 0, "grace": "2 d"},
        communication={"kind": "silent", "channel": SURE},
    )
    run = play(d)
    gone = run.cancelled["cause"] == Cause.NO_CONSENT
    assert gone.any()
    np.testing.assert_allclose((run.cancelled["time"] - run.cancelled["placed"])[gone], 12)
    d["policies"]["first"]["window"]["agree"] = 1
    assert not play(d).cancelled["order"].size


def ftc(**words):
    """One order on day 0 that never comes, without a date."""
    d = shop(
        clock={"horizon": 200},
        warehouse__stock__mug=0,
        customers__web__arrivals={"kind": "every", "interval": 150, "first": 0},
        policies__first={
            "replenishment": {"kind": "none"},
            "communication": {"kind": "silent", "channel": SURE},
            "window": {"kind": "ftc", **words},
        },
    )
    return play(d)


def test_without_a_date_silence_cancels_sixty_days_after_the_order():
    run = ftc(agree=0, cancels=0)
    assert run.notices["time"][:1].tolist() == [28]
    assert run.cancelled["time"][:1].tolist() == [60]


def test_with_express_consent_the_order_stays_open_and_no_more_notices_go_out():
    run = ftc(agree=1, cancels=0)
    assert run.notices["order"].tolist() == [0, 1]
    assert not run.cancelled["order"].size
    assert evaluate(run)["consent_rate"] == 1


def test_whoever_cancels_on_the_notice_is_out_at_once():
    assert ftc(agree=0, cancels=1).cancelled["time"][:1].tolist() == [28]


def test_a_page_that_must_be_looked_up_is_no_notice():
    d = ftc(agree=1, cancels=0)
    assert not d.cancelled["order"].size
    words = {**SURE, "push": False}
    run = play(
        shop(
            clock={"horizon": 100},
            warehouse__stock__mug=0,
            customers__web__arrivals={"kind": "every", "interval": 150, "first": 0},
            policies__first={
                "replenishment": {"kind": "none"},
                "communication": {"kind": "silent", "channel": words},
                "window": {"kind": "ftc", "agree": 1, "cancels": 0},
            },
        )
    )
    assert run.cancelled["time"].tolist() == [60]


def test_a_definite_near_date_and_silence_keep_the_order_open_until_the_renewed_notice():
    """The goods are 45 d away: the first notice names the day, silence is consent; they come before the next one."""
    d = shop(
        clock={"horizon": 100},
        warehouse__stock__mug=0,
        customers__web__arrivals={"kind": "every", "interval": 150, "first": 0},
        suppliers__pottery__lead_time=45,
        policies__first={
            "replenishment": {"kind": "base_stock", "S": 0},
            "promise": {"kind": "fixed", "within": 30},
            "communication": {"kind": "silent", "channel": SURE},
            "window": {"kind": "ftc", "agree": 0, "cancels": 0},
        },
    )
    d["policies"]["first"]["promise"] = {"kind": "ctp"}
    run = play(d)
    assert run.parcels["shipped"].tolist() == [45]
    assert not run.notices["order"].size, "the date was stated at the order and is kept"
    d["suppliers"]["pottery"]["order_delay"] = "12 h"  # the purchase order comes too late to be sent before the outage
    d["events"] = [{"kind": "outage", "supplier": "pottery", "at": "6 h", "until": "20 d"}]
    run = play(d)
    assert run.notices["message"].tolist() == [Message.DELAY]
    assert run.parcels["shipped"].tolist() == [65]


def test_a_hold_is_announced_where_the_policy_says_so_and_silent_where_not():
    """Mugs are there and cups are late: the mug of each order lies held, and its customer is written or not."""
    d = shop(
        items={"mug": {"price": 12, "unit_cost": 5}, "cup": {"price": 9, "unit_cost": 4}},
        customers__web__basket={"kind": "bundle", "items": {"mug": 1, "cup": 1}},
        suppliers__pottery={"items": "all", "lead_time": 6},
        warehouse__stock={"mug": 60, "cup": 0},
        policies__first={
            "replenishment": {"mug": {"kind": "none"}, "cup": {"kind": "base_stock", "S": 0}},
            "fulfilment": {"kind": "order_complete"},
            "communication": {"kind": "on_request", "channel": SURE, "also": ["held"]},
        },
    )
    told = play(d)
    assert (told.notices["message"] == Message.HELD).sum() == np.unique(told.holds["order"]).size > 30
    assert evaluate(told)["silent_holds"] == 0
    d["policies"]["first"]["communication"]["also"] = ["order"]
    assert evaluate(play(d))["silent_holds"] == 1


def consent(promise, **window):
    """One order on day 0 that never comes; its customers read every notice."""
    return shop(
        clock={"horizon": 120},
        warehouse__stock__mug=0,
        customers__web__arrivals={"kind": "every", "interval": 150, "first": 0},
        policies__first={
            "replenishment": {"kind": "none"},
            "promise": promise,
            "communication": {"kind": "silent", "channel": SURE},
            "window": {"kind": "ftc", **window},
        },
    )


PASSED = [{"kind": "fixed", "within": 10}, {"kind": "atp", "no_supply": 0}, {"kind": "fixed", "within": 0}]


@pytest.mark.parametrize("promise", PASSED)
def test_a_date_that_has_come_is_no_new_date_so_that_who_agrees_is_not_asked_again(promise):
    run = play(consent(promise, agree=1, cancels=0))
    assert run.notices["message"].tolist() == [Message.DELAY]
    assert np.isinf(run.notices["date"]).all(), "the notice names no date"
    assert not run.cancelled["order"].size


@pytest.mark.parametrize("promise", PASSED)
def test_who_is_silent_gets_one_notice_and_is_cancelled_thirty_days_after_the_day_that_was_missed(promise):
    run = play(consent(promise, agree=0, cancels=0))
    assert run.notices["message"].tolist() == [Message.DELAY]
    assert run.cancelled["time"].tolist() == [promise.get("within", 0) + 30]


@pytest.mark.parametrize("margin", ["-3 d", "-20 d"])
@pytest.mark.parametrize("agree", [0, 1])
def test_a_margin_below_zero_asks_no_one_twice_at_one_instant(margin, agree):
    d = consent({"kind": "ctp", "margin": margin}, agree=agree, cancels=0)
    d["policies"]["first"]["replenishment"] = {"kind": "base_stock", "S": 0}
    d["suppliers"]["pottery"]["lead_time"] = 50
    run = play(d)
    assert len(set(run.notices["time"].tolist())) == run.notices["time"].size
    agreed = set(run.answers["time"][run.answers["answer"] == Answer.CONSENT].tolist())
    assert not agreed & set(run.cancelled["time"].tolist())


def test_the_story_counts_the_agreements_before_the_one_that_was_not_given():
    d = consent({"kind": "atp", "no_supply": 20}, agree=0.6, cancels=0)
    d["clock"]["horizon"] = 1500
    d["customers"]["web"]["arrivals"]["interval"] = 60
    stories = ["\n".join(run.story(k)) for run in [play(d)] for k in range(len(run.demand.times))]
    for story in stories:
        agreed = story.count("agreed to the delay")
        times = {1: "once", 2: "twice"}.get(agreed, f"{agreed} times")
        if "and did not" in story:
            assert (f"(after agreeing {times} before)" in story) == (agreed > 0), story
    assert any("(after agreeing" in story for story in stories)
