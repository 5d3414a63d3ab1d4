"""Examples travel with the package: by name, as a start of one's own, as copies."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import simulator
from simulator.cli.main import backorder
from simulator.foundation.errors import UserError
from simulator.scenario.copies import needed_files
from simulator.scenario.tree.examples import example_file, example_names, example_title

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """The command in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(backorder, words)


def said(outcome):
    return str(outcome.exception) if isinstance(outcome.exception, UserError) else outcome.output


def test_every_example_has_a_title_and_lies_where_its_name_says():
    assert {"flash-sale", "strategies/kits", "textbook/base-stock"} <= set(example_names())
    assert not [name for name in example_names() if name.startswith("base/")]
    for name in example_names():
        assert example_title(name), name
        assert example_file(name) == ROOT / "scenarios" / f"{name}.yaml"


def test_an_example_runs_by_its_name(shell):
    told = shell("run", "steady-shop", "--replications", "2", "--policy", "lean", "--quiet", "--no-report")
    assert told.exit_code == 0, said(told)
    assert "Results: results/steady-shop/run-" in told.stdout
    assert simulator.load("steady-shop").name == "steady-shop"
    assert shell("validate", "online-retail").stdout == "online-retail: ok\n"


def test_a_file_goes_before_an_example_and_one_of_the_same_name_with_its_ending_is_named(shell, tmp_path):
    shell("new", "steady-shop")
    assert "no such file (did you mean 'steady-shop.yaml'?)" in said(shell("run", "steady-shop"))
    (tmp_path / "steady-shop.yaml").rename(tmp_path / "steady-shop")
    assert simulator.load("steady-shop").title == "Three ways to run a small shop"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("flash-sail", "flash-sale"),
        ("kits", "strategies/kits"),
        ("scenarios/flash-sale.yaml", "flash-sale"),
        ("flash-sale.yml", "flash-sale"),
    ],
)
def test_what_looks_like_an_example_is_named(shell, typed, meant):
    outcome = said(shell("run", typed))
    assert f"{typed}: no such file (did you mean the example '{meant}'? `backorder examples` lists all)" in outcome


@pytest.mark.parametrize(
    "source", ["steady-shop", "online-retail", "what-hurts", "monday-morning", "money/handled-well"]
)
def test_new_starts_from_an_example_with_every_file_that_it_reads(shell, tmp_path, source):
    told = shell("new", "mine", "--from", source)
    assert told.exit_code == 0, said(told)
    assert told.stdout.splitlines()[-1] == "mine.yaml written. Try: backorder run mine.yaml"
    mine, origin = simulator.load("mine.yaml"), simulator.load(source)
    assert mine.name == "mine"
    assert mine.title == f"{origin.title} (mine, a copy of {source})"
    assert mine.description.startswith(f"A copy of the example {source}")
    assert mine.data_digests == origin.data_digests
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*") if path.is_file()} == {
        "mine.yaml", *needed_files(source)
    }  # fmt: skip


@pytest.mark.parametrize("source", ["steady-shop", "strategies/which-items"])
def test_the_comments_of_a_copy_name_its_own_file(shell, tmp_path, source):
    shell("new", "mine", "--from", source)
    text = (tmp_path / "mine.yaml").read_text()
    assert "backorder run mine.yaml" in text
    assert "scenarios/" not in text


def test_new_overwrites_no_file_that_an_example_reads(shell, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "monday_stock.csv").write_text("item,on_hand\n")
    told = said(shell("new", "mine", "--from", "monday-morning"))
    assert told == "data/monday_stock.csv: already exists; choose another name (nothing was written)"
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_examples_are_listed_and_copied(shell, tmp_path):
    listed = shell("examples").stdout
    assert "flash-sale  " in listed
    assert "A flash sale against a slow pottery" in listed
    found = json.loads(shell("examples", "flash-sale", "--json").stdout)
    assert found == [
        {"name": "flash-sale", "title": example_title("flash-sale"), "file": str(example_file("flash-sale"))}
    ]
    assert shell("examples", "monday-morning", "what-hurts", "--to", "here").stdout == "2 examples copied to here\n"
    copied = sorted(path.relative_to(tmp_path / "here").as_posix() for path in (tmp_path / "here").rglob("*.*"))
    assert copied == [
        *("data/monday_orders.csv", "data/monday_purchases.csv", "data/monday_stock.csv"),
        *("monday-morning.yaml", "steady-shop.yaml", "what-hurts.yaml"),
    ]
    assert simulator.load("here/monday-morning.yaml").data_digests == simulator.load("monday-morning").data_digests
    assert "no example 'nowhere'" in said(shell("examples", "nowhere"))
    assert shell("examples", "what-hurts", "--to", "here").exit_code == 0
