"""What customers pay for parcels: worked out by hand, in every account of money."""

import pytest

from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.groups.items import item_values
from simulator.kpis.series.series import measure
from tests.unit.world.shops import play, shop

FEES = {"shipping": 4.9, "extra_parcel": 2.9}


def split(**changes):
    """Orders of two on days 1 to 4; 3 mugs in stock, 5 arrive on day 3.5: the second order ships in two parcels."""
    return shop(
        clock={"horizon": 5},
        customers__web__basket={"kind": "single", "item": "mug", "quantity": 2},
        warehouse__stock__mug=3,
        suppliers__pottery={"items": ["mug"], "lead_time": 1.5},
        policies__first={"replenishment": {"kind": "s_S", "s": 0, "S": 4}},
        **changes,
    )


def test_an_order_pays_for_its_first_parcel_and_for_each_further_one():
    run = play(split(customers__web__fees=FEES))
    found, plain = evaluate(run), evaluate(play(split()))
    parcels = run.parcels["order"]
    orders = len(set(parcels.tolist()))
    assert (orders, parcels.size) == (4, 5)
    assert found["fee_income"] == pytest.approx(4 * 4.9 + 1 * 2.9)
    assert found["contribution"] == pytest.approx(plain["contribution"] + found["fee_income"])
    assert found["revenue"] == plain["revenue"]
    assert "fee_income" not in plain


def test_fees_are_in_the_accounts_by_item_and_over_time():
    evidence = evidence_of(play(split(customers__web__fees=FEES)))
    item_values(evidence, "here")
    series = measure(evidence)
    assert series["money.fee_income"].sum() == pytest.approx(4 * 4.9 + 2.9)
    assert series["money.not_followed"][0] == 0


def test_only_segments_with_fees_pay():
    d = split(customers__web__fees=FEES)
    d["customers"]["club"] = {key: value for key, value in d["customers"]["web"].items() if key != "fees"}
    d["warehouse"]["stock"]["mug"] = 100
    assert evaluate(play(d))["fee_income"] == pytest.approx(4 * 4.9)
