"""Plays edits of a scenario again and again, for sliders and searches: keeps what an edit does not change."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from ctypes import CDLL
from typing import Any, TypeVar

from simulator.foundation.collector import quiet_gc
from simulator.foundation.errors import UserError, nearest
from simulator.kernel.border import library
from simulator.kernel.calls import KeptNumbers
from simulator.kernel.lanes import MOST_SHARED, Lane, lane_of, simulate
from simulator.kernel.outside import KernelClock
from simulator.kernel.play import KernelPlay, NotPlayed
from simulator.kernel.sums import RowsNeeded, measurable
from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.evidence.evidence import Evidence
from simulator.kpis.kpi import KPIS, Undefined, Value
from simulator.randomness.streams import Streams
from simulator.record.run import Run
from simulator.scenario.loader import Loadable, loaded
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import unknown
from simulator.world.grains import steps_are_grains
from simulator.world.simulate import build

T = TypeVar("T")
Measure = Callable[[Run, Evidence], T]


class Player:
    """Plays one policy of a scenario after each edit, with the numbers that `run` gives for the same edits and seed.

    What an edit does not change is kept: the order books and all other random numbers while only keys of `policies`
    change, the order books while only lead times change too. There is no audit and no digest, and only the KPIs
    that are asked for are computed: the kernel adds up what they need of every parcel, and writes no rows of it.
    Policies that the kernel cannot play are played by SimPy, with the same results.

    >>> import simulator
    >>> scenario = simulator.load("steady-shop", ["clock.horizon=180 d"])
    >>> player = simulator.Player(scenario, "lean", replications=2)
    >>> few = player.evaluate(["fill_rate"], {"policies.lean.replenishment.default.s": "7 d"})
    >>> more = player.evaluate(["fill_rate"], {"policies.lean.replenishment.default.s": "21 d"})
    >>> [a < b for a, b in zip(few["fill_rate"], more["fill_rate"])]
    [True, True]

    Args:
        scenario: the scenario before any edit, or the file or the name of the example that holds it; it must have been
            loaded, not built.
        policy: the name of the policy.
        replications: how many; the scenario's own number by default.
        seed: of all random streams; the scenario's own by default.
        lane: who plays, see `simulate`.

    Raises:
        UserError: there is no such policy, or there are no replications.
    """

    def __init__(
        self,
        scenario: Loadable,
        policy: str,
        replications: int | None = None,
        seed: int | None = None,
        lane: Lane = "auto",
    ) -> None:
        scenario = loaded(scenario)
        if policy not in scenario.policies:
            raise UserError(unknown(policy, scenario.policies, "policy", "policies"))
        own = scenario.experiment
        self.scenario, self.policy, self.lane = scenario, policy, lane
        self.replications = own.replications if replications is None else replications
        if self.replications < 1:
            raise UserError(f"replications: {self.replications} is out of range; must be at least 1")
        self.seed = own.seed if seed is None else seed
        self._edits: Mapping[str, Any] = {}
        """Those of the last play."""
        self._edited = self._edits, scenario
        """Edits, and the scenario after them."""
        self._kept: dict[int, KeptNumbers] = {}
        """By replication."""
        self._rows: dict[Hashable, set[str]] = {}
        """Tables of which rows were needed, by what was measured."""

    def evaluate(self, kpis: Sequence[str], edits: Mapping[str, Any] | None = None) -> dict[str, list[Value]]:
        """The values of these KPIs by replication after the edits; a KPI with parts has a key for each.

        Args:
            kpis: identifiers, see `backorder list kpi`.
            edits: {dotted path: value}, as for `Scenario.edit`; always changes of the scenario before any edit.

        Raises:
            UserError: there is no such KPI, or the changed scenario is not valid.
        """
        for name in kpis:
            if name not in KPIS:
                raise UserError(f"no KPI {name!r}{nearest(name, KPIS)}; `backorder list kpi` shows all")
        found: dict[str, list[Value]] = {}
        with quiet_gc():
            for values in self._measured(lambda run, e: evaluate(run, kpis, e), edits, 0, tuple(kpis)):
                for key, value in values.items():
                    found.setdefault(key, []).append(value if isinstance(value, Undefined) else float(value) + 0.0)
        return found

    def measured(self, measure: Measure[T], edits: Mapping[str, Any] | None = None, first: int = 0) -> Iterator[T]:
        """What a function says about the run of each replication after the edits.

        Args:
            measure: a function of the run and its evidence. It must not keep them, as there are no facts of an earlier
                replication, and it is called again where it asks for the rows of a table that was only summed.
            edits: see `evaluate`.
            first: the number of the first replication.
        """
        return self._measured(measure, edits, first, "measured")

    def play(self, edits: Mapping[str, Any] | None = None) -> Iterator[Run]:
        """The runs of the scenario after the edits, one by one, with all their facts; see `evaluate`."""

        def played(play: KernelPlay, number: int) -> Run:
            with quiet_gc():
                return play.play(_kernel(), self.policy, self.seed, number)

        return self._played(edits, 0, played, lambda run: run)

    def _measured(
        self, measure: Measure[T], edits: Mapping[str, Any] | None, first: int, name: Hashable
    ) -> Iterator[T]:
        """`measured`; which tables need rows is remembered under the name."""
        tables = self._rows.setdefault(name, set())

        def simulated(run: Run) -> T:
            return measure(run, evidence_of(run))

        def played(play: KernelPlay, number: int) -> T:
            if not steps_are_grains(play.state.scenario):  # sums would add steps of different sizes
                return simulated(play.play(_kernel(), self.policy, self.seed, number))
            evidence = measurable(play, _kernel(), self.policy, (self.seed, number), tables)
            try:
                found = measure(evidence.facts, evidence)
            except RowsNeeded as needed:
                tables.add(str(needed))
                raise
            evidence.keep_known()
            return found

        return self._played(edits, first, played, simulated)

    def _played(
        self,
        edits: Mapping[str, Any] | None,
        first: int,
        played: Callable[[KernelPlay, int], T],
        simulated: Callable[[Run], T],
    ) -> Iterator[T]:
        """What these functions make of each replication: of one that is ready for the kernel, and of a run by SimPy."""
        edits = dict(edits or {})
        if self._edited[0] != edits:
            self._edited = edits, self.scenario.edit(edits) if edits else self.scenario
        scenario = self._edited[1]
        if lane_of(scenario, self.policy, self.lane) == "compiled":
            self._forget(edits)
            yield from self._in_kernel(scenario, first, played, simulated)
        else:
            for number in range(first, self.replications):
                yield simulated(simulate(scenario, self.policy, self.seed, number, lane=self.lane))

    def _forget(self, edits: Mapping[str, Any]) -> None:
        """Forgets the numbers that may differ from those of the play before."""
        changed = [path for path in {**self._edits, **edits} if self._edits.get(path) != edits.get(path)]
        world = [path for path in changed if not path.startswith("policies.")]
        same_book = all(path.startswith("suppliers.") and ".lead_time" in path for path in world)
        self._edits = edits
        if world:
            self._kept = {n: KeptNumbers(kept.book) for n, kept in self._kept.items()} if same_book else {}

    def _in_kernel(
        self, scenario: Scenario, first: int, played: Callable[[KernelPlay, int], T], simulated: Callable[[Run], T]
    ) -> Iterator[T]:
        again: KernelPlay | None = None
        number = first
        try:
            while number < self.replications:
                again = self._ready(scenario, number, again)
                replays = again.replays
                try:
                    found = [played(again, number)]
                except NotPlayed:
                    replays = False
                    found = [simulated(simulate(scenario, self.policy, self.seed, number, lane="simpy"))]
                except RowsNeeded:
                    replays, found = False, []  # once more, with them
                if not replays:
                    again.forget(_kernel())
                    again = None
                number += len(found)
                yield from found
        finally:
            if again is not None:
                again.forget(_kernel())

    def _ready(self, scenario: Scenario, number: int, again: KernelPlay | None) -> KernelPlay:
        """A play of a replication: the one before where it can play again, or a new one."""
        kept, streams = self._kept.setdefault(number, KeptNumbers()), Streams(self.seed, number)
        with quiet_gc():
            if again is None:
                again = KernelPlay(build(scenario, self.policy, streams, KernelClock()), kept)
            else:
                again.turn_to(streams, kept)
        if again.book.inflow.size <= MOST_SHARED:
            kept.book = again.book
        return again


def _kernel() -> CDLL:
    found = library()
    assert found is not None
    return found
