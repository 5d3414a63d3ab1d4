"""Played replenishment: the units that somebody decided to buy, round by round, as in a class game."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import PrivateAttr

from simulator.foundation.quantities import Units
from simulator.foundation.rounds import RoundByRound, nothing_beside, plain_rounds
from simulator.foundation.units import Text, wrong
from simulator.policies.replenishment.replenishment import Periodic, Replenishment
from simulator.policies.replenishment.view import Buy, Rhythm, StockView, buy


class PlayedPurchases(RoundByRound, Periodic, kind="played"):
    """Buys what is listed, review by review, whatever the stock; or as the decision of each round says.

    The purchases or levels of a game, or of a plan made by hand. Nobody knows those to come: dates that are promised
    count only on what has been bought.
    """

    foreseeable = False
    example: ClassVar = {"kind": "played", "R": "7 d", "first": "0 d", "units": [4, 0, 8]}

    units: list[Units] | dict[Text, list[Units]] = []
    """Units bought at each review, from the first on; nothing after the last. A mapping supplier -> list buys from
    several suppliers at once."""
    decisions: list[Replenishment] = []
    """In place of `units`: the decision of each round of R days, from the start on, such as `{kind: s_S, s: 5, S: 20}`;
    the last one stays in force."""
    _buys: dict[float, tuple[Buy, ...]] = PrivateAttr(default_factory=dict)

    def model_post_init(self, context: Any) -> None:
        if bool(self.units) == bool(self.decisions):
            raise wrong("give either `units`, bought at each review, or `decisions`, one for each round")
        if self.decisions:
            nothing_beside(self, {"R", "decisions"})
            plain_rounds(self.decisions)
        first = self.R if self.first is None else self.first
        if isinstance(self.units, dict):
            rounds = max(map(len, self.units.values()), default=0)
            found = [
                tuple(Buy(units[k], name) for name, units in self.units.items() if k < len(units) and units[k])
                for k in range(rounds)
            ]
        else:
            found = [buy(units) for units in self.units]
        self._buys = {first + k * self.R: buys for k, buys in enumerate(found) if buys}

    @property
    def suppliers(self) -> tuple[str, ...]:
        """The suppliers that `units` names."""
        return tuple(self.units) if isinstance(self.units, dict) else ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlayedPurchases) and self.model_dump() == other.model_dump()

    __hash__ = None  # type: ignore[assignment]

    def rhythm(self, item: str) -> Rhythm:
        return self.decisions[0].rhythm(item) if self.decisions else Rhythm(days=tuple(self._buys))

    def buys(self, view: StockView) -> tuple[Buy, ...]:
        return self.decisions[0].buys(view) if self.decisions else self._buys.get(view.now, ())
