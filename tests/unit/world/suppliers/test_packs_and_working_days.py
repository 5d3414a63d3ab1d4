"""Packs, days of the week on which a supplier works, and closures that repeat: worked out by hand."""

import numpy as np
import pytest

from simulator.events.supply import Closure
from simulator.foundation.errors import UserError
from tests.unit.world.shops import play, shop

MONDAY = "2025-01-06"


def daily(policy, **supplier):
    """One mug a day from noon of day 0, none in stock."""
    return shop(
        clock={"horizon": 30, "start": MONDAY},
        customers__web__arrivals={"kind": "every", "interval": 1, "first": 0.5},
        warehouse__stock__mug=0,
        suppliers__pottery={"items": ["mug"], "lead_time": 2, **supplier},
        policies__first={"replenishment": policy, "promise": {"kind": "ctp"}},
    )


ONE_FOR_ONE = {"kind": "base_stock", "S": 0}


def test_a_purchase_is_rounded_up_to_whole_packs_after_the_minimum():
    for minimum, multiple, bought in ((0, 12, 12), (5, 4, 8), (12, 12, 12), (13, 12, 24), (0, 1, 1)):
        run = play(daily(ONE_FOR_ONE, minimum=minimum, multiple=multiple))
        assert set(run.purchases["units"].tolist()) == {bought}


def test_a_fixed_quantity_is_rounded_up_to_whole_packs():
    run = play(daily({"kind": "s_Q", "s": 0, "Q": 10}, multiple=4))
    assert set(run.purchases["units"].tolist()) == {12}


def test_a_date_from_a_purchase_in_packs_is_the_day_of_delivery():
    run = play(daily({"kind": "s_Q", "s": -1, "Q": 3}, multiple=4))
    kept(run)


def kept(run):
    """The first date of every order that was delivered is the day of its delivery."""
    delivered = dict(zip(run.parcels["order"].tolist(), run.parcels["delivered"].tolist(), strict=True))
    promised = {}
    for time, order, date in zip(*(run.promises[name].tolist() for name in ("time", "order", "date")), strict=True):
        promised.setdefault(order, (time, date))
    compared = {order: date for order, (_, date) in promised.items() if order in delivered}
    assert len(compared) > 10
    assert compared == pytest.approx({order: delivered[order] for order in compared})


def test_nothing_is_released_at_the_weekend():
    run = play(daily(ONE_FOR_ONE, works="Mon-Fri"))
    decided = run.purchases["time"]
    weekday = np.floor(decided) % 7
    wait = np.where(weekday == 5, 1.5, np.where(weekday == 6, 0.5, 0.0))
    known = decided + wait + 2 < 30
    assert run.receipts["time"].tolist() == sorted((decided + wait + 2)[known].tolist())
    kept(run)


def test_working_hours_count_from_the_day_and_hour_of_the_start():
    d = daily(ONE_FOR_ONE, works="Mon-Fri 08:00-16:00")
    d["clock"]["start"] = "2025-01-11 12:00"  # a Saturday: the first order is placed at midnight of Sunday
    run = play(d)
    first = run.receipts["time"][:5].tolist()
    assert first == pytest.approx([1.5 + 8 / 24 + 2] * 2 + [2.5 + 8 / 24 + 2, 3.5 + 8 / 24 + 2, 4.5 + 8 / 24 + 2])
    kept(run)


def test_a_closure_repeats_until_the_end_of_the_run():
    closed = [{"from": "2 d", "to": "3 d", "repeats": "10 d", "name": "stock-taking"}]
    run = play(daily(ONE_FOR_ONE, closures=closed))
    assert run.happened["start"].tolist() == [2, 12, 22]
    decided = run.purchases["time"]
    shut = np.isin(np.floor(decided), [2, 12, 22])
    due = np.where(shut, np.ceil(decided), decided) + 2
    assert run.receipts["time"].tolist() == sorted(due[due < 30].tolist())
    kept(run)


@pytest.mark.parametrize(
    ("supplier", "said"),
    [
        ({"works": "Mon-Fry"}, "suppliers.pottery.works: 'Mon-Fry' is not a valid range of opening hours"),
        ({"multiple": 0}, "suppliers.pottery.multiple: "),
        ({"multiple": 1.5}, "suppliers.pottery.multiple: "),
        ({"closures": [{"from": 0, "to": 8, "repeats": 7}]}, "lasts 8 d and repeats every 7 d: it would never end"),
    ],
)
def test_faults_are_named(supplier, said):
    with pytest.raises(UserError) as caught:
        play(daily(ONE_FOR_ONE, **supplier))
    assert said in str(caught.value)


def test_days_of_the_week_need_a_date():
    d = daily(ONE_FOR_ONE, works="Mon-Fri")
    del d["clock"]["start"]
    with pytest.raises(UserError, match=r"`works:` needs `clock: \{start: …\}`"):
        play(d)


@pytest.mark.parametrize("wrong", [{"chance": 0.5}, {"resumes": 0.5}, {"at": None, "every": 3}])
def test_what_repeats_is_certain_and_has_a_start(wrong):
    words = {"supplier": "pottery", "at": 1, "lasts": 1, "repeats": 7, **wrong}
    with pytest.raises(ValueError, match="`repeats`"):
        Closure.model_validate({key: value for key, value in words.items() if value is not None})
