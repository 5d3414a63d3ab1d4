"""Random worlds with ways of paying, memories, reviews, promotions and scarcity keep the laws; money is conserved."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.evidence.cash import Cash
from simulator.kpis.evidence.paying import lowers_prices
from simulator.kpis.groups.items import item_values
from simulator.kpis.kpi import Undefined
from simulator.kpis.series.series import measure
from simulator.model.nouns import Cause
from simulator.record.digest import digest
from simulator.world.simulate import simulate
from tests.properties.models.shopkeepers import Shopkeeper
from tests.properties.models.worlds import LOOK, Words, worlds


@st.composite
def shops(draw: st.DrawFn) -> Words:
    return Shopkeeper(draw).adds(draw(worlds()))


def with_prices(words: Words) -> Words:
    """The same orders on record, each line at a price of its own: 0, 1.25, 2.5, 3.75, none, and so on."""
    head, *lines = words.orders.splitlines()
    prices = [("0", "1.25", "2.5", "3.75", "")[k % 5] for k in range(len(lines))]
    document = copy.deepcopy(words.document)
    for spec in document["customers"].values():
        if spec["arrivals"]["kind"] == "trace":
            spec["arrivals"]["price"] = "each"
    text = "\n".join([f"{head},each", *(f"{line},{price}" for line, price in zip(lines, prices, strict=True))])
    return words._replace(document=document, orders=f"{text}\n")


@settings(LOOK, max_examples=40)
@given(shops().filter(lambda words: bool(words.orders)))
def test_at_prices_by_line_the_same_happens_and_money_is_conserved(words: Words) -> None:
    usual, priced = words.scenario(), with_prices(words).scenario()
    run = simulate(priced, "first", 3)
    run.audit()
    e = evidence_of(run)
    event(f"sold in place of others: {bool(run.recovered.size)}")
    same = simulate(usual, "first", 3)
    assert digest(run) == digest(same)
    item_values(e, "here")
    if not lowers_prices(run.world) and not run.surplus.size:  # neither is followed over time
        rest = (measure(found)["money.not_followed"][0] for found in (e, evidence_of(same)))
        assert next(rest) == pytest.approx(next(rest), abs=1e-6)
    cash, share = e.cash, run.world.payment.at_order
    held = cash.unearned.values[-1] + cash.refunds_due.values[-1] + cash.refunds.money.sum()
    paid = cash.worth.opening + cash.worth.ordered.money.sum()
    assert paid * share + cash.worth.returned.money.sum() == pytest.approx(
        cash.worth.shipped.value.sum() * share + held, abs=1e-6
    )
    assert (cash.unearned.values > -1e-6).all(), "more was shipped than was paid"


@settings(LOOK, max_examples=60)
@given(shops())
def test_money_is_conserved_and_the_laws_hold_in_every_random_shop(words: Words) -> None:
    scenario = words.scenario()
    runs = [simulate(scenario, policy, 3) for policy in ("first", "second")]
    for run in runs:
        run.audit()
        event(f"cards that refuse: {bool((run.cancelled['cause'] == Cause.PAYMENT).any())}")
        event(f"stayed away: {not run.came.all()}")
        cash, share = Cash(run), run.world.payment.at_order
        assert (cash.unearned.values > -1e-6).all(), "more was shipped than was paid"
        assert (cash.receivable.values > -1e-6).all()
        held = cash.unearned.values[-1] + cash.refunds_due.values[-1] + cash.refunds.money.sum()
        paid = cash.worth.opening + cash.worth.ordered.money.sum()
        paid_back = cash.worth.returned.money.sum()  # the whole price, whenever it was paid
        assert paid * share + paid_back == pytest.approx(cash.worth.shipped.value.sum() * share + held, abs=1e-6)
        whole = evaluate(run)
        totals = evaluate(simulate(scenario, run.policy, 3, records=False))
        assert whole.keys() == totals.keys()
        for name in ("revenue", "refunds", "refund_cost", "cash_received_early", "deposits_held", "fill_rate"):
            if not isinstance(totals[name], Undefined):
                assert totals[name] == pytest.approx(whole[name]), name
    assert np.array_equal(runs[0].demand.times, runs[1].demand.times), "policies meet the same customers"
