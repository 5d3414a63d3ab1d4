"""On time in full against the date that was promised."""

from functools import partial

import pytest

from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import Undefined
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.unit.world.shops import play_book

SHOP = """
name: promises
clock: {horizon: 20 d}
items: {mug: {price: 1, unit_cost: 1}}
customers: {all: {arrivals: {kind: every, interval: 1 d}, basket: {kind: single, item: mug}}}
warehouse: {stock: {mug: 4}}
suppliers: {maker: {items: [mug], lead_time: 6 d}}
carriers: {van: {transit: 1 d}}
policies:
  silent: {replenishment: {kind: base_stock, S: 4}}
  tight: {replenishment: {kind: base_stock, S: 4}, promise: {kind: fixed, within: 2 d}}
  true: {replenishment: {kind: base_stock, S: 4}, promise: {kind: fixed, within: 3 d}}
"""


def otif(policy: str) -> object:
    scenario = load_text(SHOP)
    found = evaluate(simulate(scenario, policy, seed=1))
    assert found["otif_first_promise"] == found["otif_last_promise"]
    return found["otif_first_promise"]


def test_a_promise_shorter_than_the_wait_is_kept_only_while_there_is_stock() -> None:
    """Four at once on days 1 to 4 (1 d on the way); then each waits 6 - 4 = 2 d for its own purchase, and is late."""
    assert otif("tight") == 4 / 17  # orders of days 1 to 17 are due before day 20


def test_a_promise_as_long_as_the_wait_is_always_kept() -> None:
    assert otif("true") == 1.0


def test_without_a_promise_there_is_nothing_to_keep() -> None:
    assert isinstance(otif("silent"), Undefined)


# ------------------------------------------------------------------------------------------ in full of what is ordered
OTIF = ("otif_requested", "otif_first_promise", "otif_last_promise")


@pytest.fixture
def of_book(tmp_path):
    """The three KPIs of on time in full, all the same, and `perfect_order`, for recorded orders promised within 7 d."""

    def kpis(*lines, policy=(), **changes):
        due = [{"item": "mug", "units": 9, "due": 6}]
        changes = {"warehouse__stock__mug": 0, "customers__web__need_by": "7 d", **changes}
        changes.setdefault("suppliers__pottery__under_way", due)
        promise = {"promise": {"kind": "fixed", "within": "7 d"}}
        found = evaluate(play_book(tmp_path, *lines, policy={**promise, **dict(policy)}, **changes))
        assert len({found[name] for name in OTIF}) == 1
        return found[OTIF[0]], found["perfect_order"]

    return kpis


NOTHING = "undefined"


def values(found):
    return tuple(NOTHING if isinstance(value, Undefined) else value for value in found)


@pytest.mark.parametrize("acceptance", [{"kind": "never"}, {"kind": "limit", "units": 0}])
def test_a_refused_order_is_no_broken_promise(of_book, acceptance):
    policy = {"acceptance": acceptance}
    assert of_book("0,A,mug,1,,", "1,B,mug,2,,", policy=policy, warehouse__stock__mug=1) == (1, 1)
    assert values(of_book("1,B,mug,2,,", policy=policy)) == (NOTHING, NOTHING)


def test_of_an_order_that_is_taken_in_part_that_part_is_promised(of_book):
    policy = {"acceptance": {"kind": "limit", "units": 2}}
    assert of_book("0,A,mug,3,,", policy=policy) == (1, 1)
    assert of_book("0,A,mug,3,,", policy=policy, suppliers__pottery__under_way=[]) == (0, 0)


@pytest.mark.parametrize(
    ("line", "otif", "perfect"),
    [
        ("0,A,mug,2,3,1", 1, 1),  # one called off in time, the other comes on day 6
        ("0,A,mug,2,3,2", NOTHING, NOTHING),  # nothing is ordered any more
        ("0,A,mug,12,3,3", 1, 1),  # the nine that are still ordered come
        ("0,A,mug,12,3,2", 0, 0),  # nine of ten
        ("0,A,mug,12,8,3", 0, 1),  # the date was missed before three were called off
    ],
)
def test_what_the_customer_called_off_before_the_date_is_not_missing(of_book, line, otif, perfect):
    assert values(of_book(line)) == (otif, perfect)


@pytest.mark.parametrize(("patience", "otif"), [(5, NOTHING), (7, NOTHING), (8, 0)])
def test_who_gives_up_before_the_date_breaks_no_promise_but_makes_no_perfect_order(of_book, patience, otif):
    found = of_book("0,A,mug,1,,", customers__web__patience=patience, suppliers__pottery__under_way=[])
    assert values(found) == (otif, 0)


def test_what_the_seller_cancels_is_missing(of_book):
    window = {"window": {"kind": "cancel_after", "days": 3}}
    assert of_book("0,A,mug,1,,", policy=window) == (0, 0)
    once = {"fulfilment": {"kind": "ship_once"}}
    assert of_book("0,A,mug,2,,", policy=once, warehouse__stock__mug=1) == (0, 0)


def test_a_substitute_taken_at_the_checkout_is_what_was_ordered(of_book):
    changes = {"items__mug__substitutes": {"cup": "100 %"}, "warehouse__stock__cup": 1}
    changes |= {"customers__web__otherwise": {"walk": 1}, "policy": {"acceptance": {"kind": "never"}}}
    assert of_book("0,A,mug,1,,", **changes) == (1, 1)


def test_the_error_of_a_promise_counts_orders_that_were_called_off_in_part(tmp_path):
    play = partial(play_book, tmp_path, warehouse__stock__mug=0, policy={"promise": {"kind": "fixed", "within": "7 d"}})
    due = [{"item": "mug", "units": 1, "due": 9}]
    assert evaluate(play("0,A,mug,2,3,1", suppliers__pottery__under_way=due))["promise_error"] == 2
    assert isinstance(evaluate(play("0,A,mug,2,20,1", suppliers__pottery__under_way=due))["promise_error"], Undefined)
