"""What one replication leaves behind: the KPI values of every policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.kpis.kpi import Undefined, Value


@dataclass(frozen=True)
class Replication:
    """The KPI values of every policy in replication `number` (0, 1, …)."""

    number: int
    values: Mapping[str, Mapping[str, Value]]
    """By policy, then by KPI."""

    def to_plain(self) -> dict[str, Any]:
        """Plain data; a KPI without a value is `{"undefined": reason}`."""
        values = {
            policy: {k: {"undefined": v.reason} if isinstance(v, Undefined) else v for k, v in kpis.items()}
            for policy, kpis in self.values.items()
        }
        return {"replication": self.number, "values": values}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Replication:
        """The inverse of `to_plain`."""
        values = {
            policy: {k: Undefined(v["undefined"]) if isinstance(v, dict) else float(v) for k, v in kpis.items()}
            for policy, kpis in plain["values"].items()
        }
        return cls(plain["replication"], values)
