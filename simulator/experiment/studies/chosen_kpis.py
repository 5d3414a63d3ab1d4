"""Replications of points of which only some KPIs are asked: nothing else is worked out, audited or kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from simulator.experiment.arguments import StudySettings
from simulator.experiment.running.replicate import sound
from simulator.experiment.statistics.waitless import FILLED, REFUSED
from simulator.experiment.storage.replication import MOST_REPLICATIONS, Replication
from simulator.experiment.studies.study import PointTask
from simulator.kernel.player import Player
from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.kpi import Value
from simulator.record.run import Run


class ChosenKpis:
    """Plays point tasks for these KPIs, and for those that say whether anything waits; see `Player`."""

    def __init__(self, settings: StudySettings, kpis: Sequence[str]) -> None:
        self.settings, self.kpis = settings, tuple(dict.fromkeys((*kpis, FILLED, REFUSED)))
        self._players: dict[str, Player] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_players": {}}  # other processes make their own

    def __call__(self, task: PointTask) -> Replication:
        """Simulates one replication of one point."""
        changes = json.loads(task.changes)
        return Replication(task.number, {p: self._values(p, task.number, changes) for p in self.settings.policies})

    def _values(self, policy: str, number: int, changes: Mapping[str, Any]) -> dict[str, Value]:
        settings = self.settings
        if policy not in self._players:
            self._players[policy] = Player(settings.scenario, policy, MOST_REPLICATIONS, settings.seed, settings.lane)
        found = next(self._players[policy].measured(self._measure, changes, number))
        where = f"policy {policy!r}, seed {settings.seed}, replication {number}"
        return {kpi: sound(found[kpi], kpi, where) for kpi in self.kpis if kpi in found}

    def _measure(self, run: Run, evidence: Evidence) -> dict[str, Value]:
        return evaluate(run, dict.fromkeys(kpi.split("[")[0] for kpi in self.kpis), evidence)
