"""A run as its report sees it: results and series, policies in their order, numbers as they are written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from simulator.experiment.results.results import Results
from simulator.experiment.statistics.measured import Labels
from simulator.experiment.storage.series_files import Curves
from simulator.report.text.numbers import unit

Ends = tuple[float, float]
"""Where an interval begins and ends."""


def policy_title(scenario: Mapping[str, Any], policy: str) -> str:
    """The title of a policy in a scenario as plain data; '' if there is none."""
    policies = scenario.get("policies")
    found = policies.get(policy) if isinstance(policies, Mapping) else None
    title = found.get("title") if isinstance(found, Mapping) else None
    return title if isinstance(title, str) else ""


@dataclass(frozen=True)
class ReportView:
    """The results of a run with the series saved next to them; None where there are none."""

    results: Results
    curves: Curves | None

    @property
    def policies(self) -> tuple[str, ...]:
        return self.results.policies

    @property
    def labels(self) -> Labels:
        """What numbers are counted in."""
        return self.results.manifest.labels

    @property
    def currency(self) -> str:
        return self.results.manifest.currency

    @property
    def series(self) -> Curves:
        """The series, for sections that are shown only where there are some."""
        assert self.curves is not None
        return self.curves

    @property
    def level(self) -> str:
        """'95 %'."""
        return f"{self.results.confidence * 100:g} %"

    @property
    def legend(self) -> list[tuple[int, str]]:
        """Policies with their places, for the legend of a chart; empty where there is one policy."""
        return list(enumerate(self.policies)) if len(self.policies) > 1 else []

    @property
    def scenario(self) -> dict[str, Any]:
        """The scenario as plain data, as the user wrote it."""
        return self.results.written

    def title_of(self, policy: str) -> str:
        """The title that the scenario gives to a policy; '' if there is none."""
        return policy_title(self.scenario, policy)

    @cached_property
    def start(self) -> dt.date | None:
        """The date of day 0."""
        clock = self.scenario.get("clock")
        start = clock.get("start") if isinstance(clock, dict) else None
        try:
            return None if start is None else dt.date.fromisoformat(str(start)[:10])
        except ValueError:
            return None

    def day(self, day: float) -> str:
        """'12 Mar 2025', or 'day 65'."""
        if self.start is None:
            return f"day {day:,.0f}"
        return f"{self.start + dt.timedelta(days=day):%-d %b %Y}"

    # -------------------------------------------------------------- numbers
    def defined(self, key: str) -> bool:
        """Whether every policy has a value."""
        return key in self.results.kpis and all(self.results.estimate(p, key).mean is not None for p in self.policies)

    def nonzero(self, key: str, *policies: str) -> bool:
        """Whether any of the policies (of all unless named) has a value other than 0."""
        if key not in self.results.kpis:
            return False
        return any(self.results.estimate(p, key).mean for p in policies or self.policies)

    def value(self, policy: str, key: str) -> float:
        """The mean as written (per cent, not share); 0 without one."""
        return (self.results.estimate(policy, key).mean or 0.0) * unit(key, self.labels).factor

    def ends(self, policy: str, key: str) -> Ends | None:
        """The ends of the interval as written; None where there is none."""
        found, factor = self.results.estimate(policy, key), unit(key, self.labels).factor
        return None if found.ends is None else (found.ends[0] * factor, found.ends[1] * factor)

    def most(self, keys: Sequence[str]) -> float:
        """The highest end of the KPIs' intervals over all policies."""
        pairs = ((self.value(p, k), self.ends(p, k)) for p in self.policies for k in keys)
        return max(value if pair is None else pair[1] for value, pair in pairs)
