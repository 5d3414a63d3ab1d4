"""A policy: one decision of each family; the defaults are what a sensible shop does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from simulator.foundation.errors import misspelt
from simulator.foundation.plugin import Plugin, Spec
from simulator.foundation.units import Text, wrong
from simulator.policies.acceptance import Acceptance, Always
from simulator.policies.allocation.allocation import Allocation, Fifo
from simulator.policies.communication import Communication, Silent
from simulator.policies.fulfilment import AsAvailable, Fulfilment
from simulator.policies.payment import PayAtOrder, Payment
from simulator.policies.presets import PRESETS
from simulator.policies.procurement import Procurement, Wait
from simulator.policies.promise import NoPromise, Promise
from simulator.policies.promotion import EtaShown, PromotionChoice
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.policies.window import NoWindow, Window

Decision = TypeVar("Decision", bound=Plugin)
AT = "\x1f"
"""Between site and item in the key of a decision for one site."""


def _for_every_item(value: Any) -> Any:
    """One decision applies to all items."""
    if isinstance(value, Plugin):
        return {"default": value}
    if isinstance(value, dict):
        if "kind" in value:
            return {"default": value}
        if not any(isinstance(decision, dict | Plugin) for decision in value.values()):
            raise wrong(f"`kind:` is missing{misspelt('kind', value)}, or a mapping item -> decision")
        return dict(pair for name, decision in value.items() for pair in _at_sites(name, decision))
    return value


def _at_sites(name: Any, decision: Any) -> Iterator[tuple[Any, Any]]:
    """A decision, or those of one site by item."""
    plain = not isinstance(decision, dict) or "kind" in decision
    if plain or not decision or not all(isinstance(inner, dict | Plugin) for inner in decision.values()):
        yield name, decision
    else:
        yield from ((f"{name}{AT}{item}", inner) for item, inner in decision.items())


class _PerItem:
    """One decision for all items, a mapping item -> decision, or a mapping site -> item -> decision."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_for_every_item, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        mapping = handler(schema)
        decision = mapping["additionalProperties"]
        either = {"anyOf": [decision, {"type": "object", "additionalProperties": decision}]}
        return {"anyOf": [decision, {**mapping, "additionalProperties": either}]}


PerItem = Annotated[dict[Text, Decision], _PerItem()]


def decision_for(decisions: Mapping[str, Decision], item: str, site: str = "") -> Decision | None:
    """The item's decision, else the default, else None; decisions for the site come before those for all sites."""
    return decision_at(decisions, item, site) or decisions.get(item) or decisions.get("default")


def decision_at(decisions: Mapping[str, Decision], item: str, site: str) -> Decision | None:
    """The decision for one site: of the item, or of all its other items; else None."""
    if not site:
        return None
    return decisions.get(f"{site}{AT}{item}") or decisions.get(f"{site}{AT}default") or decisions.get(site)


def place_of(key: str) -> tuple[str, str]:
    """Site ('' for all) and item of a decision's key."""
    site, at, item = key.rpartition(AT)
    return (site, item) if at else ("", key)


class Policy(Spec):
    """What a company does: replenishment, acceptance, promise, allocation, fulfilment, window, procurement, payment,
    promotion."""

    extends: Text | None = None
    """Another policy of the file that this one extends: its own keys win, mappings are merged."""
    preset: Literal["retail_60_90", "eu_30", "ftc"] | None = None
    """Decisions that belong together, for those that are not named: `retail_60_90` (a retailer: charged at shipment,
    cancelled after 60 d, not orderable beyond 90 d; grade B), `eu_30` (the 30 d of EU and UK consumer law; grade M),
    `ftc` (the FTC's rule with its notices; grade A)."""
    replenishment: PerItem[Replenishment]
    """When to buy, how much, from whom: one decision, or item -> decision with `default`."""
    acceptance: PerItem[Acceptance] = Field(default_factory=lambda: dict[str, Acceptance](default=Always()))
    """Which backorders are accepted: one decision, or item -> decision with `default`."""
    promise: Promise = Field(default_factory=NoPromise)
    """Which date is quoted with the order, and when it is quoted again."""
    communication: Communication = Field(default_factory=Silent)
    """Which messages customers get, when, and how."""
    reservation: Literal["at_checkout", "at_cart"] = "at_checkout"
    """When stock is reserved for a shopper: at the checkout, or in the cart, including carts that are abandoned
    (`customers: carts`)."""
    allocation: Allocation = Field(default_factory=Fifo)
    """Whose backorder is filled first."""
    fulfilment: Fulfilment = Field(default_factory=AsAvailable)
    """Ship now or hold."""
    window: Window = Field(default_factory=NoWindow)
    """How long a backorder may stay open."""
    procurement: Procurement = Field(default_factory=lambda: Wait())
    """What the buyer does about old or large backorders."""
    payment: Payment = Field(default_factory=PayAtOrder)
    """When the customer pays, and how fast refunds are paid."""
    promotion: PromotionChoice = Field(default_factory=EtaShown)
    """Whether a promotion (`kind: promotion` among the events) pauses while its item is on backorder."""

    @model_validator(mode="before")
    @classmethod
    def _from_preset(cls, words: Any) -> Any:
        name = words.get("preset") if isinstance(words, dict) else None
        return {**PRESETS[name], **words} if isinstance(name, str) and name in PRESETS else words
