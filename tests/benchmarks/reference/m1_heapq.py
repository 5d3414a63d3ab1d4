"""M1 written for speed alone, without SimPy: arrivals merged with the queue, one function, no order objects."""

from collections import deque
from heapq import heappop, heappush
from itertools import chain

from tests.benchmarks.reference.m1_data import NAN

EXPIRE, DELIVER, STOCK = 0, 1, 2


def flat(d, deliver_events=True):
    days = d.days
    s, S, lead = d.s.tolist(), d.S.tolist(), d.lead.tolist()
    on_hand, position, bought = list(S), list(S), [0] * d.skus
    backlog = [deque() for _ in S]
    placed, first, delivered, cancelled, immediate, parcels = [], [], [], [], [], []
    waiting, info = {}, {}  # only for orders with a waiting line
    queue = []
    seq = 0

    def fill(k, now):
        lines, stock, ready = backlog[k], on_hand[k], []
        while lines:
            i, q = lines[0]
            w = waiting.get(i)
            if w:
                if q > stock:
                    break
                stock -= q
                w.remove(k)
                if info[i][0] or not w:
                    ready.append(i)
            lines.popleft()
        on_hand[k] = stock
        return ready

    def dispatch(ready, now):
        nonlocal seq
        for i in dict.fromkeys(ready):
            p = parcels[i]
            if p == 0:
                first[i] = now
            parcels[i] = p + 1
            due = now + info[i][1][p]
            if deliver_events:
                seq += 1
                heappush(queue, (due, seq, DELIVER, i))
            elif due < days and not delivered[i] >= due:
                delivered[i] = due

    arrivals = chain.from_iterable(d.blocks())
    order = next(arrivals, None)
    t_order = order[0] if order else days
    n = 0
    while True:
        if not queue or t_order < queue[0][0]:
            now = t_order
            if order is None or now >= days:
                if not queue or queue[0][0] >= days:
                    break
                t_order = days
                order = None
                if queue[0][0] >= days:
                    break
            else:
                _, patience, partial, transits, skus, quantities = order
                i = n
                n += 1
                w = None
                imm = 0
                for k, q in zip(skus, quantities):
                    position[k] -= q
                    if on_hand[k] >= q and not backlog[k]:
                        on_hand[k] -= q
                        imm += q
                    else:
                        backlog[k].append((i, q))
                        if w is None:
                            w = [k]
                        else:
                            w.append(k)
                    if position[k] <= s[k]:
                        quantity = S[k] - position[k]
                        position[k] = S[k]
                        seq += 1
                        heappush(queue, (now + lead[k][bought[k]], seq, STOCK, (k, quantity)))
                        bought[k] += 1
                placed.append(now)
                delivered.append(NAN)
                cancelled.append(NAN)
                immediate.append(imm)
                ship = True
                if w is not None:
                    waiting[i] = w
                    info[i] = (partial, transits, skus, quantities)
                    seq += 1
                    heappush(queue, (now + patience, seq, EXPIRE, i))
                    ship = imm and partial
                if ship:
                    first.append(now)
                    parcels.append(1)
                    due = now + transits[0]
                    if deliver_events:
                        seq += 1
                        heappush(queue, (due, seq, DELIVER, i))
                    elif due < days:
                        delivered[i] = due
                else:
                    first.append(NAN)
                    parcels.append(0)
                order = next(arrivals, None)
                t_order = now + order[0] if order else days
                continue
        now, _, kind, i = heappop(queue)
        if now >= days:
            break
        if kind == DELIVER:
            delivered[i] = now
        elif kind == EXPIRE:
            w = waiting.pop(i)
            partial, _, skus, quantities = info[i]
            if w:
                cancelled[i] = now
                ready = []
                for k, q in zip(skus, quantities):
                    if k in w:
                        position[k] += q
                        ready += fill(k, now)
                    elif not partial:
                        position[k] += q
                        on_hand[k] += q
                        ready += fill(k, now)
                dispatch(ready, now)
            del info[i]
        else:
            k, quantity = i
            on_hand[k] += quantity
            dispatch(fill(k, now), now)
    return dict(
        placed=placed,
        first_shipped=first,
        delivered=delivered,
        cancelled=cancelled,
        immediate=immediate,
        parcels=parcels,
    )
