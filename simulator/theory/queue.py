"""Capacity: one server that makes to stock or to order."""

from __future__ import annotations

import math


def one_server(rate: float, service: float, S: int = 0) -> dict[str, float]:
    """One server with exponential times who makes to stock up to S, or to order (S = 0): M/M/1.

    Fill rate 1 - ρ^S, backlog ρ^(S+1) / (1 - ρ), P(wait > t) = ρ^S e^(-(μ - λ) t) (Buzacott & Shanthikumar 1993, 4.3).

    Args:
        rate: orders a day; service: orders a day that the server can do, more than `rate`.
        S: units made ahead.

    Returns:
        utilisation, fill_rate (shares), backlog_mean, on_hand_mean (units), wait_mean, wait_p95 (days).

    >>> {name: round(value, 6) for name, value in one_server(0.8, 1.0, 10).items()}["backlog_mean"]
    0.429497
    """
    load = rate / service
    backlog = load ** (S + 1) / (1 - load)
    p95 = (math.log(20) + S * math.log(load)) / (service - rate)
    return {
        "utilisation": load,
        "fill_rate": 1 - load**S,
        "backlog_mean": backlog,
        "on_hand_mean": S - load / (1 - load) + backlog,
        "wait_mean": backlog / rate,
        "wait_p95": max(p95, 0.0),
    }
