"""Builds the delivery side: the picking areas and each segment's carrier."""

from __future__ import annotations

from simulator.world.delivery.carriers import Courier
from simulator.world.delivery.contents import build_contents
from simulator.world.delivery.parcels import ParcelTracking, Route, TrackedCourier
from simulator.world.delivery.picking import PickingArea
from simulator.world.state import ReplicationState
from simulator.world.switchboard import Gate


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
    couriers: dict[str | None, Courier] = {}
    for name, route in routes.items():
        key, spec = scenario.carriers[name].stream or name, scenario.carriers[name]
        gate = state.board.gate("carriers", name)
        if tracking is not None and route.eventful:
            couriers[name] = TrackedCourier(key, spec.transit, state.streams, gate, route=route, tracking=tracking)
        else:
            couriers[name] = Courier(key, spec.transit, state.streams, gate)
    couriers[None] = Courier("", None, state.streams, Gate())
    flow.carriers = [couriers[scenario.carrier_of(name)] for name in segments] or [couriers[None]]
    stops = {family for event in scenario.all_events() for family, _ in event.targets()}
    takes_time = any(area.takes_time for area in areas.values())
    followed = contents is not None and contents.everything
    flow.direct = not followed and not takes_time and not stops & {"warehouse", "carriers"}
