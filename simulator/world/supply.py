"""Builds the supply side: suppliers, and who is asked for which item."""

from __future__ import annotations

from simulator.world.stage import Stage
from simulator.world.suppliers import Purchasing, Vendor


def build_supply(stage: Stage) -> None:
    """Gives the flow its purchasing."""
    cast, scenario = stage.cast, stage.scenario
    vendors = {}
    for k, name in enumerate(cast.suppliers):
        spec = scenario.suppliers[name]
        keys = {cast.index[item]: cast.catalogue.streams[item] for item in scenario.sold_by(name)}
        gate, rules = stage.board.gate("suppliers", name), stage.board.lead_time_rules(name)
        vendors[name] = Vendor(k, name, spec.stream or name, spec, keys, stage.streams, stage.flow, gate, rules)
    sources: list[list[tuple[Vendor, float]]] = []
    first = scenario.first_suppliers()
    for name, decision in zip(cast.items, stage.replenishment, strict=True):
        asked = decision.supplier
        if asked is None:
            asked = {first[name]: 1.0} if name in first else {}
        elif isinstance(asked, str):
            asked = {asked: 1.0}
        chosen = [supplier for supplier in cast.suppliers if asked.get(supplier, 0.0) > 0]
        sources.append([(vendors[supplier], asked[supplier]) for supplier in chosen])
    stage.flow.purchasing = Purchasing(stage.engine, sources)
    stage.flow.purchasing.vendors = vendors
    for item, decision in enumerate(stage.replenishment):
        if decision.cancel_purchase:
            stage.flow.purchasing.under_way[item] = []
