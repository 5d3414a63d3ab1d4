"""Builds the delivery side: the picking areas and each segment's carrier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from simulator.engine.backlog import Order
from simulator.world.delivery.carriers import Courier
from simulator.world.delivery.contents import Contents, build_contents
from simulator.world.delivery.parcels import ParcelTracking, Route, TrackedCourier
from simulator.world.delivery.picking import PickingArea
from simulator.world.orders.flow import Flow
from simulator.world.orders.ports import Picker
from simulator.world.state import ReplicationState
from simulator.world.switchboard import Gate


class DeliveryBySite:
    """The picking areas and carriers of several sites that serve each other's customers."""

    def __init__(
        self, flow: Flow, contents: Contents, areas: Sequence[PickingArea], couriers: Sequence[Sequence[Courier]]
    ) -> None:
        self.flow, self.contents, self.areas, self.couriers = flow, contents, areas, couriers
        """Areas by number of the site, couriers by number of the segment and of the site."""

    def area(self, site: int) -> PickingArea:
        """Who packs parcels at a site."""
        return self.areas[site]

    def picker(self, order: Order, parcel: int) -> Picker:
        """Who packs a parcel that has not been handed over."""
        origin = self.contents.origin(order, parcel)
        return self.areas[-1 - origin] if origin < 0 else self.flow.pickers[order.terms.segment]

    def carrier(self, order: Order, origin: int) -> Courier:
        """Who carries a parcel from there; that of the customer's own site for a drop-ship vendor."""
        segment = order.terms.segment
        usual = self.flow.carriers[segment]
        return self.couriers[segment][-1 - origin] if origin < 0 and self.couriers else cast(Courier, usual)


def build_delivery(state: ReplicationState) -> None:
    """Gives the flow its pickers and carriers by segment; without segments, one of each for the opening backlog."""
    scenario, flow, segments = state.scenario, state.flow, state.numbering.segments
    areas = {
        site: PickingArea(
            state.clock,
            flow,
            spec.picking.time,
            spec.picking.workers,
            state.streams,
            state.board.gate("warehouse", site),
            site or "warehouse",
        )
        for site, spec in scenario.sites.items()
    }
    flow.pickers = [areas[scenario.site_of(name)] for name in segments] or [*areas.values()]
    routes = {name: Route(state, name) for name in state.numbering.carriers}
    eventful = any(route.eventful for route in routes.values())
    contents = flow.contents = build_contents(state, eventful)
    tracking = ParcelTracking(state, contents) if contents is not None and eventful else None
    gates = {name: state.board.gate("carriers", name) for name in routes}
    couriers: dict[tuple[str | None, str | None, int], Courier] = {}

    def courier(segment: str, site: str) -> Courier:
        """Who carries parcels from a site to the customers of a segment."""
        name, home, law = scenario.carrier_of(segment), scenario.site_of(segment), scenario.transit_of(segment, site)
        key = (name, None if site == home else site, id(law))
        if key not in couriers:
            own = "" if name is None else scenario.carriers[name].stream or name
            gate = Gate() if name is None else gates[name]
            what = (own, law, state.streams, gate, key[1])
            if name is not None and tracking is not None and routes[name].eventful:
                couriers[key] = TrackedCourier(*what, route=routes[name], tracking=tracking)
            else:
                couriers[key] = Courier(*what)
        return couriers[key]

    flow.carriers = [courier(name, scenario.site_of(name)) for name in segments]
    flow.carriers = flow.carriers or [Courier("", None, state.streams, Gate())]
    if contents is not None and contents.mixed and state.numbering.shares(state.policy):
        for site, area in areas.items():
            area.others = frozenset(k for k, name in enumerate(segments) if scenario.site_of(name) != site)
        by_site = [[courier(name, site) for site in state.numbering.sites] for name in segments]
        flow.sites = DeliveryBySite(flow, contents, [areas[site] for site in state.numbering.sites], by_site)
    stops = {family for event in scenario.all_events() for family, _ in event.targets()}
    takes_time = any(area.takes_time for area in areas.values())
    followed = contents is not None and contents.everything
    at_once = not followed and not stops & {"warehouse", "carriers"}
    flow.direct, flow.picked = at_once and not takes_time, at_once and takes_time
