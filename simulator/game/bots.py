"""Bots that buy: any replenishment decision, asked round by round with what a role sees; and students' own policies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml
from pydantic import ValidationError

from simulator.foundation.datafiles import DataFiles, data_files
from simulator.foundation.errors import UserError
from simulator.foundation.units import clock_start
from simulator.game.errors import GameError
from simulator.policies.replenishment.dual import DualSourcing
from simulator.policies.replenishment.planned import Planned
from simulator.policies.replenishment.played import PlayedPurchases
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.policies.replenishment.view import DemandOutlook
from simulator.scenario.tree import nodes

LONGEST_POLICY = 2000
"""Characters of a student's policy."""
NOT_PLAYED = (Planned, DualSourcing, PlayedPurchases)
"""Kinds that need more than a role sees."""


@dataclass(frozen=True)
class RoleView:
    """What a replenishment decision sees of the game (a `StockView`)."""

    now: float
    net: int
    on_order: int
    asked: int
    reviews: int
    lead: float
    memory: Any = None
    pipeline: tuple[tuple[float, int], ...] = ()
    item: str = "item"

    @property
    def position(self) -> int:
        """Net stock and what is on order."""
        return self.net + self.on_order

    @property
    def outlook(self) -> DemandOutlook:
        """No role has a forecast (see `NOT_PLAYED`)."""
        raise NotImplementedError

    def lead_time(self, supplier: str) -> float:
        """The same for every supplier."""
        return self.lead


def bought(decision: Replenishment, views: Sequence[RoleView]) -> int:
    """Units that a decision buys at the last of these reviews, after it has seen those before."""
    view, memory = views[-1], None
    if decision.sees_history:
        for one in views:
            view = replace(one, memory=memory)
            memory = decision.remembers(view)
        view = replace(views[-1], memory=memory)
    rhythm = decision.rhythm(view.item)
    if not rhythm.is_scheduled and view.position > rhythm.trigger:
        return 0
    return sum(buy.units for buy in decision.buys(view))


def bot_policy(text: str) -> Replenishment:
    """A student's policy, such as `{kind: base_stock, S: 32}`: one replenishment decision, in the words of a scenario
    file. Nothing outside of the text is read.

    Raises:
        GameError: it is too long, no such decision, or one that a role cannot play.
    """
    if len(text) > LONGEST_POLICY:
        raise GameError("policy_long", most=LONGEST_POLICY)
    try:
        words = nodes.to_plain(nodes.parse(text, "policy"))
        with clock_start(None), data_files(DataFiles()):
            found = Replenishment.parse(words).in_units(None)
    except ValidationError as error:
        raise GameError("policy", reason="; ".join(sorted({one["msg"] for one in error.errors()}))[:300]) from error
    except (UserError, ValueError, yaml.YAMLError) as error:
        raise GameError("policy", reason=str(error)[:300]) from error
    if isinstance(found, NOT_PLAYED) or found.only_for_warehouses or found.sees_pipeline:
        raise GameError("policy_kind", kind=getattr(found, "kind", ""))
    return found
