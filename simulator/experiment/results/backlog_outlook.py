"""The outlook of today's open orders as tables: order lines, purchases under way, and items that are owed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from simulator.foundation.errors import some
from simulator.scenario.schema.schema import Scenario

NARROW = "\u00a0"
"""Between a quantity and its unit."""
URGENCIES = ("no supply", "late", "at risk", "no date", "on time")
"""How urgent a line is, the most urgent first: no day on which it ships lies in the run; its promised day has passed or
will more likely be missed than kept; it is missed with a chance of 10 % or more; no day was promised; none of these."""


@dataclass(frozen=True)
class LineOutlook:
    """One open order line under one policy. Days count from the start; None: not within the run, or not defined."""

    policy: str
    order: str
    item: str
    units: float
    segment: str
    placed: float
    age: float
    promised: float | None
    purchase: str
    """The purchase that most often fills its last units: its number, or 'row N' of its file; 'new from SUPPLIER' if not
    made yet; or else 'sent by SITE', 'stock', 'nothing'."""
    covers: float
    """How often it is that one, of the replications in which the line is not cancelled."""
    p50: float | None
    """The day by which all that is not cancelled has been shipped with a probability of 50 %."""
    p90: float | None
    """The same with 90 %."""
    miss: float | None
    """Chance that something is missing on the promised day; None: no day was promised that lies in the run."""
    cancel: float
    """Chance that the customer cancels a unit before it is shipped."""
    drop: float
    """Chance that the seller does."""
    told: float
    """Chance that the customer reads a message with a new date."""
    urgency: str


@dataclass(frozen=True)
class PurchaseOutlook:
    """One purchase under way today, and the open lines that it fills."""

    policy: str
    purchase: str
    item: str
    units: float
    supplier: str
    due: float
    p50: float | None
    """The day by which it has been received with a probability of 50 %."""
    p90: float | None
    held: float
    """Units that it gives to open lines, mean over the replications."""
    orders: int
    """Open orders of which it most often fills the last units of a line."""
    value: float
    """The price of the units that it gives to open lines, currency."""
    oldest: str
    """The oldest of these orders; '' if there is none."""
    oldest_age: float | None


@dataclass(frozen=True)
class ItemOutlook:
    """One item that is owed: the columns of a planner's list."""

    policy: str
    item: str
    owed: float
    """Units that open lines wait for."""
    orders: int
    oldest: str
    oldest_age: float
    on_hand: float
    on_order: float
    """Units of purchases under way today."""
    next_day: float | None
    """The day on which the next of them is expected (50 %)."""
    clear_day: float | None
    """The day by which the last open line has been shipped with a probability of 90 %."""
    told: int
    """Orders whose customers were promised a day that has not passed."""
    passed: int
    """Orders whose promised day has passed."""
    urgency: str
    """That of the most urgent line."""


TABLES = {"lines": LineOutlook, "purchases": PurchaseOutlook, "items": ItemOutlook}
DAYS = ("placed", "promised", "p50", "p90", "due", "next_day", "clear_day")
"""Fields that are days from the start."""


class BacklogOutlook:
    """The outlook of all open lines under every policy."""

    def __init__(
        self,
        scenario: Scenario,
        policies: Sequence[str],
        replications: int,
        seed: int,
        tables: Sequence[tuple[list[LineOutlook], list[PurchaseOutlook], list[ItemOutlook]]],
    ) -> None:
        self.scenario, self.policies, self.replications, self.seed = scenario, tuple(policies), replications, seed
        self.lines = [row for lines, _, _ in tables for row in lines]
        self.purchases = [row for _, purchases, _ in tables for row in purchases]
        self.items = [row for _, _, items in tables for row in items]

    def __repr__(self) -> str:
        n, plays = len(self.lines) // max(len(self.policies), 1), self.replications
        played = f"{some(self.policies)}; {plays} replication{'s' * (plays != 1)}"
        return f"<{type(self).__name__} of {self.scenario.name!r}: {n} open order lines; {played}, seed {self.seed}>"

    def quantity(self, item: str, units: float) -> str:
        """'1,250', or '12.5 kg' where the item's unit has a name."""
        unit = self.scenario.items[item].unit
        return f"{units:,}{unit and NARROW}{unit}"

    def of(self, policy: str) -> tuple[list[LineOutlook], list[PurchaseOutlook], list[ItemOutlook]]:
        """Lines, purchases and items under one policy."""
        return (
            [row for row in self.lines if row.policy == policy],
            [row for row in self.purchases if row.policy == policy],
            [row for row in self.items if row.policy == policy],
        )

    def table(self, name: str) -> tuple[list[str], list[list[Any]]]:
        """Header and rows of `lines`, `purchases` or `items`, as they are exported; where the scenario has dates, every
        day is followed by its date."""
        kind, start = TABLES[name], self.scenario.clock.start
        keys = [(field.name, start is not None and field.name in DAYS) for field in fields(kind)]
        header = [title for key, dated in keys for title in ((key, f"{key}_date") if dated else (key,))]
        rows = []
        for row in getattr(self, name):
            cells: list[Any] = []
            for key, dated in keys:
                value = getattr(row, key)
                cells.append("" if value is None else value)
                if dated and start is not None:
                    cells.append("" if value is None else f"{start + dt.timedelta(days=value):%Y-%m-%d %H:%M}")
            rows.append(cells)
        return header, rows

    def to_plain(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        start = self.scenario.clock.start
        return {
            "scenario": self.scenario.name,
            "today": None if start is None else start.isoformat(),
            "replications": self.replications,
            "seed": self.seed,
            "policies": list(self.policies),
            **{name: [asdict(row) for row in getattr(self, name)] for name in ("lines", "purchases", "items")},
        }
