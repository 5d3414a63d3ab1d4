"""Measures against old or large backorders: wait, expedite, buy on the spot, prioritise at the supplier."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, NamedTuple

from pydantic import Field

from simulator.foundation.plugin import Plugin
from simulator.foundation.quantities import PositiveUnits
from simulator.foundation.rounds import SHORTEST_ROUND, RoundByRound
from simulator.foundation.units import Money, NonNegativeDuration, PositiveDuration, Share, Text
from simulator.policies.replenishment.replenishment import Period


class OpenPurchase(NamedTuple):
    """A purchase on order, as the buyer knows it."""

    number: int
    supplier: str
    units: int
    due: float
    """Days until it is expected."""
    can_expedite: bool
    """Its supplier offers to expedite it, and it has not been expedited yet."""
    saves: float
    """Days by which it would arrive earlier."""


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
    """Mean days from the decision to buy to the receipt, of every supplier that sells the item."""

    @property
    def margin(self) -> float:
        """Price less cost, as a share of the price; 0 if the price is 0."""
        return (self.price - self.unit_cost) / self.price if self.price else 0.0


class Expedite(NamedTuple):
    """A purchase on order or in transit shall arrive earlier, at its supplier's premium."""

    purchase: int


class SpotBuy(NamedTuple):
    """Units are bought at once from another supplier."""

    supplier: str
    units: int


class MoveUp(NamedTuple):
    """A purchase shall be produced before all others at its supplier."""

    purchase: int
    cost: float
    """Cost of the change of plan, currency."""


Action = Expedite | SpotBuy | MoveUp


class Procurement(Plugin, family="procurement"):
    """What the buyer does about an item on backorder."""

    @abstractmethod
    def act(self, shortage: Shortage) -> tuple[Action, ...]:
        """Actions to take now."""


class Wait(Procurement, kind="wait"):
    """No measures: purchases arrive when they arrive."""

    example: ClassVar = {"kind": "wait"}

    def act(self, shortage: Shortage) -> tuple[Action, ...]:
        return ()


class Measure(Procurement):
    """A measure, if its trigger is met."""

    every: Period = 1.0
    """Days between two checks of the backlog (grade D: our assumption; a buyer's morning list)."""
    age: NonNegativeDuration = 0.0
    """Only when the oldest backorder of the item has waited at least this long."""
    backlog: PositiveUnits = 1
    """Only when at least this many units wait."""
    margin: Share | None = None
    """Only for items whose price less cost is at least this share of the price."""
    price: Money | None = None
    """Only for items of at least this price, currency."""
    items: list[Text] | None = None
    """Only for these items; all unless given."""

    def applies(self, shortage: Shortage) -> bool:
        """Whether the trigger is met and the item in scope."""
        return (
            shortage.backordered >= self.backlog
            and shortage.age >= self.age
            and (self.items is None or shortage.item in self.items)
            and (self.margin is None or shortage.margin >= self.margin)
            and (self.price is None or shortage.price >= self.price)
        )

    def act(self, shortage: Shortage) -> tuple[Action, ...]:
        return self.measures(shortage) if self.applies(shortage) else ()

    @abstractmethod
    def measures(self, shortage: Shortage) -> tuple[Action, ...]:
        """Actions to take when the trigger is met."""


class ExpediteOpen(Measure, kind="expedite"):
    """Expedites purchases, the oldest first, until they cover the backlog; suppliers set the price."""

    example: ClassVar = {"kind": "expedite", "age": "5 d", "margin": "30 %"}

    saves: NonNegativeDuration = 1.0
    """Days that expediting must gain to be worth it (grade D: our assumption)."""

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


class Spot(Measure, kind="spot_buy"):
    """Buys from an alternate supplier what no open purchase brings as soon, at its price, lead time and minimum."""

    example: ClassVar = {"kind": "spot_buy", "supplier": "importer", "backlog": 10, "age": "3 d"}

    supplier: Text
    """The alternate supplier."""
    most: PositiveUnits | None = None
    """Most units at a time; the whole uncovered backlog unless given."""

    def measures(self, shortage: Shortage) -> tuple[Action, ...]:
        lead = shortage.leads[self.supplier]
        covered = sum(purchase.units for purchase in shortage.purchases if purchase.due <= lead)
        units = shortage.backordered - covered
        if self.most is not None:
            units = min(units, self.most)
        return (SpotBuy(self.supplier, units),) if units > 0 else ()


class Prioritise(Measure, kind="prioritise"):
    """Asks the supplier to produce the item's purchases first; the others wait longer."""

    example: ClassVar = {"kind": "prioritise", "backlog": 20, "cost": 150}

    cost: Money = 0.0
    """Cost of one change of plan, currency."""

    def measures(self, shortage: Shortage) -> tuple[Action, ...]:
        return tuple(MoveUp(purchase.number, self.cost) for purchase in shortage.purchases)


class Escalate(Procurement, kind="escalate"):
    """Several measures, each with its own trigger: first expedite, later buy on the spot."""

    example: ClassVar = {
        "kind": "escalate",
        "steps": [{"kind": "expedite", "age": "3 d"}, {"kind": "spot_buy", "supplier": "importer", "age": "10 d"}],
    }

    steps: Annotated[list[Procurement], Field(min_length=1)]
    """The measures; all whose trigger is met are taken."""

    def act(self, shortage: Shortage) -> tuple[Action, ...]:
        return tuple(action for step in self.steps for action in step.act(shortage))


class PlayedProcurement(RoundByRound, Procurement, kind="played"):
    """The measures that somebody chose, round by round."""

    example: ClassVar = {
        "kind": "played",
        "R": "7 d",
        "decisions": [{"kind": "expedite", "every": "1 d"}, {"kind": "wait"}],
    }

    R: Annotated[PositiveDuration, Field(ge=SHORTEST_ROUND)]
    """Days of a round."""
    decisions: Annotated[list[Procurement], Field(min_length=1)]
    """The decision of each round; the last one stays in force."""

    def act(self, shortage: Shortage) -> tuple[Action, ...]:
        return self.decisions[0].act(shortage)


def measures_of(procurement: Procurement) -> list[Measure]:
    """The single measures of a decision, those of `escalate` among them."""
    if isinstance(procurement, Escalate):
        return [measure for step in procurement.steps for measure in measures_of(step)]
    return [procurement] if isinstance(procurement, Measure) else []
