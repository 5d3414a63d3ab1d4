"""Builds the way to the door: the picking areas and each segment's carrier."""

from __future__ import annotations

from simulator.world.delivery.carriers import Courier
from simulator.world.delivery.picking import PickingArea
from simulator.world.state import Stage


def build_delivery(stage: Stage) -> None:
    """Gives the flow its pickers and couriers."""
    scenario, flow = stage.scenario, stage.flow
    areas = {
        site: PickingArea(
            stage.clock,
            flow,
            spec.picking.time,
            spec.picking.workers,
            stage.streams,
            stage.board.gate("warehouse", site),
            site or "warehouse",
        )
        for site, spec in scenario.sites.items()
    }
    flow.pickings = [areas[scenario.site_of(name)] for name in stage.cast.segments] or [*areas.values()]
    stops = {family for event in scenario.all_events() for family, _ in event.targets()}
    takes_time = any(area.takes_time for area in areas.values())
    flow.direct = not takes_time and not stops & {"warehouse", "carriers"}
    couriers = {
        name: Courier(
            scenario.carriers[name].stream or name,
            scenario.carriers[name].transit,
            stage.streams,
            stage.board.gate("carriers", name),
        )
        for name in stage.cast.carriers
    }
    nobody = Courier("", None, stage.streams, stage.board.gate("carriers"))
    for name in stage.cast.segments:
        chosen = scenario.carrier_of(name)
        flow.couriers.append(nobody if chosen is None else couriers[chosen])
    if not stage.cast.segments:
        flow.couriers.append(nobody)
