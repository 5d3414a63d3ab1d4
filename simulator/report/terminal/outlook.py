"""What `backorder outlook` prints: the items that are owed, every open line, and every purchase under way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from simulator.experiment.results.backlog_outlook import (
    BacklogOutlook,
    ItemOutlook,
    LineOutlook,
    PurchaseOutlook,
)
from simulator.report.cards.card import Block, Card, Cell, Column, Heading, Table, Tone, notes, summary
from simulator.report.text.kpi_names import capital
from simulator.report.text.sentences import joined

TONES: dict[str, Tone] = {"no supply": "failed", "late": "bad", "at risk": "unsure", "no date": "", "on time": "good"}
"""How the urgency of a line is shown."""
MEANINGS = {
    "no supply": ("do not ship within the run", "does not ship within the run"),
    "late": ("are late or will probably be", "is late or will probably be"),
    "at risk": ("are at risk", "is at risk"),
}
"""What is said of several lines of an urgency, and of one."""


def day_text(start: dt.datetime | None, day: float | None) -> str:
    """'Wed 5 Mar', or 'day 2.3'; '' for none."""
    if day is None:
        return ""
    return f"day {day:.1f}" if start is None else f"{start + dt.timedelta(days=day):%a %-d %b}"


def shipped_text(start: dt.datetime | None, day: float | None, row: LineOutlook, never: str = "") -> str:
    """The day on which a line is shipped; of one that is not, that it is cancelled, or `never`."""
    return day_text(start, day) or ("cancelled" if row.cancel + row.drop >= 1 else never)


def percent(chance: float | None) -> str:
    """'7 %'; '' for none."""
    return "" if chance is None else f"{chance * 100:.0f} %"


def outlook_card(found: BacklogOutlook) -> Card:
    """The outlook under every policy."""
    start = found.scenario.clock.start
    blocks: list[Block] = []
    for policy in found.policies:
        lines, purchases, items = found.of(policy)
        blocks.append(Heading(f"{policy}: what is owed"))
        blocks.append(_items(found, items))
        blocks.append(Heading(f"{policy}: every open order line"))
        blocks.append(_lines(found, lines))
        if purchases:
            blocks.append(Heading(f"{policy}: every purchase under way"))
            blocks.append(_purchases(found, purchases))
    blocks += notes(_legend(found))
    blocks += summary(text for policy in found.policies for text in _conclusion(found, policy))
    today = "day 0" if start is None else f"{start:%Y-%m-%d}"
    frame = [
        f"today is {today}",
        f"{found.replications:,} replication{'s' * (found.replications != 1)}",
        f"seed {found.seed}",
    ]
    return Card(blocks, found.scenario.title or found.scenario.name, frame)


def _legend(found: BacklogOutlook) -> Iterator[str]:
    yield "50 %, 90 %: the day by which all of a line that is not cancelled has been shipped, with this probability"
    if any(row.p90 is None and row.cancel + row.drop < 1 for row in found.lines):
        end = day_text(found.scenario.clock.start, found.scenario.clock.horizon)
        yield f"empty: not before the run ends ({end})"
    yield "miss: chance that something is missing on the promised day; cancel: that the customer cancels first"


def _conclusion(found: BacklogOutlook, policy: str) -> Iterator[str]:
    """How many lines and promises are in danger, and the purchase that most units wait for."""
    lines, purchases, _ = found.of(policy)
    under = f"Under `{policy}`, " if len(found.policies) > 1 else ""
    counts = {word: sum(row.urgency == word for row in lines) for word in ("no supply", "late", "at risk")}
    said = [f"{count} {MEANINGS[word][count == 1]}" for word, count in counts.items() if count]
    of = f"of {len(lines)} open order line{'s' * (len(lines) != 1)}"
    yield capital(f"{under}{of}, {joined(said)}." if said else f"{under}none {of} is late or at risk.")
    dated = [row.miss for row in lines if row.miss is not None]
    if dated:
        yield f"Of {len(dated)} promised days that lie in the run, about {sum(dated):.0f} will be missed."
    holding = max(purchases, key=lambda row: row.held, default=None)
    if holding is not None and holding.held >= 0.5:
        day = day_text(found.scenario.clock.start, holding.p50)
        here = f", expected {day if found.scenario.clock.start else f'on {day}'}" if day else ""
        units = f"{holding.held:.0f} of {holding.orders} order{'s' * (holding.orders != 1)}"
        yield f"Most units wait for purchase {holding.purchase} of {holding.item}: {units}{here}."


def _items(of: BacklogOutlook, rows: Sequence[ItemOutlook]) -> Table:
    start = of.scenario.clock.start
    titles = ("item", "owed", "orders", "oldest order", "on hand", "on order", "next", "clear by", "told", "urgency")
    numbers = {"owed", "orders", "on hand", "on order"}
    columns = [Column(title, right=title in numbers) for title in titles]
    return Table(
        columns,
        [
            [
                row.item,
                of.quantity(row.item, row.owed),
                f"{row.orders:,}",
                f"{row.oldest} ({row.oldest_age:.0f} d)",
                of.quantity(row.item, row.on_hand),
                of.quantity(row.item, row.on_order),
                day_text(start, row.next_day),
                day_text(start, row.clear_day),
                told_text(row),
                Cell(row.urgency, TONES[row.urgency]),
            ]
            for row in rows
        ],
    )


def told_text(row: ItemOutlook) -> str:
    """'3 of 5', and how many of the days have passed."""
    passed = f", {row.passed} passed" if row.passed else ""
    return f"{row.told} of {row.orders}{passed}"


def _lines(of: BacklogOutlook, rows: Sequence[LineOutlook]) -> Table:
    start = of.scenario.clock.start
    titles = ("order", "item", "units", "age", "promised", "covered by", "50 %", "90 %", "miss", "cancel", "urgency")
    numbers = {"units", "age", "miss", "cancel"}
    dropped = any(row.drop for row in rows)
    columns = [Column(title, right=title in numbers) for title in titles]
    if dropped:
        columns.insert(-1, Column("dropped", right=True))
    found = []
    for row in rows:
        cells: list[str | Cell] = [
            row.order,
            row.item,
            of.quantity(row.item, row.units),
            f"{row.age:.0f} d",
            day_text(start, row.promised),
            row.purchase if row.covers > 0.995 else f"{row.purchase} ({percent(row.covers)})",
            shipped_text(start, row.p50, row),
            shipped_text(start, row.p90, row),
            percent(row.miss),
            percent(row.cancel),
        ]
        if dropped:
            cells.append(percent(row.drop))
        found.append([*cells, Cell(row.urgency, TONES[row.urgency])])
    return Table(columns, found, keys=2)


def _purchases(of: BacklogOutlook, rows: Sequence[PurchaseOutlook]) -> Table:
    start = of.scenario.clock.start
    titles = ("purchase", "item", "units", "supplier", "due", "50 %", "90 %", "holds up", "orders", "oldest")
    columns = [Column(title, right=title in {"units", "holds up", "orders"}) for title in titles]
    return Table(
        columns,
        [
            [
                row.purchase,
                row.item,
                of.quantity(row.item, row.units),
                row.supplier,
                day_text(start, row.due),
                day_text(start, row.p50),
                day_text(start, row.p90),
                f"{row.held:.1f}",
                f"{row.orders:,}",
                row.oldest,
            ]
            for row in rows
        ],
    )
