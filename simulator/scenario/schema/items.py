"""The words for what is sold: price and cost, how it is made, when it may be ordered and shipped."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.foundation.plugin import Spec
from simulator.foundation.units import (
    Factor,
    Moment,
    Money,
    NonNegativeDuration,
    Number,
    PositiveDuration,
    Rate,
    Share,
    wrong,
)
from simulator.scenario.schema.common import Name


class Markdown(Spec):
    """A lower price towards the end of a season."""

    days: PositiveDuration
    """How long before the end it begins."""
    price: Share
    """What is asked then, as a share of the price."""
    lift: Annotated[Factor, Field(ge=1)] = 1.0
    """Demand then as a multiple of the usual, in every segment that asks for the item; what a price does to demand is
    the shop's own knowledge, so nothing is assumed unless given."""


class Season(Spec):
    """A selling season with a hard end."""

    from_: Annotated[Moment, Field(alias="from")]
    """First day on which goods leave: a duration from the start, or a date."""
    to: Moment
    """First day after it: what still waits is called off by the seller, what still lies there is cleared."""
    opens: Moment | None = None
    """Day on which the order book opens; with `from` unless given."""
    salvage: Money = 0.0
    """What a unit that is left over brings at the end, currency."""
    markdown: Markdown | None = None
    """A lower price towards the end."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.to <= self.from_:
            raise wrong("`to` lies before `from`")
        if self.opens is not None and self.opens > self.from_:
            raise wrong("`opens` lies after `from`")
        return self

    @property
    def marked_down_from(self) -> float:
        """First day of the lower price."""
        return self.to if self.markdown is None else max(self.to - self.markdown.days, self.from_)

    @property
    def opening(self) -> float:
        """Day on which the order book opens."""
        return self.from_ if self.opens is None else self.opens


class Item(Spec):
    """Something that is sold."""

    price: Money
    """Price of one unit, currency."""
    unit_cost: Money
    """What one unit costs to buy, currency; the base of the holding cost."""
    demand: Rate | None = None
    """The planner's estimate of mean demand, units per day; needed where a level is written in days of cover."""
    made: Literal["stocked", "to_order", "drop_ship"] = "stocked"
    """`stocked`; `to_order`: production starts at the order, nothing is kept; `drop_ship`: the stock is the vendor's,
    who ships to the customer, and the seller pays for nothing that lies there."""
    visibility_lag: NonNegativeDuration = 0.0
    """Days after which the seller learns that a drop-ship vendor has run out; until then orders are taken and dated as
    if it were there."""
    release: Moment | None = None
    """A pre-order until then: orders are taken and nothing leaves; goods that come before lie ready for the day."""
    reserve: Literal["at_order", "at_ship"] = "at_order"
    """Whether pre-orders count against `acceptance: limit` when they are placed, or only when goods leave (`at_ship`:
    the limit is watched from the release on, and more may be sold than there will be)."""
    shelf_life: PositiveDuration | None = None
    """Days from its receipt after which a unit can no longer be sold and is written off; the oldest are sold first."""
    volume: Annotated[Number, Field(ge=0)] = 0.0
    """Space that a unit takes, in the measure of `costs.storage` and `warehouse.space` (m3, pallets)."""
    season: Season | None = None
    """It is sold in a season only."""
    substitutes: dict[Name, Share] = {}
    """Items that shoppers take when this one is not there and they do not order it: the share who would take each, if
    it lies on the shelf (segments with `otherwise` only)."""
    stream: Name | None = None
    """Name of its random numbers, its own name unless given; keep it when renaming to keep the numbers."""

    @model_validator(mode="after")
    def _sane(self) -> Self:
        if sum(self.substitutes.values()) > 1 + 1e-9:
            raise wrong(f"the shares of `substitutes` sum to {sum(self.substitutes.values()):g}, more than 1")
        if self.release is not None and self.season is not None:
            raise wrong("`release` and `season` do not go together; `season: opens` takes orders ahead")
        if self.visibility_lag and self.made != "drop_ship":
            raise wrong("`visibility_lag` goes with `made: drop_ship`")
        return self

    @property
    def ships_from(self) -> float:
        """Day before which nothing leaves."""
        if self.season is not None:
            return self.season.from_
        return self.release or 0.0
