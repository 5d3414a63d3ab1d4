"""Customers who do not wait, or not for ever: Erlang's loss system, limited backorders, impatience."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from simulator.kpis.evaluate import evaluate
from simulator.record.run import Run
from tests.oracles.formulas import base_stock, erlang_b
from tests.oracles.helper import play, poisson_demand, replicate, textbook

RATE, LEAD = 2.0, 5.0

LAWS = {
    "constant": "5 d",
    "exponential": {"kind": "exponential", "mean": "5 d"},
    "gamma": {"kind": "gamma", "mean": "5 d", "cv": 0.5},
}


@pytest.mark.parametrize("law", LAWS)
def test_lost_sales_are_erlangs_loss_system_for_any_lead_time(law):
    """Karush 1957; Zipkin 7.2.3: loss B(S, rate x L), insensitive to the law of the lead time."""
    loss = erlang_b(14, RATE * LEAD)
    on_order = RATE * LEAD * (1 - loss)
    assert (loss, 14 - on_order) == pytest.approx((0.0568191, 4.56819), rel=1e-6)
    scenario = textbook(
        "lost-sales", {"suppliers.maker.lead_time": LAWS[law], "clock.warm_up": "60 d", "clock.horizon": "12560 d"}
    )
    runs = replicate(
        scenario,
        "lost",
        "fill_rate",
        "lost_at_checkout",
        "on_hand_mean",
        "on_order_mean",
        controls=poisson_demand(RATE, LEAD),
    )
    runs.assert_close(fill_rate=1 - loss, on_hand_mean=14 - on_order, on_order_mean=on_order)
    runs.assert_close(within=0.02 if law == "constant" else 0.04, lost_at_checkout=loss)


def test_not_accepting_and_not_waiting_are_the_same():
    """`acceptance: never` and `patience: 0 d` play the same world: the same customers served at the same instants."""
    refused = play(textbook("lost-sales", {"clock.horizon": "2000 d"}), "lost")
    left = play(textbook("lost-sales", {"clock.horizon": "2000 d", "customers.all.patience": "0 d"}), "backorders")
    for facts in ("purchases", "receipts", "parcels"):
        for column, values in getattr(refused, facts).items():
            np.testing.assert_array_equal(values, getattr(left, facts)[column])
    np.testing.assert_array_equal(refused.refused["order"], left.cancelled["order"])
    assert (left.cancelled["time"] == left.cancelled["placed"]).all()
    a, b = (evaluate(run, ["fill_rate", "on_hand_mean", "backlog_mean", "cycle_service"]) for run in (refused, left))
    assert a["fill_rate"] == b["fill_rate"]
    assert (a["on_hand_mean"], a["backlog_mean"]) == pytest.approx((b["on_hand_mean"], 0.0))
    assert b["backlog_mean"] == 0.0


def test_a_limit_on_backorders_only_adds_servers():
    """S and at most b backorders: an order is refused when S + b are on order, whatever S and b are one by one."""
    S, b = 10, 4
    n = np.arange(S + b + 1)
    chance = stats.poisson.pmf(n, RATE * LEAD)
    chance /= chance.sum()
    runs = replicate(
        textbook("lost-sales"),
        "limited",
        "lost_at_checkout",
        "fill_rate",
        "backlog_mean",
        controls=poisson_demand(RATE, LEAD),
    )
    runs.assert_close(
        fill_rate=float(chance[:S].sum()),
        backlog_mean=float(chance @ np.maximum(n - S, 0)),
        lost_at_checkout=erlang_b(S + b, RATE * LEAD),
    )


@pytest.mark.parametrize("law", LAWS)
def test_lost_sales_fill_more_than_backorders_at_the_same_level(law):
    """A refused customer leaves a unit for the next one."""
    scenario = textbook("lost-sales", {"suppliers.maker.lead_time": LAWS[law], "clock.horizon": "2000 d"})
    lost, waits = (evaluate(play(scenario, policy), ["fill_rate"])["fill_rate"] for policy in ("lost", "backorders"))
    assert lost > waits


# ---------------------------------------------------------------------------------------------------------- impatience
def impatient(rate: float, lead_time: float, patience: float, S: int) -> dict[str, float]:
    """The stationary law of (on order n, position above S e), exponential lead times and patience.

    A demand takes one unit of the position: it is ordered again only where that is S. A cancellation gives one back and
    withdraws no purchase. Net stock is S + e - n. The chain is cut where less than 1e-12 of its mass lies.
    """
    N, E = 50, 40
    n, e = (grid.ravel() for grid in np.meshgrid(np.arange(N + 1), np.arange(E + 1), indexing="ij"))
    short = np.maximum(n - S - e, 0)

    def at(n: np.ndarray, e: np.ndarray) -> np.ndarray:
        return np.clip(n, 0, N) * (E + 1) + np.clip(e, 0, E)

    here = at(n, e)
    moves = [
        (np.full(n.size, rate), np.where(e == 0, at(n + 1, e), at(n, e - 1))),
        (n / lead_time, at(n - 1, e)),
        (short / patience if np.isfinite(patience) else 0.0 * short, at(n, e + 1)),
    ]
    rows = np.concatenate([to for _, to in moves] + [here] * 3)
    columns = np.concatenate([here] * 6)
    flow = np.concatenate([r for r, _ in moves] + [-r for r, _ in moves])
    Q = coo_array((flow, (rows, columns)), shape=(n.size, n.size)).tolil()
    Q[0, :] = 1.0  # the chances sum to 1
    right = np.zeros(n.size)
    right[0] = 1.0
    pi = spsolve(Q.tocsc(), right)
    assert pi.min() > -1e-12
    assert pi[(n == N) | ((e == E) & (n > 0))].sum() < 1e-9
    backlog = float(pi @ short)
    return {
        "fill_rate": float(pi[S + e - n > 0].sum()),
        "backlog_mean": backlog,
        "on_order_mean": float(pi @ n),
        "cancelled_patience": backlog / patience / rate if np.isfinite(patience) else 0.0,
    }


def test_impatient_customers_leave_purchases_behind_them():
    """Birth and death as in Garnett, Mandelbaum & Reiman 2002, but for our rule: a purchase is not taken back.

    The classic chain lets every cancellation cancel a purchase too (backlog 0.916426, fill rate 0.503147); the
    purchases that ours keeps serve the next customers.
    """
    theory = impatient(RATE, LEAD, 10.0, 10)
    print(theory)
    assert theory["backlog_mean"] < 0.916426
    assert theory["fill_rate"] > 0.503147
    bought = RATE * (1 - theory["cancelled_patience"])
    assert theory["on_order_mean"] == pytest.approx(LEAD * bought, rel=1e-9)  # Little
    runs = replicate(
        textbook("impatient"),
        "base",
        *theory,
        measures={"hazard": lambda run: run.cancelled["units"].sum() / backorder_days(run)},
        controls=poisson_demand(RATE, LEAD),
    )
    runs.assert_close(**theory, hazard=0.1)


def test_impatient_customers_who_withdraw_their_purchase_are_a_birth_and_death_process():
    """Garnett, Mandelbaum & Reiman 2002 (Erlang-A), leave rate n / L + (n - S)+ theta, with `cancel_purchase`."""
    theta, S = 0.1, 10
    n = np.arange(200)
    chances = np.concatenate(([1.0], np.cumprod(RATE / (n[1:] / LEAD + np.maximum(n[1:] - S, 0) * theta))))
    chances /= chances.sum()
    backlog = float(chances @ np.maximum(n - S, 0))
    theory = {
        "backlog_mean": backlog,
        "fill_rate": float(chances[:S].sum()),
        "cancelled_patience": theta * backlog / RATE,
        "on_order_mean": float(chances @ n),
    }
    assert (theory["backlog_mean"], theory["fill_rate"]) == pytest.approx((0.916426, 0.503147), rel=1e-6)
    assert theory["cancelled_patience"] == pytest.approx(0.0458213, rel=1e-5)
    runs = replicate(textbook("impatient"), "withdrawn", *theory, controls=poisson_demand(RATE, LEAD))
    runs.assert_close(**theory)


def test_a_withdrawn_purchase_never_arrives_and_the_position_stays_at_base_stock():
    run = play(textbook("impatient"), "withdrawn")
    assert run.withdrawn["units"].sum() == run.cancelled["units"].sum() > 100
    whole = run.purchases["units"][run.withdrawn["purchase"].astype(int)] == run.withdrawn["units"]
    assert whole.all()
    assert not np.isin(run.receipts["purchase"], run.withdrawn["purchase"]).any()
    on_hand, on_order, backordered = run.final[0]
    assert on_hand + on_order - backordered == 10


def backorder_days(run: Run) -> float:
    """Days waited by all units of the run, warm-up included."""
    path = run.level("backlog")
    return float(path.values @ np.diff(np.append(path.times, run.world.horizon)))


def test_endless_patience_is_the_model_with_backorders():
    """Palm's base stock, for the chain and, fact by fact, for the simulator."""
    endless = base_stock(RATE, LEAD, 10)
    assert (endless["backlog_mean"], endless["fill_rate"]) == pytest.approx((1.251100, 0.457930), rel=1e-5)
    chain = impatient(RATE, LEAD, np.inf, 10)
    assert (chain["backlog_mean"], chain["fill_rate"]) == pytest.approx((1.251100, 0.457930), rel=1e-5)

    for_ever = textbook("impatient", {"customers.all.patience": None, "clock.horizon": "1000 d"})
    very_long = textbook("impatient", {"customers.all.patience": "1e9 d", "clock.horizon": "1000 d"})
    a, b = play(for_ever, "base"), play(very_long, "base")
    for column, values in a.fills.items():
        np.testing.assert_array_equal(values, b.fills[column])
    assert not b.cancelled["time"].size


def test_a_customer_who_leaves_in_a_moment_has_still_been_ordered_for():
    """Patience 0 buys nothing for a lost customer (Erlang's loss); the shortest patience above 0 leaves a purchase.

    The limit of vanishing patience is therefore not Erlang's loss, and the chain says what it is.
    """
    vanishing, none = impatient(RATE, LEAD, 1e-6, 10)["fill_rate"], 1 - erlang_b(10, RATE * LEAD)
    assert (vanishing, none) == pytest.approx((0.798748, 0.785418), rel=1e-5)
    for patience, fill_rate in (("1e-6 d", vanishing), ("0 d", none)):
        scenario = textbook("impatient", {"customers.all.patience": patience})
        runs = replicate(scenario, "base", "fill_rate", controls=poisson_demand(RATE, LEAD), replications=10)
        runs.assert_close(within=0.01, fill_rate=fill_rate)


def test_after_a_cancellation_the_next_demand_is_not_ordered_again():
    """Position S + 1 after a cancellation: the purchase that was made for one customer serves the next."""
    run = play(textbook("impatient", {"clock.horizon": "400 d", "clock.warm_up": "0 d"}), "base")
    placed = run.demand.times
    above = 0  # position over S
    events = [(t, 0, "cancel") for t in run.cancelled["time"]] + [(t, 1, "demand") for t in placed]
    bought = []
    for time, _, what in sorted(events):
        if what == "cancel":
            above += 1
        elif above:
            above -= 1
        else:
            bought.append(time)
    assert len(bought) < len(placed)
    np.testing.assert_array_equal(run.purchases["time"], bought)
