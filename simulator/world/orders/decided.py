"""The decisions in force: which of several decisions of a family governs an order, or one of its lines.

An order is treated by the decisions that were in force when it was placed, from then on and whatever changes later. An
order with lines of several items has the most specific of their decisions; of equally specific ones, that of its first
line (see `OrderChoice`, which says the same for all orders of a finished run at once).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import inf
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from simulator.engine.backlog import Order
from simulator.foundation.plugin import Plugin
from simulator.foundation.remembered import remembered
from simulator.model.choice import BASE, LAYER, OrderChoice
from simulator.model.nouns import Refusal, World
from simulator.policies.acceptance import Acceptance, Always
from simulator.policies.communication import Communication, Silent
from simulator.policies.decisions import only, ranked_decision, reach_of
from simulator.policies.fulfilment import AsAvailable, Fulfilment
from simulator.policies.payment import PayAtOrder, Payment
from simulator.policies.policy import Policy
from simulator.policies.promise import NoPromise, Promise
from simulator.policies.sourcing.sourcing import HomeSite, Sourcing
from simulator.policies.window import NoWindow, Window
from simulator.world.numbering import Numbering, payment_facts

D = TypeVar("D", bound=Plugin)


class Timeline:
    """Which entries of the schedule are in force, from which day on."""

    def __init__(self) -> None:
        self.times = [-inf]
        self.states: list[tuple[int, ...]] = [()]
        """Entries in force by number of the state, the strongest first."""

    def state_at(self, time: float) -> int:
        """The number of the state at a time; at the time of a change, the new one."""
        return bisect_right(self.times, time) - 1

    def change(self, time: float, entries: Sequence[int]) -> None:
        """From now on these entries are in force, the strongest first."""
        self.times.append(time)
        self.states.append(tuple(entries))


class Layer(NamedTuple, Generic[D]):
    """The decisions of the policy (`BASE`) or of an entry of its schedule."""

    entry: int
    decisions: Mapping[str, D]


class InForce(Generic[D]):
    """The decisions of one family."""

    def __init__(
        self,
        decisions: Mapping[str, D],
        default: D,
        numbering: Numbering,
        timeline: Timeline,
        changes: Sequence[Layer[D]] = (),
    ) -> None:
        """`default` holds where nothing is said; `changes` are those of the schedule, the strongest last."""
        self.numbering, self.timeline, self.default = numbering, timeline, default
        self.layers = [Layer(BASE, decisions), *changes]
        self.places = {layer.entry: place for place, layer in enumerate(self.layers)}
        self.only = None if changes else only(decisions)
        """The decision for everything; None where they differ."""
        found = [decision for layer in self.layers for decision in layer.decisions.values()]
        self.all: tuple[D, ...] = tuple(found) if "default" in decisions else (*found, default)
        """Every decision that may ever be in force."""
        self.by_order = bool(changes) or any(reach_of(key).segment for key in decisions)
        """Whether two orders for the same item may have different decisions."""
        self.known: dict[tuple[tuple[int, ...], str, int], tuple[int, D]] = {}
        """By entries in force, segment and item."""

    def of(self, order: Order) -> D:
        """The decision that governs an order."""
        if self.only is not None:
            return self.only
        state, segment = self.timeline.state_at(order.placed), self._segment(order)
        best: tuple[int, D] | None = None
        for item in order.arrival.extras.asked or order.arrival.items:
            found = self._found(state, segment, item)
            if best is None or found[0] > best[0]:
                best = found
        return self.default if best is None else best[1]

    def of_line(self, order: Order, item: int) -> D:
        """The decision for one of an order's items, by number of its shelf."""
        if self.only is not None:
            return self.only
        return self._found(self.timeline.state_at(order.placed), self._segment(order), item)[1]

    def now(self, item: int, segment: str = "") -> D:
        """The decision for an item that is in force now; without a segment, the one for segments without their own."""
        return self.only if self.only is not None else self._found(len(self.timeline.times) - 1, segment, item)[1]

    def _segment(self, order: Order) -> str:
        """Its name; a backlog from before the start belongs to no segment."""
        return self.numbering.segments[order.terms.segment] if order.number >= 0 else ""

    def _found(self, state: int, segment: str, item: int) -> tuple[int, D]:
        key = (self.timeline.states[state], segment, item)
        if key not in self.known:
            self.known[key] = self._looked_up(*key)
        return self.known[key]

    def _looked_up(self, entries: tuple[int, ...], segment: str, item: int) -> tuple[int, D]:
        site, name = self.numbering.shelves[item]
        for entry in (*entries, BASE):
            place = self.places.get(entry)
            if place is not None and (found := ranked_decision(self.layers[place].decisions, name, site, segment)):
                return LAYER * place + found[0], found[1]
        return 0, self.default

    def choice(self) -> OrderChoice | None:
        """The same for all orders of a finished run; decisions by their number in `all`. None where they are one."""
        if self.only is not None:
            return None
        numbers = {id(decision): number for number, decision in enumerate(self.all)}
        shape = (len(self.layers), max(len(self.numbering.segments), 1), len(self.numbering.shelves))
        kinds, ranks = np.full(shape, -1), np.zeros(shape, dtype=np.int64)
        kinds[0] = len(self.all) - 1 if "default" not in self.layers[0].decisions else 0
        for place, layer in enumerate(self.layers):
            for s, segment in enumerate(self.numbering.segments):
                for k, (site, name) in enumerate(self.numbering.shelves):
                    if found := ranked_decision(layer.decisions, name, site, segment):
                        ranks[place, s, k], kinds[place, s, k] = found[0], numbers[id(found[1])]
        return OrderChoice(tuple(layer.entry for layer in self.layers), kinds, ranks)


class ForTheShop(Generic[D]):
    """A decision that is the same for all orders and items, and may change with the schedule."""

    def __init__(self, usual: D, changes: Mapping[int, D], timeline: Timeline) -> None:
        self.usual, self.changes, self.timeline = usual, changes, timeline
        self.all: tuple[D, ...] = (usual, *changes.values())
        """Every decision that may ever be in force."""

    @property
    def now(self) -> D:
        """The decision that is in force now."""
        if not self.changes:
            return self.usual
        entries = self.timeline.states[-1]
        return next((self.changes[entry] for entry in entries if entry in self.changes), self.usual)


class Decided:
    """The decisions that are asked at the moment of decision, family by family."""

    def __init__(self, policy: Policy, numbering: Numbering) -> None:
        self.timeline = timeline = Timeline()

        strongest_last = sorted(enumerate(policy.schedule), key=lambda entry: (-entry[1].priority, -entry[0]))

        def in_force(name: str, decisions: Mapping[str, D], default: D) -> InForce[D]:
            changes: list[Layer[D]] = [
                Layer(number, getattr(entry, name)) for number, entry in strongest_last if getattr(entry, name)
            ]
            return InForce(decisions, default, numbering, timeline, changes)

        self.acceptance: InForce[Acceptance] = in_force("acceptance", policy.acceptance, Always())
        self.promise: InForce[Promise] = in_force("promise", policy.promise, NoPromise())
        self.communication: InForce[Communication] = in_force("communication", policy.communication, Silent())
        self.fulfilment: InForce[Fulfilment] = in_force("fulfilment", policy.fulfilment, AsAvailable())
        self.window: InForce[Window] = in_force("window", policy.window, NoWindow())
        self.payment: InForce[Payment] = in_force("payment", policy.payment, PayAtOrder())
        self.sourcing: InForce[Sourcing] = in_force("sourcing", policy.sourcing, HomeSite())
        self.procurement = self._for_the_shop(policy.procurement, {k: e.procurement for k, e in strongest_last})
        self.promotion = self._for_the_shop(policy.promotion, {k: e.promotion for k, e in strongest_last})
        self.allocation = self._for_the_shop(policy.allocation, {k: e.allocation for k, e in strongest_last})
        self.transfers = self._for_the_shop(policy.transfers, {k: e.transfers for k, e in strongest_last})
        self.policy, self.numbering = policy, numbering

    def _for_the_shop(self, usual: D, changes: Mapping[int, D | None]) -> ForTheShop[D]:
        return ForTheShop(usual, {k: found for k, found in changes.items() if found is not None}, self.timeline)

    def world(self) -> World:
        """What the facts of a replication refer to, with payments that differ by order; it follows from the scenario
        and the policy alone."""
        return remembered(self.numbering.scenario, ("world", id(self.policy)), self._world)

    def _world(self) -> World:
        acceptance = self.acceptance
        explained = acceptance.by_order or any(one.caps for one in acceptance.all)
        rules = {rule for one in acceptance.all for rule in one.rules} | {Refusal.CLOSED}
        refusals = tuple(sorted(rules)) if explained else ()
        found = replace(self.numbering.world(self.policy), refusals=refusals)
        if self.payment.only is not None:
            return found
        payments = tuple(map(payment_facts, self.payment.all))
        return replace(found, payments=payments, payment_choice=self.payment.choice())
