"""Small deterministic worlds and everything that happens in them, word for word; `make golden` rewrites the files."""

import json
from pathlib import Path

import pytest

from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import Undefined
from simulator.scenario.loader import load
from simulator.world.simulate import simulate
from tests.properties.models.facts import rows

HERE = Path(__file__).parent
WORLDS = sorted(path.stem for path in HERE.glob("*.yaml"))
KPIS = ("fill_rate", "fill_rate_orders", "ready_rate", "wait_mean", "wait_max", "backlog_mean", "cancellation_rate")
KPIS += ("lost_at_checkout", "on_hand_mean", "on_order_mean", "parcels_per_order", "utilisation", "otif_requested")
NAMES = {"item": "items", "supplier": "suppliers"}

TABLES = ("backordered", "refused", "fills", "parcels", "picks", "cancelled", "returned", "purchases", "withdrawn")
TABLES += ("receipts",)
"""Kinds of facts that the golden files contain."""


def facts(run):
    """Every fact as one readable line; objects by name, orders and lines as whole numbers."""
    found = {}
    for table in TABLES:
        found[table] = []
        for row in rows(run, table):
            words = {}
            for name, value in row.items():
                if name in NAMES:
                    words[name] = getattr(run.world, NAMES[name])[int(value)].name
                else:
                    words[name] = int(value) if value == int(value) else value
            found[table].append(", ".join(f"{name} {value}" for name, value in words.items()))
    return {table: lines for table, lines in found.items() if lines}


def told(scenario, policy):
    """The whole of one run: orders, facts, stories, levels, KPIs."""
    run = simulate(scenario, policy, seed=1)
    run.audit()
    orders = {}
    for number, placed in enumerate(run.demand.times.tolist()):
        start, end = run.line_starts[number : number + 2]
        lines = zip(run.demand.quantities[start:end].tolist(), run.demand.items[start:end].tolist(), strict=True)
        orders[number] = f"day {placed:g}: " + ", ".join(
            f"{units} {run.world.items[item].name}" for units, item in lines
        )
    return {
        "orders": orders,
        "facts": facts(run),
        "stories": {number: run.story(number) for number in orders},
        "levels": {
            item.name: {
                level: ", ".join(f"{v:g} from day {t:g}" for t, v in zip(*run.level(level, item.name), strict=True))
                for level in ("on_hand", "on_order", "backlog")
            }
            for item in run.world.items
        },
        "kpis": {
            name: value.reason if isinstance(value, Undefined) else round(value, 9)
            for name, value in evaluate(run, KPIS).items()
        },
    }


@pytest.mark.parametrize("world", WORLDS)
def test_a_small_world_is_told_as_it_was_before(world, update_golden):
    scenario = load(HERE / f"{world}.yaml")
    text = json.dumps({policy: told(scenario, policy) for policy in scenario.policies}, indent=1, ensure_ascii=False)
    golden = HERE / f"{world}.json"
    if update_golden:
        golden.write_text(text + "\n", encoding="utf-8")
    assert golden.exists(), "no golden file yet: make golden"
    assert json.loads(text) == json.loads(golden.read_text(encoding="utf-8"))


def test_there_is_something_to_tell():
    assert WORLDS
