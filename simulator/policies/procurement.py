"""What if a backorder gets old or large: wait, expedite, buy on the spot, move to the front of the supplier's line."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

from pydantic import Field

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import Money, NonNegativeDuration, PositiveUnits, Share, Text
from simulator.policies.replenishment.replenishment import Period


class OpenPurchase(NamedTuple):
    """A purchase on order, as the buyer knows it."""

    number: int
    supplier: str
    units: int
    due: float
    """Days until it is expected."""
    can_expedite: bool
    """Its supplier offers to hurry it, and it has not been hurried yet."""
    saves: float
    """Days by which it would come earlier."""


@dataclass(frozen=True)
class Shortage:
    """An item on backorder, as the buyer sees it."""

    item: str
    price: float
    unit_cost: float
    """Currency a unit."""
    backordered: int
    """Units that wait."""
    age: float
    """Days that the oldest of them has waited."""
    purchases: tuple[OpenPurchase, ...]
    """The oldest first."""
    leads: dict[str, float]
    """Mean lead time of every supplier that sells the item, days."""

    @property
    def margin(self) -> float:
        """Price less cost, as a share of the price; 0 where nothing is paid."""
        return (self.price - self.unit_cost) / self.price if self.price else 0.0


class Expedite(NamedTuple):
    """A purchase on order or in transit is to come earlier, at its supplier's premium."""

    purchase: int


class SpotBuy(NamedTuple):
    """Units are bought from another supplier at once."""

    supplier: str
    units: int


class MoveUp(NamedTuple):
    """A purchase is to be made before all others at its supplier."""

    purchase: int
    cost: float
    """Currency, of the change of plan."""


Action = Expedite | SpotBuy | MoveUp


class Procurement(Plugin, family="procurement"):
    """What the buyer does about an item on backorder."""

    @abstractmethod
    def act(self, shortage: Shortage) -> tuple[Action, ...]:
        """What is done about it now."""


class Wait(Procurement, kind="wait"):
    """Nothing: what is on order comes when it comes."""

    example: ClassVar = {"kind": "wait"}

    def act(self, shortage: Shortage) -> tuple[Action, ...]:
        return ()


class Hurry(Procurement):
    """Something, where it is worth it."""

    every: Period = 1.0
    """Days between two looks at the backlog (grade D: our assumption; a buyer's morning list)."""
    age: NonNegativeDuration = 0.0
    """Only when the oldest backorder of the item has waited so long."""
    backlog: PositiveUnits = 1
    """Only when so many units wait."""
    margin: Share | None = None
    """Only for items whose price less cost is at least this share of the price."""
    price: Money | None = None
    """Only for items of at least this price, currency."""
    items: list[Text] | None = None
    """Only for these items; all unless given."""

    def is_due(self, shortage: Shortage) -> bool:
        """Whether the trigger is met and the item in scope."""
        return (
            shortage.backordered >= self.backlog
            and shortage.age >= self.age
            and (self.items is None or shortage.item in self.items)
            and (self.margin is None or shortage.margin >= self.margin)
            and (self.price is None or shortage.price >= self.price)
        )

    def act(self, shortage: Shortage) -> tuple[Action, ...]:
        return self.measures(shortage) if self.is_due(shortage) else ()

    @abstractmethod
    def measures(self, shortage: Shortage) -> tuple[Action, ...]:
        """What is done once it is due."""


class ExpediteOpen(Hurry, kind="expedite"):
    """Brings purchases forward, the oldest first, until what comes covers the backlog; suppliers say at what price."""

    example: ClassVar = {"kind": "expedite", "age": "5 d", "margin": "30 %"}

    saves: NonNegativeDuration = 1.0
    """Days that a purchase must gain to be worth asking (grade D: our assumption)."""

    def measures(self, shortage: Shortage) -> tuple[Action, ...]:
        found: list[Action] = []
        covered = 0
        for purchase in shortage.purchases:
            if covered >= shortage.backordered:
                break
            covered += purchase.units
            if purchase.can_expedite and purchase.saves >= self.saves:
                found.append(Expedite(purchase.number))
        return tuple(found)


class Spot(Hurry, kind="spot_buy"):
    """Buys from an alternate vendor what no open purchase brings as soon; it has its own price, lead time, minimum."""

    example: ClassVar = {"kind": "spot_buy", "supplier": "importer", "backlog": 10, "age": "3 d"}

    supplier: Text
    """Who is asked."""
    most: PositiveUnits | None = None
    """At most so many units at a time; the whole uncovered backlog unless given."""

    def measures(self, shortage: Shortage) -> tuple[Action, ...]:
        lead = shortage.leads[self.supplier]
        covered = sum(purchase.units for purchase in shortage.purchases if purchase.due <= lead)
        units = shortage.backordered - covered
        if self.most is not None:
            units = min(units, self.most)
        return (SpotBuy(self.supplier, units),) if units > 0 else ()


class Prioritise(Hurry, kind="prioritise"):
    """Asks the supplier to make the item's purchases first; whoever is moved down waits longer."""

    example: ClassVar = {"kind": "prioritise", "backlog": 20, "cost": 150}

    cost: Money = 0.0
    """Of one change of plan, currency."""

    def measures(self, shortage: Shortage) -> tuple[Action, ...]:
        return tuple(MoveUp(purchase.number, self.cost) for purchase in shortage.purchases)


class Escalate(Procurement, kind="escalate"):
    """Several measures, each with its own trigger: first expedite, later buy on the spot."""

    example: ClassVar = {
        "kind": "escalate",
        "steps": [{"kind": "expedite", "age": "3 d"}, {"kind": "spot_buy", "supplier": "importer", "age": "10 d"}],
    }

    steps: Annotated[list[Procurement], Field(min_length=1)]
    """The measures; all that are due are taken."""

    def act(self, shortage: Shortage) -> tuple[Action, ...]:
        return tuple(action for step in self.steps for action in step.act(shortage))


def measures_of(procurement: Procurement) -> list[Hurry]:
    """The single measures of a decision, those of `escalate` among them."""
    if isinstance(procurement, Escalate):
        return [measure for step in procurement.steps for measure in measures_of(step)]
    return [procurement] if isinstance(procurement, Hurry) else []
