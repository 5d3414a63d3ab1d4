"""What a buyer does about a shortage: triggers, scope, which purchases, how many units."""

import pytest

from simulator.policies.procurement import Expedite, MoveUp, OpenPurchase, Procurement, Shortage, SpotBuy

OPEN = (
    OpenPurchase(1, "pottery", 10, due=2.0, can_expedite=True, saves=0.5),
    OpenPurchase(2, "pottery", 20, due=8.0, can_expedite=True, saves=4.0),
    OpenPurchase(3, "pottery", 50, due=15.0, can_expedite=True, saves=9.0),
)
LEADS = {"pottery": 12.0, "importer": 3.0}


def act(words, backordered=25, age=6.0, price=12.0, cost=6.0, item="mug", purchases=OPEN):
    return Procurement.parse(words).act(Shortage(item, price, cost, backordered, age, purchases, LEADS))


@pytest.mark.parametrize(
    ("trigger", "due"),
    [
        ({}, True),
        ({"age": 6}, True),
        ({"age": 7}, False),
        ({"backlog": 25}, True),
        ({"backlog": 26}, False),
        ({"margin": "50 %"}, True),
        ({"margin": "51 %"}, False),
        ({"price": 13}, False),
        ({"items": ["mug"]}, True),
        ({"items": ["plate"]}, False),
        ({"age": 6, "margin": "80 %"}, False),
    ],
)
def test_a_measure_is_taken_where_trigger_and_scope_both_hold(trigger, due):
    assert bool(act({"kind": "expedite", **trigger})) == due


def test_purchases_are_brought_forward_until_they_cover_the_backlog_and_only_where_it_helps():
    """The first covers 10 and gains too little; the second makes it 30, which is enough for 25."""
    assert act({"kind": "expedite"}) == (Expedite(2),)
    assert act({"kind": "expedite", "saves": 0}) == (Expedite(1), Expedite(2))
    assert act({"kind": "expedite"}, backordered=31) == (Expedite(2), Expedite(3))
    hurried = tuple(purchase._replace(can_expedite=False) for purchase in OPEN)
    assert act({"kind": "expedite"}, purchases=hurried) == ()


def test_on_the_spot_is_bought_what_nothing_brings_as_soon():
    """10 units come in 2 days, before the importer's 3: 15 of 25 are uncovered."""
    assert act({"kind": "spot_buy", "supplier": "importer"}) == (SpotBuy("importer", 15),)
    assert act({"kind": "spot_buy", "supplier": "importer", "most": 4}) == (SpotBuy("importer", 4),)
    assert act({"kind": "spot_buy", "supplier": "pottery"}) == (), "30 come within its 12 days"


def test_all_its_purchases_are_moved_up():
    assert act({"kind": "prioritise", "cost": 5}) == (MoveUp(1, 5), MoveUp(2, 5), MoveUp(3, 5))


def test_steps_of_an_escalation_have_triggers_of_their_own():
    words = {
        "kind": "escalate",
        "steps": [{"kind": "expedite", "age": 3}, {"kind": "spot_buy", "supplier": "importer", "age": 9}],
    }
    assert act(words) == (Expedite(2),)
    assert act(words, age=9) == (Expedite(2), SpotBuy("importer", 15))


def test_a_margin_of_nothing_is_none():
    assert Shortage("mug", 0.0, 5.0, 1, 1.0, (), {}).margin == 0
