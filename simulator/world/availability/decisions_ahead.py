"""The replenishment decisions of one shelf from now on: the one in force, and those that a schedule plans for dates."""

from __future__ import annotations

from simulator.engine.backlog import Shelf
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.policies.replenishment.view import Rhythm
from simulator.world.suppliers.stocking_node import StockingNode


class DecisionsAhead:
    """Goes through the decisions of a shelf in order of time.

    A planner knows the entries of a schedule that have dates. It does not know when a condition (`while`) will begin or
    end: the decision that is in force now is taken to stay until the next date.
    """

    def __init__(self, node: StockingNode, shelf: Shelf, now: float) -> None:
        self.item, self.shelf = node.views[shelf.item].item, shelf
        self.changed = False
        self.decision = node.replenishment[shelf.item]
        self.rhythm = _foreseen(self.decision, self.item)
        self.reviews = node.reviewed.get(self.rhythm, 0)
        """Scheduled reviews before the next one."""
        self.changes = [change for change in node.changes_ahead.get(shelf.item, ()) if change[0] > now]
        """(day, decision) of the changes to come."""

    @property
    def trigger(self) -> float:
        """The position at or below which continuous review buys."""
        return self.rhythm.trigger if self.changed else self.shelf.trigger

    def change(self) -> float:
        """Goes on to the next decision; returns the day from which it holds."""
        day, self.decision = self.changes.pop(0)
        self.rhythm, self.changed = _foreseen(self.decision, self.item), True
        self.reviews = next((number for number, time in enumerate(self.rhythm.times()) if time >= day), 0)
        return day


def _foreseen(decision: Replenishment, item: str) -> Rhythm:
    """When the decision buys, as far as a planner can know: never, if it depends on what a player will decide."""
    return decision.rhythm(item) if decision.foreseeable else Rhythm()
