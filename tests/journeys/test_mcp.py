"""An assistant's program drives the tools by the client library: over standard input and output, in one folder."""

import json
import os
import sys
from pathlib import Path

import pytest

anyio = pytest.importorskip("anyio")
pytest.importorskip("mcp")

from mcp import ClientSession, StdioServerParameters  # noqa: E402
from mcp.client.stdio import stdio_client  # noqa: E402

from tests.unit.cli.test_verbs import TINY  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
TOOLS = {"new", "validate", "list", "run", "compare", "trace", "sweep", "explain"}


def session(folder, script, *options):
    """Runs `script(call, client)` against a server of its own; `call` gives (plain data or text, whether it failed)."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "BACKORDER_PLUGINS": "no_such_plug_in"}
    server = StdioServerParameters(
        command=sys.executable, args=["-c", SERVER, "mcp", str(folder), *options], env=environment, cwd=folder.parent
    )

    async def talk():
        async with stdio_client(server) as (read, write), ClientSession(read, write) as client:
            await client.initialize()

            async def call(tool, /, **given):
                found = await client.call_tool(tool, given)
                text = "".join(part.text for part in found.content)
                failed = getattr(found, "is_error", None) or getattr(found, "isError", False)
                return (text, True) if failed else (json.loads(text), False)

            await script(call, client)

    anyio.run(talk)


SERVER = """
import os, sys
from simulator.cli.main import main
del os.environ["BACKORDER_PLUGINS"]  # the server itself has none
main(sys.argv[1:])
"""


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "shop"
    place.mkdir()
    (place / "tiny.yaml").write_text(TINY, encoding="utf-8")
    (tmp_path / "secret.yaml").write_text(TINY, encoding="utf-8")
    return place


def test_an_assistant_makes_checks_runs_compares_and_traces(folder):
    async def script(call, client):
        listed = await client.list_tools()
        assert {tool.name for tool in listed.tools} == TOOLS
        assert all(tool.description for tool in listed.tools)
        made, _ = await call("new", name="mine", source="textbook")
        assert made["file"] == "mine.yaml"
        assert "name: mine" in made["text"]
        good, _ = await call("validate", file="mine.yaml")
        assert good["ok"]
        bad, _ = await call("validate", file="tiny.yaml", settings=["items.mug.price=-1"])
        assert not bad["ok"]
        assert bad["problems"][0]["key"] == "items.mug.price"
        first, _ = await call("run", file="tiny.yaml", replications=3, seed=1)
        assert set(first["policies"]) == {"lean", "rich"}
        assert 0 < first["policies"]["lean"]["fill_rate"]["mean"] < 1
        assert "purchase_size" not in first["policies"]["lean"]
        second, _ = await call(
            "run",
            file="tiny.yaml",
            replications=3,
            seed=1,
            settings=["suppliers.maker.lead_time=9 d"],
            kpis=["purchases"],
        )
        assert list(second["policies"]["lean"]) == ["purchases"]
        changed, failed = await call("compare", a=first["results"], b=second["results"], kpis=["fill_rate"])
        assert not failed, changed
        story, _ = await call("trace", file="tiny.yaml", order=3)
        assert story["order"] == 3
        points, failed = await call(
            "sweep", file="tiny.yaml", vary=["policies.lean.replenishment.S=20,30"], replications=2
        )
        assert not failed, points
        assert len(points["points"]) == 2
        lanes, _ = await call("explain", file="tiny.yaml")
        assert lanes["policies"]["lean"]["lane"] in {"compiled", "simpy"}
        families, _ = await call("list")
        assert "s_S" in families["replenishment"][1]
        kind, _ = await call("list", name="s_S")
        assert "replenishment" in kind
        example, _ = await call("validate", file="steady-shop")
        assert example["ok"]

    session(folder, script)


def test_no_path_leads_out_of_the_folder_and_mistakes_come_back_in_words(folder):
    (folder / "link.yaml").symlink_to(folder.parent / "secret.yaml")
    (folder / "data").symlink_to(folder.parent)

    async def script(call, _client):
        for name in ("../secret.yaml", "link.yaml", str(folder.parent / "secret.yaml"), "", "a\0b", "data/secret.yaml"):
            for tool, more in (("validate", {}), ("run", {}), ("trace", {"order": 0}), ("explain", {})):
                said, failed = await call(tool, file=name, **more)
                assert failed, (tool, name)
                assert "folder" in said, said
        said, failed = await call("compare", a="../results", b="results")
        assert failed
        assert "leads out of the folder" in said
        said, failed = await call("new", name="../mine")
        assert failed
        assert "expected a file name" in said
        said, failed = await call("new", name="mine", source="monday-morning")  # whose data would go through the link
        assert failed
        assert "leads out of the folder" in said
        said, failed = await call("run", file="tiny.yaml", policies=["leen"])
        assert failed
        assert "no policy 'leen' (did you mean 'lean'?)" in said
        said, failed = await call("run", file="--help")
        assert failed
        assert "no such file" in said

    session(folder, script)
    assert sorted(path.name for path in folder.iterdir()) == ["data", "link.yaml", "tiny.yaml"]
    assert sorted(path.name for path in folder.parent.iterdir()) == ["secret.yaml", "shop"]


def test_time_and_size_have_limits(folder):
    async def script(call, _client):
        long = ["clock.horizon=3000 d"]
        said, failed = await call("run", file="tiny.yaml", settings=long, replications=100000)
        assert failed
        assert "time limit of 2 s is over; finished replications are kept" in said
        (folder / "results" / "large").write_bytes(b"0" * 2_000_000)
        said, failed = await call("run", file="tiny.yaml", replications=1)
        assert failed
        assert "more than 1 MB; somebody must remove old results" in said

    session(folder, script, "--time-limit", "2 s", "--size-limit", "1 MB")
