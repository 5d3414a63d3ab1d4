"""Random worlds that start from today's books: the laws hold, nothing of an open order is lost, and no draw moves."""

import math
import random

import numpy as np
from hypothesis import event, given, settings

from simulator.kernel.lanes import simulate
from simulator.kpis.evaluate import evaluate, evidence_of
from simulator.kpis.series.series import measure
from simulator.record.open_lines import outcomes
from simulator.record.story import story
from tests.properties.models.worlds import LOOK, Words, worlds

MANY = settings(LOOK, max_examples=60)


def with_books(words):
    """The world with open orders of its items and segments, stock, and purchases from its suppliers."""
    chance, d = random.Random(repr(words.document)), words.document
    items, segments, suppliers = list(d["items"]), list(d["customers"]), list(d["suppliers"])
    rows = ["order,placed,item,units,segment,promised,priority"]
    for number in range(chance.randint(1, 8)):
        placed = -round(chance.choice([0, 1, 10, 40]) * chance.random(), 2)
        promised = chance.choice(["", str(round(max(placed, -3) + 8 * chance.random(), 2))])
        for _ in range(chance.randint(1, 3)):
            item, segment = chance.choice(items), chance.choice(["", *segments])
            rows.append(
                f"S-{number},{placed},{item},{chance.randint(1, 9)},{segment},{promised},{chance.choice('  123')}"
            )
    stock = ["item,units", *(f"{item},{chance.randint(0, 12)}" for item in items)]
    bought = ["item,units,due,purchase"]
    for number in range(chance.randint(1, 5)):
        sold = d["suppliers"][suppliers[0]]["items"] if suppliers else "all"
        item = chance.choice(items if sold == "all" else sold)
        bought.append(f"{item},{chance.randint(1, 9)},{round(30 * chance.random() - 9, 2)},PO-{number}")
    named = {"item": "item", "quantity": "units"}
    orders = {key: key for key in ("order", "placed", "segment", "promised", "priority")}
    late = {"kind": "gamma", "mean": 5, "cv": 1}
    opening = {
        "orders": {"file": "open.csv", **orders, **named},
        "stock": {"file": "stock.csv", **named},
    }
    if suppliers:
        opening["purchases"] = {"file": "bought.csv", "due": "due", "purchase": "purchase", "late": late, **named}
    document = {**d, "opening": opening, "warehouse": {**d["warehouse"], "stock": {}}}
    files = {"open.csv": "\n".join(rows), "stock.csv": "\n".join(stock), "bought.csv": "\n".join(bought)}
    return Words(document, words.orders, {**words.files, **{name: f"{text}\n" for name, text in files.items()}})


@MANY
@given(worlds())
def test_every_unit_of_an_open_order_is_filled_cancelled_or_waits_and_all_laws_hold(words):
    if not words.document["customers"]:
        return
    scenario, plain = with_books(words).scenario(), words.scenario()
    book = scenario.opening.orders.book
    demands = []
    for policy in scenario.policies:
        run = simulate(scenario, policy, 1)
        run.audit()
        demands.append(run.demand.times[len(book) :])
        kpis, found = evaluate(run), outcomes(run)
        measure(evidence_of(run))
        assert kpis["opening_units"] == book.quantities.sum()
        total = sum(kpis[f"opening_{what}"] for what in ("filled", "cancelled"))
        waits = run.still_open[: len(book.items)].sum() / book.quantities.sum()
        assert math.isclose(total + waits, 1.0, abs_tol=1e-9)
        assert kpis["opening_wait_max"] >= kpis["opening_wait_p90"] >= 0
        assert (np.isnan(found.shipped) | (found.shipped >= 0)).all()
        assert (np.isnan(found.shipped) | (found.shipped <= found.delivered)).all()
        for number in range(len(book)):
            assert f"order {book.names[number]} placed by" in story(run, number)[0]
        event(f"open orders cancelled: {bool(found.left.any() or found.dropped.any())}")
        sums = simulate(scenario, policy, 1, records=False)
        sums.audit()
        assert sums.final == run.final
    # Those who come later come at the same times, whatever is open.
    alone = simulate(plain, next(iter(plain.policies)), 1).demand.times
    assert all(np.array_equal(times, alone) for times in demands)
