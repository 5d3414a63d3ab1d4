"""Lost sales and impatience: Erlang's loss system, a limit on backorders, customers who give up waiting."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from simulator.theory.laws import poisson


def erlang_b(servers: int, load: float) -> float:
    """Erlang B: the share of lost sales under base stock `servers` (Karush 1957; Zipkin 7.2.3).

    >>> round(erlang_b(14, 10.0), 7)
    0.0568191
    """
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def lost_sales(rate: float, lead_time: float, S: int) -> dict[str, float]:
    """Base stock with lost sales, any lead-time distribution: shares, units."""
    loss = erlang_b(S, rate * lead_time)
    on_order = rate * lead_time * (1 - loss)
    return {
        "fill_rate": 1 - loss,
        "lost_at_checkout": loss,
        "on_hand_mean": S - on_order,
        "on_order_mean": on_order,
    }


def limited(rate: float, lead_time: float, S: int, most: int) -> dict[str, float]:
    """Base stock with at most `most` backorders: a loss system with S + `most` servers."""
    n = np.arange(S + most + 1)
    chance = poisson(rate * lead_time, S + most + 1)
    chance = chance / chance.sum()
    return {
        "fill_rate": float(chance[:S].sum()),
        "backlog_mean": float(chance @ np.maximum(n - S, 0)),
        "lost_at_checkout": erlang_b(S + most, rate * lead_time),
    }


def erlang_a(rate: float, lead_time: float, patience: float, S: int) -> dict[str, float]:
    """Erlang A: impatient customers whose units are withdrawn from the purchases (Garnett et al. 2002).

    On order n leave at n / lead time + (n - S)+ / patience; exponential lead times and patience, days.

    >>> round(erlang_a(2.0, 5.0, 10.0, 10)["backlog_mean"], 6)
    0.916426
    """
    n = np.arange(200)
    chance = np.concatenate(([1.0], np.cumprod(rate / (n[1:] / lead_time + np.maximum(n[1:] - S, 0) / patience))))
    chance = chance / chance.sum()
    backlog = float(chance @ np.maximum(n - S, 0))
    return {
        "fill_rate": float(chance[:S].sum()),
        "backlog_mean": backlog,
        "on_order_mean": float(chance @ n),
        "cancelled_patience": backlog / patience / rate,
    }


Ints = NDArray[np.int64]
MOST_ON_ORDER, MOST_ABOVE = 50, 40


def impatient(rate: float, lead_time: float, patience: float, S: int) -> dict[str, float]:
    """Impatient customers whose purchases stay: exact Markov chain of n units on order and e units of position above S.

    Lead time and patience are exponential. Demand takes one unit of the position and is reordered only if e is 0; a
    cancellation gives one unit back and withdraws no purchase. Net stock is S + e - n. The chain is truncated where
    less than 1e-9 of its probability lies (for a load near 10).
    """
    N, E = MOST_ON_ORDER, MOST_ABOVE
    n, e = (grid.ravel() for grid in np.meshgrid(np.arange(N + 1), np.arange(E + 1), indexing="ij"))
    short = np.maximum(n - S - e, 0)

    def at(n: Ints, e: Ints) -> Ints:
        return np.asarray(np.clip(n, 0, N) * (E + 1) + np.clip(e, 0, E))

    here = at(n, e)
    moves = [
        (np.full(n.size, rate), np.where(e == 0, at(n + 1, e), at(n, e - 1))),
        (n / lead_time, at(n - 1, e)),
        (short / patience if math.isfinite(patience) else 0.0 * short, at(n, e + 1)),
    ]
    flows = np.zeros((n.size, n.size))
    for flow, to in moves:
        np.add.at(flows, (to, here), flow)
        np.subtract.at(flows, (here, here), flow)
    flows[0, :] = 1.0  # the chances sum to 1
    right = np.zeros(n.size)
    right[0] = 1.0
    pi = np.linalg.solve(flows, right)
    cut = float(pi[(n == N) | ((e == E) & (n > 0))].sum())
    if pi.min() < -1e-9 or cut > 1e-9:
        raise ValueError(
            f"the chain is truncated too early for a load of {rate * lead_time:g}: {cut:.2g} of its probability"
        )
    backlog = float(pi @ short)
    return {
        "fill_rate": float(pi[S + e - n > 0].sum()),
        "backlog_mean": backlog,
        "on_order_mean": float(pi @ n),
        "cancelled_patience": backlog / patience / rate if math.isfinite(patience) else 0.0,
    }
