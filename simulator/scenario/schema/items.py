"""Items in a scenario: price and cost, how they are made, when they can be ordered and shipped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)
from pydantic_core import CoreSchema

from simulator.foundation.plugin import Spec
from simulator.foundation.quantities import Granularity, PositiveUnits
from simulator.foundation.units import (
    Factor,
    Moment,
    Money,
    NonNegativeDuration,
    Number,
    PositiveDuration,
    Rate,
    Share,
    Text,
    wrong,
)
from simulator.policies.decisions import in_text
from simulator.scenario.schema.common import Name

Attribute = Annotated[Text, BeforeValidator(in_text, json_schema_input_type=str | float)]
"""A text, or a number as it is written."""


class Markdown(Spec):
    """A lower price towards the end of a season."""

    days: PositiveDuration
    """Days before the end at which it begins."""
    price: Share
    """The reduced price as a share of the price."""
    lift: Annotated[Factor, Field(ge=1)] = 1.0
    """Demand at that price as a multiple of the usual, in every segment that orders the item; the effect of a price is
    the shop's own knowledge, so none is assumed unless given."""


class Season(Spec):
    """A selling season with a hard end."""

    from_: Annotated[Moment, Field(alias="from")]
    """First day on which the item ships: a duration from the start, or a date."""
    to: Moment
    """First day after the season: the seller cancels what still waits and clears the remaining stock."""
    opens: Moment | None = None
    """Day on which the item can first be ordered; `from` unless given."""
    salvage: Money = 0.0
    """Revenue of a unit that is left at the end, currency."""
    markdown: Markdown | None = None
    """A lower price towards the end."""

    def model_post_init(self, context: object) -> None:
        if self.to <= self.from_:
            raise wrong("`to` is before `from`")
        if self.opens is not None and self.opens > self.from_:
            raise wrong("`opens` is after `from`")

    @property
    def marked_down_from(self) -> float:
        """First day of the lower price."""
        return self.to if self.markdown is None else max(self.to - self.markdown.days, self.from_)

    @property
    def opening(self) -> float:
        """Day on which the item can first be ordered."""
        return self.from_ if self.opens is None else self.opens


class Substitute(Spec):
    """A substitute, and what those shoppers take who do not find it in stock either."""

    share: Share
    """Share of the shoppers who look for it first."""
    else_: Annotated[list[Name], Field(alias="else", max_length=10)] = []
    """What they take if it is not in stock, in order."""


class Item(Spec):
    """An item that is sold."""

    price: Money
    """Price of one unit, currency."""
    unit_cost: Money
    """Purchase cost of one unit, currency; the base of the holding cost. Of a kit the sum over its components unless
    given."""
    unit: Annotated[Text, Field(max_length=20)] = ""
    """What its quantities are counted in, as reports show it: `kg`, `m`; pieces unless given."""
    granularity: Granularity = 1.0
    """Units in one step: the least quantity that is bought, stored and sold apart, such as 0.25 for quarters of a kg.
    All quantities of the item are whole multiples of it; prices and costs stay those of one unit."""
    kit: dict[Name, PositiveUnits] = {}
    """Components and their units in one kit, for an item that has no stock of its own: it is assembled when an order
    takes it, and is available when all components are. Components may also be sold alone, and may be kits in turn: such
    a kit is assembled from the components of its components."""
    demand: Rate | None = None
    """The planner's estimate of mean demand, units per day; needed where a level is written in days of cover."""
    made: Literal["stocked", "to_order", "drop_ship"] = "stocked"
    """`stocked`; `to_order`: production starts with the order, without stock; `drop_ship`: a vendor owns the stock and
    ships to the customer, and the seller pays nothing for holding it."""
    visibility_lag: NonNegativeDuration = 0.0
    """Days after which the seller learns that a drop-ship vendor is out of stock; until then orders are accepted and
    dated as if it were not."""
    release: Moment | None = None
    """Pre-orders are accepted before this day and nothing ships; goods received earlier are kept for it."""
    reserve: Literal["at_order", "at_ship"] = "at_order"
    """Whether pre-orders count against `acceptance: limit` when they are placed, or only when goods ship (`at_ship`:
    the limit applies from the release on, so that more may be sold than will arrive)."""
    shelf_life: PositiveDuration | None = None
    """Days from its receipt after which a unit can no longer be sold and is written off; the oldest are sold first."""
    volume: Annotated[Number, Field(ge=0)] = 0.0
    """Space that a unit takes, in the unit of `costs.storage` and `warehouse.space` (m3, pallets)."""
    season: Season | None = None
    """The selling season, for an item that is not sold all the time."""
    substitutes: dict[Name, Share | Substitute] = {}
    """Items that shoppers buy instead when this one is out of stock and they do not order it: the share who would take
    each one if it is in stock (only segments with `otherwise`), or `{share: …, else: [other items]}` for those who go
    on looking."""
    attributes: dict[Name, Attribute] = {}
    """What `where:` of a policy's `rules` can ask for, such as `{abc: A, family: kitchen}`."""
    stream: Name | None = None
    """Name of its random numbers, its own name unless given; set it when renaming to keep the numbers."""
    _summed: bool = PrivateAttr(default=False)
    """Whether its unit cost is the sum over its components."""
    _given: dict[str, int] | None = PrivateAttr(default=None)
    """Its components as they are given, where kits among them have been replaced by their own."""

    @model_validator(mode="wrap")
    @classmethod
    def _cost_may_be_missing(cls, words: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        summed = isinstance(words, dict) and bool(words.get("kit")) and "unit_cost" not in words
        item = handler({**words, "unit_cost": 0.0} if summed else words)
        if summed:
            item._summed = True
        return item

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        found = super().__get_pydantic_json_schema__(schema, handler)
        own = handler.resolve_ref_schema(found)
        own["required"] = [key for key in own["required"] if key != "unit_cost"]
        own["anyOf"] = [{"required": [key]} for key in ("unit_cost", "kit")]
        return found

    @property
    def components(self) -> dict[str, int]:
        """Its components as they are given, kits among them."""
        return self.kit if self._given is None else self._given

    def model_post_init(self, context: object) -> None:
        for key in ("made", "visibility_lag", "release", "reserve", "shelf_life", "season") if self.kit else ():
            if key in self.model_fields_set:
                raise wrong(f"a kit has no stock of its own and cannot have `{key}`; its components can")
        if self.kit and self.granularity != 1.0:
            raise wrong("a kit is sold in whole kits and cannot have `granularity`; its components can")
        total = sum(share for _, share in self.chains)
        if total > 1 + 1e-9:
            raise wrong(f"the shares of `substitutes` sum to {total:g}; must be at most 1")
        for chain, _ in self.chains:
            if len(set(chain)) < len(chain):
                raise wrong(f"`substitutes` names an item twice in one chain: {', else '.join(chain)}")
        if self.release is not None and self.season is not None:
            raise wrong("`release` and `season` cannot be combined; use `season: opens` to take orders early")
        if self.visibility_lag and self.made != "drop_ship":
            raise wrong("`visibility_lag` needs `made: drop_ship`")

    @property
    def chains(self) -> list[tuple[tuple[str, ...], float]]:
        """The substitutes: items in the order in which shoppers look for them, and the share who do."""
        return [
            ((name, *found.else_), found.share) if isinstance(found, Substitute) else ((name,), found)
            for name, found in self.substitutes.items()
        ]

    @property
    def ships_from(self) -> float:
        """First day on which the item ships."""
        if self.season is not None:
            return self.season.from_
        return self.release or 0.0


def kits_of(items: Mapping[str, Item]) -> dict[str, Item]:
    """The kits with their unit costs, and with the components of the kits in them in their place, as far as they are
    known. A kit that contains itself stays among its own components."""
    parts: dict[str, dict[str, int]] = {}
    costs: dict[str, float] = {}

    def work_out(name: str, above: tuple[str, ...]) -> None:
        found: dict[str, int] = {}
        cost = 0.0
        for part, units in items[name].components.items():
            inner = items.get(part)
            circle = part in above or part == name
            if inner is not None and inner.kit and not circle and part not in parts:
                work_out(part, (*above, name))
            if inner is not None and not circle:
                cost += units * costs.get(part, inner.unit_cost)
            flat = parts[part] if part in parts and not circle else {part: 1}
            for other, each in flat.items():
                found[other] = found.get(other, 0) + units * each
        parts[name], costs[name] = found, cost if items[name]._summed else items[name].unit_cost

    kits = {}
    for name, item in items.items():
        if item.kit:
            if name not in parts:
                work_out(name, ())
            kits[name] = item.model_copy(update={"unit_cost": costs[name], "kit": parts[name]})
            kits[name]._given = item.components
    return kits
