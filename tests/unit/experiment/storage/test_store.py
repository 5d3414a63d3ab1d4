"""The results folder: complete, resumable, never mixed."""

import json
import multiprocessing

import pytest

from simulator.experiment.results.results import open_results
from simulator.experiment.results.tables import to_csv
from simulator.experiment.storage import fingerprint, manifest, store
from simulator.experiment.storage.journal import Journal
from simulator.foundation.errors import UserError
from tests.unit.experiment import fakes


def test_the_folder_holds_what_the_contract_names(run, tmp_path):
    results = run(out=tmp_path)
    assert results.folder.parent == tmp_path / "corner-shop"
    assert results.folder.name == f"run-{results.fingerprint[:8]}"
    names = {p.relative_to(results.folder).as_posix() for p in results.folder.rglob("*") if p.is_file()}
    assert names == {
        *(
            "replications.jsonl",
            "manifest.json",
            "scenario.yaml",
            "kpis.csv",
            "summary.csv",
            "differences.csv",
            "timing.json",
        ),
    }
    said = json.loads((results.folder / "manifest.json").read_text())
    assert said["scenario"] == "corner-shop"
    assert said["seed"] == 7
    assert said["replications"] == 6
    assert said["policies"] == ["lean", "careful", "=bold"]
    assert {"simulator", "python", "numpy", "simpy"} < said["versions"].keys()
    timing = json.loads((results.folder / "timing.json").read_text())
    assert timing["workers"] == 1
    assert timing["replications_simulated"] == 6


def test_the_tables_are_tidy_and_hold_every_digit(run, tmp_path):
    results = run(replications=2, out=tmp_path)
    lines = (results.folder / "kpis.csv").read_text().splitlines()
    assert lines[0] == "policy,replication,kpi,value"
    assert (
        f"lean,0,fill_rate,{results.values('lean', 'fill_rate')[0]!r}".replace("np.float64(", "").replace(")", "")
        in lines
    )
    assert "lean,1,wait_backordered," in lines
    summary = (results.folder / "summary.csv").read_text().splitlines()
    assert summary[0] == "policy,kpi,mean,half_width,low,high,n,unit,reason"
    assert any(line.startswith("lean,write_off_units,,,,,0,") and "nothing spoils" in line for line in summary)
    differences = (results.folder / "differences.csv").read_text().splitlines()
    assert differences[0] == "policy,kpi,mean,half_width,n,significant"
    assert "careful,total_cost,0.0,0.0,2,false" in differences
    assert not any(line.startswith("lean,") for line in differences)


def test_names_that_look_like_formulas_are_text_in_csv(run, tmp_path):
    results = run(out=tmp_path)
    assert "\n'=bold,0,fill_rate," in (results.folder / "kpis.csv").read_text()
    rows = [["=1+1", "+x", "-x", "@x", "\tx", "a,b", 'say "x"', "two\nlines", -1.5, None, True]]
    assert to_csv(["a"], rows) == b'a\n\'=1+1,\'+x,\'-x,\'@x,\'\tx,"a,b","say ""x""","two\nlines",-1.5,,true\n'


def test_any_number_of_workers_writes_the_same_bytes(run, tmp_path):
    one = run(out=tmp_path / "1", replications=30)
    two = run(out=tmp_path / "2", replications=30, workers=2)
    assert fakes.contents(one.folder) == fakes.contents(two.folder)


def test_a_second_run_simulates_nothing_and_changes_nothing(run, tmp_path, log):
    first = fakes.contents(run(out=tmp_path / "out").folder)
    again = run(out=tmp_path / "out")
    assert fakes.contents(again.folder) == first
    assert fakes.calls(log) == dict.fromkeys(range(6), 1)


def test_more_replications_extend_a_folder_to_what_a_clean_run_gives(run, tmp_path, log):
    run(out=tmp_path / "out")
    more = run(out=tmp_path / "out", replications=10)
    assert fakes.calls(log) == dict.fromkeys(range(10), 1)
    assert fakes.contents(more.folder) == fakes.contents(run(out=tmp_path / "clean", replications=10).folder)
    fewer = run(out=tmp_path / "out", replications=4)
    assert fewer.replications == 4
    assert open_results(fewer.folder).replications == 4


def test_another_seed_policy_or_scenario_has_a_folder_of_its_own(run, tmp_path):
    folders = {
        run(out=tmp_path).folder,
        run(out=tmp_path, seed=8).folder,
        run(out=tmp_path, policies=["lean"]).folder,
        run(fakes.scenario(clock={"horizon": 101}), out=tmp_path).folder,
        run(out=tmp_path, verb="stress").folder,
    }
    assert len(folders) == 5


@pytest.mark.parametrize("name", ["replications.jsonl", "manifest.json", "scenario.yaml"])
@pytest.mark.parametrize(
    "edit", [lambda text: text.replace(b"r", b"R", 1), lambda text: text[9:], lambda text: text[:60] + text[70:]]
)
def test_an_edited_file_is_named_and_nothing_is_simulated(run, tmp_path, log, name, edit):
    path = run(out=tmp_path / "out").folder / name
    path.write_bytes(edit(path.read_bytes()))
    with pytest.raises(UserError, match=f"{path}(:1)?: was edited"):
        run(out=tmp_path / "out", replications=9)
    with pytest.raises(UserError, match=f"{path}(:1)?: was edited"):
        open_results(path.parent)
    assert fakes.calls(log) == dict.fromkeys(range(6), 1)


def test_a_replication_of_another_run_is_refused(run, tmp_path):
    mine = run(out=tmp_path).folder / "replications.jsonl"
    other = run(out=tmp_path, seed=8).folder / "replications.jsonl"
    lines = mine.read_bytes().splitlines(keepends=True)
    lines[2] = other.read_bytes().splitlines(keepends=True)[2]
    mine.write_bytes(b"".join(lines))
    with pytest.raises(UserError, match=r"replications\.jsonl:3: .* belongs to another experiment"):
        run(out=tmp_path)


def test_a_removed_replication_is_made_anew_with_the_same_bytes(run, tmp_path, log):
    folder = run(out=tmp_path / "out").folder
    before = fakes.contents(folder)
    journal = folder / "replications.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[:2] + lines[3:]))
    with pytest.raises(UserError, match=r"replications\.jsonl: replication 2 is missing"):
        open_results(folder)
    run(out=tmp_path / "out")
    assert fakes.contents(folder) == before
    assert fakes.calls(log) == {**dict.fromkeys(range(6), 1), 2: 2}


@pytest.mark.parametrize("cut", [1, 100, 400])
def test_a_last_line_that_a_killed_process_left_torn_is_dropped_and_played_again(run, tmp_path, log, cut):
    folder = run(out=tmp_path / "out").folder
    before = fakes.contents(folder)
    journal = folder / "replications.jsonl"
    journal.write_bytes(journal.read_bytes()[:-cut])
    run(out=tmp_path / "out")
    assert fakes.contents(folder) == before
    assert fakes.calls(log) == {**dict.fromkeys(range(6), 1), 5: 2}


def test_tables_that_were_edited_are_noticed_and_written_anew(run, tmp_path):
    folder = run(out=tmp_path).folder
    before = fakes.contents(folder)
    (folder / "summary.csv").write_text("all is well")
    with pytest.raises(UserError, match=r"summary\.csv: was edited"):
        open_results(folder)
    run(out=tmp_path)
    assert fakes.contents(folder) == before


def test_a_folder_with_something_else_in_it_is_left_alone(run, tmp_path):
    results = run(replications=2)
    (tmp_path / "diary.txt").write_text("dear diary")
    with pytest.raises(UserError, match=r"neither empty nor a results folder \(it holds 'diary.txt'"):
        results.save(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["diary.txt"]
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "scenario.yaml").write_text("my own work")
    with pytest.raises(UserError, match=r"it holds 'scenario.yaml'"):
        results.save(mine)
    assert (mine / "scenario.yaml").read_text() == "my own work"


def test_force_starts_anew_and_leaves_what_is_not_its_own(run, tmp_path, log):
    folder = run(out=tmp_path / "out", replications=8).folder
    (folder / "notes.txt").write_text("mine")
    journal = folder / "replications.jsonl"
    journal.write_bytes(b"spoilt\n" + journal.read_bytes())
    with pytest.raises(UserError, match="was edited"):
        run(out=tmp_path / "out")
    again = run(out=tmp_path / "out", force=True).folder
    assert (folder / "notes.txt").read_text() == "mine"
    assert fakes.calls(log) == {**dict.fromkeys(range(6), 2), 6: 1, 7: 1}
    clean = fakes.contents(run(out=tmp_path / "clean").folder)
    assert fakes.contents(again) == {**clean, "notes.txt": b"mine"}


def test_results_of_another_experiment_are_never_mixed_in(run, tmp_path):
    run(replications=2).save(tmp_path / "mine")
    with pytest.raises(UserError, match="holds results of another experiment"):
        run(replications=2, seed=8).save(tmp_path / "mine")


def test_another_version_does_not_go_on_with_old_results(run, tmp_path, monkeypatch):
    run(out=tmp_path)
    monkeypatch.setattr(manifest, "versions", lambda: {**fingerprint.versions(), "numpy": "9.9"})
    with pytest.raises(UserError, match="was created with numpy "):
        run(out=tmp_path)


@pytest.mark.parametrize("replications", [6, 9])
def test_the_lock_is_held_while_running_and_leaves_nothing(run, tmp_path, monkeypatch, replications):
    run(out=tmp_path)

    def second(*args):
        with pytest.raises(UserError, match="is writing here"):
            run(out=tmp_path)

    monkeypatch.setattr(store.Store, "finish", second)
    run(out=tmp_path, replications=replications)
    assert not list(tmp_path.rglob(".*"))


def test_out_that_cannot_be_written_is_refused_before_simulating(run, tmp_path, log):
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", "/proc/nothing"):
        with pytest.raises(UserError, match="cannot make the folder"):
            run(out=out)
    assert fakes.calls(log) == {}


def test_a_disk_that_fills_up_loses_nothing_that_was_finished(run, tmp_path, log, monkeypatch):
    clean = fakes.contents(run(out=tmp_path / "clean").folder)
    append = Journal.append

    def full(self, finished):
        finished = list(finished)
        if finished[0][0].number == 3:
            raise UserError("replications.jsonl: cannot write: No space left on device")
        append(self, finished)

    with monkeypatch.context() as patch:
        patch.setattr(Journal, "append", full)
        with pytest.raises(UserError, match="No space left"):
            run(out=tmp_path / "out")
    folder = run(out=tmp_path / "out").folder
    assert fakes.contents(folder) == clean
    assert fakes.calls(log) == {0: 2, 1: 2, 2: 2, 3: 3, 4: 2, 5: 2}


def test_an_interrupted_run_says_so(run, tmp_path, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(store.Store, "finish", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run(out=tmp_path)
    (folder,) = (tmp_path / "corner-shop").iterdir()
    with pytest.raises(UserError, match="the run was interrupted"):
        open_results(folder)
    assert not list(tmp_path.rglob(".*"))
    with pytest.raises(UserError, match="is not a results folder"):
        open_results(tmp_path)


def test_a_folder_where_the_run_had_just_begun_is_taken_up(run, tmp_path):
    folder = run(out=tmp_path).folder
    clean = fakes.contents(folder)
    for path in folder.glob("*.*"):
        if path.name != "scenario.yaml":
            path.unlink()
    (folder / ".manifest.json.part").write_text("half")
    assert fakes.contents(run(out=tmp_path).folder) == clean


def test_the_fingerprint_changes_with_all_that_moves_numbers_and_nothing_else():
    base = fakes.scenario()
    seen = fingerprint.fingerprint(base, 7, ["lean"])
    assert seen == fingerprint.fingerprint(fakes.scenario(), 7, ["lean"])
    assert seen == fingerprint.fingerprint(fakes.scenario(experiment={"replications": 99, "seed": 3}), 7, ["lean"])
    assert seen != fingerprint.fingerprint(base, 8, ["lean"])
    assert seen != fingerprint.fingerprint(base, 7, ["careful"])
    assert seen != fingerprint.fingerprint(fakes.scenario(clock={"horizon": 99}), 7, ["lean"])


def test_the_fingerprint_changes_with_the_content_of_a_data_file(tmp_path):
    def seen(text):
        (tmp_path / "days.csv").write_text(text)
        carriers = {"parcel": {"transit": {"kind": "empirical", "file": "days.csv", "column": "days"}}}
        return fingerprint.fingerprint(fakes.scenario(tmp_path, carriers=carriers), 7, ["lean"])

    assert seen("days\n2\n3\n") == seen("days\n2\n3\n") != seen("days\n2\n4\n")


def test_laws_that_are_not_portable_are_listed_by_their_place():
    carriers = {"parcel": {"transit": {"kind": "lognormal", "mean": 2, "cv": 0.5}}, "van": {"transit": 1}}
    assert fingerprint.unportable(fakes.scenario(carriers=carriers)) == ["carriers.parcel.transit (lognormal)"]


def test_a_scenario_travels_to_a_spawned_process():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(fakes.replicate, (fakes.scenario(), ("lean",), 7, 1)).number == 1
