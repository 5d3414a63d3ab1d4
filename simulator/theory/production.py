"""Make to stock on one line: an M/M/1 queue behind a base stock (Buzacott & Shanthikumar 1993, 4.3; Zipkin 7.3)."""

from __future__ import annotations

import math


def make_to_stock(rate: float, speed: float, S: int) -> dict[str, float]:
    """KPIs, by identifier, of one line with exponential processing times and base stock S.

    Args:
        rate: units demanded per day; speed: units made per day.

    >>> [round(value, 4) for value in make_to_stock(0.8, 1.0, 10).values()]
    [0.8926, 0.4295, 6.4295, 0.5369, 3.8215]
    """
    rho = rate / speed
    late = rho**S
    backlog = rho ** (S + 1) / (1 - rho)
    return {
        "fill_rate": 1 - late,
        "backlog_mean": backlog,
        "on_hand_mean": S - rho / (1 - rho) + backlog,
        "wait_mean": backlog / rate,
        "wait_p95": max(math.log(late / 0.05), 0.0) / (speed - rate),
    }


def best_stock(rate: float, speed: float, holding: float, shortage: float) -> int:
    """The base stock with the least holding and shortage cost.

    >>> best_stock(0.8, 1.0, 1, 9)
    10
    """
    return math.floor(math.log(holding / (holding + shortage)) / math.log(rate / speed))
