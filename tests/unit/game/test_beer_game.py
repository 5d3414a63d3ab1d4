"""The beer game: known totals of its bots, and a finished game as a scenario."""

import csv
import io

import pytest

from simulator.experiment.run import run
from simulator.game.catalogue import games
from simulator.game.room import Room
from simulator.scenario.loader import load_text

TOTALS = {"base_stock": 204.0, "people": 2694.0}


def begun(folder):
    with_bots = {"retailer": "people", "wholesaler": "people", "distributor": "people", "brewery": "people"}
    room = Room.create(folder, "beer-game", teams=1, rounds=32, bots=with_bots)
    room.start(0.0)
    return room


@pytest.fixture
def room(tmp_path):
    room = begun(tmp_path / "room")
    yield room
    room.close()


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    room = begun(tmp_path_factory.mktemp("game") / "room")
    for _ in range(32):
        room.next_round(0.0)
    yield room
    room.close()


def test_teams_of_bots_cost_what_the_literature_says(finished):
    debrief = finished.debrief()
    assert {bot["name"]: bot["score"]["cost"] for bot in debrief["bots"] if bot["name"] in TOTALS} == TOTALS
    nothing = next(bot for bot in debrief["bots"] if bot["name"] == "nothing")
    assert nothing["series"]["ordered.retailer"] == [4] * 4 + [0] * 32
    (team,) = debrief["teams"]
    assert team["score"]["cost"] == 2694.0
    assert [max(team["series"][f"ordered.{role.name}"]) for role in finished.game.roles] == [11, 17, 27, 33]
    assert [max(team["series"][f"backlog.{role.name}"]) for role in finished.game.roles] == [15, 40, 58, 39]
    assert team["moments"][0]["text"].startswith("beer.moment")


def test_a_finished_game_is_a_scenario_that_repeats_its_digits(finished):
    scenario = load_text(finished.scenario("1"))
    results = run(scenario)
    assert results.estimate("team", "chain_cost").mean == finished.board()["teams"][0]["score"]["cost"] == 2694.0


def test_every_decision_is_in_the_table(finished):
    rows = list(csv.DictReader(io.StringIO(finished.decisions_csv())))
    assert len(rows) == 32 * 4
    assert {row["by"] for row in rows} == {"bot"}
    brewery = [int(row["value"]) for row in rows if row["role"] == "brewery"]
    assert max(brewery) == 33


def test_a_game_in_progress_sees_nothing_of_what_is_to_come(room):
    seat = room.join("Ana", role="retailer")
    before = room.view(seat)
    assert before["now"]["order_in"] == 8, "the customers have just changed their mind"
    assert before["history"]["order_in"] == [4, 4, 4, 4, 8]
    assert before["history"]["ordered"][-1] is None
    for number in range(1, 6):
        room.decide(seat, number, {"order": 10})
        room.tick(0.0)
    after = room.view(seat)
    assert after["history"]["order_in"][:5] == before["history"]["order_in"]
    assert after["history"]["ordered"] == [4, 4, 4, 4, 10, 10, 10, 10, 10, None]
    assert (
        after["now"]["on_order"] + after["now"]["on_hand"] - after["now"]["backlog"] == 28 + 4 * 4 + 50 - 4 * 4 - 6 * 8
    )


def test_a_stage_sees_only_itself_unless_the_teacher_shows_more(tmp_path):
    seen = {}
    for shown in ("own", "demand", "chain"):
        room = Room.create(tmp_path / shown, "beer-game", teams=1, shown=shown)
        room.start(0.0)
        seen[shown] = room.view("1/brewery")
        room.close()
    assert "demand" not in seen["own"]["history"]
    assert seen["demand"]["history"]["demand"] == [4, 4, 4, 4, 8]
    assert set(seen["chain"]["chain"]) == {"retailer", "wholesaler", "distributor", "brewery"}


@pytest.mark.parametrize("name", ["base_stock", "people", "pass_on", "nothing"])
def test_bots_asked_round_by_round_order_what_they_order_as_a_policy(tmp_path, name):
    game = games()["beer-game"]
    room = Room.create(tmp_path / "room", "beer-game", teams=1, rounds=8, bots={role.name: name for role in game.roles})
    room.start(0.0)
    for _ in range(8):
        room.next_round(0.0)
    assert room.table.position("1") == game.bot_team(room.table.settings, name, 8, finished=True)
    room.close()
