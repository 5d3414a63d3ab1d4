"""The switchboard: who is shut, who is slow. Every dispatch asks here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.events.event import LeadTimeRule


class Gate:
    """Lets things through while it is open and holds them, in order, while it is shut."""

    def __init__(self) -> None:
        self.shut = 0
        """How many events keep it shut."""
        self.held: list[tuple[Callable[[Any, float], None], Any]] = []
        self.watchers: list[Callable[[float], None]] = []
        """Told the time whenever it shuts or opens."""

    def hold(self, action: Callable[[Any, float], None], argument: Any) -> None:
        """Keeps action(argument, now) for the reopening."""
        self.held.append((action, argument))

    def close(self, now: float) -> None:
        """One more event keeps it shut."""
        self.shut += 1
        for told in self.watchers:
            told(now)

    def reopen(self, now: float) -> None:
        """One event less; with none left, what was held goes through in the order in which it came."""
        self.shut -= 1
        if not self.shut:
            for told in self.watchers:
                told(now)
            held, self.held = self.held, []
            for action, argument in held:
                action(argument, now)


class Switchboard:
    """Gates by (family of object, name) and the lead-time rules in force by supplier."""

    def __init__(self) -> None:
        self.gates: dict[tuple[str, str], Gate] = {}
        self.rules: dict[str, list[LeadTimeRule]] = {}
        self.paths: dict[tuple[str, str], Callable[[float, bool], None]] = {}
        """(family, name) -> what closes a way (True) or opens it."""
        self.weakened: dict[tuple[str, str], Callable[[float, bool], None]] = {}
        """(family, name) -> what takes a share of its capacity away, or gives it back."""
        self.misjudged: dict[str, list[float]] = {}
        """Factors on the forecasts of an item's demand, by item."""
        self.books: Callable[[str, int], None] = _no_books
        """What changes the record of an item's stock (see records.py)."""
        self.give_up: Callable[[str], None] = _no_assortment
        """What takes an item out of the assortment (see assortment.py)."""
        self.now: Callable[[], float] = lambda: 0.0

    def gate(self, family: str, name: str = "") -> Gate:
        """The gate of a supplier, a carrier or the warehouse."""
        return self.gates.setdefault((family, name), Gate())

    def lead_time_rules(self, supplier: str) -> list[LeadTimeRule]:
        """The rules now in force for a supplier's purchases; the list stays the same object."""
        return self.rules.setdefault(supplier, [])

    def gates_of(self, family: str, name: str) -> list[Gate]:
        """The gates that a name stands for: no name, all of the family that there are."""
        return [self.gate(family, name)] if name else [gate for (f, _), gate in self.gates.items() if f == family]

    def shut(self, family: str, name: str) -> None:
        for gate in self.gates_of(family, name):
            gate.close(self.now())

    def open(self, family: str, name: str) -> None:
        for gate in self.gates_of(family, name):
            gate.reopen(self.now())

    def slow(self, supplier: str, rule: LeadTimeRule) -> None:
        self.lead_time_rules(supplier).append(rule)

    def restore(self, supplier: str, rule: LeadTimeRule) -> None:
        self.lead_time_rules(supplier).remove(rule)

    def block(self, family: str, name: str) -> None:
        if (family, name) in self.paths:
            self.paths[family, name](self.now(), True)

    def unblock(self, family: str, name: str) -> None:
        if (family, name) in self.paths:
            self.paths[family, name](self.now(), False)

    def weaken(self, family: str, name: str, share: float) -> None:
        if (family, name) in self.weakened:
            self.weakened[family, name](share, True)

    def strengthen(self, family: str, name: str, share: float) -> None:
        if (family, name) in self.weakened:
            self.weakened[family, name](share, False)

    def misjudge(self, item: str, factor: float) -> None:
        self.misjudged.setdefault(item, []).append(factor)

    def judge_right(self, item: str, factor: float) -> None:
        self.misjudged[item].remove(factor)

    def delist(self, item: str) -> None:
        self.give_up(item)

    def misbook(self, item: str, units: int) -> None:
        self.books(item, units)


def _no_assortment(item: str) -> None:
    """Nothing is sold."""


def _no_books(item: str, units: int) -> None:
    """Nobody keeps books."""
