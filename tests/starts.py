"""Processes that are copies of one that has loaded the simulator: they start in a third of the time that Python needs.

They do what a new process does, since nothing has run in the process that is copied. Tests of how Python starts, of
consoles, pipes and signals start Python itself.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

LOADED = ("pytest", "simulator.cli.main", "simulator.cli.study", "simulator.kernel.lanes")
"""What the process that is copied has loaded."""
METHODS = multiprocessing.get_all_start_methods()
STARTS = multiprocessing.get_context("forkserver" if "forkserver" in METHODS else "spawn")
STARTS.set_forkserver_preload(list(LOADED))
SECONDS = 120
"""How long a process may take."""


def started(
    call: Callable[..., Any],
    *arguments: Any,
    cwd: Path,
    streams: Sequence[Path] = (),
    **environment: str,
) -> BaseProcess:
    """A process in a session of its own that calls a function of a module.

    Args:
        streams: files for stdout and stderr; those of the test by default.
        environment: variables besides those of the test.
    """
    process = STARTS.Process(
        target=_begin, args=(call, arguments, str(cwd), {**os.environ, **environment}, [str(p) for p in streams])
    )
    process.start()
    with suppress(ProcessLookupError):  # it has ended already
        while hasattr(os, "setsid") and process.is_alive() and os.getpgid(process.pid or 0) != process.pid:
            sleep(0.001)  # until a signal to its group reaches it and nobody else
    return process


def finished(call: Callable[..., Any], *arguments: Any, cwd: Path, **environment: str) -> CompletedProcess[str]:
    """The status and the words of a process that calls a function of a module; see `started`."""
    with TemporaryDirectory() as folder:
        streams = [Path(folder) / "stdout", Path(folder) / "stderr"]
        process = started(call, *arguments, cwd=cwd, streams=streams, **environment)
        process.join(SECONDS)
        if (status := process.exitcode) is None:
            process.kill()
            raise TimeoutExpired(str(arguments), SECONDS)
        return CompletedProcess(arguments, status, *(path.read_text("utf-8") for path in streams))


def command(*words: str) -> None:
    """`backorder WORDS`, as a process of its own."""
    from simulator.cli.main import main

    sys.argv = ["backorder", *words]
    main()


def pytests(*words: str) -> None:
    """`pytest WORDS`, as a process of its own."""
    import pytest

    sys.exit(pytest.main(list(words)))


def _begin(
    call: Callable[..., Any], arguments: Sequence[Any], cwd: str, environment: dict[str, str], streams: Sequence[str]
) -> None:
    if hasattr(os, "setsid"):
        os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = [cwd, *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    for number, path in enumerate(streams, 1):
        file = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    call(*arguments)
