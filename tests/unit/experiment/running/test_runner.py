"""Tasks on one or many processes."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing import active_children
from pathlib import Path

import pytest
from loky import process_executor

from simulator.experiment.running import pool
from simulator.experiment.running.crew import Crew, Elastic, WorkerDied
from simulator.experiment.running.progress import progress_bar
from simulator.experiment.running.runner import KeptPool, run_all
from simulator.foundation.errors import AuditError, UserError, is_out_of_memory
from simulator.foundation.signals import time_limit
from tests.unit.experiment import fakes

ROOT = Path(__file__).parents[4]
MAY_FORK = pool._may_fork  # before the session decides


@pytest.fixture(autouse=True, scope="module")
def _started_workers():
    """Here workers start as those of a notebook do, unless a test says something else."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "_may_fork", MAY_FORK)
        yield


def gather(work, keys, **options):
    found = {}
    run_all(work, lambda: keys, lambda batch: found.update(batch), **options)
    return found


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_every_task_is_done_once_for_any_number_of_workers(workers):
    batches = []
    run_all(fakes.cube, lambda: range(40), batches.append, workers)
    assert sorted(pair for batch in batches for pair in batch) == [(k, k**3) for k in range(40)]


def test_more_workers_than_tasks_are_no_trouble():
    assert gather(fakes.cube, [2], workers=8) == {2: 8}
    assert gather(fakes.cube, [], workers=8) == {}


@pytest.mark.parametrize("workers", [0, -1, 1.5, True, "2"])
def test_fewer_than_one_worker_is_the_users_mistake(workers):
    with pytest.raises(UserError, match="must be at least 1"):
        gather(fakes.cube, [1], workers=workers)


def test_any_executor_will_do_and_stays_open():
    with ThreadPoolExecutor(2) as pool:
        assert gather(fakes.cube, range(20), workers=2, executor=pool) == {k: k**3 for k in range(20)}
        assert pool.submit(fakes.cube, 3).result() == 27


def workers_now():
    return {child.pid for child in active_children()}


def test_a_kept_pool_serves_several_calls_and_goes_on_with_new_workers_when_one_has_died():
    with KeptPool() as pool:
        assert gather(fakes.cube, range(4), workers=2, pool=pool) == {k: k**3 for k in range(4)}
        started = workers_now()
        assert gather(fakes.cube, range(4, 9), workers=2, pool=pool) == {k: k**3 for k in range(4, 9)}
        assert workers_now() == started
        assert len(started) == 2
        os.kill(min(started), signal.SIGKILL)
        end = time.monotonic() + 30
        while workers_now() & started:  # the other one may have done everything before anybody noticed
            assert gather(fakes.cube, range(9), workers=2, pool=pool) == {k: k**3 for k in range(9)}
            assert time.monotonic() < end, "the dead worker was never noticed"
        gather(fakes.cube, range(9), workers=3, pool=pool)
        assert len(workers_now()) == 3, "more are asked for than there were"
    assert workers_now() == set()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_list_of_tasks_may_grow(workers):
    keys, found = [0, 1], {}

    def done(batch):
        found.update(batch)
        if len(found) >= len(keys) < 9:
            keys.append(len(keys))

    run_all(fakes.cube, lambda: keys, done, workers)
    assert found == {k: k**3 for k in range(9)}


def test_a_failure_in_a_task_comes_through(monkeypatch):
    def broken(key):
        raise AuditError(f"units do not add up in {key}")

    with pytest.raises(AuditError, match="units do not add up in 5"):
        gather(broken, [5])
    with pytest.raises(AuditError, match="units do not add up in 5"):
        gather(broken, [5], workers=2)


def test_batches_grow_to_about_a_second_and_shrink_at_the_end():
    crew = Crew(fakes.cube, lambda: range(1000), list.append, 2, None, None, KeptPool().lend)
    assert len(crew._next_batch()) == 1  # nothing is known yet
    crew.done, crew.seconds = 1, 0.02
    assert len(crew._next_batch()) == 50
    crew.position = 990
    assert len(crew._next_batch()) == 3
    crew.done, crew.seconds = 1, 8.0
    assert len(crew._next_batch()) == 1


def test_the_more_workers_a_scheduler_has_the_longer_its_batches():
    class Many(Elastic):
        workers = 1000

    crew = Crew(fakes.cube, lambda: range(10**6), list.append, 1, Many(), None, KeptPool().lend)
    crew.done, crew.seconds = 100, 1.0
    assert len(crew._next_batch()) == 500  # 20 s of work left over; a million tasks for two batches each
    crew.done, crew.seconds = 1, 1.0
    assert len(crew._next_batch()) == 20


def work(function):
    return partial(function, fakes.scenario(), ("lean",), 7)


@pytest.mark.parametrize("function", [fakes.deadly, fakes.hungry])
def test_a_task_whose_worker_died_is_run_once_more(function, tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_MARKER", str(tmp_path / "died"))
    clean = gather(work(fakes.replicate), range(12))
    assert gather(work(function), range(12), workers=2) == clean
    assert (tmp_path / "died").exists()


def test_a_task_that_takes_two_workers_down_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("FAKE_MARKER", str(tmp_path / "died"))
    monkeypatch.setenv("FAKE_ALWAYS", "1")
    with pytest.raises(WorkerDied, match="replication 3: the worker process died twice") as caught:
        gather(work(fakes.deadly), range(12), workers=2)
    assert caught.value.exit_code == 1


def test_a_task_that_runs_out_of_memory_twice_is_named():
    with pytest.raises(WorkerDied, match="replication 3: out of memory, although no other replication") as caught:
        gather(work(fakes.starving), range(12), workers=2)
    assert caught.value.exit_code == 1


def no_memory(*_):
    raise MemoryError


def no_thread(*_):
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize(
    ("method", "fails", "error"),
    [("run", no_memory, WorkerDied), ("_run_loop", no_thread, WorkerDied), ("start", no_thread, RuntimeError)],
)
def test_a_pool_whose_own_thread_has_no_memory_neither_hangs_nor_leaves_workers(
    method, fails, error, monkeypatch, capfd
):
    monkeypatch.setattr(process_executor._ExecutorManagerThread, method, fails)
    before = set(active_children())
    with time_limit(60), pytest.raises(error) as caught:
        gather(fakes.cube, range(4), workers=2)
    assert isinstance(caught.value, WorkerDied) or is_out_of_memory(caught.value)
    assert set(active_children()) == before
    assert capfd.readouterr().err == ""


OURS = "from simulator.foundation.collector import stay_quiet\nstay_quiet()\n"
"""The process is a command, whose workers are copies of it."""
SCRIPT = """
import sys
from simulator.experiment.running.runner import run_all
from simulator.foundation.signals import Terminated
def slow(key):
    import os, time
    os.write(1, f"{os.getpid()}\\n".encode())  # whole: others write, too
    time.sleep(60)
try:
    run_all(slow, lambda: range(9), list, int(sys.argv[1]))
except Terminated as stop:
    sys.exit(stop.exit_code)
except KeyboardInterrupt:
    sys.exit(130)
"""


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
@pytest.mark.parametrize(("workers", "begin"), [(1, ""), (2, ""), (2, OURS)])
def test_a_signal_ends_the_run_and_its_workers_within_five_seconds(number, status, workers, begin):
    """Functions of a script travel by value; SIGKILL cannot be answered, the workers notice by themselves."""
    process = subprocess.Popen(
        [sys.executable, "-c", begin + SCRIPT, str(workers)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with process.stdout, process.stderr:
        try:
            pids = [int(process.stdout.readline()) for _ in range(workers)]
            process.send_signal(number)
            deadline = time.monotonic() + 5
            assert process.wait(5) == status
        finally:
            process.kill()
    while any(map(alive, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_progress_is_shown_on_a_terminal_only(monkeypatch, capsys):
    with progress_bar(True, 5) as bar:
        assert bar is None  # captured: no terminal
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress_bar(False, 5) as bar:
        assert bar is None
    with progress_bar(True, 5) as bar:
        assert "0 of 5 replications" in capsys.readouterr().err  # before the first has ended
        time.sleep(0.6)
        run_all(fakes.cube, lambda: range(5), lambda batch: None, bar=bar)
    assert capsys.readouterr().err.rstrip().rsplit("\r", 1)[-1].startswith("5 of 5 replications")
    with progress_bar(True, 5) as bar:
        run_all(fakes.cube, lambda: range(5), lambda batch: None, bar=bar)
    assert not capsys.readouterr().err.rsplit("\r", 1)[-1].strip()  # what is over at once leaves no bar
    monkeypatch.setattr(sys, "stderr", None)
    with progress_bar(True, 5) as bar:
        assert bar is None


CLOSED = """
import os, sys
from simulator.experiment.running.runner import run_all
from simulator.foundation.streams import standing_streams
with standing_streams(), open(sys.argv[1], "w") as file:
    run_all(abs, lambda: [-1, -2], lambda batch: print(*batch, file=file), 2)
assert sys.stdout is None
"""


@pytest.mark.parametrize("begin", ["", OURS])
def test_closed_standard_streams_are_no_trouble(begin, tmp_path):
    command = [sys.executable, "-c", begin + CLOSED, str(tmp_path / "out")]
    subprocess.run(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command], cwd=ROOT, check=True)
    assert sorted((tmp_path / "out").read_text().split("\n")) == ["", "(-1, 1)", "(-2, 2)"]


def test_workers_do_not_start_threads_of_their_own():
    found = gather(partial(lambda key, name: os.environ[name], name="OMP_NUM_THREADS"), [1, 2], workers=2)
    assert set(found.values()) == {"1"}


COPIES = """
import sys, threading
from simulator.experiment.running.runner import run_all
sys.known = True
wait = threading.Event()
if "thread" in sys.argv:
    threading.Thread(target=wait.wait).start()
if "plugin" in sys.argv:
    from simulator.foundation.extensions import IN_USE, imported
    imported("simulator.events.demand_spike")
found = {}
run_all(lambda key: hasattr(sys, "known"), lambda: range(4), found.update, 2)
wait.set()
print(*found.values())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
@pytest.mark.parametrize(
    ("begin", "options", "copied"),
    [(OURS, (), True), ("", (), False), (OURS, ("thread",), False), (OURS, ("plugin",), False)],
)
def test_workers_are_copies_of_a_command_without_threads_and_code_of_others(begin, options, copied):
    command = [sys.executable, "-c", begin + COPIES, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(copied)] * 4
    assert done.stderr == ""


DEAD = """
import os, sys
from pathlib import Path
from simulator.experiment.running.runner import run_all
def deadly(key):
    if key == 3 and not Path(sys.argv[1]).exists():
        Path(sys.argv[1]).touch()
        os.kill(os.getpid(), 9)
    return key
found = {}
run_all(deadly, lambda: range(9), found.update, 2)
print(*sorted(found))
"""


def test_a_copy_that_dies_is_replaced(tmp_path):
    command = [sys.executable, "-c", OURS + DEAD, str(tmp_path / "died")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    assert (done.stdout, done.stderr) == ("0 1 2 3 4 5 6 7 8\n", "")
