"""The application of every page: whom it answers, what it reads, what every answer says of itself."""

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from simulator.foundation.errors import UserError
from simulator.lab.server.access import RateLimit
from simulator.lab.server.answers import Refused, download, events, json_body, self_contained
from simulator.lab.server.app import application
from simulator.lab.server.assets import content
from simulator.lab.server.guard import loopback_hosts

HOST = "http://localhost:8765"


async def echo(request: Request):
    return JSONResponse(await json_body(request))


async def fail(request: Request):
    raise {"user": UserError("shop.yaml: no"), "refused": Refused(409, "Not now."), "bug": ValueError("secret")}[
        request.path_params["why"]
    ]


async def page(_request: Request):
    return self_contained("<style>b{color:red}</style><script>let a=1</script>", framed=True)


async def stream(_request: Request):
    async def messages():
        yield {"text": "a\nb"}
        raise UserError("no more")

    return events(messages())


async def file(_request: Request):
    return download(b"x", 'a"/../b.yaml', "application/yaml")


ROUTES = [
    Route("/echo", echo, methods=["POST"]),
    Route("/fail/{why}", fail),
    Route("/page", page),
    Route("/events", stream),
    Route("/file", file),
    content("/look.css", b"b{}", "css"),
]


def client(**options):
    app = application(ROUTES, loopback_hosts(8765), **options)
    return TestClient(app, base_url=HOST, raise_server_exceptions=False)


def test_every_answer_has_the_security_headers():
    for path, status in (("/look.css", 200), ("/nothing", 404), ("/fail/bug", 500), ("/fail/user", 422)):
        answer = client().get(path)
        assert answer.status_code == status
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


def test_other_host_names_are_not_answered():
    for host in ("evil.example", "localhost:1", "127.0.0.1.evil.example:8765", ""):
        assert client().get("/look.css", headers={"host": host}).status_code == 421
    for host in ("localhost:8765", "127.0.0.1:8765", "LOCALHOST:8765"):
        assert client().get("/look.css", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "sent", [{"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
def test_pages_of_other_sites_change_nothing(sent):
    assert client().post("/echo", json={}, headers=sent).status_code == 403


def test_a_page_of_the_server_itself_is_answered():
    sent = {"origin": HOST, "sec-fetch-site": "same-origin"}
    assert client().post("/echo", json={"a": 1}, headers=sent).json() == {"a": 1}


def test_bodies_are_limited_with_and_without_a_told_length():
    small = client(most_body=10)
    assert small.post("/echo", json={"a": "x" * 20}).status_code == 413

    def pieces():
        yield b'{"a": "'
        yield b"x" * 20
        yield b'"}'

    assert small.post("/echo", content=pieces(), headers={"content-type": "application/json"}).status_code == 413


@pytest.mark.parametrize(
    ("body", "status"),
    [("[1]", 400), ("{", 400), ('{"a": NaN}', 400), ('{"a":' * 60 + "1" + "}" * 60, 400), ("{}", 200)],
)
def test_bodies_must_be_flat_enough_json_objects(body, status):
    assert client().post("/echo", content=body, headers={"content-type": "application/json"}).status_code == status


def test_a_form_of_another_kind_is_not_read():
    assert client().post("/echo", content="{}", headers={"content-type": "text/plain"}).status_code == 415


def test_errors_are_sentences_and_tell_nothing_of_the_program():
    assert client().get("/fail/user").json() == {"error": "shop.yaml: no"}
    assert client().get("/fail/refused").json() == {"error": "Not now."}
    assert "secret" not in client().get("/fail/bug").text


def test_who_asks_too_often_waits():
    slow = client(rate=RateLimit(0.001, 3))
    assert [slow.get("/look.css").status_code for _ in range(5)] == [200, 200, 200, 429, 429]


def test_a_locked_application_answers_only_the_link_with_the_token():
    locked = client(token="key")
    assert locked.get("/look.css").status_code == 403
    assert locked.get("/look.css?token=wrong").status_code == 403
    assert locked.post("/echo?token=key", json={}).status_code == 403
    opened = locked.get("/look.css?token=key", follow_redirects=False)
    assert opened.status_code == 303
    assert {"httponly", "samesite=lax"} <= set(opened.headers["set-cookie"].lower().replace(" ", "").split(";"))
    assert "token" not in opened.headers["location"]
    assert locked.get("/look.css").status_code == 200


def test_the_scripts_of_a_self_contained_page_are_allowed_one_by_one():
    policy = client().get("/page").headers["content-security-policy"]
    assert "'sha256-" in policy.split("script-src")[1].split(";")[0]
    assert "unsafe" not in policy.split("script-src")[1].split(";")[0]
    assert "frame-ancestors 'self'" in policy


def test_events_are_one_json_object_each_and_end_with_the_error():
    answer = client().get("/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text == 'data: {"text":"a\\nb"}\n\ndata: {"error":"no more"}\n\n'


def test_names_of_downloads_are_plain():
    assert client().get("/file").headers["content-disposition"] == 'attachment; filename="a--..-b.yaml"'


def test_a_file_that_the_browser_has_is_not_sent_again():
    first = client().get("/look.css")
    assert first.content == b"b{}"
    again = client().get("/look.css", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
