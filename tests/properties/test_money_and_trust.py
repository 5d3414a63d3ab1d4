"""Random worlds with ways of paying, memories, reviews, promotions and scarcity keep the laws; money is conserved."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.cash import Cash
from simulator.kpis.kpi import Undefined
from simulator.model.nouns import Cause
from simulator.world.simulate import simulate
from tests.properties.models.shopkeepers import Shopkeeper
from tests.properties.models.worlds import LOOK, Words, worlds


@st.composite
def shops(draw: st.DrawFn) -> Words:
    return Shopkeeper(draw).adds(draw(worlds()))


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
        paid = cash.opening + cash.ordered.money.sum()
        paid_back = cash.returned.money.sum()  # the whole price, whenever it was paid
        assert paid * share + paid_back == pytest.approx(cash.shipped.value.sum() * share + held, abs=1e-6)
        whole = evaluate(run)
        totals = evaluate(simulate(scenario, run.policy, 3, records=False))
        assert whole.keys() == totals.keys()
        for name in ("revenue", "refunds", "refund_cost", "cash_received_early", "deposits_held", "fill_rate"):
            if not isinstance(totals[name], Undefined):
                assert totals[name] == pytest.approx(whole[name]), name
    assert np.array_equal(runs[0].demand.times, runs[1].demand.times), "policies meet the same customers"
