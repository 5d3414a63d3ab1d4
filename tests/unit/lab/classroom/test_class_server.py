"""The server of the class: who may do what, what is kept, what is refused, and that names stay text."""

import csv
import io
import json
import re

import pytest
from starlette.testclient import TestClient

from simulator.experiment.run import run
from simulator.lab.classroom.afterwards import team_report
from simulator.lab.classroom.rooms import LONGEST_NEWS, MOST_ROOMS
from simulator.lab.classroom.server import MOST_BODY, ClassServer
from simulator.lab.pages import texts
from simulator.lab.server.listen import Listening
from simulator.scenario.loader import load_text

PORT = 8765
EVIL = "<img src=x onerror=1>"


def served(home):
    return ClassServer(home, Listening(None, PORT, ("localhost",)))


@pytest.fixture
def server(tmp_path):
    return served(tmp_path / "rooms")


@pytest.fixture
def app(server):
    app = server.application()
    yield app
    server.rooms.close()


def browser(app, address="10.0.0.1"):
    """A browser with cookies of its own, at an address of its own."""
    return TestClient(app, f"http://localhost:{PORT}", client=(address, 1), raise_server_exceptions=False)


@pytest.fixture
def teacher(app, server):
    found = browser(app)
    assert found.get(f"/teacher?token={server.doors.token}").status_code == 200
    return found


def opened(teacher, **choices):
    answer = teacher.post(
        "/api/teacher/rooms", json={"game": "beer-game", "teams": 2, "rounds": 3, "timer": 0, **choices}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["code"]


def joined(app, code, name, **choice):
    student = browser(app)
    assert student.post(f"/api/rooms/{code}/join", json={"name": name, **choice}).status_code == 200
    return student


def act(teacher, code, what, **more):
    return teacher.post(f"/api/teacher/rooms/{code}/act", json={"act": what, **more})


def decide(student, code, number, units):
    return student.post(f"/api/rooms/{code}/decide", json={"round": number, "values": {"order": units}})


# -------------------------------------------------------------------------------------------------------------- rights
def test_every_route_of_the_teacher_needs_the_token(app, teacher):
    code = opened(teacher)
    student = joined(app, code, "Ana")
    routes = [route for route in app.routes if route.path.startswith(("/api/teacher", "/api/debrief"))]
    assert len(routes) >= 11
    for route in routes:
        path = route.path.replace("{code}", code).replace("{team:int}", "0")
        for method in route.methods - {"HEAD"}:
            answer = student.request(method, path, json={"act": "end"} if method == "POST" else None)
            assert answer.status_code == 403, path
    student.cookies.set("backorder-teacher", "guess")
    assert student.get("/api/teacher/rooms").status_code == 403
    assert teacher.get(f"/api/teacher/rooms/{code}").json()["phase"] == "lobby"


def test_the_token_leaves_the_address_and_its_cookie_is_out_of_reach_of_scripts(app, server):
    answer = browser(app).get(f"/teacher?token={server.doors.token}", follow_redirects=False)
    assert answer.headers["location"] == "/teacher"
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]


def test_a_wrong_token_opens_nothing(app, teacher):
    other = browser(app)
    assert "set-cookie" not in other.get("/teacher?token=wrong").headers
    assert other.get("/api/teacher/rooms").status_code == 403


def test_the_file_of_the_token_is_for_this_user_only(server):
    path = server.rooms.home / "teacher-token"
    assert path.stat().st_mode & 0o077 == 0
    assert path.read_text() == server.doors.token


def test_codes_cannot_be_guessed_fast_and_others_are_not_locked_out(app, teacher):
    code = opened(teacher)
    guesser = browser(app, "10.0.0.9")
    wrong = [made for k in range(12) if (made := f"AAA{'BCDEFGHJKLMN'[k]}") != code]
    answers = [guesser.get(f"/api/rooms/{one}").status_code for one in wrong]
    assert answers[:10] == [404] * 10
    assert answers[-1] == 429
    assert guesser.get(f"/api/rooms/{code}").status_code == 429
    assert browser(app, "10.0.0.2").get(f"/api/rooms/{code}").status_code == 200


def test_a_seat_is_its_holders_alone(app, teacher):
    code = opened(teacher)
    joined(app, code, "Ana")
    stranger = browser(app)
    assert stranger.get(f"/api/rooms/{code}/view").status_code == 403
    assert decide(stranger, code, 1, 4).status_code == 403
    assert stranger.get(f"/api/rooms/{code}/events").status_code == 403


def test_other_hosts_and_other_sites_are_refused(app, server):
    assert browser(app).get("/", headers={"host": "evil.example"}).status_code == 421
    evil = {"origin": "http://evil.example"}
    assert browser(app).post("/api/teacher/rooms", json={}, headers=evil).status_code == 403


@pytest.mark.parametrize("path", ["/", "/ABCD", "/teacher", "/teacher/ABCD", "/debrief/ABCD"])
def test_pages_hold_no_script_and_no_style_and_forbid_them(app, path):
    answer = browser(app).get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "<style" not in answer.text
    assert " style=" not in answer.text
    assert "onclick" not in answer.text
    assert answer.text.count("<script") == answer.text.count("<script src=")
    assert "{{" not in answer.text
    heading = re.search('<h1 id="title" data-text="(.+?)"', answer.text)[1]
    assert heading in texts()


# ---------------------------------------------------------------------------------------------------------------- game
def test_a_game_is_played_to_its_end_and_its_files_repeat_it(app, teacher):
    code = opened(teacher)
    ana, bo = joined(app, code, "Ana"), joined(app, code, "Bo", team="2", role="brewery")
    assert decide(ana, code, 1, 4).status_code == 409
    assert act(teacher, code, "start").status_code == 200
    for number, units in enumerate((8, 12, 5), 1):
        seen = decide(ana, code, number, units).json()
        assert seen["decided"] == {"order": units}
        assert (seen["round"], seen["done"], seen["players"]) == (number, 1, 2)
        seen = decide(bo, code, number, units).json()
    assert seen["phase"] == "ended"
    board = teacher.get(f"/api/teacher/rooms/{code}").json()
    rows = list(csv.DictReader(io.StringIO(ana.get(f"/api/debrief/{code}/decisions.csv").text)))
    assert [row["value"] for row in rows if row["name"] == "Ana"] == ["8", "12", "5"]
    assert len(rows) == 3 * 8
    text = ana.get(f"/api/debrief/{code}/scenario/0").text
    cost = board["teams"][0]["score"]["cost.retailer"]
    assert run(load_text(text), 1).estimate("team", "operating_cost").mean == pytest.approx(cost)
    told = ana.get(f"/api/debrief/{code}").json()
    assert {bot["name"] for bot in told["bots"]} >= {"base_stock", "people"}
    assert told["teams"][0]["players"]["retailer"] == "Ana"


def test_a_returning_browser_finds_its_seat_and_a_freed_one_can_be_taken(app, teacher):
    code = opened(teacher)
    ana = joined(app, code, "Ana", team="2", role="wholesaler")
    again = ana.post(f"/api/rooms/{code}/join", json={"name": "somebody else"}).json()
    assert again == {"team": "2", "role": "wholesaler"}
    assert act(teacher, code, "free", seat="2/wholesaler").status_code == 200
    assert ana.get(f"/api/rooms/{code}/view").status_code == 403
    bo = joined(app, code, "Bo", team="2", role="wholesaler")
    assert bo.get(f"/api/rooms/{code}/view").json()["name"] == "Bo"


def test_a_restart_keeps_rooms_seats_and_decisions_and_counts_none_twice(app, teacher, server):
    code = opened(teacher, timer=100)
    ana, _bo = joined(app, code, "Ana"), joined(app, code, "Bo")
    act(teacher, code, "start")
    act(teacher, code, "say", text="Well done")
    decide(ana, code, 1, 9)
    server.rooms.close()
    later = served(server.rooms.home)
    try:
        app = later.application()
        for one in (ana, teacher):
            one.app = one._transport.app = app
        seen = ana.get(f"/api/rooms/{code}/view").json()
        kept = [seen[name] for name in ("round", "phase", "decided", "announced")]
        assert kept == [1, "paused", {"order": 9}, "Well done"]
        assert decide(ana, code, 1, 9).status_code == 200
        assert decide(ana, code, 1, 10).status_code == 409
        act(teacher, code, "next")
        assert decide(ana, code, 1, 9).status_code == 200
        rows = list(csv.DictReader(io.StringIO(teacher.get(f"/api/debrief/{code}/decisions.csv").text)))
        assert [row["value"] for row in rows if row["name"] == "Ana"] == ["9"]
    finally:
        later.rooms.close()


def test_a_damaged_room_does_not_keep_the_others_from_their_class(teacher, server):
    good, bad = opened(teacher), opened(teacher)
    for code in (good, bad):
        act(teacher, code, "start")
        act(teacher, code, "say", text="Hello")
        act(teacher, code, "next")
    server.rooms.close()
    (server.rooms.home / bad / "decisions.jsonl").write_text("?\n{}\n")
    (server.rooms.home / good / "news.json").write_text("[")
    later = served(server.rooms.home)
    try:
        assert list(later.rooms.open) == [good]
        assert later.rooms.open[good].news == []
        assert list(later.rooms.shut) == [bad]
        assert "Line 1 of decisions.jsonl is damaged" in later.rooms.shut[bad]
    finally:
        later.rooms.close()


def test_the_debrief_opens_to_students_when_the_game_has_ended(app, teacher):
    code = opened(teacher)
    ana = joined(app, code, "Ana")
    act(teacher, code, "start")
    assert ana.get(f"/api/debrief/{code}").json()["message"] == {"text": "class.not-ended"}
    act(teacher, code, "next")
    assert teacher.get(f"/api/debrief/{code}").status_code == 200
    act(teacher, code, "end")
    assert ana.get(f"/api/debrief/{code}").status_code == 200
    assert ana.get(f"/api/debrief/{code}/scenario/7").status_code == 404


def test_the_teacher_pauses_extends_rewinds_and_changes_the_timer(app, teacher):
    code = opened(teacher, timer=60)
    joined(app, code, "Ana")
    act(teacher, code, "start")
    act(teacher, code, "pause")
    left = teacher.get(f"/api/teacher/rooms/{code}").json()["left"]
    act(teacher, code, "extend", seconds=30)
    assert teacher.get(f"/api/teacher/rooms/{code}").json()["left"] == pytest.approx(left + 30)
    act(teacher, code, "next")
    act(teacher, code, "next")
    act(teacher, code, "rewind", round=2)
    board = teacher.get(f"/api/teacher/rooms/{code}").json()
    assert (board["round"], board["phase"]) == (2, "paused")
    act(teacher, code, "timer", seconds=10)
    act(teacher, code, "resume")
    act(teacher, code, "next")
    assert teacher.get(f"/api/teacher/rooms/{code}").json()["left"] == pytest.approx(10, abs=2)


def test_a_students_own_policy_plays_a_free_seat(app, teacher):
    code = opened(teacher)
    joined(app, code, "Ana")
    policy = "{kind: base_stock, S: 40}"
    assert act(teacher, code, "policy", seat="1/brewery", text=policy).status_code == 200
    assert act(teacher, code, "policy", seat="1/retailer", text=policy).status_code == 409
    act(teacher, code, "start")
    act(teacher, code, "next")
    seats = teacher.get(f"/api/teacher/rooms/{code}").json()["teams"][0]["seats"]
    assert (seats["brewery"]["bot"], seats["retailer"]["bot"]) == ("own", "")
    desk = opened(teacher, game="backorder-desk")
    roles = teacher.get(f"/api/teacher/rooms/{desk}").json()["roles"]
    assert [role["name"] for role in roles if role["policy"]] == ["buyer"], "the page offers no other seat"
    assert act(teacher, desk, "policy", seat="1/warehouse", text=policy).status_code == 409


@pytest.mark.parametrize("game", ["beer-game", "order-book"])
def test_a_teams_report_is_that_of_its_scenario(app, teacher, game):
    code = opened(teacher, game=game)
    act(teacher, code, "start")
    act(teacher, code, "next")
    text = teacher.get(f"/api/debrief/{code}/scenario/1").text
    (page,) = team_report({}, text)
    assert f"<title>{game}, team 2 · backorder report</title>" in page


# -------------------------------------------------------------------------------------------------------------- limits
def test_names_and_messages_are_kept_as_text(app, teacher):
    code = opened(teacher)
    joined(app, code, EVIL)
    act(teacher, code, "say", text=EVIL)
    board = teacher.get(f"/api/teacher/rooms/{code}")
    assert board.headers["content-type"] == "application/json"
    assert board.json()["teams"][0]["seats"]["retailer"]["name"] == EVIL
    assert board.json()["news"] == [EVIL]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/teacher/rooms", {"game": "chess"}, 409),
        ("/api/teacher/rooms", {"game": "beer-game", "teams": 0}, 409),
        ("/api/teacher/rooms", {"game": "beer-game", "teams": 41}, 409),
        ("/api/teacher/rooms", {"game": "beer-game", "teams": True}, 422),
        ("/api/teacher/rooms", {"game": "beer-game", "teams": [["a"]]}, 409),
        ("/api/teacher/rooms", {"game": "beer-game", "rounds": 10**9}, 409),
        ("/api/teacher/rooms", {"game": "beer-game", "folder": "/etc"}, 422),
        ("/api/teacher/rooms", {"game": ["beer-game"]}, 409),
        ("/api/teacher/rooms", {"game": "beer-game", "bots": {"cook": "base_stock"}}, 409),
        ("/api/teacher/rooms", {"game": "beer-game", "bots": {"retailer": ["x"]}}, 409),
        ("{room}/act", {"act": "dance"}, 422),
        ("{room}/act", {"act": ["start"]}, 422),
        ("{room}/act", {"act": "extend", "seconds": 1e9}, 422),
        ("{room}/act", {"act": "extend", "seconds": True}, 422),
        ("{room}/act", {"act": "say", "text": "x" * (LONGEST_NEWS + 1)}, 422),
        ("{room}/act", {"act": "say"}, 422),
        ("{room}/act", {"act": "rewind", "round": 3}, 409),
        ("{room}/act", {"act": "policy", "seat": "1/cook", "text": "{kind: base_stock, S: 1}"}, 409),
        ("{room}/act", {"act": "policy", "seat": "1/brewery", "text": "{kind: base_stock, S: file:/etc/passwd}"}, 409),
    ],
)
def test_wrong_wishes_are_refused_with_a_sentence(app, teacher, path, body, status):
    code = opened(teacher)
    answer = teacher.post(path.replace("{room}", f"/api/teacher/rooms/{code}"), json=body)
    assert (answer.status_code, answer.json()["error"][-1:]) == (status, answer.json()["error"][-1:])
    assert len(answer.json()["error"]) > 10


@pytest.mark.parametrize(
    "body",
    [
        {"round": True, "values": {"order": 1}},
        {"round": 1},
        {"round": 1, "values": [1]},
        {"round": 1, "values": {"order": 1.5}},
        {"round": 1, "values": {"order": -1}},
        {"round": 1, "values": {"order": 1, "more": 2}},
        {"round": 2, "values": {"order": 1}},
        {"round": 0, "values": {"order": 1}},
    ],
)
def test_wrong_decisions_are_refused_and_change_nothing(app, teacher, body):
    code = opened(teacher)
    ana = joined(app, code, "Ana")
    act(teacher, code, "start")
    answer = ana.post(f"/api/rooms/{code}/decide", json=body)
    assert answer.status_code in (409, 422)
    assert ana.get(f"/api/rooms/{code}/view").json()["decided"] is None


@pytest.mark.parametrize("name", ["", " ", "x" * 31, "a\u0000b", "Ana", "ANA", 7, None, ["Ana"]])
def test_names_are_short_visible_and_taken_once(app, teacher, name):
    code = opened(teacher)
    joined(app, code, "Ana")
    assert browser(app).post(f"/api/rooms/{code}/join", json={"name": name}).status_code == 409


def test_a_full_room_a_long_body_and_too_many_rooms_are_refused(app, teacher):
    code = opened(teacher, teams=1)
    for name in "ABCD":
        joined(app, code, name)
    assert "free" in browser(app).post(f"/api/rooms/{code}/join", json={"name": "E"}).json()["error"]
    long = json.dumps({"name": "x" * MOST_BODY})
    headers = {"content-type": "application/json"}
    assert browser(app).post(f"/api/rooms/{code}/join", content=long, headers=headers).status_code == 413
    for _ in range(MOST_ROOMS - 1):
        opened(teacher)
    answer = teacher.post("/api/teacher/rooms", json={"game": "beer-game"})
    assert (answer.status_code, "close one" in answer.json()["error"]) == (422, True)
    assert teacher.post(f"/api/teacher/rooms/{code}/close").status_code == 200
    assert browser(app).get(f"/api/rooms/{code}").status_code == 404
    opened(teacher)


@pytest.mark.parametrize(
    "path", ["/api/rooms/..%2F..%2Fetc", "/api/rooms/ABC", "/api/debrief/ABCD/scenario/x", "/etc/passwd"]
)
def test_no_path_of_the_browser_reaches_a_file(app, teacher, path):
    assert teacher.get(path).status_code == 404


def test_the_qr_code_leads_to_the_room(app, teacher):
    code = opened(teacher)
    answer = teacher.get(f"/api/teacher/rooms/{code}/qr.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<svg")
    assert teacher.get(f"/api/teacher/rooms/{code}").json()["link"] == f"http://localhost:{PORT}/{code}"
