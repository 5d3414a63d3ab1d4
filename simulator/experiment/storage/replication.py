"""The outcome of one replication: the KPI values of every policy, and digests of all events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.kpis.kpi import Undefined, Value
from simulator.record.digest import DIGITS

MOST_REPLICATIONS = 1_000_000
"""Number of replications of an experiment."""
LARGEST = 1e100
"""KPI value in absolute terms; squares of it are still finite."""


@dataclass(frozen=True)
class Replication:
    """The KPI values of every policy in replication `number` (0, 1, …)."""

    number: int
    values: Mapping[str, Mapping[str, Value]]
    """By policy, then by KPI."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """By policy: a digest of all events (`record.digest`); equal digests mean identical behaviour."""
    settled: Mapping[str, float] = field(default_factory=dict)
    """By policy: end of the initial transient, days (`statistics.warm_up`)."""

    def to_plain(self) -> dict[str, Any]:
        """Plain data; a KPI without a value is `{"undefined": reason}`."""
        values = {
            policy: {k: {"undefined": v.reason} if isinstance(v, Undefined) else v for k, v in kpis.items()}
            for policy, kpis in self.values.items()
        }
        return {
            "replication": self.number,
            "facts": dict(self.facts),
            "settled": dict(self.settled),
            "values": values,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Replication:
        """The inverse of `to_plain`."""
        values = {
            policy: {k: Undefined(str(v["undefined"])) if isinstance(v, dict) else finite(v) for k, v in kpis.items()}
            for policy, kpis in plain["values"].items()
        }
        facts = dict(plain["facts"])
        if not all(0 <= int(found, 16) < 16**DIGITS for found in facts.values()):
            raise ValueError("facts")
        settled = {policy: finite(days) for policy, days in plain["settled"].items()}
        return cls(plain["replication"], values, facts, settled)


def finite(value: Any) -> float:
    """A number from a file.

    Raises:
        ValueError: it is none, or one that no KPI can have.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise ValueError(f"{str(value)[:40]} is not a finite number")
    return float(value)
