"""Notes on where numbers come from: each is about a key that is there, and none moves a number."""

import pytest

from simulator.foundation.errors import UserError
from simulator.scenario.identity import fingerprint
from simulator.scenario.loader import load, load_text

HEAD = """
name: shop
clock: {horizon: 10 d}
items: {mug: {price: 12, unit_cost: 5}, a.b: {price: 1, unit_cost: 1}}
customers: {web: {arrivals: {kind: poisson, rate: 2 / d}, basket: {kind: single, item: mug}, patience: 20 d}}
suppliers: {maker: {items: [mug], lead_time: {kind: gamma, mean: 5 d, cv: 0.5}}}
policies: {p: {replenishment: {kind: none}}}
"""


@pytest.mark.parametrize(
    "key",
    ["customers", "customers.web.patience", "suppliers.maker.lead_time.mean", "items.mug.price", "'items.\"a.b\"'"],
)
def test_a_note_may_be_about_any_key(key):
    assert list(load_text(f"{HEAD}sources: {{{key}: a guess}}").sources.values()) == ["a guess"]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("customers.web.patence", "the file has no 'patence' there"),
        ("customers.shop", "the file has no 'shop' there"),
        ("a..b", "'a..b' is not a valid path"),
    ],
)
def test_a_note_about_nothing_is_a_fault_with_its_place(key, said):
    with pytest.raises(UserError, match=f"sources.*{said}"):
        load_text(f"{HEAD}sources: {{{key}: a guess}}")


def test_a_note_moves_no_number():
    assert fingerprint(load_text(HEAD)) == fingerprint(load_text(f"{HEAD}sources: {{items: a guess}}"))


def test_the_scenario_on_real_data_says_what_is_recorded_and_what_is_assumed():
    notes = load("scenarios/online-retail.yaml").sources
    assert {"customers.shops.arrivals", "customers.shops.patience", "warehouse.stock", "costs"} <= set(notes)
    assert all("grade" in note for note in notes.values())
