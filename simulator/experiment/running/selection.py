"""Choosing the best policy: replications go to those that may still be it, until one is left or the budget is spent."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from pydantic_core import PydanticCustomError

from simulator.experiment.statistics.ranking import KimNelson
from simulator.experiment.statistics.verdicts import direction
from simulator.experiment.storage.replication import Replication
from simulator.foundation.errors import UserError, nearest
from simulator.kpis.kpi import KPIS, Undefined
from simulator.scenario.schema.expect import DurationBound, ShareBound, bound, known_kpi

WITHIN = "1 %"


class Turn(NamedTuple):
    """One replication, and the policies that play it."""

    number: int
    policies: tuple[str, ...]

    def __str__(self) -> str:
        return str(self.number)


class PolicySelection:
    """A contest of policies by one KPI (`KimNelson`), in rounds.

    Who plays a round is known when it begins, so the choice does not hinge on which replication is finished first, nor
    on the number of workers.

    Args:
        kpi: what decides.
        policies: the contestants.
        within: a difference that does not matter, in the KPI's unit or as a share: of the first policy's mean, and of a
            KPI that is a share itself in points.
        confidence: of the guarantee.
        most: replications, after which the contest ends undecided.

    Raises:
        UserError: there is no such KPI, neither high nor low values of it are better, or `within` makes no sense.
    """

    def __init__(
        self,
        kpi: str,
        policies: Sequence[str],
        within: float | str = WITHIN,
        confidence: float = 0.95,
        most: int = 1000,
    ) -> None:
        found = known_kpi(kpi)
        if found is None:
            hint = "name a row of it" if kpi in KPIS else "`backorder list kpi` shows all"
            raise UserError(f"no KPI {kpi!r} to select by{nearest(kpi, set(KPIS) - {kpi})}; {hint}")
        if direction(kpi) == "neither":
            raise UserError(f"neither high nor low values of {kpi!r} are better; select by another KPI")
        self.kpi, self.within, self.most = kpi, str(within), most
        amount, relative = _indifference(kpi, found.unit, within)
        better = "higher" if found.better == "higher" else "lower"
        self.contest = KimNelson(policies, better, amount, confidence, relative=relative)  # type: ignore[arg-type]
        self.goal = 0
        """Replications that are needed for sure, by what is known so far."""
        self._players: list[tuple[str, ...]] = []
        self._waiting: dict[int, Replication] = {}
        self._looked = 0
        self._plan()

    def turn(self, number: int) -> Turn:
        """Who plays a replication below `goal`."""
        return Turn(number, self._players[number])

    def add(self, replication: Replication) -> None:
        """One more is there; its turn comes when all before it are.

        Raises:
            UserError: the KPI has no value there.
        """
        self._waiting[replication.number] = replication
        while self._looked in self._waiting:
            self._look_at(self._waiting.pop(self._looked))
            self._looked += 1
            if self._looked == self.goal:
                self._plan()

    def _plan(self) -> None:
        more = min(self.contest.next_round, self.most - self.goal)
        self._players += [self.contest.survivors] * more
        self.goal += more

    def _look_at(self, replication: Replication) -> None:
        values: dict[str, float] = {}
        for policy in self.contest.survivors:
            value = replication.values[policy].get(self.kpi, Undefined("not reported"))
            if isinstance(value, Undefined):
                raise UserError(
                    f"cannot select by {self.kpi}: {policy!r} has no value of it in replication {replication.number} "
                    f"({value.reason})"
                )
            values[policy] = value
        self.contest.add(values)

    def to_plain(self) -> dict[str, Any]:
        """What was looked for and found, for the manifest."""
        contest = self.contest
        played = {policy: sum(policy in players for players in self._players) for policy in contest.names}
        return {
            "kpi": self.kpi,
            "within": self.within,
            "indifference": contest.indifference,
            "confidence": contest.confidence,
            "most": self.most,
            "decided": contest.decided,
            "best": contest.best,
            "means": {policy: contest.mean(policy) for policy in contest.names},
            "dropped": contest.dropped,
            "played": played,
        }

    def fingerprint(self, experiment: str) -> str:
        """Of the experiment with this choice: who plays which replication follows from it."""
        parts = [experiment, self.kpi, self.within, self.contest.confidence, self.most]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _indifference(kpi: str, unit: str, within: float | str) -> tuple[float, bool]:
    """The amount, and whether it is a share of the first policy's mean."""
    try:
        amount = bound(_number_or_text(within))
    except PydanticCustomError as error:
        raise UserError(f"within: {error}") from None
    if not 0 < amount < math.inf:
        raise UserError(f"within: {within!r} is no difference; more than 0 is due")
    if isinstance(amount, DurationBound) and unit != "d":
        raise UserError(f"within: {within!r} is a duration, and {kpi!r} is measured in {unit}")
    return float(amount), isinstance(amount, ShareBound) and unit != "share"


def _number_or_text(within: float | str) -> float | str:
    try:
        return float(within)
    except ValueError:
        return within
