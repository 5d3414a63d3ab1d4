"""The two lanes: each replication is played by the kernel where it can, otherwise by SimPy, with the same results."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ctypes import CDLL
from threading import Lock
from typing import Literal, get_args

from simulator.foundation.collector import quiet_gc
from simulator.foundation.errors import UserError, nearest
from simulator.foundation.remembered import remembered
from simulator.kernel.book import ColumnBook
from simulator.kernel.border import library
from simulator.kernel.calls import KeptNumbers
from simulator.kernel.eligible import reasons
from simulator.kernel.outside import KernelClock
from simulator.kernel.play import KernelPlay, NotPlayed
from simulator.kpis.kpi import KPIS, Value
from simulator.randomness.streams import Streams
from simulator.record.run import Run
from simulator.scenario.loader import Loadable, loaded
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.steps import in_steps
from simulator.world import simulate as simpy_lane

Lane = Literal["auto", "simpy", "compiled"]
VARIABLE = "BACKORDER_LANE"
"""The environment variable that says what `auto` means."""
MOST_SHARED = 1_000_000
"""Orders of a book that is kept for the next policy."""
MOST_REPLAYED = 100_000
"""Orders of all plays whose memory, about 200 bytes an order, is kept for the next replication."""


class KeptPlays:
    """Plays of the policies of one scenario that go on with the next replication, so that nothing is built again.

    A copy in another process begins without any; threads may share one.
    """

    def __init__(self) -> None:
        self._scenario: Scenario | None = None
        self._plays: dict[str, KernelPlay] = {}
        self._lock = Lock()
        weakref.finalize(self, _forget, self._plays).atexit = False

    def __reduce__(self) -> tuple[type[KeptPlays], tuple[()]]:
        return KeptPlays, ()

    def take(self, scenario: Scenario, policy: str) -> KernelPlay | None:
        """The play of a policy, which is then no longer kept; None if there is none."""
        with self._lock:
            if self._scenario is not scenario:
                _forget(self._plays)
                self._scenario = scenario
            return self._plays.pop(policy, None)

    def have_room_for(self, play: KernelPlay) -> bool:
        """Whether one more play may keep its memory."""
        with self._lock:
            orders = sum(kept.book.inflow.size for kept in self._plays.values())
        return orders + play.book.inflow.size <= MOST_REPLAYED

    def keep(self, scenario: Scenario, policy: str, play: KernelPlay) -> None:
        """Keeps a play, unless another thread has kept one, or has asked for plays of another scenario."""
        with self._lock:
            if self._scenario is scenario and policy not in self._plays:
                self._plays[policy] = play
            else:
                _forget({policy: play})


def _forget(plays: dict[str, KernelPlay]) -> None:
    kernel = library()
    while plays:
        _, play = plays.popitem()
        assert kernel is not None
        play.forget(kernel)


class SharedNumbers:
    """The random numbers of one replication: what one policy draws, the next ones that the kernel plays read again."""

    def __init__(self) -> None:
        self.kept = KeptNumbers()

    def keep(self, book: ColumnBook) -> None:
        """Keeps the order book, and with it all other numbers, for the next policy, unless it is very large."""
        if book.inflow.size <= MOST_SHARED:
            self.kept.book = book
        else:
            self.kept = KeptNumbers()


def simulate(
    scenario: Loadable,
    policy: str,
    seed: int,
    replication: int = 0,
    records: bool = True,
    lane: Lane = "auto",
    shared: SharedNumbers | None = None,
    plays: KeptPlays | None = None,
) -> Run:
    """Plays [0, horizon) once.

    Args:
        scenario: the world and its policies; or the file or the name of the example that holds it.
        policy: the name of one of them.
        seed, replication: name the random numbers; the same pair gives every policy the same world.
        records: keep every fact (about 140 bytes an order); without them only sums by item are kept, memory does not
            grow with the orders, and KPIs that need single orders are undefined.
        lane: who plays: `compiled`, `simpy`, or `auto`, which is the kernel wherever it can (the environment variable
            BACKORDER_LANE may say otherwise). Results do not depend on it.
        shared: the same for all policies of a replication saves drawing their random numbers again.
        plays: the same for all replications saves building their worlds again.

    >>> import simulator
    >>> simulator.simulate(simulator.load("textbook/base-stock", ["clock.horizon=600 d"]), "base", seed=1)
    <Run of policy 'base', seed 1, replication 0: 1,203 orders in 600 d>
    >>> simulator.simulate("steady-shop", "lean", seed=1).policy
    'lean'

    Returns:
        The finished run with all its facts, or with its totals.

    Raises:
        UserError: there is no such policy, or the kernel cannot play it and `lane` demands that.
    """
    run = _played(loaded(scenario), policy, seed, replication, records, lane, shared, plays)
    run.measured = _measured
    return run


def _measured(run: Run, only: Iterable[str] | None) -> dict[str, Value]:
    from simulator.kpis.evaluate import evaluate  # not imported by commands that only ask which lane plays

    names = None if only is None else list(only)
    for name in names or ():
        if name not in KPIS:
            raise UserError(f"no KPI {name!r}{nearest(name, KPIS)}; `backorder list kpi` shows all")
    return evaluate(run, names)


def _played(
    scenario: Scenario,
    policy: str,
    seed: int,
    replication: int,
    records: bool,
    lane: Lane,
    shared: SharedNumbers | None,
    plays: KeptPlays | None,
) -> Run:
    if lane_of(scenario, policy, lane, records) == "compiled":
        with quiet_gc():
            try:
                return _in_kernel(scenario, policy, seed, replication, shared, plays)
            except NotPlayed:
                pass  # SimPy plays from the start, and words the error where there is one
    return simpy_lane.simulate(scenario, policy, seed, replication, records)


def _in_kernel(
    scenario: Scenario,
    policy: str,
    seed: int,
    replication: int,
    shared: SharedNumbers | None,
    plays: KeptPlays | None,
) -> Run:
    kernel, streams, kept = library(), Streams(seed, replication), shared.kept if shared else None
    assert kernel is not None
    play = plays.take(scenario, policy) if plays else None
    if play is None:
        play = KernelPlay(simpy_lane.build(scenario, policy, streams, KernelClock()), kept)
    else:
        with _forgotten_where_it_fails(play, kernel):
            play.turn_to(streams, kept)
    if shared:
        shared.keep(play.book)
    if plays is None or not play.replays or not plays.have_room_for(play):
        return play.run(kernel, policy, seed, replication)
    with _forgotten_where_it_fails(play, kernel):
        run = play.play(kernel, policy, seed, replication)
    plays.keep(scenario, policy, play)
    return run


@contextmanager
def _forgotten_where_it_fails(play: KernelPlay, kernel: CDLL) -> Iterator[None]:
    try:
        yield
    except BaseException:
        play.forget(kernel)
        raise


def lane_of(scenario: Scenario, policy: str, lane: Lane = "auto", records: bool = True) -> Lane:
    """Who plays a policy: `simpy` or `compiled`.

    Raises:
        UserError: there is no such lane, or `compiled` is demanded where the kernel cannot play.
    """
    asked = chosen(lane)
    if asked == "simpy" or policy not in scenario.policies:
        return "simpy"
    why = why_not(scenario, policy) if records else ["runs without records"]
    if why and asked == "compiled":
        raise UserError(f"the compiled lane cannot play policy {policy!r}: {'; '.join(why)}")
    return "simpy" if why else "compiled"


def chosen(lane: str) -> str:
    """The lane that is asked for; `auto` asks the environment."""
    asked, where = lane, "lane"
    if lane == "auto":
        asked, where = os.environ.get(VARIABLE) or "auto", VARIABLE
    if asked not in get_args(Lane):
        raise UserError(f"{where}: {asked!r} is not a lane; must be one of {', '.join(get_args(Lane))}")
    return asked


def why_not(scenario: Scenario, policy: str) -> list[str]:
    """Why the kernel does not play a policy: keys of the scenario file, or that the kernel was not built."""
    if library() is None:
        return ["this installation has no compiled kernel"]
    return remembered(scenario, ("reasons", policy), lambda: reasons(in_steps(scenario), policy))
