"""Each month of a recorded backlog as "today": one line in ten ships after its day of 90 %, as it should.

The maker of `scenarios/fmcg-backlog.yaml` recorded what 21 products' distributors ordered and what it delivered. On the
first day of each month, every order that was open then becomes an open order, with goods of its own that are overdue
since the day of the order; how late they come is estimated from what was known on that day.
"""

import csv
import gzip
import math
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import yaml

import simulator
from simulator.scenario.loader import load_text

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
START = date(2023, 1, 1)
MONTHS = [(date(2023, month, 1) - START).days for month in range(2, 8)]
WINDOW = 60
"""Days of deliveries from which delays are estimated."""
NOON = 0.5
"""Deliveries are recorded by day: they happen at noon, and a month begins at midnight."""
REPLICATIONS = 50


def recorded():
    """(product, day of the order, units, day on which its last unit was delivered), first in, first out."""
    ordered, delivered = defaultdict(dict), defaultdict(dict)
    for name, column, into in (("fmcg_orders", "ordered", ordered), ("fmcg_supply", "delivered", delivered)):
        with gzip.open(SCENARIOS / "data" / f"{name}.csv.gz", "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if int(row[column]):
                    into[row["sku"]][(date.fromisoformat(row["date"]) - START).days] = int(row[column])
    before = yaml.safe_load((SCENARIOS / "base" / "fmcg-items.yaml").read_text())["warehouse"]["stock"]
    for sku in sorted(ordered):
        days = sorted(delivered[sku])
        reached = np.cumsum([delivered[sku][day] for day in days])
        asked = -before[sku]
        for day, units in sorted(ordered[sku].items()):
            asked += units
            place = int(np.searchsorted(reached, asked))
            yield sku, day, units, days[place] if place < len(days) else math.inf


def delays(orders, today):
    """The Kaplan-Meier estimate of the days from order to delivery, as 1,000 quantiles: open orders are censored."""
    known = [
        (min(done, today) - day, done < today) for _, day, _, done in orders if day < today and done >= today - WINDOW
    ]
    days, over = np.array([d for d, _ in known]), np.array([o for _, o in known])
    times = np.unique(days[over])
    left = np.cumprod([1 - ((days == t) & over).sum() / (days >= t).sum() for t in times])
    at = (np.arange(1000) + 0.5) / 1000
    place = np.searchsorted(1 - left, at)
    return np.where(place < times.size, times[np.minimum(place, times.size - 1)], 500) + NOON


def outlook_on(orders, today, folder):
    """The outlook of every order that is open on a day, by product and day of the order."""
    open_ = [(sku, day, units) for sku, day, units, done in orders if day < today <= done < math.inf]
    with (folder / "orders.csv").open("w") as file:
        file.write("order,item,placed,units,name\n")
        file.writelines(f"{n},job {n},{day - today},{units},{n}\n" for n, (_, day, units) in enumerate(open_))
    (folder / "late.csv").write_text("days\n" + "\n".join(map(str, delays(orders, today))) + "\n")
    named = {"file": "orders.csv", "item": "item", "quantity": "units"}
    late = {"kind": "empirical", "file": "late.csv", "column": "days"}
    text = yaml.safe_dump(
        {
            "name": "back-test",
            "clock": {"horizon": "100 d"},
            "items": {f"job {n}": {"price": 1, "unit_cost": 1} for n in range(len(open_))},
            "customers": {
                "distributors": {
                    "arrivals": {"kind": "every", "interval": "300 d", "first": "200 d"},
                    "basket": {"kind": "single", "item": "job 0"},
                }
            },
            "suppliers": {"factory": {"items": "all", "lead_time": "1 d"}},
            "opening": {
                "orders": {**named, "order": "order", "placed": "placed"},
                "purchases": {**named, "due": "placed", "purchase": "name", "late": late},
            },
            "policies": {"as_is": {"replenishment": {"kind": "none"}}},
        }
    )
    found = simulator.outlook(load_text(text, folder), replications=REPLICATIONS, seed=1)
    return {open_[int(row.order)][:2]: row for row in found.lines}


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    """(month, product, whether the line shipped after its day of 90 %, and after that of 50 %)."""
    orders = list(recorded())
    done_on = {(sku, day): done for sku, day, _, done in orders}
    found = []
    for today in MONTHS:
        for key, row in outlook_on(orders, today, tmp_path_factory.mktemp("month")).items():
            shipped = done_on[key] - today + NOON
            found.append((today, key[0], *(shipped > (row_day or math.inf) + 1e-9 for row_day in (row.p90, row.p50))))
    return found


def share_and_interval(checked, column):
    """The share of the lines, and its 95 % interval from 2,000 resamples of whole products, whose lines go together."""
    by_product = defaultdict(list)
    for row in checked:
        by_product[row[1]].append(row[column])
    products = [np.array(rows, dtype=float) for _, rows in sorted(by_product.items())]
    rng = np.random.default_rng(1)
    draws = rng.integers(0, len(products), (2000, len(products)))
    shares = [np.concatenate([products[k] for k in draw]).mean() for draw in draws]
    low, high = np.quantile(shares, (0.025, 0.975))
    return float(np.mean([row[column] for row in checked])), float(low), float(high)


def test_one_line_in_ten_ships_after_its_day_of_90_percent(checked):
    share, low, high = share_and_interval(checked, 2)
    assert len(checked) == 512
    assert 0.08 <= share <= 0.12
    assert low < 0.10 < high
    print(f"after the day of 90 %: {share:.1%} of {len(checked)} lines (95 % interval {low:.1%} to {high:.1%})")


def test_about_half_of_the_lines_ship_after_their_day_of_50_percent(checked):
    share, low, high = share_and_interval(checked, 3)
    assert low < 0.5 < high
    print(f"after the day of 50 %: {share:.1%} (95 % interval {low:.1%} to {high:.1%})")
