"""The outlook of today's open orders: when each line ships, what covers it, and what each purchase holds up."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Unpack

import numpy as np

from simulator.experiment.arguments import StudyOptions, StudySettings
from simulator.experiment.results.backlog_outlook import (
    URGENCIES,
    BacklogOutlook,
    ItemOutlook,
    LineOutlook,
    PurchaseOutlook,
)
from simulator.experiment.running.runner import run_all
from simulator.foundation.errors import UserError
from simulator.foundation.quantities import neat
from simulator.kernel.lanes import Lane, simulate
from simulator.model.opening import OpenBook
from simulator.record.ledger import Floats
from simulator.record.open_lines import NOTHING, LineOutcomes, outcomes
from simulator.scenario.loader import Loadable, loaded
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.schema.supply import InitialPurchase
from simulator.scenario.schema.tables.opening import KnownDelivery, OpeningBooks

REPLICATIONS = 100
"""Replications unless given: ten of them lie beyond the day of 90 %."""
AT_RISK = 0.1
"""Chance to miss the promised day from which on a line is at risk."""


def outlook(
    scenario: Loadable,
    replications: int | None = None,
    policies: Sequence[str] | None = None,
    **options: Unpack[StudyOptions],
) -> BacklogOutlook:
    """Work out when each open order line ships, by replications of what may come.

    Args:
        scenario: a scenario with `opening.orders`, or the file that holds it.
        replications: how many; 100 by default.
        policies: names of the policies; all by default.
        options: see `StudyOptions`: seed, workers, executor, lane. Nothing is saved.

    >>> import simulator
    >>> found = simulator.outlook(simulator.load("monday-morning"), replications=5, policies=["in_turn"])
    >>> len(found.lines) > 0
    True

    Raises:
        UserError: no order is open, or an argument is not valid.
    """
    scenario = loaded(scenario)
    books = scenario.opening
    if books is None or books.orders is None:
        raise UserError(f"{scenario.name}: no open orders; add `opening: {{orders: {{file: ..., ...}}}}`")
    count = REPLICATIONS if replications is None else replications
    settings = StudySettings.resolve(scenario, count, policies, **options)
    found: dict[int, Mapping[str, LineOutcomes]] = {}
    run_all(
        partial(_replication, scenario, settings.policies, settings.seed, settings.lane),
        lambda: range(settings.replications),
        found.update,
        workers=settings.workers,
        executor=settings.executor,
    )
    tables = [
        PolicyOutlook(scenario, books, policy, [found[k][policy] for k in sorted(found)]).tables()
        for policy in settings.policies
    ]
    return BacklogOutlook(scenario, settings.policies, settings.replications, settings.seed, tables)


def _replication(
    scenario: Scenario, policies: Sequence[str], seed: int, lane: Lane, number: int
) -> dict[str, LineOutcomes]:
    found = {}
    for policy in policies:
        run = simulate(scenario, policy, seed, number, lane=lane)
        run.audit()
        found[policy] = outcomes(run)
    return found


def day_of(values: Floats, p: float) -> float | None:
    """The smallest day by which a share p of the values has come; None: it lies beyond the run, or there is none."""
    known = np.sort(values[~np.isnan(values)])
    if not known.size:
        return None
    found = float(known[math.ceil(p * known.size - 1e-9) - 1])
    return found if found < math.inf else None


class PolicyOutlook:
    """The replications of one policy, line by line."""

    def __init__(self, scenario: Scenario, books: OpeningBooks, policy: str, found: Sequence[LineOutcomes]) -> None:
        assert books.orders is not None
        self.scenario, self.policy, self.found = scenario, policy, found
        self.book: OpenBook = books.orders.book
        self.bought: list[KnownDelivery] = list(books.bought())
        self.orders = np.repeat(np.arange(len(self.book)), self.book.counts).tolist()
        self.first = next(iter(scenario.customers))
        self.sellers = scenario.first_suppliers()

    def each(self, name: str, line: int) -> Floats:
        """A column of one line over the replications."""
        return np.array([getattr(outcome, name)[line] for outcome in self.found], dtype=np.float64)

    def tables(self) -> tuple[list[LineOutlook], list[PurchaseOutlook], list[ItemOutlook]]:
        """Lines, purchases and items."""
        lines = [self.line(line) for line in range(len(self.orders))]
        purchases = list(self.purchases(lines))
        return lines, purchases, list(self.items(lines, purchases))

    def line(self, line: int) -> LineOutlook:
        """One line: a row of the table."""
        book, order = self.book, self.orders[line]
        promised = None if np.isnan(book.promised[line]) else float(book.promised[line])
        shipped = self.each("shipped", line)
        kept = [outcome for outcome, day in zip(self.found, shipped, strict=True) if not np.isnan(day)]
        named = Counter(outcome.names[line] for outcome in kept) or Counter([NOTHING])
        purchase, times = named.most_common(1)[0]
        late = self.each("late", line)
        late = late[~np.isnan(late)]
        miss = float(late.mean()) if late.size else None
        p50, p90 = (day_of(shipped, p) for p in (0.5, 0.9))
        cancel = float(self.each("left", line).mean())
        drop = float(self.each("dropped", line).mean())
        gone = not kept
        return LineOutlook(
            self.policy,
            book.names[order],
            book.items[line],
            neat(book.quantities[line].item()),
            book.segments[order] or self.first,
            float(book.placed[order]),
            -float(book.placed[order]),
            promised,
            purchase,
            times / max(len(kept), 1),
            p50,
            p90,
            miss,
            cancel,
            drop,
            float(self.each("told", line).mean()),
            urgency(promised, p50, miss, gone),
        )

    def purchases(self, lines: Sequence[LineOutlook]) -> Iterator[PurchaseOutlook]:
        """The purchases under way in the order of their file."""
        prices = {name: item.price for name, item in self.scenario.items.items()}
        kits = self.scenario.kits
        held: defaultdict[int, float] = defaultdict(float)
        for outcome in self.found:
            place = {number: k for k, number in enumerate(outcome.known)}
            for (purchase, _), units in outcome.given.items():
                if purchase in place:
                    held[place[purchase]] += units
        covered: dict[str, list[LineOutlook]] = {}
        for line in lines:
            covered.setdefault(line.purchase, []).append(line)
        for number, bought in enumerate(self.bought):
            label = bought.label
            days = np.array([outcome.received.get(outcome.known[number], math.inf) for outcome in self.found])
            given = held[number] / len(self.found)
            whose = {bought.item, *(kit for kit, spec in kits.items() if bought.item in spec.kit)}
            mine = [line for line in covered.get(label, ()) if line.item in whose]
            oldest = max(mine, key=lambda line: line.age, default=None)
            yield PurchaseOutlook(
                self.policy,
                label,
                bought.item,
                neat(bought.units),
                bought.supplier or self.sellers[bought.item],
                bought.due,
                day_of(days, 0.5),
                day_of(days, 0.9),
                given,
                len({line.order for line in mine}),
                given * prices[bought.item],
                "" if oldest is None else oldest.order,
                None if oldest is None else oldest.age,
            )

    def items(self, lines: Sequence[LineOutlook], purchases: Sequence[PurchaseOutlook]) -> Iterator[ItemOutlook]:
        """The items that are owed, the most urgent first."""
        found, stocks = [], [self.scenario.stock_of(site) for site in self.scenario.sites]
        by_item: dict[str, list[LineOutlook]] = {}
        for line in lines:
            by_item.setdefault(line.item, []).append(line)
        for item, mine in by_item.items():
            oldest = max(mine, key=lambda line: line.age)
            coming = [bought for bought in purchases if bought.item == item]
            known = self._under_way(item)
            days = [bought.p50 for bought in coming if bought.p50 is not None]
            days += [bought.due for bought in known if bought.due is not None]
            ends = [line.p90 for line in mine if line.drop + line.cancel < 1]
            dated = {line.order: line.promised for line in mine if line.promised is not None}
            found.append(
                ItemOutlook(
                    self.policy,
                    item,
                    neat(sum(line.units for line in mine)),
                    len({line.order for line in mine}),
                    oldest.order,
                    oldest.age,
                    neat(sum(max(stock.get(item, 0), 0) for stock in stocks)),
                    neat(sum(bought.units for bought in coming) + sum(bought.units for bought in known)),
                    min(days, default=None),
                    None if None in ends else max((day for day in ends if day is not None), default=None),
                    sum(day >= 0 for day in dated.values()),
                    sum(day < 0 for day in dated.values()),
                    min((line.urgency for line in mine), key=URGENCIES.index),
                )
            )
        yield from sorted(found, key=lambda row: (URGENCIES.index(row.urgency), -row.oldest_age))

    def _under_way(self, item: str) -> list[InitialPurchase]:
        """Purchases of an item that are under way at the suppliers, beside those of today's books."""
        bought = [known for spec in self.scenario.suppliers.values() for known in spec.under_way]
        return [known for known in bought if known.item == item]


def urgency(promised: float | None, p50: float | None, miss: float | None, gone: bool) -> str:
    """How urgent a line is (see `URGENCIES`); `gone`: it is cancelled in every replication."""
    if p50 is None and not gone:
        return "no supply"
    if promised is None:
        return "no date"
    if promised < 0 or (miss is not None and miss >= 0.5):
        return "late"
    return "at risk" if miss is not None and miss >= AT_RISK else "on time"
