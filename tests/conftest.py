"""Options of the test run."""

import gc
import os
import signal
import sys
from collections.abc import Iterator

import hypothesis.internal.conjecture.providers as hypothesis_providers
import pytest

# Hypothesis mixes in constants of the modules that happen to be loaded, which depends on what ran before in the
# process; without them a derandomised test plays the same examples alone and in the whole run.
if hasattr(hypothesis_providers, "_get_local_constants"):
    hypothesis_providers._get_local_constants = hypothesis_providers.Constants

os.environ["BACKORDER_CACHE"] = "off"  # while tests are collected
# There is a worker for each core: threads of NumPy's linear algebra would take the time of other workers.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# What pytest, click and rich ask for the width, the colours and the length of their lines.
TERMINAL_VARIABLES = (
    *("CI", "BUILD_NUMBER", "GITHUB_ACTIONS"),
    *("COLUMNS", "LINES", "TERM_PROGRAM", "COLORTERM"),
    *("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "PY_COLORS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"),
    *("PYTEST_ADDOPTS", "PYTEST_THEME"),
)

pytest.register_assert_rewrite("tests.properties.models.laws")  # a broken law shows its values


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files; review the diff")


def pytest_collection_finish() -> None:
    """What is loaded stays loaded: later collections of garbage need not look at libraries and tests again, and are
    fewer, because tests make many objects and little garbage in cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 25, 25)


@pytest.fixture(scope="session", autouse=True)
def _plain_terminal() -> Iterator[None]:
    """Commands and test runs that tests start print the same on a desk, in a colour terminal and on a CI server."""
    with pytest.MonkeyPatch.context() as patch:
        for name in TERMINAL_VARIABLES:
            patch.delenv(name, raising=False)
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in the background of a script; commands inherit it
            signal.signal(signal.SIGINT, signal.default_int_handler)
        yield


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What was expensive to read is kept for the tests that follow and for commands that they start, no longer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BACKORDER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _copied_workers() -> Iterator[None]:
    """Where tests use several workers, these are copies of the test's process, as they are of a command: starting
    Python for each takes half a second. How workers start is tested in `unit/experiment/running`."""
    from simulator.experiment.running import pool

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "_may_fork", lambda: sys.platform == "linux")
        yield


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """True when golden files are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update-golden"))
