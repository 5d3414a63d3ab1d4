"""The KPIs are those of all files of the folder, in the order of the reports."""

import gc
import weakref
from pathlib import Path

import numpy as np

from simulator.kernel.lanes import simulate
from simulator.kpis import groups
from simulator.kpis.evaluate import KPIS, ORDER, evaluate, evidence_of, group_together, in_order
from simulator.kpis.groups.items import item_values
from simulator.kpis.series.series import measure
from simulator.scenario.loader import load


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


def test_a_run_is_freed_with_its_evidence_and_without_the_collector_of_garbage():
    """Circles of references would keep the facts of many replications in memory at once."""
    scenario = load("scenarios/steady-shop.yaml", ["clock.horizon=120 d"])
    gc.collect()
    gc.disable()
    try:
        run = simulate(scenario, "lean", 1)
        run.audit()
        evidence = evidence_of(run)
        item_values(evidence, "here")
        evaluate(run, evidence=evidence)
        measure(evidence)
        kept = weakref.ref(run)
        del run, evidence
        assert kept() is None
    finally:
        gc.enable()


def test_a_long_run_forgets_between_kpis_and_has_the_same_values(monkeypatch):
    run = simulate(load("scenarios/steady-shop.yaml", ["clock.horizon=120 d"]), "lean", 1)
    kept = evidence_of(run)
    values = evaluate(run, evidence=kept), item_values(kept, "here").tolist(), measure(kept)
    monkeypatch.setattr("simulator.kpis.evidence.evidence.MOST_KEPT", 0)
    trimmed = evidence_of(run)
    assert evaluate(run, evidence=trimmed) == values[0]
    np.testing.assert_array_equal(item_values(trimmed, "here"), values[1])
    for name, series in measure(trimmed).items():
        np.testing.assert_array_equal(series, values[2][name])
