"""Items of replications on disk: sealed, the same whatever the workers, summed up over replications."""

import csv
import shutil

import numpy as np
import pytest

from simulator.experiment.results.results import open_results
from simulator.experiment.run import run
from simulator.experiment.storage import item_files
from simulator.experiment.storage.item_files import item_file, kept_replications, read_items
from simulator.foundation.errors import UserError
from simulator.kpis.groups.items import ITEM_KPIS
from simulator.scenario.loader import load


def small(*settings):
    return load("scenarios/steady-shop.yaml", ["clock.horizon=90 d", "clock.warm_up=10 d", *settings])


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return run(small(), replications=4, out=tmp_path_factory.mktemp("saved"))


def test_items_are_the_same_bytes_for_any_number_of_workers(saved, tmp_path):
    other = run(small(), replications=4, workers=2, out=tmp_path)
    for name in ("items.csv", *(f"items/{k:06d}.json" for k in range(4))):
        assert (saved.folder / name).read_bytes() == (other.folder / name).read_bytes()


def test_every_result_has_a_table_of_items(saved):
    with (saved.folder / "items.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["policy", "item", "kpi", "mean", "half_width", "n"]
    assert len(rows) == 3 * 4 * sum(kpi.applies is None for kpi in ITEM_KPIS.values())
    sums = {}
    for row in rows:
        sums[row["policy"], row["kpi"]] = sums.get((row["policy"], row["kpi"]), 0) + float(row["mean"] or "nan")
    for kpi in ("backlog_mean", "on_hand_mean", "revenue", "contribution"):
        assert sums["lean", f"{kpi}_by_item"] == pytest.approx(saved.estimate("lean", kpi).mean)


def test_means_and_intervals_are_those_of_the_same_kpi_asked_for_by_name(saved):
    asked = ["fill_rate_by_item[rug]", "wait_p95_by_item[lamp]", "contribution_by_item[kettle]"]
    named, table = run(small(), replications=4, kpis=asked), saved.items()
    for key in asked:
        kpi, item = key[:-1].split("[")
        for policy in saved.policies:
            (found,), wanted = table.estimates(policy, kpi, [item]), named.estimate(policy, key)
            assert (found.mean, found.n) == (pytest.approx(wanted.mean), wanted.n)
            assert found.half_width == pytest.approx(wanted.half_width)


def test_a_kpi_of_an_item_can_be_asked_of_saved_results(saved):
    results, key = open_results(saved.folder), "fill_rate_by_item[rug]"
    assert key not in results.kpis
    results.request(key)
    named = run(small(), replications=4, kpis=[key])
    assert results.column("lean", key) == named.column("lean", key)
    assert results.values("safe", key) == pytest.approx(named.values("safe", key))
    assert results.difference("safe", "lean", key).mean == pytest.approx(named.difference("safe", "lean", key).mean)
    with pytest.raises(UserError, match=r"no item 'ruck' \(did you mean 'rug'\?\)"):
        results.request("fill_rate_by_item[ruck]")


def test_results_with_such_a_kpi_have_a_folder_of_their_own(saved, tmp_path):
    named = run(small(), replications=2, kpis=["turns_by_item[rug]"], out=tmp_path)
    assert named.fingerprint != saved.fingerprint
    assert "turns_by_item[rug]" in open_results(named.folder).kpis


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fill_rate_by_item[mug]", "no item 'mug'"),
        ("fill_rates_by_item[rug]", "no KPI 'fill_rates_by_item[rug]' (did you mean"),
    ],
)
def test_a_kpi_of_no_item_is_named(name, said):
    with pytest.raises(UserError) as caught:
        run(small(), replications=1, kpis=[name])
    assert said in str(caught.value)


def test_expectations_may_be_about_an_item():
    expect = '[{policy: safe, kpi: "fill_rate_by_item[rug]", at_least: 1 %}]'
    assert "fill_rate_by_item[rug]" in run(small(f"expect={expect}"), replications=2).kpis


def test_fewer_replications_are_kept_of_many_items(monkeypatch, tmp_path):
    assert kept_replications(4, 3) == 200
    assert 2 <= kept_replications(20_000, 5) < 10
    monkeypatch.setattr(item_files, "MOST_NUMBERS", 3 * 4 * len(ITEM_KPIS) * 2)
    results = run(small(), replications=3, out=tmp_path)
    assert [item_file(results.folder, k).exists() for k in range(3)] == [True, True, False]
    assert results.items().replications == 2
    results.request("turns_by_item[rug]")
    assert results.estimate("lean", "turns_by_item[rug]").n == 2


def test_the_files_are_read_once_for_all_kpis_of_items(saved, monkeypatch):
    results, reads = open_results(saved.folder), []
    keys = [f"{kpi}_by_item[{item}]" for kpi in ("fill_rate", "turns", "wait_p95") for item in ("rug", "lamp")]
    results.items()
    monkeypatch.setattr(item_files, "read_small", lambda path: reads.append(path) or path.read_bytes())
    for key in keys:
        results.request(key)
    assert reads == [item_file(saved.folder, k) for k in range(4)]
    named = run(small(), replications=4, kpis=keys)
    for key in keys:
        assert results.values("safe", key).tolist() == pytest.approx(named.values("safe", key).tolist(), nan_ok=True)


def test_items_that_were_removed_are_made_again(tmp_path):
    results = run(small(), replications=2, out=tmp_path)
    before = (results.folder / "items/000001.json").read_bytes()
    (results.folder / "items/000001.json").unlink()
    run(small(), replications=2, out=tmp_path)
    assert (results.folder / "items/000001.json").read_bytes() == before


def test_a_file_of_another_run_or_with_other_content_is_named(saved, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(saved.folder, folder)
    shutil.copy(item_file(folder, 0), item_file(folder, 1))
    with pytest.raises(UserError, match=r"000001\.json: belongs to another experiment or replication"):
        read_items(folder, saved.manifest)
    item_file(folder, 1).write_bytes(item_file(saved.folder, 1).read_bytes().replace(b"kettle", b"kettla"))
    with pytest.raises(UserError, match="was edited or damaged"):
        read_items(folder, saved.manifest)


def test_the_worst_come_first_and_classes_go_by_the_value_of_demand(saved):
    table = saved.items()
    means = table.means("lean", "fill_rate")
    worst = table.worst("lean", table.key("fill_rate"))
    assert [means[table.items.index(item)] for item in worst] == sorted(means)
    value = table.means("lean", "demand_value")
    order = np.argsort(-value)
    share = np.cumsum(value[order]) / value.sum()
    before = dict(zip(order.tolist(), (share - value[order] / value.sum()).tolist(), strict=True))
    assert table.classes == {item: "A" if before[k] < 0.8 else "B" for k, item in enumerate(table.items)}
    frame = table.to_pandas()
    assert list(frame.columns) == ["policy", "item", "kpi", "mean", "half_width", "n"]
    with pytest.raises(UserError, match="these results were not saved"):
        run(small(), replications=1).items()
