"""The entry point: what is loaded, what the shell is told."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from simulator.cli import main as entry
from simulator.cli.main import VERBS, backorder, main
from simulator.foundation.errors import AuditError, Problem, UserError
from simulator.kernel.border import library

ROOT = Path(__file__).parents[3]

FOUND_WITHOUT_HELP = {
    "simulator",
    "simulator.cli",
    "simulator.cli.main",
    "simulator.cli.plugins",
    "simulator.foundation",
    "simulator.foundation.errors",
    "simulator.foundation.collector",
    "simulator.foundation.streams",
}


def status(*arguments):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code


def failing(error, monkeypatch):
    @click.command("run")
    def command():
        raise error

    monkeypatch.setattr(entry.Verbs, "get_command", lambda *_: command)
    return status("run")


def test_help_loads_no_room_and_no_heavy_library():
    script = (
        "import sys\nfrom simulator.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(told.stderr.split())
    assert all(verb in told.stdout for verb in VERBS)
    assert not {"pydantic", "numpy", "rich", "yaml", "simpy", "tqdm", "loky"} & loaded
    assert {m for m in loaded if m.split(".")[0] == "simulator"} == FOUND_WITHOUT_HELP


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_there_and_explains_itself(verb, capsys):
    assert status(verb, "--help") == 0
    told = capsys.readouterr().out
    assert f"backorder {verb}" in told
    assert backorder.get_command(click.Context(backorder), verb).get_short_help_str(200)


def test_the_version_is_told(capsys):
    assert status("--version") == 0
    assert capsys.readouterr().out.startswith("backorder ")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["rnu"], "No such command 'rnu' (did you mean 'run'?); commands: new, validate, run"),
        (["run"], "Missing argument 'FILE'"),
        (["run", "x.yaml", "--replicatons", "3"], "--replications"),
        (["run", "x.yaml", "--replications", "0"], "--replications"),
        (["run", "x.yaml", "--workers", "-1"], "--workers"),
        (["run", "x.yaml", "--precision", "narrow"], "'narrow' is not a share: write 25 % or 0.25"),
        (["run", "x.yaml"], "x.yaml: no such file"),
        (["run", "x.yaml", "--kpi", "fil_rate"], "no KPI 'fil_rate' (did you mean 'fill_rate'?)"),
        (["trace", "x.yaml"], "--order"),
        (["list", "events"], "no family, kind or KPI 'events' (did you mean 'event'?); families: scenario, "),
        (["list", "fillrate"], "no family, kind or KPI 'fillrate' (did you mean 'fill_rate'?)"),
        (["list", "poison"], "no family, kind or KPI 'poison' (did you mean 'poisson'?)"),
    ],
)
def test_a_mistake_on_the_command_line_is_told_in_words_and_leaves_with_2(arguments, told, capsys):
    assert status(*arguments) == 2
    captured = capsys.readouterr()
    assert told in captured.err
    assert captured.out == ""


HIDDEN = "a\x1b[31m\u202e\u200bb"


@pytest.mark.parametrize(
    "arguments",
    [
        [HIDDEN],
        ["run", f"{HIDDEN}.yaml"],
        ["run", "x.yaml", f"--{HIDDEN}"],
        ["run", "x.yaml", "--replications", HIDDEN],
        ["run", "x.yaml", "--keep", HIDDEN],
        ["run", "x.yaml", "--memory", HIDDEN],
        ["list", HIDDEN],
        ["report", HIDDEN],
        ["new", "x", HIDDEN],
    ],
)
def test_characters_that_a_terminal_would_obey_or_hide_are_shown_as_escapes(arguments, capsys):
    assert status(*arguments) == 2
    told = capsys.readouterr().err
    assert not {"\x1b", "\u202e", "\u200b"} & set(told)
    assert r"\u202e" in told


@pytest.mark.parametrize("arguments", [["run"], ["run", "x.yaml", "--keep"], ["list"], ["report"], []])
def test_at_most_200_characters_of_the_input_are_repeated(arguments, capsys):
    for text in ("x" * 5000, "/x" * 2500, "a b" * 1700 if arguments != ["report"] else "x" * 200):
        assert status(*arguments, text) == 2
        assert text[:201] not in capsys.readouterr().err


def test_problems_go_to_stderr_one_a_line(monkeypatch, capsys):
    problems = [Problem("a.yaml", 3, 5, "items", "wrong"), Problem("a.yaml", 1, 1, "name", "is missing")]
    assert failing(UserError(problems), monkeypatch) == 2
    assert capsys.readouterr().err == "a.yaml:1:1: name: is missing\na.yaml:3:5: items: wrong\n"


def test_a_failed_audit_leaves_with_1(monkeypatch, capsys):
    assert failing(AuditError("lines balance: order 3"), monkeypatch) == 1
    assert capsys.readouterr().err == "lines balance: order 3\n"


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        RuntimeError("can't start new thread"),
        ImportError("libx.so: failed to map segment from shared object"),
        SystemError("error return without exception set"),
    ],
)
def test_running_out_of_memory_leaves_with_1_and_one_line(error, monkeypatch, capsys):
    error.add_note("in policy 'lean', seed 7, replication 3")
    monkeypatch.setattr(entry.os, "_exit", sys.exit)
    assert failing(error, monkeypatch) == 1
    assert capsys.readouterr().err == (
        "Out of memory in policy 'lean', seed 7, replication 3; finished replications are kept. "
        "Use fewer --workers, a shorter horizon or fewer orders.\n"
    )


MUCH = """
import sys
from simulator.cli import main as entry
import click

class Held:
    def __del__(self):
        print("freed", file=sys.stderr)

@click.command("run")
def command():
    held = Held()
    print("kept", end="")
    raise MemoryError

entry.Verbs.get_command = lambda *_: command
entry.main(["run"])
"""


def test_memory_that_is_used_up_is_not_freed_piece_by_piece():
    """Which takes a minute for some gigabytes, and may need memory itself."""
    found = subprocess.run([sys.executable, "-c", MUCH], capture_output=True, text=True, timeout=60, check=False)
    assert (found.returncode, found.stdout) == (1, "kept")
    assert found.stderr.startswith("Out of memory; finished replications are kept.")
    assert "freed" not in found.stderr


POOL = """
import click
import simulator.cli.main as entry
from simulator.experiment.running.pool import local_pool

@click.command("run")
def command():
    with local_pool(1) as pool:
        pool.submit(abs, -1).result()
        raise MemoryError

entry.Verbs.get_command = lambda *_: command
entry.main(["run"])
"""


def test_a_pool_says_nothing_after_the_error_of_a_full_memory():
    """The process that watches over its semaphores complains about those that are not given back."""
    found = subprocess.run([sys.executable, "-c", POOL], capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 1
    assert [line[:13] for line in found.stderr.splitlines()] == ["Out of memory"]


LITTLE = """
import resource, sys
from simulator.cli.main import main
import simulator.cli.studies.run, simulator.report.page.write
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (size + (30 << 20), -1))
main(sys.argv[1:])
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_run_that_needs_more_memory_than_there_is_ends_in_words(workers, tmp_path):
    command = [sys.executable, "-c", LITTLE, "run", "scenarios/steady-shop.yaml", "--set", "clock.horizon=100000 d"]
    command += ["--replications", "2", "--workers", workers, "--out", str(tmp_path)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert found.returncode == 1
    assert "out of memory" in found.stderr.splitlines()[-1].lower()


@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", "2>&- >&- <&-", ">&-"])
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["run", "scenarios/steady-shop.yaml", "--replications", "2", "--set", "clock.horizon=90 d"], 0),
        (["trace", "scenarios/steady-shop.yaml", "--order", "1"], 0),
        (["run", "nowhere.yaml"], 2),
    ],
)
def test_streams_that_cannot_be_written_do_not_change_the_outcome(redirection, arguments, code, tmp_path):
    """The short run warns about its warm-up."""
    out = ["--out", str(tmp_path)] if arguments[0] == "run" else []
    command = [sys.executable, "-m", "simulator", *arguments, *out]
    found = subprocess.run(["sh", "-c", f'exec "$@" {redirection}', "sh", *command], capture_output=True, check=False)
    assert found.returncode == code
    if code == 0 and ">&- " not in redirection and redirection != ">&-":
        assert found.stdout


def test_a_full_disk_under_stdout_is_said(tmp_path):
    command = [sys.executable, "-m", "simulator", "list", "kpi"]
    found = subprocess.run(["sh", "-c", 'exec "$@" >/dev/full', "sh", *command], capture_output=True, check=False)
    assert (found.returncode, found.stderr) == (2, b"backorder: output: No space left on device\n")


def test_an_interrupt_leaves_with_130_and_one_line(monkeypatch, capsys):
    assert failing(KeyboardInterrupt(), monkeypatch) == 130
    told = capsys.readouterr().err
    assert told == "Stopped. Run the same command again to resume after the last finished replication.\n"


def test_a_termination_leaves_with_143(monkeypatch):
    from simulator.foundation.signals import Terminated

    assert failing(Terminated(), monkeypatch) == 143


def test_the_end_of_the_time_leaves_with_124_and_one_line(monkeypatch, capsys):
    from simulator.foundation.signals import TimedOut

    assert failing(TimedOut(), monkeypatch) == 124
    told = capsys.readouterr().err
    assert told.startswith("Stopped: time limit reached. ")
    assert told.count("\n") == 1


def test_completion_offers_verbs_without_loading_them():
    offered = backorder.shell_complete(click.Context(backorder), "va")
    assert [(item.value, item.help) for item in offered] == [("validate", VERBS["validate"])]


def in_package(folder, *commands):
    """What a command says where an installed package offers pydantic a plug-in."""
    info = folder / "nosy-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nosy\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pydantic]\nnosy = nosy:plugin\n")
    (folder / "nosy.py").write_text(
        "print('NOSY')\nclass plugin:\n    new_schema_validator = staticmethod(lambda *_: (None, None, None))\n"
    )
    told = subprocess.run(
        [sys.executable, *commands],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout


def test_a_command_runs_no_code_of_other_packages(tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text((ROOT / "scenarios" / "steady-shop.yaml").read_text())
    own = "from pydantic import create_model; create_model('M', x=(int, 1))"
    assert "NOSY" in in_package(tmp_path, "-c", own), "pydantic no longer loads plug-ins like this one"
    assert "NOSY" not in in_package(tmp_path, "-m", "simulator", "validate", str(file))


@pytest.mark.parametrize(("wanted", "threads"), [(None, "1"), ("2", "2")])
def test_linear_algebra_has_one_thread_in_a_command_unless_the_user_wants_more(wanted, threads):
    script = (
        "import os, sys\nfrom simulator.cli.main import main\nsys.argv[1:] = ['validate', 'steady-shop']\n"
        "try:\n    main()\nexcept SystemExit as left:\n    assert not left.code\n"
        "tasks = len(os.listdir('/proc/self/task')) if sys.platform == 'linux' else 1\n"
        "print(os.environ['OPENBLAS_NUM_THREADS'], 'numpy' in sys.modules, tasks)"
    )
    variables = {k: v for k, v in os.environ.items() if k != "OPENBLAS_NUM_THREADS"}
    variables |= {} if wanted is None else {"OPENBLAS_NUM_THREADS": wanted}
    done = subprocess.run([sys.executable, "-c", script], env=variables, capture_output=True, text=True, check=True)
    said, loaded, tasks = done.stdout.splitlines()[-1].split()
    assert (said, loaded) == (threads, "True")
    assert int(tasks) <= int(threads)


@pytest.mark.skipif(library() is None, reason="no compiled kernel: run `make kernel`, which needs cc")
def test_a_command_in_the_compiled_lane_needs_no_simpy(tmp_path):
    script = (
        "import sys\nfrom simulator.cli.main import main\n"
        "try:\n    main(['run', *sys.argv[1:], '--replications', '1'])\n"
        "except SystemExit as left:\n    assert not left.code\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    arguments = [ROOT / "scenarios" / "steady-shop.yaml", "--out", tmp_path]
    told = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    loaded = set(told.stderr.split())
    assert "simulator.report.page.write" in loaded
    assert not {"simpy", "simulator.world.simpy_clock"} & loaded
