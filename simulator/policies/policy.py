"""A policy: one decision of each family; every default is what a sensible shop does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field

from simulator.foundation.plugin import Plugin, Spec
from simulator.foundation.units import Text, wrong
from simulator.policies.acceptance import Acceptance, Always
from simulator.policies.allocation import Allocation, Fifo
from simulator.policies.fulfilment import AsAvailable, Fulfilment
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
        if not value:
            raise wrong("a decision (with `kind:`) or a mapping item -> decision is due")
    return value


PerItem = Annotated[dict[Text, Decision], BeforeValidator(_for_every_item, json_schema_input_type=Decision | dict[str, Decision])]  # type: ignore[valid-type]


def decision_for(decisions: Mapping[str, Decision], item: str) -> Decision | None:
    """The item's decision, else the default, else None."""
    return decisions.get(item) or decisions.get("default")


class Policy(Spec):
    """What a company does: replenishment, acceptance, allocation, fulfilment, window."""

    extends: Text | None = None
    """Another policy of the file; this one's keys win, mappings merge."""
    replenishment: PerItem[Replenishment]
    """When to buy, how much, from whom: one decision, or item -> decision with `default`."""
    acceptance: PerItem[Acceptance] = Field(default_factory=lambda: {"default": Always()})  # type: ignore[call-arg]
    """May an item be ordered that is not there: one decision, or item -> decision with `default`."""
    allocation: Allocation = Field(default_factory=Fifo)
    """Whose backorder is served first."""
    fulfilment: Fulfilment = Field(default_factory=AsAvailable)
    """Ship now or hold."""
    window: Window = Field(default_factory=NoWindow)
    """How long a backorder may stay open."""
