"""What sweeps and factorial experiments have in common: simulated points, and how they are given as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from simulator.experiment.studies.design import Point
from simulator.experiment.studies.study import Study


@dataclass(frozen=True)
class StudyOutcome:
    """Points that were simulated, with the replications of each."""

    study: Study
    points: tuple[Point, ...]
    """All points; those that are not valid scenarios have a `problem`."""
    replications: int

    @cached_property
    def options(self) -> tuple[tuple[Point, str], ...]:
        """Every (point, policy) that was simulated."""
        return tuple((p, policy) for p in self.points if not p.problem for policy in self.study.policies)

    def outcome_json(self, design: str, factors: Mapping[str, Any], **found: Any) -> dict[str, Any]:
        """Plain data: the question, all points, and what else was found."""
        manifest = self.study.manifest
        return {
            "scenario": manifest.scenario,
            "fingerprint": manifest.fingerprint,
            "design": design,
            "replications": self.replications,
            "seed": manifest.seed,
            "factors": factors,
            "points": [self.study.point_json(point) for point in self.points],
            **found,
            "results": self.study.folder_json,
        }
