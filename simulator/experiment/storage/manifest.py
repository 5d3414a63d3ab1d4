"""The manifest of a results folder: scenario, seed, policies, versions and hashes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from simulator.experiment.storage.files import unsealed
from simulator.experiment.storage.fingerprint import FORMAT, unportable, versions
from simulator.foundation.errors import UserError
from simulator.scenario.schema.schema import Scenario

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """The description of an experiment without its values; the same for every run of the same command."""

    scenario: str
    """The scenario's name."""
    verb: str
    fingerprint: str
    seed: int
    policies: tuple[str, ...]
    """In the order of the reports; differences are to the first."""
    confidence: float
    replications: int | None = None
    """Number of replications in the tables; None while the experiment is unfinished."""
    precision: Mapping[str, Any] | None = None
    """The search for the number of replications, if there was one (`PrecisionSearch.to_plain`)."""
    selection: Mapping[str, Any] | None = None
    """The choice of the best policy, if there was one (`PolicySelection.to_plain`)."""
    study: Mapping[str, Any] | None = None
    """The design of a sweep, factorial experiment, search or stress test; None for a run."""
    title: str = ""
    currency: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of every data file that was read."""
    warnings: tuple[str, ...] = ()
    """Warnings about the scenario."""
    advice: tuple[str, ...] = ()
    """Advice on warm-up and horizon, from the replications."""
    not_portable: tuple[str, ...] = ()
    """Distributions whose draws may differ in the last bit on another kind of CPU."""
    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the other files in the folder."""

    def describing(self, scenario: Scenario, packages: Mapping[str, str] | None = None) -> Manifest:
        """The manifest with title, currency, versions and warnings; `packages`: versions of extra dependencies."""
        return replace(
            self,
            title=scenario.title,
            currency=scenario.currency,
            versions={**versions(), **(packages or {})},
            data=dict(sorted(scenario.data_digests.items())),
            warnings=tuple(f"{w.key}: {w.message}" for w in scenario.warnings),
            not_portable=tuple(unportable(scenario)),
        )

    def to_plain(self) -> dict[str, Any]:
        """Plain data, with the number of the format."""
        return {"format": FORMAT, **asdict(self)}

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
        try:
            plain = unsealed(path, path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UserError(f"{path}: cannot read: {error.strerror}") from None
        if (found := plain.pop("format", None)) != FORMAT:
            raise UserError(f"{path}: written in format {found}; this version reads format {FORMAT}")
        content: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in plain.items()}
        return cls(**content)
