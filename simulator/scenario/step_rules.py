"""Which keys of a scenario count units of items, or are amounts for one unit: how each of them is put into steps."""

from __future__ import annotations

from enum import Enum, auto

from simulator.events.planning import RecordError
from simulator.foundation.plugin import Spec
from simulator.policies.acceptance import Acceptance, Limit
from simulator.policies.allocation.allocation import CriticalLevel
from simulator.policies.fulfilment import MinimumAllocated, MinimumSplit
from simulator.policies.procurement import Measure, Spot
from simulator.policies.replenishment import anchor_adjust, dual, forecast, played, replenishment
from simulator.policies.sourcing.sourcing import SharedSites
from simulator.policies.sourcing.transfers import TransferCost
from simulator.scenario.schema import costs, items, lanes, production, records, schema, sites, supply


class StepRule(Enum):
    """What a key holds, and so how it is put into steps."""

    UNITS = auto()
    """Units: they must be whole steps. Days of cover stay what they are."""
    RATE = auto()
    """Units per day, or their standard deviation: a number that need not be whole."""
    PRICE = auto()
    """Money, or space, for a unit of an item."""
    MONEY = auto()
    """Money for a unit of any item."""
    HOLDING = auto()
    """A holding cost, of which a part may be money for a unit of any item."""
    TIME = auto()
    """Time to make a unit: a constant one."""
    SAME = auto()
    """A share of units of different items together."""


U, RATE, PRICE, MONEY = StepRule.UNITS, StepRule.RATE, StepRule.PRICE, StepRule.MONEY
RULES: dict[type[Spec], dict[str, StepRule]] = {
    items.Item: {"price": PRICE, "unit_cost": PRICE, "volume": PRICE, "demand": RATE, "kit": U},
    items.Season: {"salvage": PRICE},
    sites.Warehouse: {"stock": U},
    records.RecordsSpec: {"buffer": U},
    schema.ParcelCost: {"unit": MONEY},
    costs.Costs: {"holding": StepRule.HOLDING, "backorder": MONEY, "lost_sale": MONEY, "handling": MONEY},
    supply.Supplier: {"minimum": U, "multiple": U, "unit_cost": PRICE, "stock": U},
    supply.InitialPurchase: {"units": U},
    supply.SupplierCosts: {"holding": StepRule.HOLDING, "pipeline": StepRule.HOLDING, "backorder": MONEY},
    lanes.LaneCost: {"unit": MONEY},
    lanes.Departures: {"units": U},
    production.Capacity: {"rate": RATE, "time": StepRule.TIME, "batch": U},
    production.Chase: {"above": U},
    TransferCost: {"unit": MONEY},
    SharedSites: {"spare": U},
    Acceptance: {"per_order": U, "per_customer": U},
    Limit: {"units": U},
    CriticalLevel: {"units": U},
    MinimumSplit: {"share": StepRule.SAME},
    MinimumAllocated: {"share": StepRule.SAME},
    Measure: {"backlog": U, "price": PRICE},
    Spot: {"most": U},
    RecordError: {"units": U},
    replenishment.BaseStock: {"S": U},
    replenishment.ReorderQuantity: {"s": U, "Q": U},
    replenishment.UpTo: {"s": U, "S": U},
    replenishment.PeriodicUpTo: {"S": U},
    replenishment.LevelQuantity: {"Q": U, "S": U},
    dual.DualIndex: {"S_fast": U, "S": U},
    dual.BaseSurge: {"Q": U, "S_fast": U},
    anchor_adjust.AnchorAdjust: {"goal": U, "expected": U, "opening": U},
    played.PlayedPurchases: {"units": U},
    forecast.Forecast: {"prior": RATE},
    forecast.Fixed: {"mean": RATE, "sd": RATE},
}
"""By class, for it and its subclasses: the rule of every such key. `Supplier.bom` has one of its own in `steps`.

Only values that are given are converted: a default of 1, such as that of `multiple`, is one step whatever its size.
"""

WHOLE_UNITS = ("replenishment", "acceptance", "allocation", "procurement", "transfers", "sourcing", "forecast", "event")
"""Families of which a kind of a plug-in, whose keys nobody knows, decides in whole units only."""


def rules_of(kind: type[Spec]) -> dict[str, StepRule]:
    """The rules for the keys of a class."""
    found: dict[str, StepRule] = {}
    for base in reversed(kind.__mro__):
        found.update(RULES.get(base, {}))
    return found
