"""The closing audit: conservation of goods, orders and time, proved from the facts against the engine's own levels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.foundation.errors import AuditError
from simulator.model.nouns import Adjustment, Cause, Exit
from simulator.record.facts import Facts
from simulator.record.kit_laws import KIT_LAWS
from simulator.record.ledger import BEFORE, Floats, Ints
from simulator.record.levels import HELD, backorders, path, steps

TOLERANCE = 1e-9


def audit(facts: Facts, where: str) -> None:
    """Proves that the facts keep every law, and that they agree with those of the suppliers with stock.

    Raises:
        AuditError: at the first law that is broken; `where` names the replication.
    """
    for law in (
        _levels_agree,
        _lines_balance,
        _open_orders_wait,
        _orders_that_never_came_get_nothing,
        _refusals_have_one_rule,
        _entries_begin_and_end,
        _recoveries_replace_what_left,
        _parcels_hold_what_was_filled,
        _wanted_goods_keep_their_days,
        _held_orders_keep_their_goods,
        _changes_come_after_their_orders,
        _whole_orders_leave_together,
        _returns_follow_deliveries,
        _lines_send_back_their_own,
        _returned_goods_are_on_the_shelf,
        _sites_send_what_they_gave,
        _transfers_arrive,
        _fills_were_confirmed,
        _purchases_balance,
        _no_more_arrives_than_was_bought,
        _suppliers_agree,
        _time_is_sane,
        _little,
        *(KIT_LAWS if facts.world.parts else ()),
    ):
        problem = law(facts)
        if problem:
            raise AuditError(f"{law.__name__.strip('_').replace('_', ' ')}: {problem} ({where})")


def _levels_agree(facts: Facts) -> str:
    """The facts lead to the levels that the engine holds, item by item; no level is ever below 0."""
    for name, key in HELD.items():
        held = np.array([getattr(levels, key) for levels in facts.final])
        level = steps(facts, name)
        found = level.units[level.ends]
        if not np.array_equal(found, held):
            item = int(np.flatnonzero(found != held)[0])
            wanted = f"the facts lead to {found[item]:g}, the engine holds {held[item]}"
            return f"{name} of {facts.world.items[item].name!r}: {wanted}"
        if name == "phantom" or level.units.min(initial=0.0) >= 0:
            continue
        below = np.flatnonzero(level.is_last & (level.units < 0))
        if below.size:
            item, time, units = (column[below[0]] for column in level)
            return f"{name} of {facts.world.items[int(item)].name!r} falls to {units:g} on day {time:g}"
    return ""


def _lines_balance(facts: Facts) -> str:
    """Every line: demanded = filled at once + refused + backordered; backordered = filled + cancelled + still open."""
    taken, held = facts.at_once, facts.cancelled["held"] > 0
    filled = facts.per_line(facts.fills)
    kept = taken + filled - facts.per_line(facts.cancelled.where(held))
    for what, units in (("taken at once", taken), ("still open", facts.still_open), ("kept", kept)):
        if units.size and units.min() < 0:
            line = int(units.argmin())
            return f"order {int(facts.line_orders[line])} has {units[line]:g} units {what}"
    return ""


def _open_orders_wait(facts: Facts) -> str:
    """Orders that were open at the start are the first of all, and wait with every unit of theirs."""
    lines = slice(0, int(facts.line_starts[facts.opening.count]))
    short = facts.per_line(facts.backordered)[lines] != facts.demand.quantities[lines]
    if short.any():
        order = facts.name_of(int(facts.line_orders[int(np.flatnonzero(short)[0])]))
        return f"order {order}, open at the start, does not wait with all of its units"
    return ""


def _orders_that_never_came_get_nothing(facts: Facts) -> str:
    """An order that never came has all its units refused, and nothing else happens to it."""
    away = ~facts.came
    if not away.any():
        return ""
    taken = facts.taken_by_order
    if taken[away].any():
        return f"order {int(np.flatnonzero(away & (taken > 0))[0])} never came, but was given units"
    for what, table in (
        ("backordered", facts.backordered),
        ("shipped", facts.parcels),
        ("recovered", facts.recovered),
        ("reviewed", facts.reviews),
    ):
        number = table.own.numbers("order")
        if away[number].any():
            return f"order {int(number[away[number]][0])} never came, but was {what}"
    return ""


def _refusals_have_one_rule(facts: Facts) -> str:
    """No more units are explained by a rule than left at checkout."""
    if not facts.blocked.size:
        return ""
    over = facts.per_line(facts.blocked) - facts.per_line(facts.refused)
    if over.max(initial=0) > 0:
        line = int(over.argmax())
        return f"order {int(facts.line_orders[line])} has {over[line]:g} units refused by a rule that were ordered"
    return ""


def _entries_begin_and_end(facts: Facts) -> str:
    """An entry of the schedule begins before it ends, and ends before it begins again."""
    entries, on = facts.switched.numbers("entry"), facts.switched["on"]
    for entry in np.unique(entries):
        mine = on[entries == entry]
        if not np.array_equal(mine, np.arange(1, mine.size + 1) % 2):
            return f"entry {entry} of the schedule begins or ends twice in a row"
    return ""


def _recoveries_replace_what_left(facts: Facts) -> str:
    """No more units are recovered on a line than left it in that way."""
    refused, recovered = facts.refused, facts.recovered
    if not recovered.size:
        return ""
    for way in (Exit.SUBSTITUTED, Exit.WAITLISTED, Exit.EXCHANGED):
        gone = facts.per_line(facts.returned if way is Exit.EXCHANGED else refused.having("exit", way))
        if way is Exit.SUBSTITUTED:
            gone = gone + facts.per_line(facts.cancelled.having("cause", Cause.OFFER))
        over = facts.per_line(recovered.having("exit", way)) - gone
        if over.max(initial=0) > 0:
            line = int(over.argmax())
            return f"order {int(facts.line_orders[line])} got {over[line]:g} units that nobody had given up"
    return ""


def _parcels_hold_what_was_filled(facts: Facts) -> str:
    """Every order: shipped <= filled less what was taken back from it."""
    back = facts.cancelled.where(facts.cancelled["held"] > 0)
    filled = facts.taken_by_order + facts.per_order(facts.fills) + facts.per_order(facts.recovered)
    left = filled - facts.per_order(back) - facts.per_order(facts.parcels)
    if left.min(initial=0) < 0:
        return f"order {int(left.argmin())} shipped {-left.min():g} units more than it was given"
    return ""


def _wanted_goods_keep_their_days(facts: Facts) -> str:
    """Every order for a later day: nothing is taken before it opens, and nothing leaves a site before its day there."""
    demand = facts.demand
    if demand.opens is None or demand.leaves is None:
        return ""
    if facts.sent_from.size:
        return _wanted_goods_keep_their_days_at_sites(facts, demand.leaves)
    for what, table, time, first in (
        ("took units", facts.fills, "time", demand.opens),
        ("put components aside", facts.aside, "time", demand.opens),
        ("shipped", facts.parcels, "shipped", demand.leaves),
        ("lost a parcel", facts.lost, "time", demand.leaves),
    ):
        own = table.own
        early = first[own.numbers("order")] - own[time]
        if early.max(initial=0.0) > 0:
            return f"order {int(own['order'][early.argmax()])} {what} {early.max():g} days before its day"
    return ""


def _wanted_goods_keep_their_days_at_sites(facts: Facts, leaves: Floats) -> str:
    """The same where sites serve each other's customers: the way from one site may take longer than from the other."""
    opens, sent = facts.opens, facts.sent
    known = np.arange(sent.size) < facts.parcels.size
    """Of which parcels the site is known: not of lost ones."""
    for what, table in (("took units", facts.fills.own), ("put components aside", facts.aside.own)):
        early = opens[table.numbers("order")] - table["time"]
        if early.max(initial=0.0) > 0:
            return f"order {int(table['order'][early.argmax()])} {what} {early.max():g} days before its day"
    sent = sent.where(known & (sent["order"] >= 0))
    order, segments = sent.numbers("order"), facts.demand.segments
    days = np.array([site.days for site in facts.world.sites])
    homes = np.array([segment.site for segment in facts.world.segments], dtype=np.int64)[segments[order]]
    first = leaves[order] + days[homes, segments[order]] - days[sent.numbers("site"), segments[order]]
    early = first - sent["time"]
    if early.max(initial=0.0) > TOLERANCE:
        return f"order {int(order[early.argmax()])} shipped {early.max():g} days before its day"
    return ""


def _held_orders_keep_their_goods(facts: Facts) -> str:
    """Every held order: nothing leaves before its hold ends, and nothing at all if it is not released."""
    until, cleared = facts.demand.held_until, facts.demand.cleared
    if until is None or cleared is None:
        return ""
    for table, time in ((facts.parcels.own, "shipped"), (facts.lost.own, "time")):
        order = table.numbers("order")
        early = (table[time] < until[order]) | (~np.isnan(until[order]) & ~cleared[order])
        if early.any():
            return f"order {int(order[early][0])} shipped on day {table[time][early][0]:g} although it was held"
    return ""


def _changes_come_after_their_orders(facts: Facts) -> str:
    """Units are added to an order of the same segment and item, on the day of a change request."""
    demand, adds_to = facts.demand, facts.adds_to
    for order in np.flatnonzero(adds_to >= 0).tolist():
        first = int(adds_to[order])
        lines, added = (slice(*facts.line_starts[number : number + 2]) for number in (first, order))
        if demand.changed is None or demand.times[order] not in demand.changed[lines]:
            return f"order {order} adds to order {first}, whose customer asked for nothing then"
        if not set(demand.items[added]) <= set(demand.items[lines]) or demand.segments[order] != demand.segments[first]:
            return f"order {order} adds what order {first} does not have"
    return ""


def _whole_orders_leave_together(facts: Facts) -> str:
    """Nothing leaves of an order whose customer chose to wait, before the last of its units is filled."""
    chosen = facts.split_choices
    whole = np.zeros(facts.demand.times.size, dtype=bool)
    whole[chosen.where(chosen["parts"] == 0).numbers("order")] = True
    whole[facts.recovered.own.numbers("order")] = False  # what is sent in place of something else leaves at once
    if not whole.any():
        return ""
    last = np.full(whole.size, -np.inf)
    fills = facts.fills.own
    np.maximum.at(last, fills.numbers("order"), fills["time"])
    for table, time in ((facts.parcels.own, "shipped"), (facts.lost.own, "time")):
        order = table.numbers("order")
        early = whole[order] & (table[time] < last[order])
        if early.any():
            return f"order {int(order[early][0])} shipped on day {table[time][early][0]:g} before it was complete"
    return ""


def _returns_follow_deliveries(facts: Facts) -> str:
    """Every order: what has come back by any time had been delivered before."""
    returned, parcels = facts.returned, facts.parcels.own
    last = np.full(len(facts.demand.times), -np.inf)
    np.maximum.at(last, returned.numbers("order"), returned["time"])
    there = parcels.where(parcels["delivered"] <= last[parcels.numbers("order")])
    over = facts.per_order(returned) - facts.per_order(there)
    return (
        f"order {int(over.argmax())} sent {over.max():g} units back that it had not got"
        if over.max(initial=0) > 0
        else ""
    )


def _lines_send_back_their_own(facts: Facts) -> str:
    """Every line: sent back <= filled less what was taken back from it; what was sent in exchange is kept."""
    if not facts.returned.size:
        return ""
    taken = facts.cancelled.where(facts.cancelled["held"] > 0)
    again = facts.recovered.having("exit", Exit.WAITLISTED)
    own = facts.at_once + facts.per_line(facts.fills) - facts.per_line(taken) + facts.per_line(again)
    over = facts.per_line(facts.returned) - own
    line = int(over.argmax())
    return f"order {int(facts.line_orders[line])} sent {over[line]:g} units too many back" if over[line] > 0 else ""


def _returned_goods_are_on_the_shelf(facts: Facts) -> str:
    """Every item: what was sent back is on the shelf again, or was written off."""
    n = len(facts.world.items)
    back = facts.adjusted.having("why", Adjustment.RETURNED).sums("item", n)
    sent = facts.returned.sums("item", n) + facts.surplus.sums("item", n) - facts.unsellable.sums("item", n)
    if np.array_equal(back, sent):
        return ""
    item = int(np.flatnonzero(back != sent)[0])
    return f"{sent[item]:g} units of {facts.world.items[item].name!r} came back, {back[item]:g} are on the shelf again"


def _sites_send_what_they_gave(facts: Facts) -> str:
    """Where sites serve each other's customers: no line asks other sites for more than was ordered, no site gives more
    at once than it was asked for, and every site has sent at most the units that were filled from its stock."""
    sourced = facts.sourced
    if not facts.sent_from.size and not sourced.size:
        return ""
    over = facts.per_line(sourced) - facts.demand.quantities
    if over.max(initial=0) > 0:
        return f"order {int(facts.line_orders[int(over.argmax())])} asks other sites for more than was ordered"
    if (sourced["taken"] > sourced["units"]).any() or sourced["taken"].min(initial=0) < 0:
        return f"{sourced['taken'].max():g} units were taken at a site that was asked for fewer"
    sites = np.array(facts.world.shelf_sites, dtype=np.int64)

    def of(items: Ints, units: NDArray[Any]) -> Floats:
        return np.bincount(sites[items], weights=units, minlength=len(facts.world.sites)).astype(np.float64)

    given = of(facts.demand.items.astype(np.int64), facts.at_once)
    given += of(sourced.numbers("item"), sourced["taken"]) - of(sourced.numbers("home"), sourced["taken"])
    for table in (facts.fills, facts.recovered, facts.replaced):
        given += of(table.numbers("item"), table["units"])
    back = facts.cancelled.where(facts.cancelled["held"] > 0)
    given -= of(back.numbers("item"), back["units"])
    row = facts.sent_from.numbers("parcel")
    sent = np.bincount(facts.sent_from.numbers("site"), weights=facts.parcels["units"][row], minlength=given.size)
    short = np.flatnonzero(sent > given)
    if short.size:
        site = int(short[0])
        return f"{facts.world.sites[site].name!r} sent {sent[site]:g} units of {given[site]:g} that it gave"
    return ""


def _transfers_arrive(facts: Facts) -> str:
    """A transfer takes units of one item from one site to another, and no time below 0; units in transfer are on order
    at the site to which they go, and nowhere else (see `_levels_agree`)."""
    sent = facts.transfers
    if not sent.size:
        return ""
    if sent["units"].min() <= 0 or (sent["arrives"] < sent["time"]).any():
        return "a transfer has no units, or arrives before it is sent"
    items = facts.world.items
    for to, origin in sorted({*zip(sent["item"].tolist(), sent["origin"].tolist(), strict=True)}):
        there, here = items[int(to)], items[int(origin)]
        if there.name != here.name or there.site == here.site:
            return f"{here.name!r} at {here.site!r} was sent to be {there.name!r} at {there.site!r}"
    return ""


def _fills_were_confirmed(facts: Facts) -> str:
    """Where confirmations are kept: a line is filled at most as far as it was confirmed, and confirmed at most as far
    as it was backordered; orders from before the start are not checked."""
    if not facts.confirmed["time"].size:
        return ""
    confirmed = facts.per_line(facts.confirmed)
    for what, over in (
        ("filled but not confirmed", facts.per_line(facts.fills) - confirmed),
        ("confirmed but not on backorder", confirmed - facts.per_line(facts.backordered)),
    ):
        if over.max(initial=0) > 0:
            line = int(over.argmax())
            return f"order {int(facts.line_orders[line])} has {over[line]:g} units {what}"
    return ""


def _purchases_balance(facts: Facts) -> str:
    """What is received and lost of a purchase is at most what was bought and not withdrawn; a supplier that ships each
    purchase at once delivers it once and whole."""
    number = facts.receipts.numbers("purchase")
    outstanding = facts.purchases["units"].copy()
    np.subtract.at(outstanding, facts.withdrawn.numbers("purchase"), facts.withdrawn["units"])
    gone = np.bincount(number, weights=facts.receipts["units"] + facts.receipts["lost"], minlength=outstanding.size)
    if (gone > outstanding).any():
        return "more was received of a purchase than was bought and not withdrawn"
    in_parts = [k for k, supplier in enumerate(facts.world.suppliers) if supplier.in_parts]
    whole = number[~np.isin(facts.receipts["supplier"], in_parts)]
    if np.unique(whole).size != whole.size:
        return "a purchase was received twice"
    if (gone[whole] != outstanding[whole]).any():
        return "a receipt differs from its purchase less what was withdrawn"
    return ""


def _no_more_arrives_than_was_bought(facts: Facts) -> str:
    """What is received of a purchase is at most what was bought and not withdrawn, unless the supplier may deliver too
    much; nothing is received or lost in units below 0."""
    receipts = facts.receipts
    if receipts["units"].min(initial=0) < 0:
        return f"{receipts['units'].min():g} units were received"
    number = receipts.numbers("purchase")
    left = facts.purchases["units"].copy()
    np.subtract.at(left, facts.withdrawn.numbers("purchase"), facts.withdrawn["units"])
    np.subtract.at(left, number, receipts["units"])
    exact = ~np.array([supplier.overdelivers for supplier in facts.world.suppliers], dtype=bool)
    over = np.flatnonzero((left < 0) & exact[facts.purchases.numbers("supplier")])
    if over.size:
        return f"{-left[over[0]]:g} units more of purchase {over[0]} were received than were bought"
    lost = receipts["lost"] * exact[receipts.numbers("supplier")]
    return f"{lost.min():g} units were lost on the way" if lost.min(initial=0) < 0 else ""


def _suppliers_agree(facts: Facts) -> str:
    """Every supplier with stock: what arrived of each purchase is what left for it there, and was asked for."""
    for buyer in (facts, *facts.suppliers.values()):
        for k, supplier in enumerate(buyer.world.suppliers):
            if supplier.name in facts.suppliers:
                problem = _agrees(buyer, k, facts.suppliers[supplier.name])
                if problem:
                    return f"{supplier.name!r}: {problem}"
    return ""


def _agrees(buyer: Facts, number: int, supplier: Facts) -> str:
    served, parcels, receipts = supplier.served, supplier.parcels, buyer.receipts
    purchase_of = np.full(len(supplier.demand.times), -1, dtype=np.int64)
    purchase_of[served.numbers("order")] = served.numbers("purchase")
    bought = buyer.purchases["units"]
    if (served["units"] > bought[purchase_of[served.numbers("order")]]).any():
        return "more was asked of it than was bought"
    there = (parcels["delivered"] < buyer.world.horizon) & np.isin(parcels["order"], served["order"])
    parcels = parcels.where(there)
    sent = np.bincount(purchase_of[parcels.numbers("order")], weights=parcels["units"], minlength=bought.size)
    from_stock = np.isin(receipts["purchase"], served["purchase"])  # the others never were in its stock
    receipts = receipts.where(from_stock & (receipts["supplier"] == number))
    came = np.bincount(
        receipts.numbers("purchase"), weights=receipts["units"] + receipts["lost"], minlength=bought.size
    )
    if not np.array_equal(sent, came):
        purchase = int(np.flatnonzero(sent != came)[0])
        return f"{sent[purchase]:g} units of purchase {purchase} should have arrived, {came[purchase]:g} did"
    return ""


def _time_is_sane(facts: Facts) -> str:
    """Times never decrease and lie in [0, horizon), no duration is negative, and waits begin with the order, or on the
    day on which its goods must leave to be there when they are wanted; what is filled before has not waited."""
    late = ("assembled", "aside", "notices", "contacts", "cancelled", "purchases", "receipts", "adjusted", "transfers")
    times = {name: getattr(facts, name)["time"] for name in ("fills", "recovered", "promises", *late)}
    times["purchases"] = times["purchases"][times["purchases"] > BEFORE]
    placed = facts.demand.times
    if np.diff(placed).min(initial=0.0) < 0 or placed[: facts.opening.count].max(initial=0.0) > 0:
        return "the times of orders decrease, or an order that was open at the start was placed after it"
    times["orders"] = placed[facts.opening.count :]
    for name, column in {"parcels": facts.parcels["shipped"], **times}.items():
        if column.size and (np.diff(column).min(initial=0.0) < 0 or column[0] < 0 or column[-1] >= facts.world.horizon):
            return f"the times of {name} decrease or lie outside [0, horizon)"
    for name, days in (
        ("fill", facts.fills["time"] - facts.fills["placed"]),
        ("cancellation", facts.cancelled["time"] - facts.cancelled["placed"]),
        ("transit", facts.parcels["delivered"] - facts.parcels["shipped"]),
    ):
        if days.min(initial=0.0) < 0:
            return f"a {name} takes {days.min():g} days"
    for name, table in (("fill", facts.fills), ("cancellation", facts.cancelled)):
        placed = np.append(facts.due, 0.0)[np.maximum(table.numbers("order"), -1)]  # before the start: day 0
        if facts.demand.due is not None:
            placed = np.minimum(placed, table["time"])
        if not np.array_equal(placed, table["placed"]):
            return f"the wait of a {name} does not begin when its order was placed"
    return ""


def _little(facts: Facts) -> str:
    """Little's law: the area under the backlog is the sum of the units' waits, those still open cut at the horizon.

    The area comes from the level, the waits from the single facts, so that an error in either shows.
    """
    horizon = facts.world.horizon
    level = path(facts, "backlog", None)
    area = float(np.sum(level.values * np.diff(np.append(level.times, horizon))))
    when, _, units = backorders(facts)
    whole = float(np.sum(units * (horizon - when)))
    waits = whole  # as if every backordered unit waited to the horizon, less the time that it did not wait any longer
    for ended in (facts.fills, facts.cancelled.where(facts.cancelled["held"] == 0)):
        waits -= float(np.sum(ended["units"] * (horizon - ended["time"])))
    return "" if abs(area - waits) <= TOLERANCE * max(1.0, whole) else f"area {area!r}, waits {waits!r}"
