"""When a supplier's production lines will have made a purchase, by the work that waits and the working hours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simulator.model.calendar import WEEK
from simulator.world.availability.calendar import ClosureCalendar
from simulator.world.suppliers.plant import Plant
from simulator.world.suppliers.purchase import Purchase

LONGEST = 100_000
"""Changes between work and rest that are looked through; production that needs more is never done."""


class ProductionSchedule:
    """A plant's work from now on: jobs are made first come first served, each at its mean time.

    Breakdowns that have not happened, urgent jobs and overtime are not foreseen.
    """

    def __init__(self, plant: Plant, gate: ClosureCalendar) -> None:
        self.plant, self.gate = plant, gate

    def done(
        self,
        purchase: Purchase | None,
        units: int,
        key: str,
        reached: float,
        now: float,
        mail: Sequence[tuple[float, Purchase]] = (),
    ) -> float:
        """The day on which a purchase is made; None stands for one of `units` units that reaches the plant later, after
        the purchases in the `mail`, each with the day on which it gets there."""
        plant = self.plant
        free = [(plant.work_left(line, now), line.item) for line in plant.lines]
        for line, (left, _) in zip(plant.lines, free, strict=True):
            if line.job is not None and line.job.purchase is purchase:
                return self.after(now, left)
        for job in plant.waiting:
            finished = self._next(free, job.purchase.units, job.key, job.work, 0.0)
            if job.purchase is purchase:
                return self.after(now, finished)
        for day, other in mail:
            work = plant.mean_time * other.units
            self._next(free, other.units, other.supplier.keys[other.shelf.item], work, self.worked(now, day))
        begins = self.worked(now, reached) if reached > now else 0.0
        work = plant.mean_time * units
        return self.after(now, self._next(free, units, key, work, begins))

    def _next(self, free: list[tuple[float, str]], units: int, key: str, work: float, begins: float) -> float:
        """The line that is free first takes a job; returns the days of work until it is done."""
        place = min(range(len(free)), key=lambda k: max(free[k][0], begins))
        start, item = max(free[place][0], begins), free[place][1]
        done = start + work + self.plant.setup_time(units, item, key)
        free[place] = (done, key)
        return done

    def _turns(self, start: float, now: float) -> Iterable[tuple[float, float]]:
        """(day on which work starts, day on which it stops) from `start` on, by hours and known closures."""
        hours, monday = self.plant.spec.hours, self.plant.start
        if hours is None:
            windows: Iterable[tuple[float, float]] = ((start, float("inf")),)
        else:
            first = int((start + monday) // WEEK)
            windows = (
                (week * WEEK + opens - monday, week * WEEK + closes - monday)
                for week in range(first, first + LONGEST)
                for opens, closes in hours
            )
        closed = self.gate.spans(now)
        for opens, closes in windows:
            begins = max(opens, start)
            for shut, reopens in closed:
                if reopens <= begins or shut >= closes:
                    continue
                if shut > begins:
                    yield begins, shut
                begins = reopens
            if begins < closes:
                yield begins, closes

    def after(self, now: float, work: float) -> float:
        """The day on which `work` days of work at the present speed are done."""
        speed = self.plant.capacity_left
        if speed <= 0:
            return float("inf")
        day = now
        for begins, ends in self._turns(now, now):
            day = begins
            if work <= (ends - begins) * speed:
                return begins + work / speed
            work -= (ends - begins) * speed
        return float("inf") if work > 0 else day

    def worked(self, now: float, until: float) -> float:
        """Days of work at the present speed from now until a day."""
        total = 0.0
        for begins, ends in self._turns(now, now):
            if begins >= until:
                break
            total += (min(ends, until) - begins) * self.plant.capacity_left
        return total
