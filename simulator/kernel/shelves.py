"""Hands the shelves over to the kernel, as flat arrays."""

from __future__ import annotations

from collections.abc import Collection

from simulator.kernel.border import KernelWorld, pointers
from simulator.kernel.calls import whole_trigger
from simulator.kernel.numbers import RULES, whole_limit
from simulator.policies.replenishment.view import Rhythm
from simulator.world.state import ReplicationState
from simulator.world.stock.assortment import Assortment, changes

ENDS = -2
"""In place of a limit: the item ends."""


def hand_over_shelves(world: KernelWorld, state: ReplicationState, critical: Collection[str]) -> None:
    """Stock, levels and reviews of every shelf; `critical`: the items without which an order does not leave."""
    shelves, decisions = state.engine.shelves, state.replenishment
    groups = state.flow.scheduled_reviews()
    rhythms: list[Rhythm] = [rhythm for rhythm, _ in groups]

    def level(name: str) -> list[int]:
        return [int(getattr(decision, name, 0)) for decision in decisions]

    world.fill(
        shelves=len(shelves),
        on_hand=[shelf.on_hand for shelf in shelves],
        position=[shelf.position for shelf in shelves],
        limit=[whole_limit(shelf.limit) for shelf in shelves],
        trigger=[whole_trigger(shelf.trigger) for shelf in shelves],
        rule=[RULES[type(decision)] for decision in decisions],
        withdraws=[decision.cancel_purchase for decision in decisions],
        history=[decision.sees_history for decision in decisions],
        critical=[name in critical for _, name in state.numbering.shelves],
        embargo=[state.flow.embargo.get(shelf.item, 0.0) for shelf in shelves],
        s=level("s"),
        S=level("S"),
        Q=level("Q"),
        buys=[],
        groups=len(groups),
        first=[rhythm.first for rhythm in rhythms],
        period=[rhythm.period for rhythm in rhythms],
        day=[day for rhythm in rhythms for day in rhythm.days],
        day_ptr=pointers([len(rhythm.days) for rhythm in rhythms]),
        group_ptr=pointers([len(group) for group in groups.values()]),
        group_shelf=[shelf.item for group in groups.values() for shelf in group],
    )


def hand_over_assortment(world: KernelWorld, state: ReplicationState) -> None:
    """When the limit on backorders of a shelf changes, in the order in which `Assortment` sets its alarms."""
    found = []
    assortment = state.flow.followers.part(Assortment)
    assert assortment is not None
    for shelf, (_, name) in zip(state.engine.shelves, state.numbering.shelves, strict=True):
        spec = state.scenario.items[name]
        if spec.season is not None:
            found.append((spec.season.to, shelf.item, ENDS))
        found += [(day, shelf.item, whole_limit(assortment.limit(shelf, day))) for day in changes(spec)]
    world.fill(
        alarms=len(found),
        alarm_time=[day for day, _, _ in found],
        alarm_shelf=[shelf for _, shelf, _ in found],
        alarm_limit=[limit for _, _, limit in found],
    )
