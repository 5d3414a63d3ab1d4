"""Rooms: seats, clock and decisions, and what is left of them after a kill at any byte."""

import json
import time

import pytest

from simulator.game import replay
from simulator.game.errors import GameError
from simulator.game.room import Room
from simulator.game.texts import LANGUAGES, texts
from tests.pace import is_within


@pytest.fixture
def make(tmp_path):
    rooms = []

    def make(name="room", **changes):
        room = Room.create(tmp_path / name, "beer-game", **{"teams": 2, "rounds": 4, "timer": 30, **changes})
        rooms.append(room)
        return room

    yield make
    for room in rooms:
        room.close()


def again(room, **how):
    room.close()
    return Room.open(room.folder, **how)


def refused(key):
    return pytest.raises(GameError, check=lambda error: error.key == f"error.{key}")


def test_seats_are_taken_team_by_team_and_a_token_finds_its_seat(make):
    room = make()
    seats = [room.join(f"P{k}") for k in range(8)]
    assert [seat.id for seat in seats[:5]] == ["1/retailer", "1/wholesaler", "1/distributor", "1/brewery", "2/retailer"]
    assert room.join("whoever", token=seats[3].token) == seats[3]
    with refused("full"):
        room.join("P9")
    with refused("name_taken"):
        room.join(" p3 ")
    room.free("1/brewery")
    assert room.join("P9").id == "1/brewery", "a late joiner takes over from a bot"
    assert room.seat(seats[3].token) is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 31, "a\x00b", "a\u202eb"])
def test_a_name_must_be_short_and_visible(make, name):
    with refused("name"):
        make().join(name)


def test_a_round_ends_when_all_players_have_decided_or_time_is_up(make):
    room = make()
    one, two = room.join("Ana"), room.join("Bo")
    room.start(100.0)
    room.decide(one, 1, {"order": 8})
    assert not room.tick(101.0)
    room.decide(two, 1, {"order": 5})
    assert room.tick(102.0)
    assert room.round == 2
    assert room.view(one, 102.0)["left"] == 30
    room.decide(one, 2, {"order": 3})
    assert not room.tick(131.9)
    assert room.tick(132.0)
    done = room.state.closed[1]
    assert (done["1/retailer"].values, done["1/retailer"].by) == ({"order": 3}, "player")
    assert (done["1/wholesaler"].values, done["1/wholesaler"].by) == ({"order": 4}, "timer"), "what it was asked for"
    assert done["2/brewery"].by == "bot"


def test_the_clock_pauses_extends_and_goes_on(make):
    room = make()
    room.join("Ana")
    room.start(0.0)
    room.pause(10.0)
    assert not room.tick(1000.0)
    room.extend(5)
    assert room.view("1/retailer", 1000.0)["left"] == 25
    room.resume(1000.0)
    room.extend(5)
    assert not room.tick(1029.0)
    assert room.tick(1030.0)
    for _ in range(3):
        room.next_round(2000.0)
    assert room.phase == "ended"
    assert not room.tick(9000.0)


def test_a_decision_counts_once_and_only_in_its_round(make):
    room = make()
    seat = room.join("Ana")
    with refused("not_now"):
        room.decide(seat, 1, {"order": 4})
    room.start(0.0)
    room.decide(seat, 1, {"order": 8})
    lines = len(room.log.events)
    room.decide(seat, 1, {"order": 8})
    room.decide(seat, 1, {"order": "8"})
    assert len(room.log.events) == lines, "a repeated request writes nothing"
    with refused("decided"):
        room.decide(seat, 1, {"order": 9})
    with refused("not_now"):
        room.decide(seat, 2, {"order": 9})
    room.tick(1.0)
    room.decide(seat, 1, {"order": 8})
    with refused("late"):
        room.decide(seat, 1, {"order": 9})
    assert len(room.state.closed) == 1
    assert room.view(seat)["decided"] is None


@pytest.mark.parametrize("values", [{}, {"order": -1}, {"order": 201}, {"order": 1.5}, {"order": True}, {"order": "x"}])
def test_wrong_values_are_refused_with_a_sentence(make, values):
    room = make()
    seat = room.join("Ana")
    room.start(0.0)
    with pytest.raises(GameError, match="order"):
        room.decide(seat, 1, values)
    with refused("fields"):
        room.decide(seat, 1, {"order": 1, "more": 1})


def test_a_rewound_round_is_the_state_that_it_was(make):
    room = make()
    seat = room.join("Ana")
    room.start(0.0)
    room.decide(seat, 1, {"order": 8})
    room.tick(1.0)
    before, moves = room.board(), room.table.moves("1")
    room.decide(seat, 2, {"order": 90})
    room.tick(2.0)
    assert room.board() != before
    room.rewind(2)
    assert (room.phase, room.round, room.table.moves("1")) == ("paused", 2, moves)
    assert {**room.board(), "phase": "playing", "left": None} == before
    room.resume(3.0)
    room.decide(seat, 2, {"order": 7})
    with refused("rewind"):
        room.rewind(3)
    reopened = again(room)
    assert reopened.state.waiting["1/retailer"].values == {"order": 7}
    reopened.close()


def test_a_room_opened_again_has_the_same_seats_decisions_and_seconds(make):
    room = make()
    seat = room.join("Ana")
    other = room.join("Bo")
    room.start(0.0)
    room.decide(seat, 1, {"order": 8})
    room.extend(0)
    before = room.view(seat)
    room = again(room)
    assert room.phase == "paused"
    assert room.seat(seat.token) == seat
    assert {**room.view(seat), "phase": "playing", "left": None} == before
    room = again(room)
    room.resume(500.0)
    room = again(room, now=9000.0)
    assert room.phase == "playing"
    assert room.view(seat, 9000.0)["left"] == 30
    room.decide(other, 1, {"order": 4})
    assert room.tick(9001.0)
    room.close()


def test_a_log_that_was_cut_at_any_byte_opens_with_every_decision_that_was_acknowledged(make, tmp_path):
    room = make()
    seat = room.join("Ana")
    room.start(0.0)
    for number in (1, 2):
        room.decide(seat, number, {"order": 8})
        room.tick(1.0)
    room.close()
    whole = (room.folder / "decisions.jsonl").read_bytes()
    for end in range(len(whole) - 100, len(whole) + 1, 3):
        (room.folder / "decisions.jsonl").write_bytes(whole[:end])
        found = Room.open(room.folder)
        kept = [event for event in found.log.events if event["event"] != "pause"]
        assert len(kept) == whole[:end].count(b"\n")
        acknowledged = whole[: whole[:end].rfind(b"\n") + 1].count(b'"decide"')
        assert sum(event["event"] == "decide" for event in kept) == acknowledged
        found.close()
    lines = whole.splitlines(keepends=True)
    (room.folder / "decisions.jsonl").write_bytes(b"".join([*lines[:2], lines[1], *lines[2:]]))
    with refused("damaged"):
        Room.open(room.folder)


def test_one_process_has_a_room_at_a_time(make):
    room = make()
    with refused("in_use"):
        Room.open(room.folder)
    with refused("exists"):
        Room.create(room.folder, "beer-game")


def test_tokens_are_not_on_the_disk(make):
    room = make()
    token = room.join("Ana").token
    assert token not in (room.folder / "decisions.jsonl").read_text()


def test_a_students_own_policy_plays_a_seat_and_reads_no_file(make):
    room = make()
    room.set_policy("2/brewery", "{kind: base_stock, S: 24}")
    room.start(0.0)
    room.next_round(0.0)
    assert room.state.closed[0]["2/brewery"].values == {"order": 4}, "up to 24"
    assert room.state.closed[0]["2/brewery"].name == "own"
    for text in ("{kind: recorded, file: /etc/passwd, time: a, item: b, units: c}", "{kind: nope}", "[", "{" * 900):
        with refused("policy"):
            room.set_policy("2/brewery", text)
    with refused("policy_kind"):
        room.set_policy("2/brewery", "{kind: played, R: 1 w, units: [1]}")


def test_every_text_is_in_every_language_with_the_same_values():
    for key, text in texts().items():
        assert set(text) == set(LANGUAGES), key
        forms = [text[one] if isinstance(text[one], dict) else {"": text[one]} for one in LANGUAGES]
        assert set(forms[0]) == set(forms[1]), key
        for form in forms[0]:
            names = [sorted(part.split("}")[0] for part in each[form].split("{")[1:]) for each in forms]
            assert names[0] == names[1], key


def test_all_that_a_room_shows_is_json_and_its_words_are_known(make):
    room = make()
    room.join("Ana")
    room.start(0.0)
    room.next_round(0.0)
    for shown in (room.view("1/retailer", 0.0), room.board(0.0), room.debrief(), room.game.described()):
        for key in words(json.loads(json.dumps(shown))):
            assert key in texts(), key


def words(shown):
    if isinstance(shown, dict):
        yield from (shown[key] for key in ("text", "title", "label") if isinstance(shown.get(key), str))
        for value in shown.values():
            yield from words(value)
    elif isinstance(shown, list):
        for value in shown:
            yield from words(value)


def test_a_team_that_has_decided_is_played_before_the_round_ends(make, monkeypatch):
    room = make()
    ana, bo = room.join("Ana"), room.join("Bo", team="2")
    room.start(0.0)
    room.view(ana)
    room.view(bo)
    room.decide(ana, 1, {"order": 9})
    room.foresee(bo)  # has not decided: nothing to play
    room.foresee(ana)
    played = []
    play = replay.simulate
    monkeypatch.setattr(replay, "simulate", lambda *given: played.append(given) or play(*given))
    room.decide(bo, 1, {"order": 8})
    assert room.tick(1.0)
    assert room.view(ana)["history"]["ordered"][-2:] == [9, None]
    assert played == []
    room.view(bo)
    assert len(played) == 1


def test_a_round_that_the_clock_ends_was_played_before_as_if_all_stayed_silent(make, monkeypatch):
    room = make(teams=3, timer=30)
    ana, bo = room.join("Ana"), room.join("Bo", team="2")
    room.start(0.0)
    for seat in (ana, bo):
        room.view(seat)
    played = []
    play = replay.simulate
    monkeypatch.setattr(replay, "simulate", lambda *given: played.append(given) or play(*given))
    assert [room.foresee() for _ in range(4)] == [True, True, True, False]
    room.decide(ana, 1, {"order": 9})
    assert [room.foresee() for _ in range(2)] == [True, False], "what Ana has decided is another future"
    seen = len(played)
    assert room.tick(30.0)
    for seat in (ana, bo):
        room.view(seat)
    room.board()
    assert len(played) == seen, "nobody waits at the end of the round"
    room.pause(31.0)
    assert not [room.foresee() for _ in range(5)][-1]


def test_eight_teams_of_four_get_their_answers_at_once(make):
    room = make(teams=8, rounds=3)
    seats = [room.join(f"P{k}") for k in range(32)]
    room.start(0.0)
    spent = []

    def timed(call, *arguments):
        begun = time.process_time()
        call(*arguments)
        spent.append(time.process_time() - begun)

    for number in (1, 2, 3):
        for seat in seats:
            timed(room.view, seat, 0.0)
            timed(room.decide, seat, number, {"order": number + seats.index(seat) % 5})
            timed(room.tick, 0.0)
        timed(room.board, 0.0)
    assert room.phase == "ended"
    assert is_within(sorted(spent)[int(0.95 * len(spent))], 0.5)
    assert is_within(max(spent), 2)


def test_what_is_played_ahead_is_what_is_played(make):
    room, plain = make("ahead"), make("plain")
    for each in (room, plain):
        each.join("Ana")
        each.start(0.0)
        for number in (1, 2):
            each.decide("1/retailer", number, {"order": 11})
            if each is room:
                each.table.prepare()
                each.table.prepare()
            each.tick(0.0)
    assert room.board() == plain.board()
    assert room.decisions_csv() == plain.decisions_csv()
