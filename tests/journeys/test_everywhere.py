"""Other systems than Linux: no module, signal or flag that they lack, and consoles with few characters."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = """
name: Größe
title: Grüße – 棚, 30 Tage
clock: {horizon: 60 d}
items: {Schüssel: {price: 10, unit_cost: 4}}
customers: {web: {arrivals: {kind: poisson, rate: 5 / d}, basket: {kind: single, item: Schüssel}}}
warehouse: {stock: {Schüssel: 60}}
suppliers: {töpferei: {items: [Schüssel], lead_time: 5 d}}
carriers: {post: {transit: 2 d}}
policies:
  dünn: {replenishment: {kind: s_S, s: 30, S: 60}}
  üppig: {replenishment: {kind: s_S, s: 60, S: 120}}
"""
ELSEWHERE = """
import os, signal, sys, warnings
warnings.filterwarnings("ignore", "only soft file lock is available")  # of filelock, which Windows never says
for module in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[module] = None
for name in ("SIGALRM", "setitimer", "ITIMER_REAL", "pthread_kill", "SIGKILL", "SIGUSR1", "SIGHUP"):
    vars(signal).pop(name, None)
for name in ("O_NOFOLLOW", "O_DIRECTORY", "O_CLOEXEC"):
    vars(os).pop(name, None)
from simulator.cli.main import main
main(sys.argv[1:])
"""


@pytest.fixture
def folder(tmp_path):
    """A folder with a scenario whose names are not ASCII."""
    place = tmp_path / "Läger 棚"
    place.mkdir()
    (place / "größe.yaml").write_text(SCENARIO, encoding="utf-8")
    return place


def typed(folder, *words, program=("-m", "simulator"), **environment):
    """Runs the command with other environment variables; stdout and stderr as bytes."""
    given = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [sys.executable, *program, *words], cwd=folder, capture_output=True, timeout=100, check=False, env=given
    )


def test_a_study_runs_where_there_is_no_fcntl_no_alarm_and_no_flag_of_posix(folder):
    words = ("run", "größe.yaml", "--replications", "4", "--quiet", "--json", "--seed", "1")
    here = typed(folder, *words, "--out", "here")
    there = typed(folder, *words, "--out", "there", "--time-limit", "50 s", program=("-c", ELSEWHERE))
    assert (here.returncode, there.returncode) == (0, 0), there.stderr.decode()
    assert b"Traceback" not in there.stderr
    one, other = (json.loads(told.stdout) for told in (here, there))
    assert {**one, "results": ""} == {**other, "results": ""}
    (made,), (again,) = folder.glob("here/*/run-*"), folder.glob("there/*/run-*")
    for name in ("kpis.csv", "replications.jsonl", "manifest.json", "summary.csv"):
        assert (made / name).read_bytes() == (again / name).read_bytes()
    assert not [path for path in again.iterdir() if path.name.startswith(".")]


def test_a_time_limit_ends_a_run_where_there_is_no_alarm(folder):
    long = (
        "run",
        "größe.yaml",
        "--set",
        "clock.horizon=2000 d",
        "--replications",
        "9999",
        "--lane",
        "simpy",
        "--quiet",
    )
    told = typed(folder, *long, "--time-limit", "2 s", program=("-c", ELSEWHERE))
    assert told.returncode == 124
    assert told.stderr.startswith(b"Stopped: time limit reached.")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", pytest.param("cp437", marks=pytest.mark.slow)])
def test_a_console_of_few_characters_shows_results_and_errors(folder, encoding):
    """click takes a console of ASCII for a misconfigured one of UTF-8."""
    written = "utf-8" if encoding == "ascii" else encoding
    run = typed(folder, "run", "größe.yaml", "--replications", "2", "--quiet", PYTHONIOENCODING=encoding)
    assert run.returncode == 0, run.stderr.decode(written)
    shown = run.stdout.decode(written)
    title = {"ascii": "Grüße – 棚", "cp1252": "Grüße – ?", "cp437": "Grüße - ?"}[encoding]
    assert shown.startswith(f"{title}, 30 Tage\n")
    assert "±" in shown
    assert "\nReport: results" in shown
    wrong = typed(folder, "run", "größe.yaml", "--policy", "schütter", PYTHONIOENCODING=encoding)
    assert wrong.returncode == 2
    assert wrong.stderr.decode(written).startswith("no policy 'schütter'; policies: dünn, üppig")
    told = typed(folder, "list", PYTHONIOENCODING=encoding)
    assert (told.returncode, told.stderr) == (0, b"")


def test_files_are_utf_8_whatever_the_locale_says(folder):
    """`PYTHONUTF8=0` with the C locale makes ASCII the default encoding of files."""
    told = typed(
        folder,
        "run",
        "größe.yaml",
        "--replications",
        "2",
        "--quiet",
        PYTHONUTF8="0",
        LC_ALL="C",
        PYTHONCOERCECLOCALE="0",
    )
    assert told.returncode == 0, told.stderr
    (made,) = folder.glob("results/*/run-*")
    assert "Größe" in (made / "scenario.yaml").read_text(encoding="utf-8")
    assert "dünn" in (made / "kpis.csv").read_text(encoding="utf-8")
    assert "Grüße – 棚" in (made / "report.html").read_text(encoding="utf-8")
    warned = typed(folder, "validate", "größe.yaml", program=("-X", "warn_default_encoding", "-m", "simulator"))
    assert b"EncodingWarning" not in warned.stderr
