"""Builds the way to the door: the picking area and each segment's carrier."""

from __future__ import annotations

from simulator.world.carriers import Courier
from simulator.world.stage import Stage
from simulator.world.warehouse import PickingArea


def build_delivery(stage: Stage) -> None:
    """Gives the flow its pickers and couriers."""
    scenario, flow = stage.scenario, stage.flow
    picking = scenario.warehouse.picking
    gate = stage.board.gate("warehouse")
    flow.picking = PickingArea(stage.clock, flow, picking.time, picking.workers, stage.streams, gate, "warehouse")
    stops = {family for event in scenario.all_events() for family, _ in event.targets()}
    flow.direct = not flow.picking.takes_time and not stops & {"warehouse", "carriers"}
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
