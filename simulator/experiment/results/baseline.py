"""Baselines: accepted results of a scenario, in a small file that is kept under version control."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.experiment.results.results import Results
from simulator.experiment.storage.files import make_folder, write_whole
from simulator.foundation.errors import UserError
from simulator.kpis.kpi import Undefined, Value
from simulator.scenario.identity import slug

MOST = 10
"""Number of replications that are kept."""
FORMAT = 1
DIGITS = 8
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
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            if (found := plain["format"]) != FORMAT:
                raise UserError(f"{path}: written in format {found}; this version reads format {FORMAT}")
            values = {p: {k: row for k, row in found.items() if k != "facts"} for p, found in plain["policies"].items()}
            facts = {p: found["facts"] for p, found in plain["policies"].items()}
            n = plain["replications"]
            if any(len(row) != n for found in plain["policies"].values() for row in found.values()):
                raise UserError(f"{path}: expected {n} values per row; recreate it with `backorder check --update`")
            return cls(plain["scenario"], plain["seed"], n, values, facts)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UserError(f"{path}: cannot read: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UserError(f"{path}: is not a baseline; recreate it with `backorder check --update`") from None

    def write(self, path: Path) -> None:
        """Write JSON with one line per KPI, so that a diff shows what moved."""
        make_folder(path.parent)
        write_whole({path: self.text().encode()})

    def text(self) -> str:
        """The content of the file."""
        head = {"format": FORMAT, "scenario": self.scenario, "seed": self.seed, "replications": self.replications}
        lines = ["{", *(f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()), ' "policies": {']
        for number, policy in enumerate(self.policies):
            rows: dict[str, Any] = {"facts": list(self.digests[policy]), **self.values[policy]}
            inner = ",\n".join(f"   {json.dumps(key)}: {json.dumps(list(row))}" for key, row in rows.items())
            comma = "," * (number < len(self.policies) - 1)
            lines += [f"  {json.dumps(policy, ensure_ascii=False)}: {{", inner, f"  }}{comma}"]
        return "\n".join([*lines, " }", "}", ""])


def baseline_file(folder: Path, scenario: str) -> Path:
    """The path of a scenario's baseline."""
    return folder / f"{slug(scenario)}.json"


def _rounded(value: Value) -> float | None:
    return None if isinstance(value, Undefined) else float(f"{value:.{DIGITS}g}")
