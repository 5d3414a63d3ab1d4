"""Where results come from: scenario, seed, policies, versions, hashes. The first file to read in a results folder."""

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
    """All that is known of an experiment but its numbers; the same for every run of the same command."""

    scenario: str
    """The scenario's name."""
    verb: str
    fingerprint: str
    seed: int
    policies: tuple[str, ...]
    """In the order of the reports; differences are to the first."""
    confidence: float
    replications: int | None = None
    """How many stand behind the tables; None while the experiment is under way."""
    precision: Mapping[str, Any] | None = None
    """The search for the number of replications, if there was one (`PrecisionSearch.to_plain`)."""
    selection: Mapping[str, Any] | None = None
    """The choice of the best policy, if there was one (`PolicySelection.to_plain`)."""
    study: Mapping[str, Any] | None = None
    """What a sweep, a factorial experiment or a search varies, and how; None for a run."""
    title: str = ""
    currency: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of every data file that was read."""
    warnings: tuple[str, ...] = ()
    """What was odd about the scenario."""
    advice: tuple[str, ...] = ()
    """What the replications say of the warm-up and the horizon."""
    not_portable: tuple[str, ...] = ()
    """Laws whose draws may differ in the last bit on another kind of CPU."""
    files: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the files beside this one."""

    def describing(self, scenario: Scenario, packages: Mapping[str, str] | None = None) -> Manifest:
        """The same with all that the scenario tells; `packages` are versions of further packages it depends on."""
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
        """Plain data, with the format's number."""
        return {"format": FORMAT, **asdict(self)}

    def finished(self, replications: int) -> Manifest:
        """The same, of an experiment that has all its replications."""
        return replace(self, replications=replications)

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        """The manifest of a folder; None where there is none.

        Raises:
            UserError: it was edited, or written by a version with another format.
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
