"""What the outcomes of studies have in common: simulated points as plain data, and a short text for a prompt."""

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
        n = len(self.points)
        return study_repr(self, self.study, f"{n} point{'s' * (n != 1)}", self.replications)

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


def study_repr(made: object, study: Study, found: str, replications: int) -> str:
    """The short text of an outcome: scenario, what was found, policies, replications, seed and folder."""
    manifest = study.manifest
    played = f"{some(manifest.policies)}; {replications} replication{'s' * (replications != 1)}"
    where = "not saved" if study.folder is None else str(study.folder)
    return f"<{type(made).__name__} of {manifest.scenario!r}: {found}; {played}, seed {manifest.seed}, {where}>"
