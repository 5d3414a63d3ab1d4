"""The switchboard: what each effect of an event acts on, by the family and name of its target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from simulator.events.effect import EventEffect, ForecastScaling, LeadTimeChange, LeadTimeRule, Stoppage
from simulator.foundation.errors import UserError
from simulator.world.clock import Clock


class Gate:
    """Lets things through while it is open and holds them, in order, while it is shut."""

    def __init__(self) -> None:
        self.shut = 0
        """Number of events that keep it shut."""
        self.held: list[tuple[Callable[[Any, float], None], Any]] = []
        self.watchers: list[Callable[[float], None]] = []
        """Called with the time whenever it shuts or opens."""

    def hold(self, action: Callable[[Any, float], None], argument: Any) -> None:
        """Keeps action(argument, now) for the reopening."""
        self.held.append((action, argument))

    def close(self, now: float) -> None:
        """One more event keeps it shut."""
        self.shut += 1
        for watcher in self.watchers:
            watcher(now)

    def reopen(self, now: float) -> None:
        """One event fewer keeps it shut; after the last, what was held goes through in the order in which it came."""
        self.shut -= 1
        if not self.shut:
            for watcher in self.watchers:
                watcher(now)
            held, self.held = self.held, []
            for action, argument in held:
                action(argument, now)


class EffectControl(NamedTuple):
    """What answers to one kind of effect on one target."""

    begin: Callable[[Any], None]
    """Called with the effect when it starts."""
    end: Callable[[Any], None]
    """Called with the effect when it ends."""


def _nothing(_: EventEffect) -> None:
    """For effects that are permanent, or that their targets know of beforehand."""


class Switchboard:
    """Controls by kind of effect, family and name; an effect that nothing answers to is an error, never ignored."""

    def __init__(self, clock: Clock, items: Iterable[str] = ()) -> None:
        self.clock = clock
        self.controls: dict[tuple[type[EventEffect], str], dict[str, EffectControl]] = {}
        self.gates: dict[tuple[str, str], Gate] = {}
        self.rules: dict[str, list[LeadTimeRule]] = {}
        self.active: Counter[tuple[type[EventEffect], str, str]] = Counter()
        """Effects in force by kind, family and name."""
        self.watchers: dict[tuple[type[EventEffect], str, str], list[Callable[[float], None]]] = {}
        """By kind of effect, family and name: called with the time when such an effect has begun or ended."""
        self.forecast_factors: dict[str, list[float]] = {}
        """Factors on the forecasts of an item's demand that are in force, by item."""
        factors = self.forecast_factors
        self.register(
            ForecastScaling,
            "items",
            items,
            lambda effect: factors.setdefault(effect.target.name, []).append(effect.factor),
            lambda effect: factors[effect.target.name].remove(effect.factor),
        )

    def register(
        self,
        effect: type[EventEffect],
        family: str,
        names: Iterable[str],
        begin: Callable[[Any], None] = _nothing,
        end: Callable[[Any], None] = _nothing,
    ) -> None:
        """Declares what answers to a kind of effect on these targets."""
        self.controls.setdefault((effect, family), {}).update(dict.fromkeys(names, EffectControl(begin, end)))

    def gate(self, family: str, name: str) -> Gate:
        """The gate of a supplier, a carrier or a warehouse, which a `Stoppage` shuts."""
        if (family, name) not in self.gates:
            self.gates[family, name] = gate = Gate()
            self.register(
                Stoppage,
                family,
                [name],
                lambda _: gate.close(self.clock.now),
                lambda _: gate.reopen(self.clock.now),
            )
        return self.gates[family, name]

    def lead_time_rules(self, supplier: str) -> list[LeadTimeRule]:
        """The rules in force for a supplier's purchases; the list stays the same object."""
        if supplier not in self.rules:
            self.rules[supplier] = rules = []
            self.register(
                LeadTimeChange,
                "suppliers",
                [supplier],
                lambda effect: rules.append(effect.rule),
                lambda effect: rules.remove(effect.rule),
            )
        return self.rules[supplier]

    def watch(self, effect: type[EventEffect], family: str, name: str, watcher: Callable[[float], None]) -> None:
        """Calls the watcher with the time when such an effect on the target has begun or ended."""
        self.watchers.setdefault((effect, family, name), []).append(watcher)

    def in_force(self, target: tuple[str, str], kinds: Iterable[type[EventEffect]]) -> int:
        """How many effects of these kinds are in force on a target (family, name)."""
        return sum(self.active[kind, *target] for kind in kinds)

    def _tell(self, effect: EventEffect, change: int) -> None:
        self.active[type(effect), *effect.target] += change
        for watcher in self.watchers.get((type(effect), *effect.target), ()):
            watcher(self.clock.now)

    def controls_of(self, effect: EventEffect) -> list[EffectControl]:
        """What answers to an effect; several controls where its target is a whole family.

        Raises:
            UserError: nothing in this world answers to such an effect on its target.
        """
        family, name = effect.target
        known = self.controls.get((type(effect), family), {})
        if name in known:
            return [known[name]]
        if name or not known:
            what = f"{type(effect).__name__} of {name!r} ({family})"
            raise UserError(f"an event would have no effect: nothing in this scenario answers to a {what}")
        return list(known.values())

    def begin(self, effect: EventEffect) -> None:
        """The effect starts now."""
        for control in self.controls_of(effect):
            control.begin(effect)
        self._tell(effect, 1)

    def end(self, effect: EventEffect) -> None:
        """The effect ends now."""
        for control in self.controls_of(effect):
            control.end(effect)
        self._tell(effect, -1)
