"""Selection of the best policy: only policies that may still be the best are simulated further."""

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
from simulator.foundation.units import number_or_text
from simulator.kpis.kpi import KPIS, Undefined
from simulator.scenario.schema.expect import DurationBound, ShareBound, bound, known_kpi

WITHIN = "1 %"


class Turn(NamedTuple):
    """One replication, and the policies that are simulated in it."""

    number: int
    policies: tuple[str, ...]

    def __str__(self) -> str:
        return str(self.number)


class PolicySelection:
    """Selection of the best policy by one KPI (`KimNelson`), in rounds.

    The policies of a round are fixed when it begins, so the choice depends neither on the order in which replications
    finish nor on the number of workers.

    Args:
        kpi: the KPI that decides.
        policies: the candidates.
        within: a difference that does not matter, in the KPI's unit or as a share. A share is relative to the first
            policy's mean; for a KPI that is itself a share, it is in percentage points.
        confidence: probability of a correct selection.
        most: number of replications after which the selection ends undecided.

    Raises:
        UserError: there is no such KPI, neither high nor low values of it are better, or `within` is not valid.
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
        """Number of replications that are certainly needed, as far as is known now."""
        self._rounds: list[tuple[str, ...]] = []
        self._waiting: dict[int, Replication] = {}
        self._looked = 0
        self._plan()

    def turn(self, number: int) -> Turn:
        """The policies of a replication below `goal`."""
        return Turn(number, self._rounds[number])

    def add(self, replication: Replication) -> None:
        """Take in a replication; it is evaluated when all earlier ones are in.

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
        self._rounds += [self.contest.survivors] * more
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
        """The question and the outcome, for the manifest."""
        contest = self.contest
        played = {policy: sum(policy in candidates for candidates in self._rounds) for policy in contest.names}
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
        """Fingerprint of the experiment with this selection, which decides the replications of each policy."""
        parts = [experiment, self.kpi, self.within, self.contest.confidence, self.most]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _indifference(kpi: str, unit: str, within: float | str) -> tuple[float, bool]:
    """The amount, and whether it is a share of the first policy's mean."""
    try:
        amount = bound(number_or_text(within))
    except PydanticCustomError as error:
        raise UserError(f"within: {error}") from None
    if not 0 < amount < math.inf:
        raise UserError(f"within: must be above 0, got {within!r}")
    if isinstance(amount, DurationBound) and unit != "d":
        raise UserError(f"within: {within!r} is a duration, and {kpi!r} is measured in {unit}")
    return float(amount), isinstance(amount, ShareBound) and unit != "share"
