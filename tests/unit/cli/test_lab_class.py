"""`backorder lab --class`: whom it lets in, and what it prints for students and the teacher."""

import asyncio
import re

import pytest
from click.testing import CliRunner

from simulator.cli.main import backorder
from simulator.foundation.errors import UserError
from simulator.lab.server import listen


@pytest.fixture
def served(monkeypatch):
    """Where the server would have listened; it says that it is ready, and ends."""
    places = []

    def serve(app, place, ready=lambda: None):
        async def once():
            async with app.router.lifespan_context(app):
                ready()

        places.append((place, place.socket.getsockname()[0]))
        asyncio.run(once())

    monkeypatch.setattr(listen, "serve", serve)
    monkeypatch.setattr(listen, "own_addresses", lambda: ["192.0.2.7"])
    return places


def said(tmp_path, *arguments):
    told = CliRunner().invoke(backorder, ["lab", "--class", "--no-browser", "--rooms", str(tmp_path), *arguments])
    assert told.exit_code == 0, told.output
    return told.output


def test_only_this_computer_is_let_in_by_default(tmp_path, served):
    text = said(tmp_path, "beer-game")
    place, bound = served[0]
    assert bound == "127.0.0.1"
    assert place.addresses == ("127.0.0.1",)
    assert re.search(rf"Teacher: http://127\.0\.0\.1:{place.port}/teacher\?token=[\w-]{{20,}} ", text)
    assert re.search(rf"Room [A-Z]{{4}} \(beer-game\): http://127\.0\.0\.1:{place.port}/[A-Z]{{4}}\n", text)
    assert "▀" not in text


def test_share_prints_the_address_the_code_and_the_qr_code(tmp_path, served):
    text = said(tmp_path, "beer-game", "--share")
    place, bound = served[0]
    assert bound == "0.0.0.0"
    assert re.search(rf"Room [A-Z]{{4}} \(beer-game\): http://192\.0\.2\.7:{place.port}/[A-Z]{{4}}\n", text)
    assert text.count("▀") > 50


def test_rooms_and_the_teachers_link_are_those_of_before(tmp_path, served):
    codes = [set(re.findall(r"Room ([A-Z]{4})", said(tmp_path, *game))) for game in (["beer-game"], [])]
    assert codes[0] == codes[1] != set()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--class", "chess"], "There is no game chess; games: "),
        (["--rooms", "here"], "--rooms needs --class"),
        (["--class", "--set", "a=1"], "leave --set and --data out"),
    ],
)
def test_wrong_arguments_are_refused(tmp_path, monkeypatch, served, arguments, why):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=re.escape(why)):
        CliRunner().invoke(backorder, ["lab", "--no-browser", *arguments], catch_exceptions=False)
    assert served == []
