"""Builds the way to the door: the picking areas and each segment's carrier."""

from __future__ import annotations

from simulator.world.delivery.carriers import Courier
from simulator.world.delivery.picking import PickingArea
from simulator.world.state import ReplicationState


def build_delivery(state: ReplicationState) -> None:
    """Gives the flow its pickers and couriers."""
    scenario, flow = state.scenario, state.flow
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
    flow.pickings = [areas[scenario.site_of(name)] for name in state.numbering.segments] or [*areas.values()]
    stops = {family for event in scenario.all_events() for family, _ in event.targets()}
    takes_time = any(area.takes_time for area in areas.values())
    flow.direct = not takes_time and not stops & {"warehouse", "carriers"}
    couriers = {
        name: Courier(
            scenario.carriers[name].stream or name,
            scenario.carriers[name].transit,
            state.streams,
            state.board.gate("carriers", name),
        )
        for name in state.numbering.carriers
    }
    nobody = Courier("", None, state.streams, state.board.gate("carriers"))
    for name in state.numbering.segments:
        chosen = scenario.carrier_of(name)
        flow.couriers.append(nobody if chosen is None else couriers[chosen])
    if not state.numbering.segments:
        flow.couriers.append(nobody)
