"""Plays edits of a scenario again and again, for sliders and searches: keeps what an edit does not change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from simulator.foundation.collector import quiet_gc
from simulator.foundation.errors import UserError, nearest
from simulator.kernel.border import library
from simulator.kernel.calls import KeptNumbers
from simulator.kernel.lanes import MOST_SHARED, Lane, lane_of, simulate
from simulator.kernel.outside import KernelClock
from simulator.kernel.play import KernelPlay, NotPlayed
from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import KPIS, Undefined, Value
from simulator.randomness.streams import Streams
from simulator.record.run import Run
from simulator.scenario.loader import Loadable, loaded
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.paths import unknown
from simulator.world.simulate import build


class Player:
    """Plays one policy of a scenario after each edit, with the numbers that `run` gives for the same edits and seed.

    What an edit does not change is kept: the order books and all other random numbers while only keys of `policies`
    change, the order books while only lead times change too. There is no audit and no digest, and only the KPIs
    that are asked for are computed. Policies that the kernel cannot play are played by SimPy, with the same results.

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
        self._kept = [KeptNumbers() for _ in range(self.replications)]

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
            for run in self.play(edits):
                for key, value in evaluate(run, kpis).items():
                    found.setdefault(key, []).append(value if isinstance(value, Undefined) else float(value) + 0.0)
        return found

    def play(self, edits: Mapping[str, Any] | None = None) -> Iterator[Run]:
        """The runs of the scenario after the edits, replication by replication; see `evaluate`."""
        edits = dict(edits or {})
        scenario = self.scenario.edit(edits) if edits else self.scenario
        if lane_of(scenario, self.policy, self.lane) == "compiled":
            self._forget(edits)
            yield from self._in_kernel(scenario)
        else:
            for number in range(self.replications):
                yield simulate(scenario, self.policy, self.seed, number, lane=self.lane)

    def _forget(self, edits: Mapping[str, Any]) -> None:
        """Forgets the numbers that may differ from those of the play before."""
        changed = [path for path in {**self._edits, **edits} if self._edits.get(path) != edits.get(path)]
        world = [path for path in changed if not path.startswith("policies.")]
        same_book = all(path.startswith("suppliers.") and ".lead_time" in path for path in world)
        self._edits = edits
        if world:
            self._kept = [KeptNumbers(kept.book if same_book else None) for kept in self._kept]

    def _in_kernel(self, scenario: Scenario) -> Iterator[Run]:
        kernel = library()
        assert kernel is not None
        again: KernelPlay | None = None
        try:
            for number, kept in enumerate(self._kept):
                with quiet_gc():
                    streams = Streams(self.seed, number)
                    if again is None or kept.book is None:
                        if again is not None:
                            again.forget(kernel)
                        again = KernelPlay(build(scenario, self.policy, streams, KernelClock()), kept)
                        if again.book.inflow.size <= MOST_SHARED:
                            kept.book = again.book
                    else:
                        again.turn_to(streams, kept)
                    replays = again.replays
                    try:
                        run = again.play(kernel, self.policy, self.seed, number)
                    except NotPlayed:
                        replays = False
                        run = simulate(scenario, self.policy, self.seed, number, lane="simpy")
                    if not replays:
                        again.forget(kernel)
                        again = None
                yield run
        finally:
            if again is not None:
                again.forget(kernel)
