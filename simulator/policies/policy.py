"""A policy: one decision of each family; the defaults are what a sensible shop does."""

from __future__ import annotations

import math
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from simulator.foundation.plugin import Spec
from simulator.foundation.units import Text
from simulator.policies.acceptance import Acceptance, Always
from simulator.policies.allocation.allocation import Allocation, Fifo
from simulator.policies.allocation.kits import Kits
from simulator.policies.communication import Communication, Silent
from simulator.policies.decisions import PerItem, PerSegment
from simulator.policies.fulfilment import AsAvailable, Fulfilment
from simulator.policies.payment import PayAtOrder, Payment
from simulator.policies.presets import PRESETS
from simulator.policies.procurement import Procurement, Wait
from simulator.policies.promise import NoPromise, Promise
from simulator.policies.promotion import EtaShown, PromotionChoice
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.policies.reservation import AT_ONCE, Reservation, ReservationTimes, Where
from simulator.policies.schedule import CHANGED, ScheduleEntry, completed, unrolled
from simulator.policies.sourcing.sourcing import HomeSite, Sourcing
from simulator.policies.sourcing.transfers import NoTransfers, Transfers
from simulator.policies.window import NoWindow, Window


class Policy(Spec):
    """What a company does: replenishment, acceptance, promise, allocation, fulfilment, window, sourcing, transfers,
    procurement, payment, promotion."""

    title: Text = ""
    """A few words that scorecards, workbooks and reports show beside the name; policies that extend this one do not
    inherit it."""
    extends: Text | None = None
    """Another policy of the file that this one extends: its own keys win, mappings are merged."""
    preset: Literal["retail_60_90", "eu_30", "ftc"] | None = None
    """Decisions that belong together, for those that are not named: `retail_60_90` (a retailer: charged at shipment,
    cancelled after 60 d, not orderable beyond 90 d; grade B), `eu_30` (the 30 d of EU and UK consumer law; grade M),
    `ftc` (the FTC's rule with its notices; grade A)."""
    replenishment: PerItem[Replenishment]
    """When to buy, how much, from whom: one decision, or item -> decision with `default`."""
    acceptance: PerSegment[Acceptance] = Field(default_factory=lambda: dict[str, Acceptance](default=Always()))
    """Which backorders are accepted: one decision, or `default`, `segments` and `items` with a decision each."""
    promise: PerSegment[Promise] = Field(default_factory=lambda: dict[str, Promise](default=NoPromise()))
    """Which date is quoted with the order, and when it is quoted again; one decision, or several as in `acceptance`."""
    communication: PerSegment[Communication] = Field(default_factory=lambda: dict[str, Communication](default=Silent()))
    """Which messages customers get, when, and how; one decision, or several as in `acceptance`."""
    reservation: Where | Reservation = "at_checkout"
    """When stock is reserved for a shopper: at the checkout, or in the cart, including carts that are abandoned
    (`customers: carts`). A mapping also says how long before the wanted day (`customers: wanted`) stock is reserved
    and goods leave."""
    allocation: Allocation = Field(default_factory=Fifo)
    """Whose backorder is filled first."""
    fulfilment: PerSegment[Fulfilment] = Field(default_factory=lambda: dict[str, Fulfilment](default=AsAvailable()))
    """Ship now or hold; one decision, or several as in `acceptance`."""
    window: PerSegment[Window] = Field(default_factory=lambda: dict[str, Window](default=NoWindow()))
    """How long a backorder may stay open; one decision, or several as in `acceptance`."""
    sourcing: PerSegment[Sourcing] = Field(default_factory=lambda: dict[str, Sourcing](default=HomeSite()))
    """Which of several `warehouses` serves an order; one decision, or several as in `acceptance`."""
    transfers: Transfers = Field(default_factory=NoTransfers)
    """Whether the `warehouses` send stock to each other."""
    kits: Kits = Field(default_factory=Kits)
    """What a kit that waits does with the components that are there."""
    procurement: Procurement = Field(default_factory=lambda: Wait())
    """What the buyer does about old or large backorders."""
    payment: PerSegment[Payment] = Field(default_factory=lambda: dict[str, Payment](default=PayAtOrder()))
    """When the customer pays, and how fast refunds are paid; one decision, or several as in `acceptance`."""
    promotion: PromotionChoice = Field(default_factory=EtaShown)
    """Whether a promotion (`kind: promotion` among the events) pauses while its item is on backorder."""
    schedule: list[ScheduleEntry] = []
    """Decisions that replace these on dates, or while a supplier is late, closed or slowed."""

    @model_validator(mode="before")
    @classmethod
    def _from_preset(cls, words: Any) -> Any:
        name = words.get("preset") if isinstance(words, dict) else None
        return completed({**PRESETS[name], **words} if isinstance(name, str) and name in PRESETS else words)

    @model_validator(mode="after")
    def _unrolled(self) -> Self:
        first, entries = unrolled({family: getattr(self, family) for family in CHANGED})
        if first:
            vars(self).update(first, schedule=[*self.schedule, *entries])
        return self

    @property
    def all_transfers(self) -> list[tuple[tuple[str | int, ...], Transfers]]:
        """The transfers of the policy and of its schedule, each with its path below the policy."""
        later = [(("schedule", k, "transfers"), entry.transfers) for k, entry in enumerate(self.schedule)]
        return [(("transfers",), self.transfers), *((path, found) for path, found in later if found is not None)]

    @property
    def all_allocations(self) -> list[tuple[tuple[str | int, ...], Allocation]]:
        """The allocations of the policy and of its schedule, each with its path below the policy."""
        later = [(("schedule", k, "allocation"), entry.allocation) for k, entry in enumerate(self.schedule)]
        return [(("allocation",), self.allocation), *((path, found) for path, found in later if found is not None)]

    @property
    def all_reservations(self) -> list[tuple[tuple[str | int, ...], Reservation]]:
        """The same of reservations."""
        later = [(("schedule", k, "reservation"), entry.reservation) for k, entry in enumerate(self.schedule)]
        return [(("reservation",), self.reserving), *((path, found) for path, found in later if found is not None)]

    @property
    def reservation_times(self) -> ReservationTimes:
        """Which reservation holds for orders placed from which day on."""
        entries = [(e.priority, k, e) for k, e in enumerate(self.schedule) if e.reservation is not None]
        edges = {day for _, _, e in entries for day in (e.start, e.end) if math.isfinite(day)}
        days = (-math.inf, *sorted(edges))
        found = []
        for day in days:
            here = min(((p, k) for p, k, e in entries if e.start <= day < e.end), default=None)
            found.append(self.reserving if here is None else self.schedule[here[1]].reservation or AT_ONCE)
        return ReservationTimes(days, tuple(found))

    @property
    def in_carts(self) -> bool:
        """Whether stock is reserved in the cart."""
        return "at_cart" in (self.reservation, self.reserving.at)

    @property
    def reserving(self) -> Reservation:
        """When stock is reserved, and when goods leave, for orders with a wanted day."""
        return self.reservation if isinstance(self.reservation, Reservation) else AT_ONCE
