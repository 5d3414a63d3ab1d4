"""What one replication leaves behind: the KPI values of every policy, and a fingerprint of what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.kpis.kpi import Undefined, Value


@dataclass(frozen=True)
class Replication:
    """The KPI values of every policy in replication `number` (0, 1, …)."""

    number: int
    values: Mapping[str, Mapping[str, Value]]
    """By policy, then by KPI."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """By policy: a digest of all that happened (`record.digest`); equal digests mean identical behaviour."""
    settled: Mapping[str, float] = field(default_factory=dict)
    """By policy: days after which the run had settled (`experiment.settling`)."""

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
            policy: {k: Undefined(v["undefined"]) if isinstance(v, dict) else float(v) for k, v in kpis.items()}
            for policy, kpis in plain["values"].items()
        }
        return cls(plain["replication"], values, plain["facts"], plain["settled"])
