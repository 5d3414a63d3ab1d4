"""What is wrong with a plan is said at its key."""

import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.scenario.loader import load_text
from tests.unit.world.shops import shop

PAIR = {"kind": "dual_index", "R": 1, "regular": "pottery", "fast": "importer", "S_fast": 1, "S": 2}


def told(replenishment, **changes):
    d = shop(policies__first={"replenishment": replenishment}, **changes)
    try:
        return "\n".join(f"{w.key}: {w.message}" for w in load_text(yaml.safe_dump(d)).warnings)
    except UserError as error:
        return str(error)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (PAIR, "replenishment.fast: no supplier 'importer'"),
        ({**PAIR, "fast": "pottery"}, "`regular` and `fast` are both 'pottery'"),
        ({**PAIR, "S_fast": 3}, "S_fast = 3 is above S = 2"),
        ({"kind": "forecast", "blind_to": ["sale"]}, "blind_to.0: no event is named 'sale'"),
        ({"kind": "forecast", "R": "7 d", "retune": "1 d"}, "must not be shorter than the review period R (7 d)"),
        ({"kind": "forecast"}, "no `demand` of mug: the forecast starts from 0"),
        ({"kind": "forecast", "R": "0.001 d"}, "no `demand`"),
        ({"kind": "forecast", "bias": "-100 %"}, "must be more than -1"),
    ],
)
def test_a_plan_that_does_not_fit_is_told(words, said):
    assert said in told(words)


def test_too_many_reviews_are_refused():
    words = {"kind": "forecast", "R": "0.001 d"}
    assert "reviews in one replication; lengthen R" in told(words, clock__horizon=20_000)


def test_a_supplier_that_does_not_sell_the_item_cannot_be_the_fast_one():
    other = {"items": {"mug": {"price": 1, "unit_cost": 1}, "pot": {"price": 1, "unit_cost": 1}}}
    suppliers = {"pottery": {"items": ["mug", "pot"], "lead_time": 4}, "importer": {"items": ["pot"], "lead_time": 1}}
    assert "'importer' does not sell mug" in told(PAIR, **other, suppliers=suppliers)


@pytest.mark.parametrize(
    ("procurement", "said"),
    [
        ({"kind": "spot_buy", "supplier": "importer"}, "procurement.supplier: no supplier 'importer'"),
        ({"kind": "expedite", "items": ["mgu"]}, "procurement.items.0: no item 'mgu'"),
        ({"kind": "expedite"}, "no supplier has `expedite:`, so no purchase can be expedited"),
        (
            {"kind": "escalate", "steps": [{"kind": "expedite", "items": ["x"]}]},
            "procurement.steps.0.items.0: no item 'x'",
        ),
    ],
)
def test_a_measure_that_cannot_be_taken_is_told(procurement, said):
    base = {"kind": "base_stock", "S": 3}
    d = shop(policies__first={"replenishment": base, "procurement": procurement})
    try:
        told = "\n".join(f"{w.key}: {w.message}" for w in load_text(yaml.safe_dump(d)).warnings)
    except UserError as error:
        told = str(error)
    assert said in told


def test_a_supplier_keeps_up_its_stock_by_its_position_only():
    d = shop(suppliers__pottery__stock={"mug": 5}, suppliers__pottery__replenishment={"kind": "forecast"})
    with pytest.raises(UserError, match="`forecast` is for a warehouse"):
        load_text(yaml.safe_dump(d))
