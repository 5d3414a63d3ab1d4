"""Random worlds with ways of paying, memories, reviews, promotions and scarcity keep the laws; money is conserved."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.cash import Cash
from simulator.kpis.kpi import Undefined
from simulator.model.nouns import Cause
from simulator.world.simulate import simulate
from tests.properties.models.worlds import LOOK, Author, Plain, Words, worlds


class Shopkeeper(Author):
    """Adds to a random world what customers pay and remember."""

    def payment(self) -> Plain:
        found: Plain = self.one(
            (
                {"kind": "at_shipment", **self.card()},
                {"kind": "deposit", "share": self.number(0.1, 0.9), **self.card()},
                {"kind": "at_order"},
                {"kind": "at_delivery"},
            )
        )
        found["refund"] = {"days": self.whole(0, 9), "working": self.chance()}
        if self.chance():
            quoted = self.number(0, 5)
            found["late_price"] = {"quoted": quoted, "nothing": quoted + self.number(0.5, 5)}
        return found

    def card(self) -> Plain:
        return {"reauth_days": self.one([0, 0, 1.5]), "fails": self.one(["50 %", 1, 0])}

    def adds(self, words: Words) -> Words:
        d: Any = copy.deepcopy(words.document)
        for policy in d["policies"].values():
            policy["payment"] = self.payment()
            policy["promotion"] = {"kind": self.one(["pause", "eta_shown", "eta_hidden"])}
        for spec in d["customers"].values():
            if self.chance():
                spec["loyalty"] = {"late": self.one([-1, "-50 %", "20 %"]), "orders_per_year": self.whole(1, 200)}
                spec["loyalty"] |= {"handled_well": "30 %"} if self.chance() else {}
            spec["otherwise"] = {"return": self.one([0, 1])}
            spec["scarcity"] = self.one([0, 0, "50 %"])
        if self.chance():
            d["reviews"] = {"share": self.one(["5 %", 1]), "per_star": "20 %"}
        if d["customers"]:
            promotion = {"kind": "promotion", "name": "campaign", "customers": list(d["customers"]), "uplift": 1}
            d["events"].append(promotion | {"items": self.some(list(d["items"])), "at": self.number(0, 9), "lasts": 5})
        d["costs"] |= {"refund": self.number(0, 3)}
        return Words(d, words.orders)


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
