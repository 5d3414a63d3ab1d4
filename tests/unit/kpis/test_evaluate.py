"""The KPIs are those of all files of the folder, in the order of the reports."""

from pathlib import Path

from simulator.kpis import groups
from simulator.kpis.evaluate import KPIS, ORDER, group_together, in_order


def test_every_file_of_the_folder_is_read():
    files = {path.stem for path in Path(groups.__path__[0]).glob("[!_]*.py")}
    assert {kpi.function.__module__.rpartition(".")[2] for kpi in KPIS.values()} == files
    assert set(ORDER) <= files


def test_a_file_without_a_place_comes_last():
    assert in_order(["returns", "disruption", "audits", "service"]) == ["service", "disruption", "audits", "returns"]


def test_the_kpis_of_a_group_stand_together_whatever_their_file():
    kpis = {name: KPIS[name] for name in ("wait_mean", "revenue", "wait_p95", "fill_rate", "freight_cost")}
    group_together(kpis)
    assert list(kpis) == ["wait_mean", "wait_p95", "revenue", "freight_cost", "fill_rate"]
    assert all(kpis[name] is KPIS[name] for name in kpis)
