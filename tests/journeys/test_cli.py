"""The command as a user types it: processes, pipes, signals."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from simulator.cli.main import main
from tests.starts import command, finished
from tests.unit.cli.test_verbs import TINY

COMMAND = [sys.executable, "-m", "simulator"]
LONG = ["run", "tiny.yaml", "--set", "clock.horizon=2000 d", "--replications", "5000"]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "tiny.yaml").write_text(TINY)
    return tmp_path


def typed(folder, *arguments, **options):
    return subprocess.run([*COMMAND, *arguments], cwd=folder, capture_output=True, text=True, timeout=120, **options)


@pytest.fixture
def here(folder, monkeypatch, capsys):
    """The command in this process, where nothing depends on how a process starts and ends."""
    monkeypatch.chdir(folder)

    def typed(*words):
        with pytest.raises(SystemExit) as left:
            main(words)
        return subprocess.CompletedProcess(words, left.value.code, *capsys.readouterr())

    return typed


def test_from_an_empty_folder_to_results(tmp_path):
    def typed(*words):
        return finished(command, *words, cwd=tmp_path)

    assert typed("new", "my-shop", "--from", "textbook").returncode == 0
    assert typed("validate", "my-shop.yaml").stdout == "my-shop.yaml: ok\n"
    told = typed("run", "my-shop.yaml", "--replications", "2", "--set", "clock.horizon=1000 d")
    assert (told.returncode, told.stderr) == (0, "")
    assert "fill_rate" in told.stdout
    assert typed("trace", "my-shop.yaml", "--order", "17").stdout.count("\n") >= 3


def test_a_second_run_gives_the_same_words_and_plays_nothing_again(folder, here):
    first, second = here("run", "tiny.yaml"), here("run", "tiny.yaml")
    assert "fill_rate" in first.stdout
    assert first.stdout == second.stdout
    (timing,) = folder.glob("results/tiny/*/timing.json")
    assert json.loads(timing.read_text())["replications_simulated"] == 0


def test_workers_change_nothing_that_is_printed(here):
    alone = here("run", "tiny.yaml", "--out", "a").stdout.splitlines()[:-2]
    together = here("run", "tiny.yaml", "--out", "b", "--workers", "2").stdout.splitlines()[:-2]
    assert alone == together
    assert len(alone) > 5


def test_a_faulty_scenario_leaves_with_2_and_no_traceback(folder, here):
    (folder / "bad.yaml").write_text(TINY.replace("S: 20", "Z: 20"))
    told = here("run", "bad.yaml")
    assert told.returncode == 2
    assert told.stdout == ""
    assert told.stderr.startswith("bad.yaml:10:")
    assert "Traceback" not in told.stderr


def test_a_results_folder_that_cannot_be_written_is_told(folder, here):
    (folder / "results").write_text("a file is in the way")
    told = here("run", "tiny.yaml")
    assert told.returncode == 2
    assert "--out" in told.stderr
    assert "Traceback" not in told.stderr


def test_nobody_needs_to_read_to_the_end(folder):
    for arguments in ("run tiny.yaml", "list kpi", "--help"):
        line = f"{sys.executable} -m simulator {arguments} | head -n 1; echo ${{PIPESTATUS[0]}}"
        told = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=120)
        assert told.stderr == ""
        assert told.stdout.splitlines()[-1] == "0"
    assert list(folder.glob("results/tiny/*/summary.csv"))


@pytest.mark.parametrize("stream", ["1", "2"])
def test_a_closed_stream_does_no_harm(folder, stream):
    line = f"{sys.executable} -m simulator run tiny.yaml {stream}>&-"
    told = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=120)
    assert told.returncode == 0
    assert list(folder.glob("results/tiny/*/summary.csv"))


def test_a_full_disk_under_stdout_is_told_in_one_line(folder):
    line = f"{sys.executable} -m simulator list kpi > /dev/full"
    told = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=120)
    assert told.returncode == 2
    assert told.stderr.strip().splitlines() == ["backorder: output: No space left on device"]


@pytest.mark.parametrize(
    "variables", [{"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, {"COLUMNS": "20"}, {"NO_COLOR": "1"}]
)
def test_any_terminal_will_do(folder, variables):
    told = typed(folder, "run", "tiny.yaml", env={**os.environ, **variables})
    assert told.returncode == 0
    assert "fill_rate" in told.stdout


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_signal_ends_a_run_at_once_and_it_goes_on_later(folder, number, status, workers):
    process = subprocess.Popen(
        [*COMMAND, *LONG, "--workers", workers], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + 60
        while not list(folder.glob("results/tiny/*/replications.jsonl")) and time.monotonic() < deadline:
            time.sleep(0.05)
        sent = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert time.monotonic() - sent < 5
    finally:
        process.kill()  # a run that a failed test leaves behind would slow all others down
    assert process.returncode == status
    assert "Traceback" not in err
    assert out == ""
    assert list(folder.glob("results/tiny/*/replications.jsonl"))


def test_a_time_limit_ends_a_run_and_keeps_what_is_finished(folder):
    told = typed(folder, *LONG, "--time-limit", "4 s")
    assert told.returncode == 124
    assert (
        told.stderr.strip()
        .splitlines()[-1]
        .startswith("Stopped: time limit reached. Run the same command again to resume")
    )
    (journal,) = folder.glob("results/tiny/*/replications.jsonl")
    assert journal.read_bytes().endswith(b"\n")
    assert typed(folder, "run", "tiny.yaml", "--time-limit", "now").returncode == 2
