"""What became of the order lines that were open at the start of one run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.model.amounts import in_units
from simulator.model.nouns import GIVEN_UP, Message
from simulator.record.facts import Facts
from simulator.record.ledger import BEFORE, Bools, FactColumns, Floats
from simulator.record.parts import NEVER, OrderPart, parts
from simulator.record.sources import component_sources, sources, transferred

ON_HAND, NOTHING = "stock", "nothing"
"""In place of a purchase: units that were on hand or came free, and units that nothing has filled."""
TOLD = (Message.CHANGED, Message.BREACH, Message.DELAYED, Message.DELAY, Message.RENEWED)
"""Messages with a new date."""


@dataclass(frozen=True)
class LineOutcomes:
    """The open lines of one run; L lines, numbered as in `OpenBook`."""

    shipped: Floats
    """Day on which the last unit left that was not cancelled before; inf: not in the run, nan: all were cancelled."""
    delivered: Floats
    """The same for the delivery."""
    late: Floats
    """1 if something was missing on the promised day that was still ordered then, 0 if not, nan without a day in the
    run."""
    left: Bools
    """Whether the customer cancelled a unit before it was shipped."""
    dropped: Bools
    """Whether the seller did."""
    told: Bools
    """Whether the customer read a message with a new date."""
    names: tuple[str, ...]
    """The purchase that filled the last units: its number in the user's books, or 'row N' of the file, 'new from
    SUPPLIER', 'sent by SITE', `ON_HAND` or `NOTHING`."""
    given: dict[tuple[int, int], float]
    """(purchase, line) -> units that it gave to the line; to a line of kits, units of a component."""
    received: dict[int, float]
    """Purchase -> the day of its last receipt."""
    known: tuple[int, ...]
    """Numbers of the purchases of today's books, in the order of their file."""


def outcomes(facts: Facts) -> LineOutcomes:
    """What became of every open line; all times are days from the start."""
    opening, heads = facts.opening, facts.line_starts
    lines = int(heads[opening.count])
    found = {name: np.full(lines, np.nan) for name in ("shipped", "delivered", "late")}
    left, dropped = np.zeros(lines, dtype=bool), np.zeros(lines, dtype=bool)
    by_order = parts(facts, list(range(opening.count)))
    for order, some in by_order.items():
        by_line: dict[int, list[OrderPart]] = {}
        for part in some:
            by_line.setdefault(int(heads[order]) + part.line, []).append(part)
        for line, mine in by_line.items():
            kept = [part for part in mine if part.gone == NEVER]
            for name in ("shipped", "delivered"):
                found[name][line] = max((getattr(part, name) for part in kept), default=np.nan)
            left[line] = any(part.cause in GIVEN_UP for part in mine)
            dropped[line] = any(part.cause >= 0 and part.cause not in GIVEN_UP for part in mine)
            found["late"][line] = _late(mine, opening.promised[line], facts.world.horizon)
    names, given = _sources(facts, lines)
    receipts = facts.receipts
    received = dict(zip(receipts.numbers("purchase").tolist(), receipts["time"].tolist(), strict=True))
    known = tuple(opening.purchases)
    return LineOutcomes(
        **found, left=left, dropped=dropped, told=_told(facts), names=names, given=given, received=received, known=known
    )


def _late(mine: list[OrderPart], promised: float, horizon: float) -> float:
    """Whether units were missing on the promised day that the customer had not given up by then."""
    if np.isnan(promised) or promised >= horizon:
        return np.nan
    given_up = [part for part in mine if part.cause in GIVEN_UP and part.gone <= promised]
    still = [part for part in mine if part not in given_up]
    return float(any(part.delivered > promised for part in still)) if still else np.nan


def _own(facts: Facts, table: FactColumns) -> NDArray[np.intp]:
    """Rows of a table that are about open orders."""
    return np.flatnonzero((table["order"] >= 0) & (table["order"] < facts.opening.count))


def _sources(facts: Facts, lines: int) -> tuple[tuple[str, ...], dict[tuple[int, int], float]]:
    """The purchase that filled the last units of every line, and the units that each purchase gave to each line."""
    fills, purchase = facts.fills, facts.receipts.numbers("purchase")
    last = [NOTHING] * lines
    given: dict[tuple[int, int], float] = {}
    for row in _own(facts, fills).tolist():
        line = int(facts.line_starts[int(fills["order"][row])] + fills["line"][row])
        some = [*sources(facts, row), *component_sources(facts, row)]
        found = [(int(purchase[receipt]), units) for receipt, units in some]
        last[line] = _named(facts, found[-1][0]) if found else _from_stock(facts, row)
        for number, units in found:
            given[number, line] = given.get((number, line), 0.0) + units
    return tuple(last), {key: in_units(facts.world, units) for key, units in given.items()}


def _from_stock(facts: Facts, fill: int) -> str:
    """What filled a line that no receipt did: units that another site sent, or stock."""
    origin = transferred(facts, fill)
    return f"sent by {origin}" if origin else ON_HAND


def _named(facts: Facts, purchase: int) -> str:
    """A purchase by its number in the user's books, if it is in them."""
    if purchase in facts.opening.purchases:
        return facts.opening.purchases[purchase].name
    supplier = facts.world.suppliers[int(facts.purchases["supplier"][purchase])].name
    before = facts.purchases["time"][purchase] == BEFORE
    return f"{'under way' if before else 'new'} from {supplier}"


def _told(facts: Facts) -> Bools:
    """Whether the customer of every line read a message with a new date."""
    notices = facts.notices
    rows = _own(facts, notices)
    rows = rows[(notices["read"][rows] > 0) & np.isin(notices["message"][rows], TOLD)]
    told = np.isin(np.arange(facts.opening.count), notices["order"][rows])
    found: Bools = np.repeat(told, facts.demand.counts[: facts.opening.count])
    return found
