"""What the kinds `played` share: decisions in a row, each for the same number of days."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from simulator.foundation.plugin import Plugin
from simulator.foundation.units import wrong

SHORTEST_ROUND = 1e-3
"""Days; shorter rounds are probably mistakes."""
SLACK = 1e-9
"""Rounds that a product of days may be off by rounding."""


class RoundByRound:
    """Mixed into the kinds `played`, which declare the keys `R` and `decisions`: the last decision stays in force."""

    if TYPE_CHECKING:  # pydantic would take annotations for keys of the mixin's own
        R: float
        decisions: Any

    def model_post_init(self, context: object) -> None:
        nothing_beside(cast(Plugin, self), {"R", "decisions"})
        plain_rounds(self.decisions)

    @property
    def length(self) -> float:
        """Days of a round."""
        return self.R

    @property
    def rounds(self) -> list[Any]:
        """The decisions, round by round."""
        found: list[Any] = self.decisions
        return found

    @property
    def edges(self) -> Iterator[float]:
        """The days on which a round begins, but for the first."""
        return (k * self.length for k in range(1, len(self.rounds)))

    def at(self, day: float) -> Any:
        """The decision of the round in which a day is."""
        return self.rounds[min(int(day / self.length + SLACK), len(self.rounds) - 1)]


def plain_rounds(decisions: list[Any]) -> None:
    """Refuses rounds within rounds.

    Raises:
        PydanticCustomError: a decision is itself of kind `played`.
    """
    for k, one in enumerate(decisions):
        if isinstance(one, RoundByRound):
            raise wrong(f"decisions[{k}]: a decision of a round cannot be `played` itself")


def nothing_beside(decision: Plugin, keys: set[str]) -> None:
    """Refuses keys beside those of the rounds, which would have no effect.

    Raises:
        PydanticCustomError: there is one.
    """
    fields = type(decision).model_fields
    for name in sorted(decision.model_fields_set - keys - {"kind"}):
        if getattr(decision, name) != fields[name].get_default(call_default_factory=True):
            raise wrong(f"`{name}` has no effect here; write it in each of the `decisions`")
