"""A server of the class in a process of its own, and students who play over HTTP."""

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

STARTS = """
import os, sys
if sys.argv[3] == "one":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from simulator.cli.main import main
sys.argv = ["backorder", "lab", "--class", "--no-browser", "--port", sys.argv[2], "--rooms", sys.argv[1]]
main()
"""


class ClassProcess:
    """`backorder lab --class` on a free port; it can be killed and started again."""

    def __init__(self, home, core="all"):
        self.home, self.core = home, core
        self.port = 0
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", STARTS, str(self.home), str(self.port), self.core],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "default"},
        )
        for line in self.process.stdout:
            if found := re.search(r"Teacher: (http://127\.0\.0\.1:(\d+)/)teacher\?token=(\S+)", line):
                self.link, self.port, self.token = found[1], int(found[2]), found[3]
                return
        raise RuntimeError("the server did not start")

    @property
    def teacher_link(self):
        return f"{self.link}teacher?token={self.token}"

    def cpu_seconds(self):
        """Processor time that the server has used so far (Linux)."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self):
        """As a power cut would: nothing is tidied up."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    @contextlib.contextmanager
    def teacher(self):
        with httpx.Client(base_url=self.link, timeout=20, trust_env=False) as found:
            found.get(f"/teacher?token={self.token}", follow_redirects=True)
            yield found

    def opened(self, **choices):
        with self.teacher() as teacher:
            answer = teacher.post("/api/teacher/rooms", json={"game": "beer-game", "timer": 0, **choices})
            return answer.json()["code"]

    def act(self, code, what, **more):
        with self.teacher() as teacher:
            return teacher.post(f"/api/teacher/rooms/{code}/act", json={"act": what, **more}).status_code


@contextlib.contextmanager
def running(home, core="all"):
    found = ClassProcess(home, core)
    try:
        yield found
    finally:
        found.kill()


async def play_all(server, code, students, rounds, decided, think=0.0):
    """Students who all look at once in every round, and decide at once, or after up to `think` seconds.

    Returns:
        seconds of every answer, and processor seconds of the server for every time that all ask at once.
    """
    took, bursts = [], []

    async def timed(call):
        start = time.perf_counter()
        answer = await call()
        took.append(time.perf_counter() - start)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async with contextlib.AsyncExitStack() as stack:
        phones = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=server.link, timeout=30, trust_env=False))
            for _ in range(students)
        ]
        for number, phone in enumerate(phones):
            await phone.post(f"/api/rooms/{code}/join", json={"name": f"student {number}"})
        await asyncio.to_thread(server.act, code, "start")

        async def all_at_once(calls):
            before = server.cpu_seconds()
            answers = await asyncio.gather(*map(timed, calls))
            bursts.append(server.cpu_seconds() - before)
            return answers

        def sent(phone, seen):
            body = {"round": seen["round"], "values": decided(seen)}
            return lambda: phone.post(f"/api/rooms/{code}/decide", json=body)

        async def in_time(call, seconds):
            await asyncio.sleep(seconds)
            return await timed(call)

        def looking(phone):
            return lambda: phone.get(f"/api/rooms/{code}/view")

        for _ in range(rounds):
            views = await all_at_once([looking(phone) for phone in phones])
            decisions = [sent(phone, seen) for phone, seen in zip(phones, views, strict=True)]
            if not think:
                await all_at_once(decisions)
                continue
            waits = [think * (7 * place % students) / students for place in range(students)]
            await asyncio.gather(*map(in_time, decisions, waits))
    return took, bursts
