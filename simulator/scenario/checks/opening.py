"""Checks of today's books: names in their files, stock that is given twice, purchases and waits that cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from simulator.foundation.errors import nearest, some
from simulator.policies.decisions import only
from simulator.randomness.estimate import SAMPLE
from simulator.scenario.checks.check import Finding, check
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.schema.tables.opening import OpeningBooks, OpeningPurchases, OpeningStock, OpenOrders
from simulator.scenario.tree.paths import KeyPath

ORDERS, STOCK, PURCHASES = (("opening", name) for name in ("orders", "stock", "purchases"))
Cells = Iterable[tuple[int, str]]
"""(row of the file, text) of a column; the first row below the header is 2."""


def _unknown(path: KeyPath, file: str, column: str, cells: Cells, known: Sequence[str], noun: str) -> Iterator[Finding]:
    """A finding for each name that the scenario does not define: its first row, and how many others have it."""
    rows: dict[str, list[int]] = {}
    names = set(known)
    for row, text in cells:
        if text not in names:
            rows.setdefault(text, []).append(row)
    for text, places in rows.items():
        others = len(places) - 1
        more = f" (and {others:,} more row{'s' * (others != 1)})" if others else ""
        family = f"{noun.removesuffix('y')}{'ies' if noun.endswith('y') else 's'}"
        message = f"{file}:{places[0]}: column {column!r}: no {noun} {text[:60]!r}{nearest(text, known)}; {family}: "
        yield Finding(path, f"{message}{some(known) or 'none'}{more}", rests_on=())


def _books(s: Scenario) -> OpeningBooks:
    return s.opening or OpeningBooks()


@check("consistency")
def todays_books_name_what_the_scenario_defines(s: Scenario) -> Iterator[Finding]:
    """Items, segments, suppliers and sites in the files of `opening` are those of the scenario."""
    books = _books(s)
    if books.orders is not None:
        yield from _orders(s, books.orders)
    if books.stock is not None:
        yield from _stock(s, books.stock)
    if books.purchases is not None:
        yield from _purchases(s, books.purchases)


def _orders(s: Scenario, spec: OpenOrders) -> Iterator[Finding]:
    book, items, segments = spec.book, list(s.items), list(s.customers)
    if not segments:
        message = "open orders belong to a segment; add `customers:` (one that orders nothing yet may begin later)"
        yield Finding(ORDERS, message, rests_on=(("customers",),))
        return
    rows = book.rows.tolist()
    yield from _unknown((*ORDERS, "item"), spec.label, spec.item, zip(rows, book.items, strict=True), items, "item")
    if spec.segment is not None:
        named = [(rows[int(head)], name) for head, name in zip(book.heads, book.segments, strict=False) if name]
        yield from _unknown((*ORDERS, "segment"), spec.label, spec.segment, named, segments, "customer segment")
    if spec.site is not None:
        sites = [(row, book.site_of(line)) for line, row in enumerate(rows) if book.site_of(line)]
        yield from _unknown((*ORDERS, "site"), spec.label, spec.site, sites, list(s.warehouses), "warehouse")
        yield from _elsewhere(s, spec)


def _elsewhere(s: Scenario, spec: OpenOrders) -> Iterator[Finding]:
    """Lines that wait at a site that does not reach their customer, or that cannot be served from there."""
    book, first, path = spec.book, next(iter(s.customers)), (*ORDERS, "site")
    away = False
    for order, name in enumerate(book.segments):
        segment = name or first
        for line in range(book.heads[order], book.heads[order + 1]) if segment in s.customers else ():
            site, item = book.site_of(line), book.items[line]
            if site not in s.warehouses or item not in s.items or site == s.site_of(segment):
                continue
            away, where = True, f"{spec.label}:{book.rows[line]}"
            if s.reached_from(site, segment) is None:
                message = f"{where}: the order waits at {site!r}, which does not reach {segment!r}"
                yield Finding(path, message, rests_on=(("warehouses", site), ("customers", segment)))
            elif s.items[item].made == "drop_ship":
                message = f"{where}: {item!r} is sent by a vendor; it waits at the customer's own site"
                yield Finding(path, message, rests_on=(("items", item),))
    if away and any(site.records is not None for site in s.sites.values()):
        message = "orders that wait at another site and records that may be wrong (`records`) cannot be combined"
        yield Finding(path, message, rests_on=())


def _stock(s: Scenario, spec: OpeningStock) -> Iterator[Finding]:
    found = spec.found
    cells = [(row, item) for row, (_, item, _) in enumerate(found, 2)]
    yield from _unknown((*STOCK, "item"), spec.label, spec.item, cells, list(s.items), "item")
    if spec.site is not None:
        sites = [(row, site) for row, (site, _, _) in enumerate(found, 2) if site]
        yield from _unknown((*STOCK, "site"), spec.label, spec.site, sites, list(s.warehouses), "warehouse")
    first = next(iter(s.sites))
    for row, (site, item, _) in enumerate(found, 2):
        where = site or first
        if where in s.sites and item in s.sites[where].stock:
            at = ("warehouses", where, "stock", item) if s.warehouses else ("warehouse", "stock", item)
            message = f"{item!r} has its stock in {spec.label}:{row} already; remove one of the two"
            yield Finding(at, message, on_key=True, rests_on=(STOCK,))


def _purchases(s: Scenario, spec: OpeningPurchases) -> Iterator[Finding]:
    found, first = spec.found, s.first_suppliers()
    cells = [(bought.row, bought.item) for bought in found]
    yield from _unknown((*PURCHASES, "item"), spec.label, spec.item, cells, list(s.items), "item")
    named = [(bought.row, bought.supplier) for bought in found if bought.supplier]
    if spec.supplier is not None:
        yield from _unknown((*PURCHASES, "supplier"), spec.label, spec.supplier, named, list(s.suppliers), "supplier")
    if spec.site is not None:
        sites = [(bought.row, bought.site) for bought in found if bought.site]
        yield from _unknown((*PURCHASES, "site"), spec.label, spec.site, sites, list(s.warehouses), "warehouse")
    sold = {name: set(s.sold_by(name)) for name in s.suppliers}
    for bought in found:
        where = f"{spec.label}:{bought.row}"
        if bought.item in s.items and not bought.supplier and bought.item not in first:
            message = f"{where}: no supplier sells {bought.item!r}"
            yield Finding((*PURCHASES, "item"), message, rests_on=(("suppliers",),))
        elif bought.supplier in sold and bought.item in s.items and bought.item not in sold[bought.supplier]:
            sells = some(s.sold_by(bought.supplier))
            message = f"{where}: {bought.supplier!r} does not sell {bought.item!r}; it sells {sells}"
            yield Finding((*PURCHASES, "supplier"), message, rests_on=(("suppliers", bought.supplier, "items"),))


@check("consistency")
def open_orders_and_a_negative_stock_say_the_same(s: Scenario) -> Iterator[Finding]:
    """What customers wait for is given once: as orders with an age, or as a stock below 0."""
    if s.opening is None or s.opening.orders is None:
        return
    for site, spec in s.sites.items():
        for item, units in spec.stock.items():
            if units < 0:
                path = ("warehouses", site, "stock", item) if s.warehouses else ("warehouse", "stock", item)
                message = f"{units} is a backlog of unknown age, and `opening.orders` has the open orders; write 0"
                yield Finding(path, message, rests_on=(ORDERS,))


@check("plausibility")
def todays_books_are_complete(s: Scenario) -> Iterator[Finding]:
    """Rows that contradict each other, and orders that wait longer than any customer or seller would."""
    books = _books(s)
    for path, read in ((ORDERS, books.orders), (PURCHASES, books.purchases)):
        for note in () if read is None else read.notes:
            yield Finding((*path, note.key), note.message, warning=True)
    if books.orders is None or not s.customers:
        return
    book = books.orders.book
    first = next(iter(s.customers))
    for name, spec in s.customers.items():
        mine = np.array([(segment or first) == name for segment in book.segments])
        if spec.patience is None or not mine.any():
            continue
        moments, most = spec.patience.moments(), spec.patience.most
        longest = min(most, moments.mean) if moments.variance == 0 else most
        stay = int((-book.placed[mine] >= longest).sum())
        if stay:
            message = f"{stay:,} open order{'s' * (stay != 1)} waited longer than this: their customers stay for good"
            yield Finding(("customers", name, "patience"), message, warning=True)
    for name, policy in s.policies.items():
        window = only(policy.window)
        if window is None or window.asks:
            continue
        old = int((-book.placed >= window.length).sum())
        if old:
            message = f"cancels {old:,} open order{'s' * (old != 1)} at the start: they are older than the window"
            yield Finding(("policies", name, "window"), message, warning=True)


@check("plausibility")
def late_purchases_can_be_that_late(s: Scenario) -> Iterator[Finding]:
    """A purchase that is overdue by more than `late` allows is expected tomorrow."""
    books = _books(s)
    if books.purchases is None or books.purchases.late is None:
        return
    late = books.purchases.late
    most = late.moments().mean if late.moments().variance == 0 else late.most
    if not np.isfinite(most):
        most = float(late.block(np.random.default_rng(0), SAMPLE).max())
    over = [bought for bought in books.purchases.found if -bought.due >= most]
    if over:
        more = f" (and {len(over) - 1:,} more)" if len(over) > 1 else ""
        where = f"{books.purchases.label}:{over[0].row}: is {-over[0].due:g} d overdue"
        message = f"{where}{more}, longer than `late` allows ({most:g} d): it is expected within a day"
        yield Finding((*PURCHASES, "late"), message, warning=True)


@check("plausibility")
def purchases_of_todays_books_arrive_in_the_run(s: Scenario) -> Iterator[Finding]:
    """A purchase whose day lies after the horizon never arrives."""
    books = _books(s)
    if books.purchases is None:
        return
    beyond = [bought for bought in books.purchases.found if bought.due >= s.clock.horizon]
    if beyond:
        more = f" (and {len(beyond) - 1:,} more)" if len(beyond) > 1 else ""
        message = f"{books.purchases.label}:{beyond[0].row}: lies at or after the horizon{more}: it never arrives"
        yield Finding((*PURCHASES, "due"), message, warning=True)
