"""The class as a process: 8 teams of 4 on one core, and a server that is killed in mid-round."""

import asyncio
import csv
import io
import sys
import threading

import httpx
import numpy as np
import pytest

from simulator.game.catalogue import games
from tests.journeys.class_server import play_all, running
from tests.pace import is_within

MOST_SECONDS = 0.5


def own(seen):
    """What a student does whose team has an idea of its own: teams that decide alike would share one replay."""
    team = int(seen["team"])
    return {
        field["name"]: field["default"]
        if field["kind"] == "choice"
        else min(field["default"] + team * (1 + seen["round"] % 3), field["high"])
        for field in seen["fields"]
    }


def played(home, game, rounds, think=0.0):
    """Seconds of every answer, and processor seconds whenever all players ask at once, of a server on one core.

    Everybody looks at once when a round begins, and decides at once, or, with `think`, within so many seconds.
    """
    students = 8 * len(games()[game].roles)
    with running(home, "one") as server:
        code = server.opened(game=game, teams=8, rounds=rounds)
        took, bursts = asyncio.run(play_all(server, code, students, rounds, own, think))
    assert len(took) == students * 2 * rounds
    return took, bursts


@pytest.mark.skipif(sys.platform != "linux", reason="reads the processor time of the server from /proc")
def test_32_students_who_ask_at_once_are_all_answered_in_half_a_second_of_one_core(tmp_path):
    _, bursts = played(tmp_path / "rooms", "backorder-desk", 3)
    assert is_within(max(bursts), MOST_SECONDS)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="binds the server to one core")
@pytest.mark.parametrize("game", ["backorder-desk", "beer-game", "order-book"])
def test_eight_teams_play_a_whole_game_on_one_core(tmp_path, game):
    took, _ = played(tmp_path / "rooms", game, games()[game].rounds, think=3.0)
    assert is_within(float(np.percentile(took, 95)), MOST_SECONDS)


def test_a_server_killed_in_mid_round_keeps_every_decision_once(tmp_path):
    with running(tmp_path / "rooms") as server:
        code = server.opened(teams=2, rounds=3)
        phones = [httpx.Client(base_url=server.link, timeout=10, trust_env=False) for _ in range(6)]
        for number, phone in enumerate(phones):
            phone.post(f"/api/rooms/{code}/join", json={"name": f"s{number}"})
        server.act(code, "start")
        known = []

        def decide(number):
            try:
                answer = phones[number].post(f"/api/rooms/{code}/decide", json=decision(number))
            except httpx.HTTPError:
                return
            if answer.status_code == 200:
                known.append(number)

        def decision(number):
            return {"round": 1, "values": {"order": 10 + number}}

        decide(0)
        threads = [threading.Thread(target=decide, args=(number,)) for number in range(1, 5)]
        for thread in threads:
            thread.start()
        server.kill()
        for thread in threads:
            thread.join()
        server.start()
        for number, phone in enumerate(phones):
            seen = phone.get(f"/api/rooms/{code}/view").json()
            assert (seen["name"], seen["round"], seen["phase"]) == (f"s{number}", 1, "paused")
            if number in known:
                assert seen["decided"] == {"order": 10 + number}
        for number, phone in enumerate(phones):  # a phone that got no answer sends its decision again
            assert phone.post(f"/api/rooms/{code}/decide", json=decision(number)).status_code == 200
        server.act(code, "next")
        with server.teacher() as teacher:
            rows = list(csv.DictReader(io.StringIO(teacher.get(f"/api/debrief/{code}/decisions.csv").text)))
        assert sorted(row["value"] for row in rows if row["by"] == "player") == [str(10 + n) for n in range(6)]
        assert len(rows) == 8
        for phone in phones:
            phone.close()
