"""Baselines: accepted results of a scenario, in a small file that is kept under version control."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field, ValidationError, model_validator

from simulator.experiment.results.results import Results
from simulator.experiment.storage.files import json_object, make_folder, read_small, write_file
from simulator.experiment.storage.manifest import first_fault
from simulator.experiment.storage.replication import LARGEST
from simulator.foundation.errors import UserError
from simulator.kpis.kpi import Undefined, Value
from simulator.scenario.identity import slug

MOST = 10
"""Number of replications that are kept."""
FORMAT = 1
DIGITS = 8
FACTS = "facts"
"""Key of the digests, next to the KPIs."""
_NO_VALUE = Undefined("no value in the baseline")


@dataclass(frozen=True)
class Baseline:
    """KPI values of the first replications by policy, and digests of all events."""

    scenario: str
    seed: int
    replications: int
    values: Mapping[str, Mapping[str, Sequence[float | None]]]
    """By policy and KPI: one value per replication, None if there is none."""
    digests: Mapping[str, Sequence[str | None]]

    @property
    def policies(self) -> tuple[str, ...]:
        """Names, in the order of the file."""
        return tuple(self.values)

    @property
    def kpis(self) -> tuple[str, ...]:
        """KPIs that every policy has."""
        rows = list(self.values.values())
        return tuple(kpi for kpi in rows[0] if all(kpi in row for row in rows)) if rows else ()

    def column(self, policy: str, kpi: str, first: int = 0, last: int | None = None) -> list[Value]:
        """The KPI in replications first … last - 1."""
        return [_NO_VALUE if v is None else v for v in self.values[policy][kpi][first:last]]

    def facts(self, policy: str) -> Sequence[str | None]:
        """The digest of every replication."""
        return self.digests[policy]

    @classmethod
    def of(cls, results: Results, kpis: Iterable[str]) -> Baseline:
        """The baseline of some results: their first replications and these KPIs."""
        n, keys = min(results.replications, MOST), [k for k in results.kpis if k in set(kpis)]
        values = {
            policy: {kpi: [_rounded(v) for v in results.column(policy, kpi, 0, n)] for kpi in keys}
            for policy in results.policies
        }
        facts = {policy: results.facts(policy)[:n] for policy in results.policies}
        return cls(results.scenario_name, results.seed, n, values, facts)

    @classmethod
    def read(cls, path: Path) -> Baseline | None:
        """The baseline in a file; None if there is no file.

        Raises:
            UserError: the file is not a baseline.
        """
        if not os.path.lexists(path):
            return None
        plain = json_object(read_small(path), str(path))
        if (found := plain.get("format")) != FORMAT:
            raise UserError(f"{path}: written in format {str(found)[:20]}; this version reads format {FORMAT}")
        try:
            content = _Content.model_validate(plain)
        except ValidationError as error:
            raise UserError(
                f"{path}: is not a baseline: {first_fault(error)}; recreate it with `backorder check --update`"
            ) from None
        rows: Mapping[str, Mapping[str, Any]] = content.policies
        values = {policy: {k: row for k, row in found.items() if k != FACTS} for policy, found in rows.items()}
        facts = {policy: found[FACTS] for policy, found in rows.items()}
        return cls(content.scenario, content.seed, content.replications, values, facts)

    def write(self, path: Path) -> None:
        """Write JSON with one line per KPI, so that a diff shows what moved."""
        make_folder(path.parent)
        write_file(path, self.text().encode(), "--baselines")

    def text(self) -> str:
        """The content of the file."""
        head = {"format": FORMAT, "scenario": self.scenario, "seed": self.seed, "replications": self.replications}
        lines = ["{", *(f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()), ' "policies": {']
        for number, policy in enumerate(self.policies):
            rows: dict[str, Any] = {FACTS: list(self.digests[policy]), **self.values[policy]}
            inner = ",\n".join(f"   {json.dumps(key)}: {json.dumps(list(row))}" for key, row in rows.items())
            comma = "," * (number < len(self.policies) - 1)
            lines += [f"  {json.dumps(policy, ensure_ascii=False)}: {{", inner, f"  }}{comma}"]
        return "\n".join([*lines, " }", "}", ""])


class _Content(BaseModel, extra="forbid"):
    """What a file holds: for each policy the digests (`facts`), and a row for each KPI."""

    format: int
    scenario: str
    seed: Annotated[int, Field(ge=0)]
    replications: Annotated[int, Field(ge=1)]
    policies: dict[str, dict[str, list[Annotated[float, Field(ge=-LARGEST, le=LARGEST, strict=True)] | str | None]]]

    @model_validator(mode="after")
    def _has_whole_rows(self) -> Self:
        for policy, rows in self.policies.items():
            if FACTS not in rows:
                raise ValueError(f"{policy!r} has no {FACTS!r}")
            for key, row in rows.items():
                if len(row) != self.replications:
                    raise ValueError(f"expected {self.replications} values per row")
                if any(isinstance(value, str) is not (key == FACTS) for value in row if value is not None):
                    raise ValueError(f"{key!r} holds values of another type")
        return self


def baseline_file(folder: Path, scenario: str) -> Path:
    """The path of a scenario's baseline."""
    return folder / f"{slug(scenario)}.json"


def _rounded(value: Value) -> float | None:
    return None if isinstance(value, Undefined) else float(f"{value:.{DIGITS}g}")
