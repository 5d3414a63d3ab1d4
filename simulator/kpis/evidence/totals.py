"""The KPIs that sums by item suffice for, when a replication kept no records."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from simulator.kpis.evidence.evidence import Evidence, Sample
from simulator.model.nouns import Cause, Exit
from simulator.record.ledger import Floats
from simulator.record.run import Run
from simulator.record.totals import BINS_PER_DAY, Totals


class NeedsRecordsError(Exception):
    """A KPI asks for something that sums do not tell."""


class EvidenceOfTotals(Evidence):
    """Totals in the place of facts: one 'line' an item, which every sum over units is as good with."""

    def __init__(self, run: Run, totals: Totals) -> None:
        self.run, self.world = _Missing(), run.world  # type: ignore[assignment]
        self.start, self.end = run.world.warm_up, run.world.horizon
        self.days = self.end - self.start
        self.totals = totals
        self.order_count = totals.orders
        self.asked = totals.asked  # type: ignore[assignment]
        self.items = np.arange(len(run.world.items))
        self.at_once = totals.at_once
        self.refused = totals.refused
        self.recovered = totals.recovered
        self.waiting = totals.waiting
        self.surplus = totals.surplus
        self.backordered = totals.backordered
        self.refund_count = totals.refunds if run.world.payment.at_order else 0
        self.on_hand_area = totals.areas["on_hand"]
        self.on_order_area = totals.areas["on_order"]
        self.backlog_area = totals.areas["backlog"]
        self.talk = totals.talk
        self.cleared = totals.cleared
        self.expired = totals.expired
        self.bought = totals.purchases
        self.received = totals.received
        self.lead_times = totals.lead_times
        self.premiums = totals.premiums

    @property
    def line_count(self) -> int:
        """Lines are not told apart."""
        raise NeedsRecordsError

    @property
    def let_off(self) -> float:
        """Times of orders are not told apart."""
        if any(item.marked_down for item in self.world.items):
            raise NeedsRecordsError
        return 0.0

    @property
    def line_segments(self) -> Any:
        """Segments are not told apart."""
        raise NeedsRecordsError

    def left(self, *exits: Exit) -> Floats:
        """How units left at checkout is not told apart."""
        raise NeedsRecordsError

    def cancelled(self, cause: Cause | None = None) -> Floats:
        """Units cancelled by item; causes are not told apart."""
        if cause is not None:
            raise NeedsRecordsError
        return self.totals.cancelled

    @property
    def parcels(self) -> Floats:
        """Parcels and units; by carrier only where there is one."""
        if len(self.world.carriers) != 1:
            raise NeedsRecordsError
        return self.totals.parcels[None, :]

    @cached_property
    def waits(self) -> Sample:
        """Waits that have ended, to 1/1024 day (0 is exact), and those cut off at the horizon."""
        values = (np.arange(self.totals.waits.size) - 0.5) / BINS_PER_DAY
        values[0] = 0.0
        days, units = self.totals.open_waits
        return Sample(np.append(values, days), np.append(self.totals.waits, units))


class _Missing:
    """Stands where the facts would be."""

    def __getattr__(self, name: str) -> Any:
        raise NeedsRecordsError
