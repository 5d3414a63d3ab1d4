"""The page of a planner: what is owed, when each open order line ships, what each purchase holds up."""

from __future__ import annotations

import datetime as dt
from typing import Any

from simulator.experiment.results.backlog_outlook import URGENCIES, BacklogOutlook
from simulator.foundation.quantities import neat
from simulator.report.templates import page
from simulator.report.terminal.outlook import day_text as shown_day
from simulator.report.terminal.outlook import percent as shown_percent
from simulator.report.terminal.outlook import shipped_text, told_text

Row = list[Any]


def outlook_page(found: BacklogOutlook) -> str:
    """The page, self-contained."""
    start = found.scenario.clock.start
    title = found.scenario.title or found.scenario.name
    prices = {name: item.price for name, item in found.scenario.items.items()}
    policies = []
    for policy in found.policies:
        lines, purchases, items = found.of(policy)
        worth = sum(line.units * prices[line.item] for line in lines)
        count = {name: sum(line.urgency == name for line in lines) for name in URGENCIES}
        policies.append(
            {
                "name": policy,
                # Days as numbers, by column, so that the columns of dates can be sorted.
                "days": {
                    "items": [{6: row.next_day, 7: row.clear_day} for row in items],
                    "lines": [{5: row.promised, 7: row.p50, 8: row.p90} for row in lines],
                    "purchases": [{4: row.due, 5: row.p50, 6: row.p90} for row in purchases],
                },
                "summary": [
                    [f"{neat(sum(item.owed for item in items)):,}", "units owed"],
                    [f"{len({line.order for line in lines}):,}", "orders open"],
                    [f"{worth:,.0f} {found.scenario.currency}", "in open orders"],
                    *[[f"{n:,}", f"lines: {name}"] for name, n in count.items() if n],
                ],
                "items": [
                    [
                        labelled(found, row.item),
                        row.owed,
                        row.orders,
                        f"{row.oldest}, {row.oldest_age:.0f} days",
                        row.on_hand,
                        row.on_order,
                        day_text(start, row.next_day) or "none under way",
                        day_text(start, row.clear_day) or "after the run",
                        told_text(row),
                        row.urgency,
                    ]
                    for row in items
                ],
                "lines": [
                    [
                        row.order,
                        labelled(found, row.item),
                        row.units,
                        row.segment,
                        f"{row.age:.0f}\u00a0d",
                        day_text(start, row.promised) or "none",
                        f"{row.purchase} ({percent(row.covers)})",
                        shipped_text(start, row.p50, row, "after the run").replace(" ", "\u00a0"),
                        shipped_text(start, row.p90, row, "after the run").replace(" ", "\u00a0"),
                        percent(row.miss) or "–",
                        percent(row.cancel),
                        percent(row.drop),
                        percent(row.told),
                        row.urgency,
                    ]
                    for row in lines
                ],
                "purchases": [
                    [
                        row.purchase,
                        labelled(found, row.item),
                        row.units,
                        row.supplier,
                        f"{day_text(start, row.due)}{' (overdue)' if row.due < 0 else ''}",
                        day_text(start, row.p50) or "after the run",
                        day_text(start, row.p90) or "after the run",
                        round(row.held, 1),
                        row.orders,
                        f"{row.value:,.0f} {found.scenario.currency}",
                        row.oldest or "–",
                    ]
                    for row in purchases
                ],
            }
        )
    today = "day 0" if start is None else f"{start:%A, %-d %B %Y}"
    data = {
        "title": title,
        "about": f"Today is {today}. {found.replications:,} replications, seed {found.seed}.",
        "end": day_text(start, found.scenario.clock.horizon),
        "urgencies": URGENCIES,
        "policies": policies,
    }
    return page("outlook", data, f"{title}: outlook of the open orders")


def labelled(found: BacklogOutlook, item: str) -> str:
    """The name of an item, with what its quantities are counted in: 'beans (kg)'."""
    unit = found.scenario.items[item].unit
    return f"{item} ({unit})" if unit else item


def day_text(start: dt.datetime | None, day: float | None) -> str:
    """A day that is not broken into two lines."""
    return shown_day(start, day).replace(" ", "\u00a0")


def percent(chance: float | None) -> str:
    """A chance that is not broken into two lines."""
    return shown_percent(chance).replace(" ", "\u00a0")
