"""M1, naive SimPy: a process per order, per purchase and per parcel.

Stock is a Container per SKU; an order waits on AllOf / AnyOf of its line
requests against a patience Timeout.  This is what the SimPy guide leads to.
"""

from dataclasses import dataclass

import simpy

from tests.benchmarks.reference.m1_data import NAN


@dataclass
class OrderRecord:
    placed: float
    first_shipped: float = NAN
    delivered: float = NAN
    cancelled: float = NAN
    immediate: int = 0
    parcels: int = 0


class Model:
    def __init__(self, data):
        self.d = data
        self.env = simpy.Environment()
        k = data.skus
        self.s, self.S, self.lead = data.s.tolist(), data.S.tolist(), data.lead.tolist()
        self.stock = [simpy.Container(self.env, init=level) for level in self.S]
        self.position = list(self.S)
        self.bought = [0] * k
        self.records = []

    def source(self):
        for block in self.d.blocks():
            for gap, *order in block:
                yield self.env.timeout(gap)
                self.env.process(self.order(*order))

    def order(self, patience, partial, transits, skus, quantities):
        env = self.env
        rec = OrderRecord(env.now)
        self.records.append(rec)
        waiting, held = {}, []
        for k, q in zip(skus, quantities):
            self.position[k] -= q
            get = self.stock[k].get(q)
            if get.triggered:
                rec.immediate += q
                held.append((k, q))
            else:
                waiting[get] = (k, q)
            if self.position[k] <= self.s[k]:
                env.process(self.purchase(k, self.S[k] - self.position[k]))
        patience = env.timeout(patience)
        if partial and held:
            self.ship(transits, rec)
            held = []
        while waiting:
            gets = env.any_of(list(waiting)) if partial else env.all_of(list(waiting))
            yield gets | patience
            for get in [g for g in waiting if g.triggered]:
                held.append(waiting.pop(get))
            if waiting and patience.processed:
                rec.cancelled = env.now
                for get, (k, q) in waiting.items():
                    get.cancel()
                    self.position[k] += q
                for k, q in held:
                    self.position[k] += q
                    self.stock[k].put(q)
                for k, q in waiting.values():
                    # SimPy does not look at the queue again after a cancel:
                    # the requests that stood behind this one must be retried.
                    self.stock[k]._trigger_get(None)
                return
            if partial:
                self.ship(transits, rec)
                held = []
        if held:
            self.ship(transits, rec)

    def ship(self, transits, rec):
        if rec.parcels == 0:
            rec.first_shipped = self.env.now
        self.env.process(self.parcel(transits[rec.parcels], rec))
        rec.parcels += 1

    def parcel(self, transit, rec):
        yield self.env.timeout(transit)
        rec.delivered = self.env.now

    def purchase(self, k, q):
        self.position[k] += q
        lead = self.lead[k][self.bought[k]]
        self.bought[k] += 1
        yield self.env.timeout(lead)
        self.stock[k].put(q)

    def run(self):
        self.env.process(self.source())
        self.env.run(until=self.d.days)
        return {c: [getattr(r, c) for r in self.records] for c in OrderRecord.__dataclass_fields__}


def run(data):
    return Model(data).run()
