"""Model M1: parameters, pre-sampled randomness and the result record.

M1: K stock-keeping units in one warehouse, orders of 1-4 lines arrive as a
Poisson stream.  A line is filled whole, first come first served per SKU (a
line at the head that does not fit blocks those behind it).  An order either
ships once, complete, or ships what it has as it gets it (its `partial` flag).
An order not complete after its patience is cancelled: waiting lines leave the
queue, units held but not shipped return to the shelf.  Every SKU is reviewed
at each demand with an (s, S) rule on the inventory position; supplier lead
time, patience and parcel transit are random.  A parcel's transit is drawn per
(order, parcel number), a lead time per (SKU, purchase number), patience per
order: so every implementation sees the same numbers whatever order its events
come in, and must give the same record of every order, bit for bit.
"""

import math

import numpy as np

NAN = math.nan


class Data:
    """All random numbers of one replication, as numpy arrays."""

    def __init__(
        self, days=365.0, rate=100.0, skus=50, seed=1, mean_patience=30.0, mean_lead=14.0, safety=-0.12, review=10.0
    ):
        self.days, self.rate, self.skus, self.seed = days, rate, skus, seed
        streams = np.random.SeedSequence(seed).spawn(7)
        g_gap, g_lines, g_sku, g_qty, g_pat, g_ship, g_lead = map(np.random.default_rng, streams)

        n = int(days * rate + 8 * math.sqrt(days * rate) + 50)
        gap = g_gap.exponential(1.0 / rate, n)
        n = int(np.searchsorted(np.cumsum(gap), days))
        self.n = n
        self.gap = gap[:n].copy()
        lines = g_lines.integers(1, 5, n)
        self.ptr = np.concatenate([[0], np.cumsum(lines)]).astype(np.int64)
        total = int(self.ptr[-1])

        weight = 1.0 / np.arange(1, skus + 1) ** 0.8
        weight /= weight.sum()
        sku = np.empty(total, np.int64)
        log_w = np.log(weight)
        for lo in range(0, n, 20_000):  # distinct SKUs per order: Gumbel top-k
            hi = min(n, lo + 20_000)
            keys = log_w + g_sku.gumbel(size=(hi - lo, skus))
            top = np.argpartition(-keys, 4, axis=1)[:, :4]
            keep = np.arange(4) < lines[lo:hi, None]
            sku[self.ptr[lo] : self.ptr[hi]] = top[keep]
        self.sku = sku
        self.qty = g_qty.integers(1, 6, total)
        self.patience = g_pat.exponential(mean_patience, n)
        self.partial = g_ship.random(n) < 0.5
        self.transit = g_ship.lognormal(math.log(2.0), 0.5, (n, 4))

        daily = np.bincount(sku, weights=self.qty, minlength=skus) / days
        self.s = np.ceil(daily * mean_lead * (1.0 + safety)).astype(np.int64)
        self.S = self.s + np.ceil(daily * review).astype(np.int64) + 1
        buys = int(days / review * 3) + 50
        sigma = 0.4
        self.lead = g_lead.lognormal(math.log(mean_lead) - sigma**2 / 2, sigma, (skus, buys))
        self.buys = buys

    def blocks(self, size=4096):
        """Orders in blocks, as zipped Python lists of plain floats and ints:
        (gap, patience, partial, transits, skus, quantities) per order."""
        for lo in range(0, self.n, size):
            hi = min(self.n, lo + size)
            base, end = int(self.ptr[lo]), int(self.ptr[hi])
            sku, qty = self.sku[base:end].tolist(), self.qty[base:end].tolist()
            ptr = (self.ptr[lo : hi + 1] - base).tolist()
            ends = ptr[1:]
            yield zip(
                self.gap[lo:hi].tolist(),
                self.patience[lo:hi].tolist(),
                self.partial[lo:hi].tolist(),
                self.transit[lo:hi].tolist(),
                [sku[a:b] for a, b in zip(ptr, ends)],
                [qty[a:b] for a, b in zip(ptr, ends)],
            )


RECORD = ("placed", "first_shipped", "delivered", "cancelled", "immediate", "parcels")


def summary(rec):
    """Named statistics of a finished record (dict of arrays by column)."""
    r = {k: np.asarray(v, dtype=float) for k, v in rec.items()}
    wait = r["first_shipped"] - r["placed"]
    return {
        "orders": len(wait),
        "shipped": int(np.isfinite(wait).sum()),
        "shipped late": float((wait > 0).sum() / len(wait)),
        "mean wait of the late": float(wait[wait > 0].mean()) if (wait > 0).any() else 0.0,
        "cancelled": float(np.isfinite(r["cancelled"]).mean()),
        "delivered": int(np.isfinite(r["delivered"]).sum()),
        "units filled at once": int(r["immediate"].sum()),
        "parcels": int(r["parcels"].sum()),
    }


def same(a, b):
    """True when two records agree bit for bit (NaN equals NaN)."""
    return all(
        np.array_equal(np.asarray(a[k], dtype=float), np.asarray(b[k], dtype=float), equal_nan=True) for k in RECORD
    )
