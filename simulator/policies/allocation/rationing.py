"""Rationing: scarce stock is divided among all waiting lines at once, by the units of each.

Cachon and Lariviere (1999, Management Science 45:1091) show that proportional and linear allocation invite buyers to
order more than they need, and uniform allocation does not. If there is enough, every rule fills every line.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from simulator.policies.allocation.allocation import Claim, Dividing, Division


class Rationing(Dividing):
    """Divides stock on hand by a formula, rounded to whole units by the largest remainder."""

    @abstractmethod
    def shares(self, asked: Sequence[int], supply: int) -> list[float]:
        """Units of each line before rounding, of a supply below their sum; never more than the line asks for."""

    def divide(self, claims: Sequence[Claim], supply: int) -> Division:
        """Divides the supply; lines that are filled as a whole or not at all get nothing if their share is smaller, and
        the units that this frees go to the lines that can take them, first come first served."""
        asked = [claim.units for claim in claims]
        everyone = tuple(range(len(claims)))
        if supply >= sum(asked):
            return Division(tuple(asked), everyone)
        given = rounded(self.shares(asked, supply), asked, supply)
        if any(claim.whole for claim in claims):
            given = [0 if c.whole and units < c.units else units for c, units in zip(claims, given, strict=True)]
            left = supply - sum(given)
            for k, claim in enumerate(claims):
                more = claim.units - given[k]
                if claim.whole and more > left:
                    continue
                more = min(more, left)
                given[k] += more
                left -= more
        return Division(tuple(given), everyone)


class Proportional(Rationing, kind="proportional"):
    """Every line gets the same share of its units, so that asking for more than is needed pays off.

    90 units over lines of 100, 50 and 30: 50, 25 and 15.
    """

    example: ClassVar = {"kind": "proportional"}

    def shares(self, asked: Sequence[int], supply: int) -> list[float]:
        total = sum(asked)
        return [units * supply / total for units in asked]


class Linear(Rationing, kind="linear"):
    """Every line is short by the same number of units; smaller lines get nothing.

    90 units over lines of 100, 50 and 30: 70, 20 and 0.
    """

    example: ClassVar = {"kind": "linear"}

    def shares(self, asked: Sequence[int], supply: int) -> list[float]:
        ascending = sorted(asked)
        left = sum(asked)
        for k, units in enumerate(ascending):  # lines below the common shortage drop out, the smallest first
            short = (left - supply) / (len(asked) - k)
            if units > short:
                break
            left -= units
        return [max(units - short, 0.0) for units in asked]


class EqualShares(Rationing, kind="uniform"):
    """Every line gets the same number of units, or all it asks for if that is less; asking for more gains nothing.

    90 units over lines of 100, 50 and 30: 30 each.
    """

    example: ClassVar = {"kind": "uniform"}

    def shares(self, asked: Sequence[int], supply: int) -> list[float]:
        left = float(supply)
        each = 0.0
        for k, units in enumerate(sorted(asked)):  # what small lines leave raises the level of the others
            each = left / (len(asked) - k)
            if units > each:
                break
            left -= units
        return [min(float(units), each) for units in asked]


def rounded(shares: Sequence[float], asked: Sequence[int], supply: int) -> list[int]:
    """Whole units that sum to `supply`: rounded down, then one more by largest remainder, ties to the earlier line.

    >>> rounded([64.29, 16.07, 9.64], [200, 50, 30], 90)
    [64, 16, 10]
    """
    given = [min(int(share + 1e-9), most) for share, most in zip(shares, asked, strict=True)]
    by_remainder = sorted(range(len(given)), key=lambda k: (given[k] - shares[k], k))
    left = supply - sum(given)
    while left > 0:
        for k in by_remainder:
            if left and given[k] < asked[k]:
                given[k] += 1
                left -= 1
    return given
