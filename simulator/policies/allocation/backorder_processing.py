"""Backorder processing: confirmations of open lines are checked again, segment by segment, each with a strategy.

The strategies are those of advanced available-to-promise in a large ERP system (SAP S/4HANA aATP, help pages on
backorder processing). `processed` holds the arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field

from simulator.foundation.plugin import Spec
from simulator.foundation.units import Text, Texts, Whole, number, wrong
from simulator.policies.allocation.allocation import Claim, Dividing, Division

Strategy = Literal["win", "gain", "improve", "redistribute", "fill", "lose", "skip"]
STRATEGIES: tuple[Strategy, ...] = ("win", "gain", "improve", "redistribute", "fill", "lose", "skip")
"""In the order in which they are processed."""
KEEPS = frozenset({"win", "gain", "improve", "skip"})
"""Strategies whose lines keep their confirmations."""
Sort = Literal["fifo", "lifo", "priority", "promise", "margin", "largest", "smallest"]
SORTS: dict[Sort, Callable[[Claim], tuple[float, ...]]] = {
    "fifo": lambda c: (c.number,),
    "lifo": lambda c: (-c.number,),
    "priority": lambda c: (c.priority, c.number),
    "promise": lambda c: (c.promised, c.number),
    "margin": lambda c: (-c.margin, c.number),
    "largest": lambda c: (-c.units, c.number),
    "smallest": lambda c: (c.units, c.number),
}


Hour = Annotated[float, BeforeValidator(number, json_schema_input_type=float), Field(ge=0, lt=24)]


class Segment(Spec):
    """Lines that are treated alike; a line belongs to the first segment that it fits."""

    name: Text = ""
    """Name of the segment."""
    customers: Texts | None = None
    """Customer segments (one, or a list); all unless given."""
    items: Texts | None = None
    """Items (one, or a list); all unless given."""
    priority: Annotated[Whole, Field(ge=1)] | None = None
    """Customers of this priority or a lower number; all unless given."""
    strategy: Strategy
    """win: confirmed in full, else an exception. gain: never less than before, more if available, else an exception.
    improve: like gain, without an exception. redistribute: may gain or lose. fill: never more than before, may lose.
    lose: gives up everything. skip: unchanged."""
    sort: Sort = "fifo"
    """Which lines come first within the segment; ties go to the older order."""

    def fits(self, claim: Claim) -> bool:
        """Whether a line belongs to it."""
        return (
            (self.customers is None or claim.segment in self.customers)
            and (self.items is None or claim.item in self.items)
            and (self.priority is None or claim.priority <= self.priority)
        )


class BackorderProcessing(Dividing, kind="backorder_processing"):
    """Open lines have confirmations against stock, which each run gives, improves, redistributes or takes away."""

    example: ClassVar = {
        "kind": "backorder_processing",
        "run": "nightly",
        "against": "expected",
        "segments": [
            {"name": "clinics", "customers": ["clinics"], "strategy": "win"},
            {"name": "shops", "customers": ["shops"], "strategy": "redistribute", "sort": "largest"},
        ],
    }
    keeps_record = True

    segments: list[Segment] = []
    """Processed strategy by strategy (win, gain, improve, redistribute, fill, lose, skip), then in the order of the
    file; a line belongs to the first one that it fits."""
    others: Strategy = "improve"
    """Strategy of lines that belong to no segment; they come after the segments of the same strategy."""
    run: Literal["events", "nightly"] = "events"
    """Whether it runs at every change of stock or backlog, or once a day."""
    at_hour: Hour = 22.0
    """Hour of the day of a nightly run, after everything else of that instant (grade D: our assumption)."""
    against: Literal["on_hand", "expected"] = "on_hand"
    """What may be confirmed: only stock on hand, or purchases under way, too, whatever their expected day."""
    new_orders: Literal["wait", "confirm"] = "wait"
    """Between nightly runs a new line waits for the next one, or is confirmed at once from unconfirmed units, even if
    older lines wait."""
    protect: Literal["none", "confirmed"] = "none"
    """`confirmed`: confirmations are fixed; only the remaining units are given."""
    on_exception: Literal["continue", "fallback", "stop"] = "continue"
    """When a win or gain line does not get what it is guaranteed: accept the result, run `fallback` instead of
    `segments`, or leave all confirmations of the item as they were."""
    fallback: list[Segment] = []
    """The segments of a run after an exception."""

    def model_post_init(self, context: object) -> None:
        if self.new_orders == "confirm" and self.run == "events":
            raise wrong("`new_orders: confirm` has no effect with `run: events`, which examines every new line")
        if self.fallback and self.on_exception != "fallback":
            raise wrong("`fallback:` has no effect without `on_exception: fallback`")
        if self.on_exception == "fallback" and not self.fallback:
            raise wrong("`on_exception: fallback` needs `fallback:`, a list of segments")

    @property
    def counts_expected(self) -> bool:
        return self.against == "expected"

    @property
    def hour(self) -> float | None:
        return self.at_hour if self.run == "nightly" else None

    @property
    def confirms_new(self) -> bool:
        return self.new_orders == "confirm"

    def divide(self, claims: Sequence[Claim], supply: int) -> Division:
        found = self._processed(self.segments, claims, supply)
        if not found.exceptions or self.on_exception == "continue":
            return found
        if self.on_exception == "fallback":
            again = self._processed(self.fallback, claims, supply)
            return again._replace(exceptions=found.exceptions)
        return kept(claims, supply, found.sequence, found.exceptions)

    def _processed(self, segments: Sequence[Segment], claims: Sequence[Claim], supply: int) -> Division:
        strategies: list[Strategy] = []
        keys: list[tuple[float, ...]] = []
        for claim in claims:
            index = next((k for k, segment in enumerate(segments) if segment.fits(claim)), len(segments))
            sort: Sort = segments[index].sort if index < len(segments) else "fifo"
            strategies.append(segments[index].strategy if index < len(segments) else self.others)
            keys.append((STRATEGIES.index(strategies[-1]), index, *SORTS[sort](claim)))
        sequence = sorted(range(len(claims)), key=lambda k: (keys[k], k))
        return processed(claims, strategies, sequence, supply, self.protect == "confirmed")


def processed(
    claims: Sequence[Claim],
    strategies: Sequence[Strategy],
    sequence: Sequence[int],
    supply: int,
    protected: bool = False,
) -> Division:
    """One run over the lines of one item.

    First, lines whose strategy keeps confirmations keep them (all lines if they are protected; if supply has fallen
    below them, the last in sequence lose theirs first). The remaining units go down the sequence: win, gain, improve
    and redistribute take up to their line, fill takes up to what it had.

    Args:
        claims: the open lines with their confirmed units.
        strategies: by claim.
        sequence: indices of the claims in the order of the run.
        supply: units that may be confirmed.
        protected: no line gives up confirmed units.

    >>> lines = [Claim(k, units=u, confirmed=c) for k, (u, c) in enumerate([(40, 10), (30, 20), (20, 20)])]
    >>> processed(lines, ["win", "gain", "fill"], range(3), 75).units
    (40, 30, 5)
    """
    units = [0] * len(claims)
    left = supply
    for k in sequence:  # keeping comes before gaining, so that no gain is paid with a protected confirmation
        if protected or strategies[k] in KEEPS:
            units[k] = min(claims[k].confirmed, left)
            left -= units[k]
    for k in sequence:
        most = {"fill": claims[k].confirmed, "lose": 0, "skip": 0}.get(strategies[k], claims[k].units)
        more = min(max(most - units[k], 0), left)
        units[k] += more
        left -= more
    owed = {"win": lambda c: c.units, "gain": lambda c: c.confirmed}
    exceptions = tuple(k for k in sequence if strategies[k] in owed and units[k] < owed[strategies[k]](claims[k]))
    return Division(tuple(units), tuple(sequence), exceptions)


def kept(claims: Sequence[Claim], supply: int, sequence: Sequence[int], exceptions: tuple[int, ...]) -> Division:
    """Confirmations as they were, as far as supply still covers them."""
    units = [0] * len(claims)
    left = supply
    for k in sequence:
        units[k] = min(claims[k].confirmed, left)
        left -= units[k]
    return Division(tuple(units), tuple(sequence), exceptions)
