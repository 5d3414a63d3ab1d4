"""States of suppliers that a schedule may depend on: late, closed, slowed."""

from __future__ import annotations

from collections.abc import Callable

from simulator.engine.backlog import Order, Release
from simulator.events.effect import CapacityCut, LeadTimeChange
from simulator.policies.schedule import Condition
from simulator.scenario.schema.supply import quoted
from simulator.world.clock import Phase
from simulator.world.state import ReplicationState
from simulator.world.suppliers.purchase import Purchase

CANCEL, CLOSE = int(Phase.CANCEL), int(Phase.CLOSE)
TOLERANCE = 1e-9
"""Days that a sum of durations may be off by rounding."""
Changed = Callable[[float], None]
"""Called with the time when a state may have changed."""


class SupplierStates:
    """Follows purchases and events; whoever asks for a condition is called when it may have changed."""

    def __init__(self, state: ReplicationState, changed: Changed) -> None:
        self.state, self.clock, self.changed = state, state.clock, changed
        self.purchasing = state.flow.purchasing
        self.quoted = {name: quoted(spec) for name, spec in state.scenario.suppliers.items()}
        """Days from the decision to buy to the full delivery, by supplier."""
        self.overdue: dict[str, dict[int, Purchase]] = {}
        """Overdue purchases by supplier and number."""
        self.gates = {name: state.board.gate("suppliers", name) for name in self.quoted}
        self.purchasing.watch()
        for name in self.quoted:
            self.gates[name].watchers.append(changed)
            for effect in (LeadTimeChange, CapacityCut):
                state.board.watch(effect, "suppliers", name, changed)
        followers = state.flow.followers
        followers.purchase_made.add(self.purchase_made)
        followers.received.add(self.received)
        followers.released.add(self.released)
        for purchase in self.purchasing.inherited:
            self._watch(purchase, purchase.reaches + self.quoted[purchase.supplier.name])

    def holds(self, condition: Condition) -> bool:
        """Whether any of the suppliers is in the state under which it is named."""
        states = {"late": self.is_late, "closed": self.is_closed, "slowed": self.is_slowed}
        return any(states[key](name) for key, _, name in condition.suppliers)

    def is_late(self, supplier: str) -> bool:
        """Whether a purchase is overdue."""
        return any(self._is_open(purchase) for purchase in self.overdue.get(supplier, {}).values())

    def is_closed(self, supplier: str) -> bool:
        """Whether nothing leaves it."""
        return self.gates[supplier].shut > 0

    def is_slowed(self, supplier: str) -> bool:
        """Whether an event changes its lead times or cuts its capacity."""
        return self.state.board.in_force(("suppliers", supplier), (LeadTimeChange, CapacityCut)) > 0

    # ---------------------------------------------------------------------------------------- overdue purchases
    def purchase_made(self, purchase: Purchase, now: float) -> None:
        """Sets a timer for the day on which a purchase should have arrived."""
        self._watch(purchase, purchase.made + self.quoted[purchase.supplier.name])

    def _watch(self, purchase: Purchase, due: float) -> None:
        due = due if purchase.announced is None or purchase.released is None else purchase.announced
        self.clock.at(max(due, self.clock.now) + TOLERANCE, CANCEL, self._falls_due, purchase)

    def _falls_due(self, purchase: Purchase, now: float) -> None:
        if self._is_open(purchase):
            self.overdue.setdefault(purchase.supplier.name, {})[purchase.number] = purchase
            self.changed(now)

    def _is_open(self, purchase: Purchase) -> bool:
        """Whether any part of a purchase is still under way."""
        under_way = self.purchasing.under_way.get(purchase.shelf.item, ())
        return any(other.number == purchase.number and other.units for other in under_way)

    def received(self, purchase: Purchase, now: float) -> None:
        """A purchase, or a part of it, has arrived."""
        late = self.overdue.get(purchase.supplier.name, {})
        if purchase.number in late and not self._is_open(purchase):
            del late[purchase.number]
            self.changed(now)

    def released(self, order: Order, release: Release) -> None:
        """A cancellation may withdraw units from purchases, which then need not arrive."""
        if self.overdue and self.state.flow.replenishment[release.shelf.item].cancel_purchase:
            self.clock.at(self.clock.now, CLOSE, lambda _, now: self.changed(now), None)
