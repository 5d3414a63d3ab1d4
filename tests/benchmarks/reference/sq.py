"""One item under (s,Q) = (160, 200), 20 unit orders a day, lead time 7 days: naive SimPy, heapq, and C."""

from __future__ import annotations

import ctypes
import random
import subprocess
import tempfile
from collections import deque
from heapq import heappop, heappush
from pathlib import Path

import simpy

RATE, S, Q, LEAD, INITIAL = 20.0, 160, 200, 7.0, 300


def naive(days: float, seed: int = 1) -> int:
    """A process an order, a Container for the stock; returns the number of orders."""
    env = simpy.Environment()
    stock = simpy.Container(env, init=INITIAL)
    rng = random.Random(seed)
    waits: list[float] = []
    state = {"on_order": 0, "waiting": 0, "placed": 0}

    def replenish():
        yield env.timeout(LEAD)
        state["on_order"] -= Q
        yield stock.put(Q)

    def customer():
        arrived = env.now
        state["placed"] += 1
        state["waiting"] += 1
        request = stock.get(1)
        granted = 1 if request.triggered else 0
        if stock.level + granted + state["on_order"] - state["waiting"] <= S:
            state["on_order"] += Q
            env.process(replenish())
        yield request
        state["waiting"] -= 1
        waits.append(env.now - arrived)

    def source():
        while True:
            yield env.timeout(rng.expovariate(RATE))
            env.process(customer())

    env.process(source())
    env.run(until=days)
    return state["placed"]


def flat(days: float, seed: int = 1) -> int:
    """One loop on a heapq, one row of waits; returns the number of orders."""
    gap = random.Random(seed).expovariate
    net, on_order, placed = INITIAL, 0, 0
    queue: list[float] = []
    backlog: deque[float] = deque()
    waits: list[float] = []
    due = gap(RATE)
    while True:
        if queue and queue[0] <= due:
            now = heappop(queue)
            if now >= days:
                return placed
            on_order -= Q
            net += Q
            for _ in range(min(Q, len(backlog))):
                waits.append(now - backlog.popleft())
            continue
        now = due
        if now >= days:
            return placed
        placed += 1
        net -= 1
        if net >= 0:
            waits.append(0.0)
        else:
            backlog.append(now)
        if net + on_order <= S:
            on_order += Q
            heappush(queue, now + LEAD)
        due = now + gap(RATE)


SOURCE = r"""
#include <math.h>
#include <stdlib.h>
#include <stdint.h>
static uint64_t state;
static double uniform(void) {
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    return ((state >> 11) + 0.5) / 9007199254740992.0;
}
long long sq(double days, double rate, long long s, long long q, double lead, long long initial, long long seed) {
    state = 88172645463325252ULL ^ (uint64_t)seed;
    long long net = initial, on_order = 0, placed = 0, head = 0, tail = 0, cap = 1024, first = 0, last = 0, room = 1024;
    double *due = malloc(cap * sizeof(double)), *backlog = malloc(room * sizeof(double)), waited = 0;
    double next = -log(uniform()) / rate;
    for (;;) {
        double now;
        if (head < tail && due[head % cap] <= next) {
            now = due[head++ % cap];
            if (now >= days) break;
            on_order -= q; net += q;
            for (long long k = 0; k < q && first < last; k++) waited += now - backlog[first++ % room];
            continue;
        }
        now = next;
        if (now >= days) break;
        placed++; net--;
        if (net < 0) {
            if (last - first == room) break;
            backlog[last++ % room] = now;
        }
        if (net + on_order <= s) { on_order += q; due[tail++ % cap] = now + lead; }
        next = now - log(uniform()) / rate;
    }
    free(due); free(backlog);
    return waited < 0 ? -1 : placed;
}
"""
_library = None


def compiled(days: float, seed: int = 1) -> int:
    """The same in C (gcc -O2 on first use)."""
    global _library
    if _library is None:
        folder = Path(tempfile.mkdtemp())
        (folder / "sq.c").write_text(SOURCE)
        subprocess.run(
            ["gcc", "-O2", "-shared", "-fPIC", "-o", str(folder / "sq.so"), str(folder / "sq.c"), "-lm"], check=True
        )
        _library = ctypes.CDLL(str(folder / "sq.so")).sq
        _library.restype = ctypes.c_longlong
    d, n = ctypes.c_double, ctypes.c_longlong
    return int(_library(d(days), d(RATE), n(S), n(Q), d(LEAD), n(INITIAL), n(seed)))
