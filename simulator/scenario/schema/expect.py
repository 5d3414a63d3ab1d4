"""Expected results: bounds on a KPI of a policy, and which policy is better than another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

import simulator.kpis.evaluate  # noqa: F401 - registers the KPIs
from simulator.foundation.errors import nearest
from simulator.foundation.plugin import Spec
from simulator.foundation.units import DURATION, SHARE, duration, fraction, number, wrong
from simulator.kpis.kpi import KPIS, Kpi
from simulator.scenario.schema.common import Name


class ShareBound(float):
    """A bound written as a share."""


class DurationBound(float):
    """A bound written as a duration."""


def bound(value: object) -> float:
    """A number in the KPI's unit; text is a share (`95 %`) or a duration (`3 d`)."""
    if isinstance(value, ShareBound | DurationBound):
        return value
    if not isinstance(value, str):
        return number(value)
    if re.match(SHARE, value[:100]):
        return ShareBound(fraction(value))
    if re.match(DURATION, value[:100]):
        return DurationBound(duration(value))
    raise wrong(f"{value[:40]!r} is not an amount: write a number in the KPI's unit, 95 % or 3 d")


Bound = Annotated[
    Any,
    BeforeValidator(
        bound,
        json_schema_input_type=float | Annotated[str, Field(pattern=f"{SHARE}|{DURATION}")],
    ),
]


class Expectation(Spec):
    """A statement that `backorder check` tests: a bound, or one policy better than another."""

    policy: Name | None = None
    """The policy whose KPI is bounded."""
    kpi: Name
    """The KPI's identifier; for a KPI with several rows, the row too: `age_buckets[0-3 d]`."""
    at_least: Bound | None = None
    """Lower bound of its mean: in the KPI's unit, a share or a duration."""
    at_most: Bound | None = None
    """Upper bound of its mean."""
    better: Name | None = None
    """The policy that is better …"""
    than: Name | None = None
    """… than this one, replication by replication."""
    by: Bound | None = None
    """Smallest difference; any difference unless given."""

    def model_post_init(self, context: object) -> None:
        bounds = self.at_least is not None or self.at_most is not None
        if self.policy is not None and self.better is None and self.than is None and bounds and self.by is None:
            if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
                raise wrong(f"at_least ({self.at_least:g}) is more than at_most ({self.at_most:g})")
            return
        if self.policy is None and self.better is not None and self.than is not None and not bounds:
            if self.better == self.than:
                raise wrong(f"{self.better!r} cannot be better than itself")
            if self.by is not None and self.by < 0:
                raise wrong("`by` must be at least 0")
            return
        raise wrong(
            "expected one statement: {policy: …, kpi: …, at_least: …} (or at_most), or {better: …, than: …, kpi: …}"
        )

    @property
    def bounds(self) -> dict[str, float]:
        """The given amounts by key."""
        given = {"at_least": self.at_least, "at_most": self.at_most, "by": self.by}
        return {key: value for key, value in given.items() if value is not None}

    def __str__(self) -> str:
        """As a sentence: 'fill_rate of lean at least 95 %'."""
        if self.better is not None:
            margin = f" by {written(self.by, self.kpi)}" if self.by is not None else ""
            return f"{self.better} better than {self.than} on {self.kpi}{margin}"
        limits = " and ".join(
            f"{key.replace('_', ' ')} {written(value, self.kpi)}" for key, value in self.bounds.items()
        )
        return f"{self.kpi} of {self.policy} {limits}"


def known_kpi(key: str) -> Kpi | None:
    """The KPI that is reported under this key, None if there is none."""
    found = KPIS.get(key.split("[")[0])
    return found if found and found.has_key(key) else None


def written(value: float | None, key: str) -> str:
    """A bound as a user would write it: '95 %', '3 d', '1200'."""
    found = known_kpi(key)
    if value is None:
        return ""
    if found and found.unit == "share":
        return f"{value * 100:g} %"
    return f"{value:g} d" if found and found.unit == "d" else f"{value:g}"


def faults(expectation: Expectation) -> Iterator[tuple[str, str]]:
    """(key, message) for every fault of an expectation that concerns its KPI."""
    key = expectation.kpi
    found = known_kpi(key)
    if found is None:
        named = KPIS.get(key)
        if named is not None and named.parts:
            part = next(iter(named.fixed), "NAME")
            yield "kpi", f"{key!r} has several rows; name one, for example '{key}[{part}]'"
        else:
            yield "kpi", f"no KPI {key!r}{nearest(key, KPIS)}; `backorder list kpi` shows all"
        return
    if expectation.better is not None and found.better == "neither":
        yield "kpi", f"{key!r} has no better direction; use at_least or at_most"
    for word, value in expectation.bounds.items():
        if isinstance(value, ShareBound) and found.unit != "share":
            yield word, f"{value * 100:g} % is a share, and {key!r} is measured in {found.unit}"
        elif isinstance(value, DurationBound) and found.unit != "d":
            measured = "a share" if found.unit == "share" else f"measured in {found.unit}"
            yield word, f"{value:g} d is a duration, and {key!r} is {measured}"
        elif found.unit == "share" and not 0 <= value <= 1:
            yield word, f"{value:g} is not between 0 and 1; write {value:g} % if you mean percent"
