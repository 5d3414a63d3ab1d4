"""The outcome of one replication: the KPI values of every policy, and digests of all events."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.kpis.kpi import Undefined, Value
from simulator.record.digest import DIGITS

MOST_REPLICATIONS = 1_000_000
"""Number of replications of an experiment."""
LARGEST = 1e100
"""KPI value in absolute terms; squares of it are still finite."""


@dataclass(frozen=True, eq=False)
class Layout:
    """The policies of a replication, each with its KPIs in order; equal layouts are the same object."""

    kpis: tuple[tuple[str, tuple[str, ...]], ...]

    @staticmethod
    @cache
    def of(kpis: tuple[tuple[str, tuple[str, ...]], ...]) -> Layout:
        """The layout with these policies and KPIs."""
        return Layout(kpis)

    def __reduce__(self) -> tuple[Any, ...]:
        return Layout.of, (self.kpis,)  # called once for a batch of replications, however many have this layout

    @cached_property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """(policy, KPI) of each value."""
        return tuple((policy, kpi) for policy, kpis in self.kpis for kpi in kpis)


@dataclass(frozen=True)
class Replication:
    """The KPI values of every policy in replication `number` (0, 1, …).

    It travels between processes as one vector of numbers and the text of its line in the journal: the process that
    collects the replications of many others has little to do for each.
    """

    number: int
    values: Mapping[str, Mapping[str, Value]]
    """By policy, then by KPI."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """By policy: a digest of all events (`record.digest`); equal digests mean identical behaviour."""
    settled: Mapping[str, float] = field(default_factory=dict)
    """By policy: end of the initial transient, days (`statistics.warm_up`)."""

    @cached_property
    def layout(self) -> Layout:
        """Which values there are."""
        return Layout.of(tuple((policy, tuple(kpis)) for policy, kpis in self.values.items()))

    @cached_property
    def vector(self) -> NDArray[np.float64]:
        """All values in the order of the layout; nan where one is missing."""
        flat = (value for kpis in self.values.values() for value in kpis.values())
        return np.array([math.nan if isinstance(value, Undefined) else value for value in flat], dtype=np.float64)

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """Why values are missing, each reason once."""
        flat = (value for kpis in self.values.values() for value in kpis.values())
        return tuple(dict.fromkeys(value.reason for value in flat if isinstance(value, Undefined)))

    @cached_property
    def codes(self) -> NDArray[np.int16]:
        """For each place in the vector: 0 where there is a value, otherwise the number of the reason, from 1 on."""
        number = {reason: k for k, reason in enumerate(self.reasons, 1)}
        flat = (value for kpis in self.values.values() for value in kpis.values())
        return np.array([number[v.reason] if isinstance(v, Undefined) else 0 for v in flat], dtype=np.int16)

    @cached_property
    def text(self) -> str:
        """`to_plain` as JSON."""
        return json.dumps(self.to_plain(), allow_nan=False)

    def __reduce__(self) -> tuple[Any, ...]:
        content = self.text, self.layout, self.vector.tobytes(), self.codes.tobytes(), self.reasons
        return _unpacked, (self.number, dict(self.facts), dict(self.settled), *content)

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


class _SentValues(Mapping[str, Mapping[str, Value]]):
    """The values of a replication from another process; made into mappings only if somebody looks at them."""

    def __init__(self, layout: Layout, vector: NDArray[np.float64], codes: NDArray[np.int16], reasons: Sequence[str]):
        self._sent = layout, vector, codes, reasons

    @cached_property
    def _values(self) -> dict[str, dict[str, Value]]:
        layout, vector, codes, reasons = self._sent
        said = [Undefined(reason) for reason in reasons]
        flat = (said[code - 1] if code else v for v, code in zip(vector.tolist(), codes.tolist(), strict=True))
        return {policy: dict(zip(kpis, islice(flat, len(kpis)), strict=True)) for policy, kpis in layout.kpis}

    def __getitem__(self, policy: str) -> Mapping[str, Value]:
        return self._values[policy]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self._values == dict(other)


def _unpacked(
    number: int,
    facts: Mapping[str, str],
    settled: Mapping[str, float],
    text: str,
    *sent: Any,
) -> Replication:
    """A replication from another process."""
    layout, vector, codes, reasons = sent[0], np.frombuffer(sent[1]), np.frombuffer(sent[2], dtype=np.int16), sent[3]
    found = Replication(number, _SentValues(layout, vector, codes, reasons), facts, settled)
    found.__dict__.update(text=text, layout=layout, vector=vector, codes=codes, reasons=reasons)
    return found


def finite(value: Any) -> float:
    """A number from a file.

    Raises:
        ValueError: it is not a number, or too large for any KPI.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise ValueError(f"{str(value)[:40]} is not a finite number")
    return float(value)
