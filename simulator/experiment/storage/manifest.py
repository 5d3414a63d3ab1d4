"""The manifest of a results folder: scenario, seed, policies, versions and hashes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, with_config

from simulator.experiment.statistics.measured import Labels, labels_of
from simulator.experiment.storage.files import read_small, unsealed
from simulator.experiment.storage.fingerprint import FORMAT, unportable, versions
from simulator.experiment.storage.replication import MOST_REPLICATIONS
from simulator.foundation.errors import LONGEST_WORD, UserError
from simulator.foundation.validators import adapter_of
from simulator.scenario.schema.schema import Scenario

MANIFEST = "manifest.json"
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)*$")]
"""Name of a file in the folder itself."""


def _precision(found: Mapping[str, Any]) -> Mapping[str, Any]:
    if not (isinstance(found.get("target"), float) and isinstance(found.get("reached"), bool)):
        raise ValueError("has no target or no outcome")
    return found


@with_config(extra="forbid")
@dataclass(frozen=True)
class Manifest:
    """The description of an experiment without its values; the same for every run of the same command."""

    scenario: str
    """The scenario's name."""
    verb: str
    fingerprint: str
    seed: Annotated[int, Field(ge=0)]
    policies: Annotated[tuple[str, ...], Field(min_length=1)]
    """In the order of the reports; differences are to the first."""
    confidence: Annotated[float, Field(gt=0.5, lt=1)]
    replications: Annotated[int, Field(ge=1, le=MOST_REPLICATIONS)] | None = None
    """Number of replications in the tables; None while the experiment is unfinished."""
    precision: Annotated[Mapping[str, Any], AfterValidator(_precision)] | None = None
    """The search for the number of replications, if there was one (`PrecisionSearch.to_plain`)."""
    selection: Mapping[str, Any] | None = None
    """The choice of the best policy, if there was one (`PolicySelection.to_plain`)."""
    inputs: Mapping[str, Any] | None = None
    """How much of the intervals comes from the data, if that was asked for (`InputUncertainty.to_plain`)."""
    study: Mapping[str, Any] | None = None
    """The design of a sweep, factorial experiment, search or stress test; None for a run."""
    lanes: Mapping[str, str] = field(default_factory=dict)
    """Who plays each policy of the scenario, `compiled` or `simpy`; no number depends on it."""
    point_lanes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The same by the key of a study's point (`points.csv`), where it is not as `lanes` says."""
    light: bool = False
    """Whether no records of single orders were kept."""
    title: str = ""
    currency: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    """What quantities are counted in (`Labels.units`); left out where all items are pieces."""
    versions: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of every data file that was read."""
    warnings: tuple[str, ...] = ()
    """Warnings about the scenario."""
    advice: tuple[str, ...] = ()
    """Advice on warm-up and horizon, from the replications."""
    not_portable: tuple[str, ...] = ()
    """Distributions whose draws may differ in the last bit on another kind of CPU."""
    files: Mapping[FileName, str] = field(default_factory=dict)
    """SHA-256 of the other files in the folder."""

    def describing(self, scenario: Scenario, packages: Mapping[str, str] | None = None) -> Manifest:
        """The manifest with title, currency, versions and warnings; `packages`: versions of extra dependencies."""
        return replace(
            self,
            title=scenario.title,
            currency=scenario.currency,
            units=labels_of(scenario).units,
            versions={**versions(), **(packages or {})},
            data=dict(sorted(scenario.data_digests.items())),
            warnings=tuple(f"{w.key}: {w.message}" for w in scenario.warnings),
            not_portable=tuple(unportable(scenario)),
        )

    def to_plain(self) -> dict[str, Any]:
        """Plain data, with the number of the format."""
        found = {"format": FORMAT, **asdict(self)}
        return found if self.units else {key: value for key, value in found.items() if key != "units"}

    @property
    def labels(self) -> Labels:
        """What the numbers are counted in."""
        return Labels(self.currency, self.units)

    def finished(self, replications: int) -> Manifest:
        """The manifest of the finished experiment."""
        return replace(self, replications=replications)

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """The manifest of a folder; None if there is none.

        Raises:
            UserError: it was edited, or has the format of another version.
        """
        path = folder / MANIFEST
        if not os.path.lexists(path):
            return None
        plain = unsealed(path, read_small(path))
        if (found := plain.pop("format", None)) != FORMAT:
            raise UserError(f"{path}: written in format {str(found)[:20]}; this version reads format {FORMAT}")
        try:
            content: Manifest = _content().validate_python(plain)
        except ValidationError as error:
            raise UserError(f"{path}: not a manifest of this version: {first_fault(error)}") from None
        if len(set(content.policies)) < len(content.policies):
            raise UserError(f"{path}: names a policy twice")
        return content


@cache
def _content() -> TypeAdapter[Any]:
    """Made when a manifest is read: most commands read none."""
    return adapter_of(Manifest)


def first_fault(error: ValidationError) -> str:
    """The first thing that is wrong in a saved file: its key, and why."""
    first = error.errors()[0]
    key, why = ".".join(map(str, first["loc"]))[:LONGEST_WORD], first["msg"]
    return f"{key!r}: {why[:1].lower()}{why[1:100]}"
