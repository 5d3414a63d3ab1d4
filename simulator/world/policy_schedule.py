"""The schedule of a policy: entries come into force and end, on dates or as the state of a supplier changes."""

from __future__ import annotations

from math import inf

from simulator.policies.decisions import decision_for
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.world.buying.supply_chain import asked_by
from simulator.world.clock import Phase
from simulator.world.state import ReplicationState
from simulator.world.stock.shelves import replenishment_of
from simulator.world.supplier_states import SupplierStates

SWITCH = int(Phase.SWITCH)


def build_schedule(state: ReplicationState) -> None:
    """Follows the schedule where the policy has one."""
    if state.policy.schedule:
        PolicySchedule(state)


class PolicySchedule:
    """Turns entries on and off before anything else of an instant, and records it.

    Decisions about orders are looked up in the timeline when they are needed (see `Decided`). Replenishment has timers
    and triggers, so each shelf is told of its new decision.
    """

    def __init__(self, state: ReplicationState) -> None:
        self.state, self.clock, self.entries = state, state.clock, state.policy.schedule
        self.strongest_first = sorted(range(len(self.entries)), key=lambda k: (self.entries[k].priority, k))
        self.open: set[int] = set()
        """Entries within their dates."""
        self.active: tuple[int, ...] = ()
        """Entries in force, the strongest first."""
        self.usual = list(state.replenishment)
        """The policy's own decisions, by number of the shelf."""
        self.first = state.scenario.first_suppliers()
        """The supplier of each item unless a decision names others."""
        self.changed = {k: self._decisions(k) for k in range(len(self.entries))}
        """Entry -> shelf -> its decision on replenishment."""
        for k, entry in enumerate(self.entries):
            if entry.start > 0:
                self.clock.at(entry.start, SWITCH, self.opens, k)
            if entry.end > 0:
                self.clock.at(entry.end, SWITCH, self.closes, k)
        state.flow.changes_ahead = self._changes_ahead()
        conditional = any(entry.while_ is not None for entry in self.entries)
        self.states = SupplierStates(state, self.update) if conditional else None
        # Orders that are open at the start keep the terms of their day, as far as dates tell.
        before = [entry for entry in self.entries if entry.while_ is None]
        for day in sorted({day for entry in before for day in (entry.start, entry.end) if day < 0}):
            self.open = {k for k in self._on(day) if self.entries[k].while_ is None}
            self.update(day)
        self.open = self._on(0.0)
        self.update(0.0)

    def _on(self, day: float) -> set[int]:
        """Entries whose dates contain a day."""
        return {k for k, entry in enumerate(self.entries) if entry.start <= day < entry.end}

    def _decisions(self, entry: int) -> dict[int, Replenishment]:
        decisions, numbering = self.entries[entry].replenishment, self.state.numbering
        found = {}
        for shelf, (site, name) in enumerate(numbering.shelves) if decisions else ():
            decision = replenishment_of(decisions, self.state.scenario, numbering, shelf)
            if decision is not None and decision_for(decisions, name, site) is not None:
                found[shelf] = decision
        return found

    def _changes_ahead(self) -> dict[int, list[tuple[float, Replenishment]]]:
        """What planners know of changes to come: those on dates, as if no condition held."""
        known = [k for k in self.strongest_first if self.entries[k].while_ is None and self.entries[k].foreseen]
        dated = [k for k in known if self.changed[k]]
        days = sorted({day for k in dated for day in (self.entries[k].start, self.entries[k].end)})
        found: dict[int, list[tuple[float, Replenishment]]] = {}
        for day in days:
            then = [k for k in dated if self.entries[k].start <= day < self.entries[k].end]
            for shelf in {shelf for k in dated for shelf in self.changed[k]} if 0 < day < inf else ():
                found.setdefault(shelf, []).append((day, self._decision(shelf, then)))
        return found

    def _decision(self, shelf: int, entries: list[int] | tuple[int, ...]) -> Replenishment:
        return next((self.changed[k][shelf] for k in entries if shelf in self.changed[k]), self.usual[shelf])

    # --------------------------------------------------------------------------------------------------- changes
    def opens(self, entry: int, now: float) -> None:
        """The first day of an entry has come."""
        self.open.add(entry)
        self.update(now)

    def closes(self, entry: int, now: float) -> None:
        """The day after the last one of an entry has come."""
        self.open.discard(entry)
        self.update(now)

    def _in_force(self, entry: int) -> bool:
        condition = self.entries[entry].while_
        return entry in self.open and (condition is None or (self.states is not None and self.states.holds(condition)))

    def update(self, now: float) -> None:
        """Works out which entries are in force, and changes what depends on it."""
        entries = tuple(k for k in self.strongest_first if self._in_force(k))
        if entries == self.active:
            return
        before, self.active = self.active, entries
        for entry in sorted({*before, *entries}):
            if (entry in before) != (entry in entries):
                self.state.ledger.switched.write(now, entry, entry in entries)
        self.state.decided.timeline.change(now, entries)
        for shelf in sorted({shelf for k in {*before, *entries} for shelf in self.changed[k]}):
            self._replenish(shelf, now)
        for changes in self.state.flow.followers.policy_changes:
            changes(now)

    def _replenish(self, number: int, now: float) -> None:
        """The shelf is bought for by the decision that is in force now."""
        state, decision = self.state, self._decision(number, self.active)
        if decision is state.replenishment[number]:
            return
        _, name = state.numbering.shelves[number]
        purchasing = state.flow.purchasing
        suppliers = state.scenario.suppliers
        vendors = {vendor: seller for vendor, seller in purchasing.vendors.items() if vendor in suppliers}
        purchasing.turn_to(number, asked_by(decision, name, vendors, self.first))
        if decision.cancel_purchase:
            purchasing.watch([number])
        state.flow.change_decision(state.engine.shelves[number], decision, now)
