"""The clock: the order of business at one instant, the half-open horizon, delays, and SimPy as SimPy is."""

import math
import pickle

import pytest
import simpy

from simulator.foundation.errors import EventStorm
from simulator.world import simpy_clock as clock_module
from simulator.world.clock import Phase
from simulator.world.simpy_clock import SimpyClock
from tests.unit.world.plain_clock import PlainClock

BOTH = pytest.mark.parametrize("kind", [SimpyClock, PlainClock])
ORDER = ["SWITCH", "RECEIPT", "CANCEL", "DELIVERY", "DEMAND", "REVIEW", "CLOSE"]


def test_the_order_of_business_is_switch_receipt_cancel_delivery_demand_review_close():
    print("at one instant: " + " < ".join(ORDER))
    assert [phase.name for phase in sorted(Phase)] == ORDER
    assert min(Phase) == 1, "0 is SimPy's own"


@BOTH
def test_at_one_instant_everything_happens_in_the_order_of_its_phase_whatever_was_scheduled_first(kind):
    clock, log = kind(), []

    def note(name, now):
        log.append((now, name))

    def process(name):
        yield clock.until(1.0, Phase[name])
        note(f"{name} process", clock.now)

    for name in reversed(ORDER):
        clock.at(1.0, Phase[name], note, f"{name} at")
        clock.after(1.0, Phase[name], note, f"{name} after")
        clock.process(process(name))
    clock.run_to(2.0)
    assert log == [(1.0, f"{name} {how}") for name in ORDER for how in ("at", "after", "process")]


@BOTH
def test_equal_phases_at_one_instant_go_first_come_first_served(kind):
    clock, log = kind(), []
    for k in range(20):
        clock.after(0.5, Phase.RECEIPT, lambda k, now: log.append(k), k)
    clock.run_to(1.0)
    assert log == list(range(20))


def test_what_is_due_at_the_instant_of_a_fed_row_goes_before_it_up_to_phase_demand_and_after_it_from_review_on():
    clock, log = SimpyClock(), []
    clock.feed([(0.0, "a"), (1.0, "b"), (1.0, "c")], lambda row, now: log.append(row[1]))
    for name in reversed(ORDER):
        clock.at(1.0, Phase[name], lambda name, now: log.append(name), name)
    clock.run_to(2.0)
    assert log == ["a", "SWITCH", "RECEIPT", "CANCEL", "DELIVERY", "DEMAND", "b", "c", "REVIEW", "CLOSE"]


def test_what_a_fed_row_starts_at_its_own_instant_is_done_before_the_next_row():
    clock, log = SimpyClock(), []

    def arrives(row, now):
        log.append(row[1])
        clock.at(now, Phase.CANCEL, lambda name, now: log.append(f"{name} cancels"), row[1])

    clock.feed([(1.0, "a"), (1.0, "b")], arrives)
    clock.run_to(2.0)
    assert log == ["a", "a cancels", "b", "b cancels"]


@BOTH
def test_the_horizon_is_half_open(kind):
    clock, log = kind(), []
    before = math.nextafter(2.0, 0.0)
    for time in (0.0, before, 2.0, 3.0):
        clock.at(time, Phase.SWITCH, lambda time, now: log.append(time), time)
    clock.feed([(0.0,), (before,), (2.0,), (3.0,)], lambda row, now: log.append(("row", now)))
    clock.run_to(2.0)
    assert sorted(map(str, log)) == sorted(map(str, [0.0, before, ("row", 0.0), ("row", before)]))
    assert clock.now == 2.0


@BOTH
def test_feeds_follow_each_other_window_by_window(kind):
    clock, log = kind(), []

    def windows():
        for start in (0.0, 1.0, 2.0):
            yield clock.until(start, Phase.SWITCH)
            clock.feed([(start + k / 4, k) for k in range(4)] if start != 1.0 else [], lambda row, now: log.append(now))

    clock.process(windows())
    clock.run_to(2.6)
    assert log == [0.0, 0.25, 0.5, 0.75, 2.0, 2.25, 2.5]


@pytest.mark.parametrize("delay", [math.nan, -1e-9, -math.inf])
def test_a_delay_that_is_negative_or_not_a_number_is_refused_and_the_queue_stays_in_order(delay):
    clock, log = SimpyClock(), []
    with pytest.raises(ValueError, match="delay of"):
        clock.after(delay, Phase.CANCEL, lambda a, now: log.append(a), "never")
    for schedule in (lambda t: clock.at(t, Phase.CANCEL, print, 0), lambda t: clock.until(t, Phase.CANCEL)):
        with pytest.raises(ValueError, match="is before now"):
            schedule(delay)
    for time in (3.0, 1.0, 2.0):
        clock.at(time, Phase.CANCEL, lambda a, now: log.append(now), None)
    clock.run_to(9.0)
    assert log == [1.0, 2.0, 3.0]


def test_an_endless_delay_is_never_over_and_takes_no_place_in_the_queue():
    clock, log = SimpyClock(), []
    clock.after(math.inf, Phase.CANCEL, lambda a, now: log.append(a), "never")
    clock.at(math.inf, Phase.CANCEL, lambda a, now: log.append(a), "never")

    def waits():
        yield clock.until(math.inf, Phase.CANCEL)
        log.append("never")

    clock.process(waits())
    clock.run_to(1e15)
    assert log == []


def test_processes_timeouts_conditions_interrupts_resources_and_stores_are_those_of_simpy():
    def story(clock):
        log = []

        def sleeper():
            try:
                yield clock.timeout(10)
            except simpy.Interrupt as call:
                log.append((clock.now, "woken", call.cause))
            found = yield clock.timeout(1, value="one") | clock.timeout(2)
            log.append((clock.now, list(found.values())))
            yield clock.all_of([clock.timeout(1), clock.timeout(3)])
            log.append((clock.now, "both"))
            return "done"

        def waker(other):
            yield clock.timeout(2.5)
            other.interrupt("now")
            log.append((clock.now, (yield other)))

        def worker(name, desk, shelf):
            with desk.request() as turn:
                yield turn
                yield clock.timeout(1)
                yield shelf.put(name)
            log.append((clock.now, name, len(shelf.items)))

        desk, shelf = simpy.Resource(clock, 2), simpy.Store(clock)
        for name in "abc":
            clock.process(worker(name, desk, shelf))
        clock.process(waker(clock.process(sleeper())))
        event = clock.event()
        event.callbacks.append(lambda e: log.append((clock.now, "event", e.value)))
        event.succeed("yes")
        return log

    plain, ours = simpy.Environment(), SimpyClock()
    expected, log = story(plain), story(ours)
    plain.run(until=20)
    ours.run_to(20)
    assert log == expected
    assert len(log) == 8


def test_step_and_run_until_an_event_work_on_plain_simpy_events():
    clock = SimpyClock()

    def goes():
        yield clock.timeout(3)
        return "there"

    assert clock.run(until=clock.process(goes())) == "there"
    assert clock.now == 3
    clock.timeout(1)
    while clock.peek() < math.inf:
        clock.step()
    assert clock.now == 4


def test_an_error_in_an_action_is_not_swallowed():
    clock = SimpyClock()
    clock.after(1.0, Phase.RECEIPT, lambda a, now: 1 / a, 0)
    with pytest.raises(ZeroDivisionError):
        clock.run_to(2.0)


def test_an_error_in_a_process_is_not_swallowed():
    clock = SimpyClock()

    def fails():
        yield clock.until(1.0, Phase.RECEIPT)
        raise LookupError("lost")

    clock.process(fails())
    with pytest.raises(LookupError, match="lost"):
        clock.run_to(2.0)


def test_time_that_does_not_advance_is_noticed(monkeypatch):
    """At t = 20,000 d a delay of 1e-12 d counts as 0; a hundred thousand events at one instant are allowed."""
    monkeypatch.setattr(clock_module, "CHUNK", 1000)

    def again(_argument, _now):
        clock.after(1e-12, Phase.DEMAND, again, None)

    clock = SimpyClock()
    clock.at(20_000.0, Phase.DEMAND, again, None)
    with pytest.raises(EventStorm, match=r"an event storm: after .* the clock is at day 20000 of 30000;"):
        clock.run_to(30_000.0)

    clock, log = SimpyClock(), []
    for k in range(4000):
        clock.at(7.0, Phase.DEMAND, lambda k, _: log.append(k), k)
    clock.run_to(10.0)
    assert log == list(range(4000))


def test_time_that_hardly_advances_is_noticed(monkeypatch):
    monkeypatch.setattr(clock_module, "CHUNK", 1000)
    monkeypatch.setattr(clock_module, "MOST_EVENTS", 1e6)

    def every(gap):
        def again(_argument, _now):
            clock.after(gap, Phase.REVIEW, again, None)

        return again

    clock = SimpyClock()
    clock.at(0.0, Phase.REVIEW, every(1e-5), None)
    with pytest.raises(EventStorm, match="after 5,000 events the clock is at day 0"):
        clock.run_to(100.0)  # 10 million reviews
    clock = SimpyClock()
    clock.at(0.0, Phase.REVIEW, every(1e-3), None)
    clock.run_to(100.0)  # 100,000 reviews


def test_a_storm_travels_between_processes():
    storm = EventStorm(3.5, 100.0, 5000).at("policy 'lean', seed 7, replication 2")
    assert str(pickle.loads(pickle.dumps(storm))) == str(storm)
    assert str(storm).startswith("policy 'lean', seed 7, replication 2: an event storm: after 5,000 events")
