"""The process that plays: jobs in turn, newer ones instead of older ones, limits, and errors of every kind."""

import asyncio
import os
import time

import pytest

from simulator.foundation.errors import RunError, UserError
from simulator.lab.server.answers import Refused
from simulator.lab.server.worker import Superseded, TookTooLong, Worker
from tests.pace import within


def count(state, upto, pause=0.0):
    for number in range(upto):
        state["last"] = number
        time.sleep(pause)
        yield number


def last(state):
    return state.get("last"), "kept" in state


def busy(state):
    state["kept"] = True
    end = time.monotonic() + 30
    while time.monotonic() < end:
        pass


def fail(state, why):
    if why == "die":
        os._exit(1)
    raise {"user": UserError("shop.yaml: no"), "refused": Refused(409, "Not now."), "bug": ValueError("x")}[why]


def with_worker(story):
    async def whole():
        worker = Worker()
        await worker.start()
        try:
            return await story(worker)
        finally:
            await worker.stop()

    return asyncio.run(asyncio.wait_for(whole(), 30))


def test_messages_come_in_order_and_the_state_stays():
    async def story(worker):
        assert [m async for m in worker.run(count, 3)] == [0, 1, 2]
        assert await worker.one(last) == (2, False)

    with_worker(story)


def test_a_newer_job_with_the_same_key_replaces_the_older_one_even_within_a_step():
    async def story(worker):
        async def old(job, *arguments):
            with pytest.raises(Superseded):
                await worker.one(job, *arguments, key="page")

        for job in ((count, 1000, 0.01), (busy,)):
            older = asyncio.create_task(old(*job))
            await asyncio.sleep(0.3)
            with within(2, time.monotonic):
                assert await worker.one(count, 2, key="page") == 1
            await older
        assert await worker.one(last) == (1, False)  # what an interrupted job kept is dropped

    with_worker(story)


def test_a_job_waits_for_one_with_another_key():
    async def story(worker):
        first = asyncio.create_task(worker.one(count, 20, 0.01, key="a"))
        await asyncio.sleep(0)
        assert await worker.one(last, key="b") == (19, False)
        assert await first == 19

    with_worker(story)


def test_leaving_early_ends_the_job():
    async def story(worker):
        async def first():
            messages = worker.run(count, 10_000, 0.01)
            async for number in messages:
                await messages.aclose()
                return number
            return None

        assert await first() == 0
        with within(2, time.monotonic):
            assert (await worker.one(last))[0] < 1000

    with_worker(story)


def test_a_job_that_takes_too_long_is_stopped():
    async def story(worker):
        with pytest.raises(TookTooLong, match=r"0\.2 seconds"):
            await worker.one(busy, limit=0.2)
        assert await worker.one(count, 1) == 0

    with_worker(story)


def test_errors_of_a_job_reach_who_asked_and_the_process_goes_on(capfd):
    async def story(worker):
        for why, kind, text in (
            ("user", UserError, "shop.yaml: no"),
            ("refused", Refused, "Not now."),
            ("bug", RunError, "the terminal says why"),
            ("die", RunError, "has stopped"),
        ):
            with pytest.raises(kind, match=text):
                await worker.one(fail, why)
            assert await worker.one(count, 1) == 0

    with_worker(story)
    assert "ValueError: x" in capfd.readouterr().err


def test_the_server_answers_while_a_job_runs():
    async def story(worker):
        job = asyncio.create_task(worker.one(busy, limit=0.5))
        await asyncio.sleep(0.1)
        with within(0.2, time.monotonic):
            for _ in range(10):
                await asyncio.sleep(0.001)
        with pytest.raises(TookTooLong):
            await job

    with_worker(story)
