"""The order book: ten items of the real wholesaler, levels by month, and the same money as the scenario's KPIs."""

import csv
import gzip
from pathlib import Path

import pytest

from simulator.foundation.errors import UserError
from simulator.game.catalogue import games
from simulator.game.debrief import debrief_of
from simulator.game.errors import GameError
from simulator.game.game import Settings
from simulator.game.games.order_book import EVERY, WORLDS
from simulator.game.replay import Replays
from simulator.game.room import Room
from simulator.kernel.lanes import simulate
from simulator.kpis.evaluate import evaluate
from simulator.scenario.loader import load, load_text

GAME, SETTINGS = games()["order-book"], Settings(12)
DATA = Path(__file__).resolve().parents[3] / "scenarios" / "data"
CODES = ("48184", "22082", "22507", "21086", "22502", "84029G", "22141", "22595", "85049E", "22456")


def rows(path):
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def finished():
    """Moves and final positions: of a team that goes by three months, and of those that always decide the same."""
    replays, moves = Replays(GAME, SETTINGS), []
    for _ in range(12):
        seen = replays.position(moves).roles
        moves.append({r.name: r.clipped(GAME.bot("three_months", r.name, seen[r.name])) for r in GAME.roles})
    found = {"three_months": moves, "nothing": [GAME.fixed("nothing")] * 12, "much": [GAME.fixed("much")] * 12}
    return {name: (moves, replays.position(moves, finished=True)) for name, moves in found.items()}


def test_the_orders_are_those_of_the_wholesaler():
    names = dict(zip(CODES, EVERY, strict=True))
    real = [
        {"ts": row["ts"], "order": row["invoice"], "item": names[row["sku"]], "units": row["qty"]}
        for row in rows(DATA / "online_retail_orders.csv.gz")
        if row["sku"] in names
    ]
    assert rows(WORLDS / "order-book.csv.gz") == real


def test_neither_nothing_nor_much_wins(finished):
    scores = {name: position.score["score"] for name, (_, position) in finished.items()}
    assert max(scores["nothing"], scores["much"]) < 0.9 * scores["three_months"], scores


def test_a_game_is_a_scenario_with_the_same_money(finished):
    moves, position = finished["three_months"]
    run = simulate(load_text(GAME.text(SETTINGS, moves, "a team")), "team", 1)
    run.audit()
    kpis = evaluate(run, ["purchase_cost", "ordering_cost", "holding_cost", "fill_rate"])
    prices = {facts.name: facts.price for facts in run.world.items}
    names = [facts.name for facts in run.world.items]
    sold = sum(prices[names[item]] * units for item, units in zip(run.demand.items, run.at_once, strict=True))
    fills = zip(run.fills["item"], run.fills["units"], strict=True)
    sold += sum(prices[names[int(item)]] * units for item, units in fills)
    earned = sold - kpis["purchase_cost"] - kpis["ordering_cost"] - kpis["holding_cost"]
    assert position.score["earned"] == pytest.approx(earned, abs=2)
    assert position.score["fill"] == pytest.approx(kpis["fill_rate"], abs=1e-3)


def test_months_that_were_seen_do_not_change(finished):
    moves, end = finished["three_months"]
    early = Replays(GAME, SETTINGS).position(moves[:5])
    for name, values in early.series.items():
        assert values == end.series[name][:5], name


def test_a_silent_planner_keeps_the_levels_and_a_debrief_names_items(tmp_path):
    room = Room.create(tmp_path / "room", "order-book", teams=1, rounds=3)
    seat = room.join("Ana")
    room.start(0.0)
    low = {field.name: 1 for field in GAME.role("planner_a").fields}
    room.decide(seat, 1, low)
    room.tick(1.0)
    room.next_round(2.0)
    assert room.state.closed[1]["1/planner_a"].values == low
    room.next_round(3.0)
    debrief = debrief_of(room.table)
    assert debrief["teams"][0]["moments"]
    assert debrief["theory"]["eoq"]["doormat"] > 100
    room.close()


def test_policies_with_levels_play_a_planner_and_others_are_refused(tmp_path):
    room = Room.create(tmp_path / "room", "order-book", teams=1, rounds=2)
    room.set_policy("1/planner_a", "{kind: s_S, s: 150, S: 400}")
    room.set_policy("1/planner_b", "{kind: base_stock, S: 90}")
    for text in ("{kind: s_Q, s: 10, Q: 40}", "{kind: R_S, R: 7 d, S: 40}"):
        with pytest.raises(GameError, match="s_S or base_stock"):
            room.set_policy("1/planner_a", text)
    room.start(0.0)
    room.next_round(1.0)
    done = {seat: one.values for seat, one in room.state.closed[0].items()}
    assert (done["1/planner_a"]["doormat.s"], done["1/planner_a"]["doormat.S"]) == (150, 400)
    assert (done["1/planner_b"]["angel.s"], done["1/planner_b"]["angel.S"]) == (89, 90)
    room.close()


def test_the_scenario_of_a_game_runs_wherever_it_is_saved(tmp_path, finished):
    path = tmp_path / "downloaded.yaml"
    path.write_text(GAME.text(SETTINGS, finished["nothing"][0], "a team"))
    scenario = load(path)
    assert scenario.customers["shops"].arrivals.book.items.size > 3000
    with pytest.raises(UserError, match=r"order-bok\.csv\.gz' does not travel with the simulator.*order-book\.csv\.gz"):
        load(path, ["customers.shops.arrivals.file=packaged:order-bok.csv.gz"])
    with pytest.raises(UserError, match="does not travel with the simulator"):
        load(path, ["customers.shops.arrivals.file=packaged:../game.py"])
