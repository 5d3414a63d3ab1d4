"""Production lines of a supplier: queue, set-ups, working hours, breakdowns, overtime and lost capacity."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from math import ceil, inf, prod

from simulator.model.calendar import WEEK
from simulator.randomness.distribution import Distribution
from simulator.randomness.streams import Streams
from simulator.scenario.schema.production import Breakdown, Capacity, Hours
from simulator.world.clock import Clock, Phase, Process
from simulator.world.pace import Pace
from simulator.world.suppliers.purchase import Purchase, Samplers
from simulator.world.suppliers.source import Source
from simulator.world.switchboard import Gate

DONE = 1e-9
"""Days of work that may remain of a finished job: rounding errors of lines that stop and go on."""


class Job:
    """A purchase to be produced."""

    __slots__ = ("key", "purchase", "work")

    def __init__(self, purchase: Purchase, key: str, work: float) -> None:
        self.purchase = purchase
        self.key = key
        """Names the item."""
        self.work = work
        """Days at full speed, without set-ups."""


class ProductionLine:
    """One line, which finishes what it has begun."""

    __slots__ = ("broken", "item", "job", "pace")

    def __init__(self) -> None:
        self.job: Job | None = None
        self.item = ""
        """The item of its last set-up."""
        self.broken = False
        self.pace = Pace(inf, 0.0, 0.0)


class Plant(Source):
    """Production lines with one queue, first come first served unless `urgent_first`.

    A line has a speed: 0 while it is broken, outside working hours and while an event stops the supplier; otherwise the
    product of the capacity that events leave and of overtime. Whenever the speed changes, the work done so far counts
    and the day of completion is computed again; interrupted work is never lost.
    """

    def __init__(self, key: str, clock: Clock, spec: Capacity, streams: Streams, gate: Gate, start: float) -> None:
        self.clock, self.spec, self.gate, self.start = clock, spec, gate, start
        self.time = Samplers(lambda item: spec.unit_time.sampler(streams.stream("make", key, self.names[item])))
        self.names: dict[int, str] = {}
        self.numbers: dict[str, int] = {}
        self.fixed = _constant(spec.unit_time)
        self.setup = spec.setup.sampler(streams.stream("setup", key))
        self.waiting: deque[Job] = deque()
        self.lines = [ProductionLine() for _ in range(spec.lines)]
        self.working = True
        """Whether it is within working hours."""
        self.left: list[float] = []
        """Shares of the capacity that current events leave."""
        self.units = 0
        """Units waiting or in production."""
        self.lost = 0.0
        """Days that the next job takes longer because others were moved ahead of it."""
        gate.watchers.append(self.speed_changes)
        if spec.hours is not None:
            clock.process(self._keep_hours(spec.hours, start))
        if spec.breakdown is not None:
            for number, line in enumerate(self.lines):
                rng = streams.stream("breakdown", key, str(number))
                clock.process(self._break_down(line, spec.breakdown, rng))

    # -------------------------------------------------------------- queue
    def serve(self, purchase: Purchase, now: float) -> None:
        """A purchase joins the queue; an idle line starts it."""
        if not purchase.units:
            return
        key = purchase.supplier.keys[purchase.shelf.item]
        self.waiting.append(Job(purchase, key, self._work(purchase, key)))
        self.units += purchase.units
        self.next_jobs(now)
        self._load_changes(now)

    def _work(self, purchase: Purchase, key: str) -> float:
        if self.fixed is not None:
            return self.fixed * purchase.units
        item = self.numbers.setdefault(key, len(self.numbers))
        self.names[item] = key
        draw = self.time[item]
        return sum(draw() for _ in range(purchase.units))

    def next_jobs(self, now: float) -> None:
        """Idle lines start waiting jobs."""
        for line in self.lines:
            while line.job is None and self.waiting:
                job = self._next()
                if job.purchase.units:  # not withdrawn meanwhile
                    self._begin(line, job, now)

    def _next(self) -> Job:
        if self.spec.urgent_first:
            for place, job in enumerate(self.waiting):
                if job.purchase.shelf.backordered:  # customers of the buyer wait for it
                    del self.waiting[place]
                    if place:
                        self.lost += self.spec.jump_loss
                    return job
        return self.waiting.popleft()

    def _begin(self, line: ProductionLine, job: Job, now: float) -> None:
        batch = self.spec.batch
        setups = ceil(job.purchase.units / batch) if batch else int(line.item != job.key)
        work = job.work + sum(self.setup() for _ in range(setups)) + self.lost
        self.lost = 0.0
        line.job, line.item = job, job.key
        line.pace = Pace(work, 0.0, now)
        self._set(line, now)

    # -------------------------------------------------------------- speed
    def speed_changes(self, now: float) -> None:
        """Updates all lines after something that may change their speed."""
        for line in self.lines:
            if line.job is not None:
                self._set(line, now)

    def _load_changes(self, now: float) -> None:
        """Overtime may begin or end for all lines, because more or fewer units wait or are in production."""
        if self.spec.chase is not None:
            self.speed_changes(now)

    def speed(self, line: ProductionLine) -> float:
        """Speed of a line, as a share of full speed."""
        if line.broken or not self.working or self.gate.shut:
            return 0.0
        speed = 1.0
        for share in self.left:
            speed *= share
        chase = self.spec.chase
        return speed * chase.factor if chase is not None and self.units > chase.above else speed

    def _set(self, line: ProductionLine, now: float) -> None:
        since, rate = line.pace.since, line.pace.rate
        if line.pace.change(self.speed(line), now):
            self._note(line, since, now, rate)
            # A line that stops at the very moment of completion has speed 0 and would never report its last job.
            days = 0.0 if line.pace.left < DONE else line.pace.days
            self.clock.after(days, Phase.RECEIPT, self._done, (line, line.job, line.pace.turn))

    def _note(self, line: ProductionLine, since: float, now: float, rate: float) -> None:
        if rate and now > since:
            assert line.job is not None
            purchase = line.job.purchase
            purchase.supplier.ledger.worked.write(since, now, purchase.shelf.item, purchase.supplier.number, rate)

    def _done(self, due: tuple[ProductionLine, Job, int], now: float) -> None:
        line, job, turn = due
        # A change of speed schedules the completion anew; the earlier entry stays in the clock's queue, from which
        # nothing can be removed cheaply, and is ignored here.
        if line.job is not job or line.pace.turn != turn:
            return
        self._note(line, line.pace.since, now, line.pace.rate)
        line.job = None
        self.units -= job.purchase.units
        self.next_jobs(now)
        self._load_changes(now)
        if job.purchase.units:
            job.purchase.supplier.release(job.purchase, now)

    def cut_capacity(self, left: float) -> None:
        """An event leaves only a share of the capacity."""
        self.left.append(left)
        self.speed_changes(self.clock.now)

    def restore_capacity(self, left: float) -> None:
        """The event is over."""
        self.left.remove(left)
        self.speed_changes(self.clock.now)

    def stop(self, now: float) -> None:
        """At the horizon, records the work that has been done on unfinished jobs."""
        for line in self.lines:
            if line.job is not None:
                self._note(line, line.pace.since, now, line.pace.rate)

    # ------------------------------------------------------------- outside
    def withdraw(self, purchase: Purchase, units: int, now: float) -> int:
        """See `Seller.withdraw`: all units while the purchase waits for a line, none once a line works on it."""
        for job in self.waiting:
            if job.purchase is purchase:
                job.work *= 1 - units / purchase.units
                self.units -= units
                self._load_changes(now)
                return units
        return units if purchase.released is None and not self._in_work(purchase) else 0

    def _in_work(self, purchase: Purchase) -> bool:
        return any(line.job is not None and line.job.purchase is purchase for line in self.lines)

    def hasten(self, purchase: Purchase, now: float) -> float | None:
        """Moves a purchase to the front of the queue; days gained, None if it does not wait here."""
        before = 0.0
        for place, job in enumerate(self.waiting):
            if job.purchase is purchase:
                del self.waiting[place]
                self.waiting.appendleft(job)
                if place:
                    self.lost += self.spec.jump_loss
                return before / len(self.lines)
            before += job.work
        return None

    # ------------------------------------------------------------ what a planner sees
    def holds(self, purchase: Purchase) -> bool:
        """Whether a purchase waits for a line or is in work."""
        return self._in_work(purchase) or any(job.purchase is purchase for job in self.waiting)

    def work_left(self, line: ProductionLine, now: float) -> float:
        """Days of work at full speed that a line has left with its job."""
        if line.job is None:
            return 0.0
        return max(line.pace.left - line.pace.rate * (now - line.pace.since), 0.0)

    def setup_time(self, units: int, item: str, key: str) -> float:
        """Mean days of setting a line up for a job: once per batch, or when the line last made another item."""
        batch = self.spec.batch
        return self.spec.setup.moments().mean * (ceil(units / batch) if batch else int(item != key))

    @property
    def mean_time(self) -> float:
        """Mean days of making one unit at full speed."""
        return self.spec.unit_time.moments().mean

    @property
    def capacity_left(self) -> float:
        """Share of the full speed that events leave."""
        return prod(self.left)

    # ------------------------------------------------------------ processes
    def _keep_hours(self, hours: Hours, start: float) -> Process:
        """A SimPy process: working hours; `start` is the start of the clock in days since Monday 0:00."""
        self.working = any(opens <= start < closes for opens, closes in hours)
        week = 0
        while True:
            for moment, works in _turns(hours):
                time = week * WEEK + moment - start
                if time > 0:
                    yield self.clock.until(time, Phase.SWITCH)
                    self.working = works
                    self.speed_changes(self.clock.now)
            week += 1

    def _break_down(self, line: ProductionLine, spec: Breakdown, rng: object) -> Process:
        """A SimPy process: a line breaks down, is repaired, and breaks down again."""
        up, down = spec.every.sampler(rng), spec.repair.sampler(rng)  # type: ignore[arg-type]
        while True:
            for draw, broken in ((up, True), (down, False)):
                yield self.clock.until(self.clock.now + draw(), Phase.SWITCH)
                line.broken = broken
                self.speed_changes(self.clock.now)


def _turns(hours: Hours) -> Sequence[tuple[float, bool]]:
    return [turn for opens, closes in hours for turn in ((opens, True), (closes, False))]


def _constant(law: Distribution) -> float | None:
    moments = law.moments()
    return moments.mean if moments.variance == 0 else None
