"""What the kernel can play: a whitelist of the keys of a scenario file. Whatever is not in it, SimPy plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from simulator.events import demand_spike, planning, promotion, supply, transport
from simulator.foundation.plugin import Plugin, Spec
from simulator.policies import acceptance, communication, fulfilment, payment, procurement, promise, window
from simulator.policies import promotion as promoting
from simulator.policies.allocation import allocation
from simulator.policies.decisions import AT, DECIDED, only, reach_of
from simulator.policies.policy import Policy
from simulator.policies.replenishment import anchor_adjust, dual, planned, played, recorded, replenishment
from simulator.policies.sourcing import sourcing, transfers
from simulator.scenario.schema import common, customers, items, lanes, schema, shoppers, sites
from simulator.scenario.schema import supply as suppliers
from simulator.scenario.schema.tables import catalogue, opening

FREE = {"distribution", "arrivals", "basket", "forecast", "safety"}
"""Families whose kinds only Python asks, before the play or while the kernel waits."""


class Known(NamedTuple):
    """The keys of one part of a scenario file."""

    plays: str = ""
    """Keys that the kernel plays; what they hold is looked at in its turn."""
    inert: str = ""
    """Keys that change nothing of what happens: money, names, what is only measured or asked by something unknown."""
    plain: Mapping[str, Any] = {}
    """Keys that it plays only with this value, or with one for which this function is true."""


UNCAPPED = {"waitlist": False, "whole_lines": False, "per_order": None, "per_customer": None, "reject_after": None}
EVENT = "name at lasts until every chance then"
PLAYED: dict[type[Spec], Known] = {
    schema.Scenario: Known(
        "clock items catalogue customers warehouse warehouses suppliers opening carriers events policies",
        "name title description sources currency costs support experiment expect",
        {"reviews": None},
    ),
    # Today's stock and purchases are like those of the warehouse and the suppliers; open orders wait in Python.
    opening.OpeningBooks: Known("stock purchases", plain={"orders": None}),
    opening.OpeningStock: Known("file sheet item quantity site"),
    opening.OpeningPurchases: Known("file sheet item quantity supplier due site late", "purchase"),
    schema.ClockSpec: Known("start horizon warm_up"),
    catalogue.ItemCatalogue: Known(
        "file sheet item demand granularity on_hand", "unit price unit_cost volume attributes"
    ),
    sites.Warehouse: Known("stock picking priority", "space", {"records": None, "reach": None}),
    sites.Picking: Known("time workers"),
    schema.Carrier: Known("transit stream", "cost missed_after stalled_for", {"pickup": None, "lost": 0, "stalled": 0}),
    items.Item: Known(
        "demand granularity release reserve season stream",
        "unit price unit_cost volume attributes substitutes visibility_lag",
        {"made": lambda made: made != "drop_ship", "shelf_life": None, "kit": {}},
    ),
    items.Substitute: Known("", "share else_"),
    items.Season: Known("from_ to opens markdown", "salvage"),
    items.Markdown: Known("days lift", "price"),
    customers.Customers: Known(
        "arrivals basket priority patience impatience need_by one_parcel carrier site stream",
        "waitlist offer label preset fees",
        {
            **dict.fromkeys(
                ("wanted", "hold", "split", "join", "otherwise", "contact", "carts", "loyalty", "inflate", "returns")
            ),
            "scarcity": 0,
        },
    ),
    shoppers.Fees: Known("", "shipping extra_parcel"),
    shoppers.Impatience: Known("no_date after_promise per_slip"),
    suppliers.Supplier: Known(
        "items crossing yield_ overdelivers minimum closures works order_delay lane stream",
        # Python plays stock, suppliers of suppliers, production and purchases from before the start.
        "announces quotes unit_cost expedite allocation fulfilment make_time visibility costs "
        "under_way stock replenishment suppliers bom",
        {
            "capacity": lambda capacity: capacity is None or not capacity.urgent_first,
            "lead_time": lambda law: not isinstance(law, dict),
            "multiple": 1,
            "parts": None,
        },
    ),
    common.ClosedPeriod: Known("from_ to name repeats"),
    lanes.Lane: Known("customs departures", "cost"),
    lanes.Customs: Known("inspected delay"),
    lanes.Departures: Known("every first units"),
    # ---------------------------------------------------------------------------------------------------- events
    supply.Outage: Known(f"{EVENT} supplier carrier warehouse resumes"),
    supply.KnockOut: Known(f"{EVENT} supplier carrier warehouse resumes"),
    supply.Closure: Known(f"{EVENT} supplier carrier warehouse resumes repeats"),
    supply.SupplierDelay: Known(f"{EVENT} supplier extra factor lead_time"),
    supply.CapacityLoss: Known(f"{EVENT} supplier left"),
    transport.PathClosed: Known(f"{EVENT} supplier", plain={"carrier": None}),
    transport.CustomsCheck: Known(f"{EVENT} supplier inspected delay"),
    demand_spike.DemandSpike: Known(f"{EVENT} customers items factor decay"),
    promotion.Promotion: Known(f"{EVENT} customers items uplift"),
    planning.ForecastBias: Known(f"{EVENT} items factor"),
    # ---------------------------------------------------------------------------------------------------- policies
    Policy: Known(
        "replenishment acceptance promise communication allocation fulfilment window sourcing transfers procurement "
        "payment promotion",
        "title extends preset kits",  # `kits` matters only where an item is one, and then SimPy plays
        {"reservation": "at_checkout", "schedule": []},
    ),
    replenishment.NoReplenishment: Known("supplier cancel_purchase"),
    replenishment.BaseStock: Known("supplier cancel_purchase S"),
    replenishment.ReorderUpTo: Known("supplier cancel_purchase s S"),
    replenishment.ReorderQuantity: Known("supplier cancel_purchase s Q"),
    replenishment.PeriodicUpTo: Known("supplier cancel_purchase R first S"),
    replenishment.PeriodicReorderUpTo: Known("supplier cancel_purchase R first s S"),
    replenishment.LevelQuantity: Known("supplier cancel_purchase R first Q S"),
    planned.ForecastUpTo: Known("supplier cancel_purchase R forecast safety sees bias noise blind_to lead_time retune"),
    planned.ForecastReorder: Known(
        "supplier cancel_purchase R forecast safety sees bias noise blind_to lead_time retune cover"
    ),
    dual.DualIndex: Known("supplier cancel_purchase R first regular fast S_fast S"),
    dual.BaseSurge: Known("supplier cancel_purchase R first regular fast Q S_fast"),
    anchor_adjust.AnchorAdjust: Known(
        "supplier cancel_purchase R first goal alpha beta theta expected opening opening_reviews"
    ),
    recorded.Recorded: Known("supplier cancel_purchase file sheet time item units"),
    played.PlayedPurchases: Known("supplier cancel_purchase R first units decisions"),
    acceptance.Always: Known(plain=UNCAPPED),
    acceptance.Never: Known(plain=UNCAPPED),
    acceptance.Indefinite: Known(plain=UNCAPPED),
    acceptance.Limit: Known("units", plain=UNCAPPED),
    promise.NoPromise: Known("", "every tolerance", {"repromise": "never"}),
    promise.FixedPromise: Known("within", "every tolerance", {"repromise": "never"}),
    communication.Silent: Known("", "channel lag tracking_page", {"options": [], "also": []}),
    communication.OnRequest: Known("", "channel lag tracking_page", {"options": [], "also": []}),
    allocation.Fifo: Known(),
    allocation.Lifo: Known(),
    allocation.Priority: Known(),
    allocation.Margin: Known(),
    allocation.CriticalLevel: Known("units top"),
    fulfilment.AsAvailable: Known("must_arrive"),
    fulfilment.LineComplete: Known("must_arrive"),
    fulfilment.OrderComplete: Known("must_arrive"),
    fulfilment.HoldUntil: Known("must_arrive days"),
    fulfilment.MinimumSplit: Known("must_arrive share of"),
    fulfilment.MinimumAllocated: Known("must_arrive share"),
    fulfilment.MaximumShipments: Known("must_arrive parcels"),
    fulfilment.ShipOnce: Known("must_arrive"),
    fulfilment.CriticalItem: Known("must_arrive items"),
    window.NoWindow: Known(),
    window.CancelAfter: Known("days"),
    sourcing.HomeSite: Known(),
    transfers.NoTransfers: Known(),
    procurement.Wait: Known(),
    payment.PayAtOrder: Known("", "refund late_price"),
    payment.PayAtDelivery: Known("", "refund late_price"),
    payment.PayAtShipment: Known("reauth_days fails", "refund late_price"),
    payment.PayDeposit: Known("share reauth_days fails", "refund late_price"),
    promoting.EtaShown: Known(),
    promoting.EtaHidden: Known(),
}


def reasons(scenario: schema.Scenario, policy: str) -> list[str]:
    """Why SimPy must play a policy, in the words of the scenario file; empty where the kernel can play it."""
    found = [*_looked_at("", scenario, frozenset({"policies"}))]
    chosen = scenario.policies[policy]
    found += _looked_at(f"policies.{policy}", chosen)
    found += _differing(f"policies.{policy}", chosen)
    if not isinstance(chosen.allocation, allocation.Fifo):
        # What waits at the end of a season is called off in the order of the backlog, which only a queue shows.
        found += [f"items.{name}.season" for name, item in scenario.items.items() if item.season is not None]
    # Orders that open later than they are placed, and goods that are kept for their day.
    later = {name: spec.arrivals.wants_later for name, spec in scenario.customers.items()}
    found += [f"customers.{name}.arrivals.wanted" for name, wanted in later.items() if wanted]
    changing = {name: spec.arrivals.names_changes for name, spec in scenario.customers.items()}
    found += [f"customers.{name}.arrivals.change_time" for name, changes in changing.items() if changes]
    if not all(isinstance(one, promise.NoPromise) for one in chosen.promise.values()):
        # With a date, the rate at which patience is used up changes while an order waits.
        found += [f"customers.{name}.impatience" for name, spec in scenario.customers.items() if spec.impatience]
    return found


def _differing(path: str, policy: Policy) -> Iterator[str]:
    """The decisions that differ by segment, or by item where they are about whole orders."""
    for family in DECIDED:
        decisions = getattr(policy, family)
        if family == "acceptance":
            yield from (f"{path}.{family}.segments" for key in decisions if reach_of(key).segment)
        elif only(decisions) is None:
            yield f"{path}.{family}: several"


def _looked_at(path: str, value: Any, leave: frozenset[str] = frozenset()) -> Iterator[str]:
    if isinstance(value, Spec):
        yield from _keys(path, value, leave)
    elif isinstance(value, Mapping):
        alone = len(value) == 1 and path.rpartition(".")[2] in DECIDED
        for key, inner in value.items():
            yield from _looked_at(path if alone else f"{path}.{str(key).replace(AT, '.')}", inner)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _looked_at(f"{path}.{number}", inner)


def _keys(path: str, spec: Spec, leave: frozenset[str]) -> Iterator[str]:
    if isinstance(spec, Plugin) and spec.family in FREE:
        return
    known = PLAYED.get(type(spec))
    if known is None:
        kind = getattr(spec, "kind", "")
        yield f"{path}: {kind}" if kind else path
        return
    for name, plain in known.plain.items():
        value = getattr(spec, name)
        if not (plain(value) if isinstance(plain, Callable) else value == plain):  # type: ignore[arg-type]
            yield _key(path, spec, name) + (f": {value}" if isinstance(value, str | int | float) else "")
    for name in known.plays.split():
        value = getattr(spec, name)
        if name not in leave and isinstance(value, Spec | Mapping | list | tuple):
            yield from _looked_at(_key(path, spec, name), value)


def _key(path: str, spec: Spec, name: str) -> str:
    key = type(spec).model_fields[name].alias or name
    return f"{path}.{key}" if path else key
