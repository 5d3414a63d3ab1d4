"""Names with dots, dashes, slashes, brackets, HTML, pipes and unseen characters, through every verb."""

import csv
import json
from xml.etree import ElementTree

import pytest
import yaml
from click.testing import CliRunner

from simulator.cli.main import VERBS, backorder
from simulator.foundation.errors import UserError
from simulator.scenario.tree.paths import dotted

DOTS, BRACKETS, HOSTILE = "a.b", "--x[0]/../ y", '=Größe "棚"|<b>`\u202e\u200b'
NAMES = [DOTS, BRACKETS, HOSTILE]
LEVEL = {name: dotted(["policies", name, "replenishment", "s"]) for name in NAMES}
SHOP = {
    "name": f"../{HOSTILE}",
    "title": HOSTILE,
    "clock": {"horizon": "60 d", "warm_up": "5 d"},
    "items": {name: {"price": 10, "unit_cost": 4} for name in NAMES},
    "customers": {
        name: {
            "arrivals": {"kind": "poisson", "rate": "3 / d"},
            "basket": {"kind": "single", "item": name},
            "patience": {"kind": "exponential", "mean": "5 d"},
        }
        for name in NAMES
    },
    "suppliers": {name: {"items": [name], "lead_time": "7 d"} for name in NAMES},
    "carriers": {HOSTILE: {"transit": "1 d"}},
    "events": [{"kind": "knock_out", "name": HOSTILE, "supplier": DOTS, "at": "20 d", "lasts": "3 d"}],
    "policies": {
        DOTS: {"replenishment": {"kind": "s_S", "s": 20, "S": 60}},
        BRACKETS: {"extends": DOTS, "replenishment": {"s": 30}},
        HOSTILE: {"extends": DOTS, "replenishment": {"s": 40}},
    },
    "expect": [{"policy": name, "kpi": "fill_rate", "at_least": 0.01} for name in NAMES],
    "experiment": {
        "replications": 2,
        "factorial": {"=level": {"low": {LEVEL[HOSTILE]: 40}, "high": {LEVEL[HOSTILE]: 45}}},
    },
}
SEARCH = ("--maximise", "fill_rate", "--trials", "2", "--most", "2", "--finalists", "2")
COMMANDS = [
    ("validate", "shop.yaml"),
    ("explain", "shop.yaml"),
    ("run", "shop.yaml", "--policy", HOSTILE, "--policy", DOTS, "--xlsx", "run.xlsx"),
    ("run", "shop.yaml", "--markdown", "--set", f"{LEVEL[DOTS]}=25"),
    ("run", "shop.yaml", "--csv", "--html"),
    ("run", "shop.yaml", "--select", "fill_rate", "--replications", "4"),
    ("run", "shop.yaml", "--kpi", f"fill_rate_by_segment[{HOSTILE}]"),
    *(("sweep", "shop.yaml", "--vary", f"{path}=10,20", "--html", "--policy", name) for name, path in LEVEL.items()),
    ("sweep", "shop.yaml", "--vary", f"{LEVEL[DOTS]}=10..30", "--vary", f"{LEVEL[BRACKETS]}=10..30", "--samples", "4"),
    ("sweep", "shop.yaml", "--xlsx", "factorial.xlsx"),
    *(("optimise", "shop.yaml", "--vary", f"{path}=10..30", *SEARCH, "--xlsx", "o.xlsx") for path in LEVEL.values()),
    *(("recommend", "shop.yaml", "--policy", name, "--item", name, "--xlsx", "advice.xlsx") for name in NAMES),
    ("stress", "shop.yaml", "--policy", HOSTILE, "--xlsx", "stress.xlsx"),
    *(("trace", "shop.yaml", "--order", "3", "--policy", name, "--html") for name in NAMES),
    ("outlook", "books.yaml", "--replications", "2", "--out", "tables", "--html", "--xlsx", "o.xlsx"),
    ("trace", "books.yaml", "--order", HOSTILE, "--html"),
    ("film", "shop.yaml", "--policy", DOTS, "--policy", HOSTILE),
    ("check", "shop.yaml", "--update", "--junit", "found.xml", "--xlsx", "check.xlsx"),
    ("run", "shop.yaml", "--kpi", f"fill_rate_by_item[{HOSTILE}]"),
    ("items", "results", "--top", "0", "--csv", "found.csv"),
    ("items", "results", "--policy", HOSTILE, "--json", "--xlsx", "items.xlsx"),
    ("results",),
    ("examples", "what-hurts", "--to", "copies"),
    ("fit", "values.csv", "--column", HOSTILE, "--html", "--where", f"{BRACKETS}={DOTS}"),
    ("diff", "shop.yaml", "books.yaml", "--markdown"),
]


@pytest.fixture
def shell(tmp_path, monkeypatch):
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "shop.yaml").write_text(yaml.safe_dump(SHOP, sort_keys=False, allow_unicode=True))
    columns = ("order", "placed", "item", "quantity", "segment", "purchase")
    rows = [columns, *((name, "-3", name, "2", name, name) for name in NAMES)]
    with (folder / "books.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    with (folder / "values.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([(HOSTILE, BRACKETS), *((k % 7 + 0.5, DOTS) for k in range(40))])
    named = {column: column for column in columns[:5]}
    bought = {"item": "item", "quantity": "quantity", "due": "quantity", "purchase": "purchase"}
    books = {"orders": {"file": "books.csv", **named}, "purchases": {"file": "books.csv", **bought}}
    whole = SHOP | {"opening": books, "expect": [], "experiment": {"replications": 2}}
    (folder / "books.yaml").write_text(yaml.safe_dump(whole, sort_keys=False, allow_unicode=True))
    runner = CliRunner()
    return lambda *arguments: runner.invoke(backorder, arguments, catch_exceptions=False)


def test_names_go_through_every_verb_and_reach_neither_terminal_nor_file_names(shell, tmp_path):
    for command in COMMANDS:
        told = shell(*command)
        assert told.exit_code == 0, (command, told.output)
        if "--csv" not in command:
            assert not {"\u202e", "\u200b"} & set(told.output), command
    runs = sorted((tmp_path / "work" / "results").glob("*/run-*"))
    books = ("--xlsx", "report.xlsx"), ("--xlsx", "compared.xlsx")
    for command in (("report", str(runs[0]), *books[0]), ("compare", str(runs[0]), str(runs[1]), *books[1])):
        told = shell(*command)
        assert told.exit_code == 0, told.output
        assert not {"\u202e", "\u200b"} & set(told.output)
    assert [path.name for path in tmp_path.iterdir()] == ["work"]
    assert {c[0] for c in COMMANDS} | {"report", "compare"} | {"lab", "list", "mcp", "new", "schema", "verify"} == set(
        VERBS
    )


def test_recommend_names_the_policy_of_its_paste_and_changes_it(shell):
    for name in NAMES:
        found = json.loads(shell("recommend", "shop.yaml", "--policy", name, "--item", DOTS, "--json").stdout)
        assert found["policy"] == name
        assert list(found["items"]) == [DOTS]
        assert found["as_advised_less"]["none allowed"]["mean"] != 0  # refusing all backorders makes a difference


def test_an_empty_name_is_a_message_in_every_place(shell):
    (told,) = [shell("validate", "shop.yaml", "--set", f'{place}.""={{}}') for place in ("policies",)]
    assert told.exit_code == 2
    assert 'policies."": the name is empty' in told.output
    for arguments in (("recommend", "shop.yaml"), ("stress", "shop.yaml"), ("trace", "shop.yaml", "--order", "1")):
        told = CliRunner().invoke(backorder, [*arguments, "--policy", ""])
        assert "no policy ''" in str(told.exception)


def test_junit_is_valid_xml_whatever_the_names(shell, tmp_path):
    assert shell("check", "shop.yaml", "--junit", "found.xml").exit_code == 0
    (suite,) = ElementTree.parse(tmp_path / "work" / "found.xml").getroot()
    assert suite.get("name") == "../" + HOSTILE.replace("\u202e", "\\u202e").replace("\u200b", "\\u200b")
    assert len(suite.findall("testcase")) == len(NAMES) + 1


@pytest.mark.parametrize("place", ["shop.yaml/found.xml", "folder", "x" * 300])
def test_a_junit_file_that_cannot_be_written_is_refused_before_a_run(place, shell, tmp_path):
    (tmp_path / "work" / "folder").mkdir()
    told = CliRunner().invoke(backorder, ["check", "shop.yaml", "--junit", place])
    assert told.exit_code != 0
    assert isinstance(told.exception, UserError)
    assert not (tmp_path / "work" / "results").exists()


@pytest.mark.parametrize("command", [("trace", "--order", "1", "--html"), ("film", "--html"), ("sweep", "--html")])
def test_a_page_that_cannot_be_written_is_refused_before_a_run(command, shell, tmp_path):
    (tmp_path / "work" / "folder").mkdir()
    told = CliRunner().invoke(backorder, [command[0], "shop.yaml", *command[1:], "folder"])
    assert "folder: is a folder; name a file" in str(told.exception)
    assert not (tmp_path / "work" / "results").exists()


def test_headings_and_names_of_tables_are_never_formulas(shell, tmp_path):
    assert shell("sweep", "shop.yaml").exit_code == 0
    for path in (tmp_path / "work" / "results").rglob("*.csv"):
        with path.open(newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "@", "+"))], path.name
