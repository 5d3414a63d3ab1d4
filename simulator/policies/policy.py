"""A policy: one decision of each family; every default is what a sensible shop does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from simulator.foundation.errors import misspelt
from simulator.foundation.plugin import Plugin, Spec
from simulator.foundation.units import Text, wrong
from simulator.policies.acceptance import Acceptance, Always
from simulator.policies.allocation import Allocation, Fifo
from simulator.policies.fulfilment import AsAvailable, Fulfilment
from simulator.policies.promise import NoPromise, Promise
from simulator.policies.replenishment import Replenishment
from simulator.policies.window import NoWindow, Window

Decision = TypeVar("Decision", bound=Plugin)


def _for_every_item(value: Any) -> Any:
    """One decision stands for all items."""
    if isinstance(value, Plugin):
        return {"default": value}
    if isinstance(value, dict):
        if "kind" in value:
            return {"default": value}
        if not any(isinstance(decision, dict | Plugin) for decision in value.values()):
            raise wrong(f"`kind:` is missing{misspelt('kind', value)}, or a mapping item -> decision is due")
    return value


class _PerItem:
    """One decision for all items, or a mapping item -> decision."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_for_every_item, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        mapping = handler(schema)
        return {"anyOf": [mapping["additionalProperties"], mapping]}


PerItem = Annotated[dict[Text, Decision], _PerItem()]


def decision_for(decisions: Mapping[str, Decision], item: str) -> Decision | None:
    """The item's decision, else the default, else None."""
    return decisions.get(item) or decisions.get("default")


class Policy(Spec):
    """What a company does: replenishment, acceptance, promise, allocation, fulfilment, window."""

    extends: Text | None = None
    """Another policy of the file; this one's keys win, mappings merge."""
    replenishment: PerItem[Replenishment]
    """When to buy, how much, from whom: one decision, or item -> decision with `default`."""
    acceptance: PerItem[Acceptance] = Field(default_factory=lambda: dict[str, Acceptance](default=Always()))
    """May an item be ordered that is not there: one decision, or item -> decision with `default`."""
    promise: Promise = Field(default_factory=NoPromise)
    """Which date is quoted at the order; only measured, nobody reacts to it yet."""
    allocation: Allocation = Field(default_factory=Fifo)
    """Whose backorder is served first."""
    fulfilment: Fulfilment = Field(default_factory=AsAvailable)
    """Ship now or hold."""
    window: Window = Field(default_factory=NoWindow)
    """How long a backorder may stay open."""
