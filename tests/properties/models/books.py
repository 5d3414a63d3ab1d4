"""A second set of books: KPIs and laws worked out from the facts in plain loops, without the simulator's own arrays."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from simulator.kpis.kpi import Undefined
from simulator.model.nouns import Exit
from simulator.record.run import Run
from tests.properties.models.facts import rows

EXACT = 1e-9
ON_THE_SHELF = {"receipts": 1, "adjusted": 1, "recovered": -1, "replaced": -1}
"""Tables of units that come to the shelf (1) or leave it (-1), beside those of order lines."""


class Line:
    """What became of one order line, or of the units of it that one of several sites served."""

    def __init__(self, order: int, line: int, item: int, asked: int, days: tuple[float, float, float]) -> None:
        self.order, self.line, self.item, self.asked = order, line, item, asked
        self.placed, self.opens, self.since = days
        """When it was placed, took its units or went on backorder, and from when its wait counts."""
        self.backordered = self.refused = 0.0
        self.filled_later: list[tuple[float, float]] = []
        self.left_backlog: list[tuple[float, float]] = []
        self.taken_back: list[tuple[float, float]] = []
        self.returned = 0.0
        self.regained = 0.0
        """Units for wait-listed shoppers who came back, and in exchange for returned ones."""

    @property
    def at_once(self) -> float:
        return self.asked - self.backordered - self.refused

    @property
    def still_open(self) -> float:
        return self.backordered - sum(q for _, q in self.filled_later) - sum(q for _, q in self.left_backlog)


class Books:
    """One line's life after the other, from the facts."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.warm_up, self.horizon = run.world.warm_up, run.world.horizon
        self.lines: dict[tuple[int, int, int], Line] = {}
        """By order, line and number of the stock."""
        self.shipped: dict[int, float] = defaultdict(float)
        """Order -> units handed over, lost ones among them."""
        self.again: dict[int, float] = defaultdict(float)
        """Order -> units that it got beside those of its lines: substitutes, and units in place of lost ones."""
        starts = run.line_starts.tolist()
        demand, refused = run.demand, {int(order) for order in run.refused["order"]}
        times = [demand.times if column is None else column for column in (demand.times, demand.opens, demand.due)]
        for order, days in enumerate(zip(*(column.tolist() for column in times), strict=True)):
            for place in range(starts[order], starts[order + 1]):
                item, asked = int(run.demand.items[place]), int(run.demand.quantities[place])
                if days[1] >= self.horizon and order not in refused:
                    asked = 0  # it has not opened yet
                line = place - starts[order]
                self.lines[order, line, item] = Line(order, line, item, asked, days)
        for k, level in enumerate(run.initial):
            if level < 0:
                self.lines[-1 - k, 0, k] = Line(-1 - k, 0, k, -level, (0.0, 0.0, 0.0))
        for fact in rows(run, "sourced"):
            order, line, item, home = (int(fact[key]) for key in ("order", "line", "item", "home"))
            own = self.lines[order, line, home]
            days = own.placed, own.opens, own.since
            other = self.lines.setdefault((order, line, item), Line(order, line, item, 0, days))
            own.asked -= int(fact["units"])
            other.asked += int(fact["units"])
        for fact in rows(run, "backordered"):
            self._line(fact).backordered += fact["units"]
        for fact in rows(run, "refused"):
            self._line(fact).refused += fact["units"]
        for fact in rows(run, "fills"):
            self._line(fact).filled_later.append((fact["time"], fact["units"]))
        for fact in rows(run, "cancelled"):
            line = self._line(fact)
            (line.taken_back if fact["held"] else line.left_backlog).append((fact["time"], fact["units"]))
        for fact in rows(run, "returned"):
            self._line(fact).returned += fact["units"]
        for table, columns in (("parcels", self.shipped), ("lost", self.shipped), ("replaced", self.again)):
            for fact in rows(run, table):
                columns[int(fact["order"])] += fact["units"]
        for fact in rows(run, "recovered"):
            self.again[int(fact["order"])] += fact["units"]
            if fact["exit"] in (Exit.WAITLISTED, Exit.EXCHANGED):
                self._line(fact).regained += fact["units"]

    def _line(self, fact: dict[str, float]) -> Line:
        return self.lines[int(fact["order"]), int(fact["line"]), int(fact["item"])]

    def counted(self) -> list[Line]:
        came = self.run.came.tolist()
        return [x for x in self.lines.values() if x.order >= 0 and x.placed >= self.warm_up and came[x.order]]

    # ------------------------------------------------------------------------------------------------- KPIs
    def kpis(self) -> dict[str, float | None]:
        """None where the KPI has no value."""
        lines = self.counted()
        asked = sum(line.asked for line in lines)
        at_once = waits = ordered = 0.0
        cancelled = {(x.order, x.line) for x in lines if x.left_backlog or x.taken_back}
        for line in lines:
            at_once += line.at_once + sum(q for t, q in line.filled_later if t <= line.since)
            for time, units in line.filled_later + line.left_backlog:
                waits += units * max(time - line.since, 0.0)
            waits += line.still_open * max(self.horizon - line.since, 0.0)
            ordered += line.asked - line.refused
        days = self.horizon - self.warm_up
        return {
            "fill_rate": at_once / asked if asked else None,
            "wait_mean": waits / ordered if ordered else None,
            "backlog_mean": self.area(self.backlog(), self.warm_up) / days,
            "on_hand_mean": self.area(self.on_hand(), self.warm_up) / days,
            "cancellation_rate": len(cancelled) / len({(x.order, x.line) for x in lines}) if lines else None,
        }

    def backlog(self) -> list[tuple[float, float]]:
        """(time, change) of the units on backorder, all items together."""
        found = []
        for line in self.lines.values():
            found.append((line.opens, line.backordered))
            found += [(time, -units) for time, units in line.filled_later + line.left_backlog]
        return found

    def on_hand(self) -> list[tuple[float, float]]:
        """(time, change) of the units on the shelf, all items together."""
        found = [(0.0, float(max(level, 0))) for level in self.run.initial]
        for line in self.lines.values():
            found.append((line.opens, -line.at_once))
            found += [(time, -units) for time, units in line.filled_later]
            found += [(time, units) for time, units in line.taken_back]
        for table, sign in ON_THE_SHELF.items():
            found += [(fact["time"], sign * fact["units"]) for fact in rows(self.run, table)]
        for fact in rows(self.run, "transfers"):
            found += [(fact["time"], -fact["units"]), (min(fact["arrives"], self.horizon), fact["units"])]
        items = range(len(self.run.world.items))
        return found + [change for item in items for change in self._assembled(item)]

    def _assembled(self, item: int) -> list[tuple[float, float]]:
        """Units that come to the shelf of a kit, or leave that of a component, as kits are assembled."""
        each = {
            kit: -units for kit, spec in enumerate(self.run.world.items) for part, units in spec.kit if part == item
        }
        each[item] = 1
        made = rows(self.run, "assembled") if self.run.world.parts else []
        return [(fact["time"], each[int(fact["item"])] * fact["units"]) for fact in made if fact["item"] in each]

    def area(self, changes: list[tuple[float, float]], start: float) -> float:
        """Integral of a level over [start, horizon)."""
        total = level = 0.0
        now = 0.0
        for day, change in sorted(changes):
            time = min(day, self.horizon)  # an order may open after the end
            total += level * max(time - max(now, start), 0.0)
            level += change
            now = time
        return total + level * max(self.horizon - max(now, start), 0.0)

    # ------------------------------------------------------------------------------------------------- laws
    def problems(self, window: float = math.inf, fifo: bool = False, leaves_nothing: bool = False) -> list[str]:
        """The laws of the facts that do not hold."""
        run, found = self.run, []
        for line in self.lines.values():
            left = line.at_once + sum(q for _, q in line.filled_later) - sum(q for _, q in line.taken_back)
            if min(line.at_once, line.still_open, left) < 0:
                found.append(f"line {line.order}/{line.line} below nothing")
            if line.returned > left + line.regained:
                found.append(f"line {line.order}/{line.line} returns {line.returned:g} of {left:g} that left")
            if any(time < line.opens for time, _ in line.filled_later + line.left_backlog + line.taken_back):
                found.append(f"line {line.order}/{line.line} is served before it is placed")
        for order, units in self.shipped.items():
            own = [line for (number, *_), line in self.lines.items() if number == order]
            given = sum(x.at_once + sum(q for _, q in x.filled_later) - sum(q for _, q in x.taken_back) for x in own)
            given += self.again[order]
            if units > given:
                found.append(f"order {order} ships {units:g} of {given:g}")
        for fact in rows(run, "cancelled"):
            if fact["cause"] == 1 and abs(fact["time"] - fact["placed"] - window) > EXACT:
                found.append(f"the window closes at {fact['time']}, not at {fact['placed'] + window}")
        for item in range(len(run.world.items)):
            found += self._levels(item, leaves_nothing)
            if fifo:
                fills = [f["order"] for f in rows(run, "fills") if f["item"] == item]
                if fills != sorted(fills):
                    found.append(f"item {item} is not served first come, first served")
        waits = sum(
            units * (time - line.opens)
            for line in self.lines.values()
            for time, units in [*line.filled_later, *line.left_backlog, (self.horizon, line.still_open)]
        )
        area = self.area(self.backlog(), 0.0)
        if abs(area - waits) > EXACT * max(1.0, area):
            found.append(f"area {area!r} under the backlog, {waits!r} unit-days waited")
        return found

    def _levels(self, item: int, leaves_nothing: bool) -> list[str]:
        changes: dict[float, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
        changes[0.0][0] += max(self.run.initial[item], 0)
        for line in self.lines.values():
            if line.item == item:
                changes[line.opens][0] -= line.at_once
                changes[line.opens][1] += line.backordered
                for time, units in line.filled_later:
                    changes[time][0] -= units
                    changes[time][1] -= units
                for time, units in line.left_backlog:
                    changes[time][1] -= units
                for time, units in line.taken_back:
                    changes[time][0] += units
        for fact in rows(self.run, "receipts"):
            if fact["item"] == item:
                changes[fact["time"]][2] -= fact["units"] + fact["lost"]
        for table, sign in ON_THE_SHELF.items():
            for fact in rows(self.run, table):
                if fact["item"] == item:
                    changes[fact["time"]][0] += sign * fact["units"]
        for fact in rows(self.run, "transfers"):
            for shelf, time, changed in (
                ("origin", "time", (-1, 0)),
                ("item", "time", (0, 1)),
                ("item", "arrives", (1, -1)),
            ):
                if fact[shelf] == item and fact[time] < self.horizon:
                    changes[fact[time]][0] += changed[0] * fact["units"]
                    changes[fact[time]][2] += changed[1] * fact["units"]
        for time, units in self._assembled(item):
            changes[time][0] += units
        for table, sign in (("purchases", 1), ("withdrawn", -1)):
            for fact in rows(self.run, table):
                if fact["item"] == item:
                    changes[max(fact["time"], 0.0)][2] += sign * fact["units"]
        on_hand = backlog = on_order = 0.0
        found = []
        for time in sorted(changes):
            on_hand, backlog, on_order = (
                level + change for level, change in zip((on_hand, backlog, on_order), changes[time], strict=True)
            )
            if min(on_hand, backlog, on_order) < 0:
                found.append(f"item {item} at {time}: {on_hand:g} on hand, {backlog:g} waiting, {on_order:g} on order")
            if leaves_nothing and on_hand > 0 and backlog > 0:
                found.append(f"item {item} at {time}: {on_hand:g} on hand beside {backlog:g} waiting")
        final = self.run.final[item]
        if (on_hand, on_order, backlog) != tuple(final[:3]):
            found.append(f"item {item} ends with {(on_hand, on_order, backlog)}, the engine with {tuple(final)}")
        return found


def differences(run: Run, reported: dict[str, Any]) -> list[str]:
    """KPIs as reported that differ from the books, or are not numbers."""
    found = []
    for name, value in Books(run).kpis().items():
        told = reported[name]
        if value is None:
            if not isinstance(told, Undefined):
                found.append(f"{name} is {told}, and there is nothing to measure")
        elif isinstance(told, Undefined) or abs(told - value) > EXACT * max(1.0, abs(value)):
            found.append(f"{name}: reported {told!r}, the books say {value!r}")
    for name, told in reported.items():
        if isinstance(told, Undefined):
            if not told.reason:
                found.append(f"{name} is undefined without a reason")
        elif not isinstance(told, float) or not math.isfinite(told):
            found.append(f"{name} is {told!r}")
    return found
