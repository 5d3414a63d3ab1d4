"""Results show quantities in the unit of the items: scorecard, items, page, workbook, series, event log."""

import json
from zipfile import ZipFile

import pytest
import yaml

import simulator
from simulator.experiment.keeping.event_files import ocel
from simulator.experiment.keeping.event_log import event_log
from simulator.experiment.statistics.measured import Labels
from simulator.report.cards.item_tables import items_table
from simulator.report.text.numbers import unit
from simulator.scenario.loader import load_text
from tests.unit.world.shops import shop


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A run of a shop whose backlog at the end is 2.25 kg, saved."""
    d = shop(
        clock={"horizon": 6},
        items={"beans": {"price": 20, "unit_cost": 10, "unit": "kg", "granularity": 0.25}},
        customers__web__basket={"kind": "single", "item": "beans", "quantity": 0.75},
        suppliers__pottery__items=["beans"],
        warehouse__stock={"beans": 1.5},
        policies__first__replenishment={"kind": "none"},
    )
    scenario = load_text(yaml.safe_dump(d, sort_keys=False))
    return scenario, simulator.run(scenario, 2, out=tmp_path_factory.mktemp("kilos"))


def test_tables_and_curves_are_in_kilos(results):
    _, found = results
    assert ["backlog_mean", "kg"] in [line.split()[:2] for line in simulator.scorecard(found).splitlines()]
    assert found.manifest.units == {"beans": "kg", "": "kg"}
    assert found.series("backlog").mean["first"][-1] == pytest.approx(2.25)
    table = items_table(found.item_table, "first", ["beans"], ["backorder_days_by_item"], found.manifest.labels)
    assert "backorder_days [kg-days]" in [column.title for column in table.columns]
    assert found.item_table.mean("first", "backorder_days_by_item", "beans") == pytest.approx(4.5)


def test_the_page_and_the_workbook_name_the_unit(results, tmp_path):
    _, found = results
    simulator.write_report(found)
    assert "kg on backorder" in (found.folder / "report.html").read_text(encoding="utf-8")
    with ZipFile(simulator.write_workbook(found, tmp_path / "book.xlsx")) as book:
        texts = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert "kg-days" in texts


def test_the_event_log_has_fractions(results):
    scenario, _ = results
    log = json.loads("".join(ocel(event_log(simulator.simulate(scenario, "first", seed=1)))))
    types = {kind["name"]: {a["name"]: a["type"] for a in kind["attributes"]} for kind in log["objectTypes"]}
    assert types["line"]["units"] == "float"
    lines = [thing for thing in log["objects"] if thing["type"] == "line"]
    values = [{a["name"]: a["value"] for a in thing["attributes"]} for thing in lines]
    assert {(value["units"], value["price"]) for value in values} == {("0.75", "20.0")}


def test_items_with_different_units_name_theirs():
    labels = Labels("EUR", {"beans": "kg", "cable": "m"})
    assert [labels.named(item) for item in ("beans", "mug")] == ["beans (kg)", "mug"]
    assert unit("backlog_mean", labels).name == "units"
    assert unit("backorder_days_by_item[cable]", labels).name == "m-days"
    assert unit("demand_by_item[mug]", labels).name == "units"
