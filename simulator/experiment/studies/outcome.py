"""What sweeps and factorial experiments have in common: simulated points, and how they are given as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from simulator.experiment.studies.design import Point
from simulator.experiment.studies.study import Study
from simulator.foundation.errors import some


@dataclass(frozen=True, repr=False)
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

    def __repr__(self) -> str:
        manifest, n = self.study.manifest, len(self.points)
        plays = f"{self.replications} replication{'s' * (self.replications != 1)}"
        played = f"{n} point{'s' * (n != 1)}; {some(manifest.policies)}; {plays}"
        where = "not saved" if self.study.folder is None else str(self.study.folder)
        return f"<{type(self).__name__} of {manifest.scenario!r}: {played}, seed {manifest.seed}, {where}>"

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
