"""Options of the test run."""

import gc
import os

import hypothesis.internal.conjecture.providers as hypothesis_providers
import pytest

# Hypothesis mixes in constants of the modules that happen to be loaded, which depends on what ran before in the
# process; without them a derandomised test plays the same examples alone and in the whole run.
if hasattr(hypothesis_providers, "_get_local_constants"):
    hypothesis_providers._get_local_constants = hypothesis_providers.Constants

os.environ["BACKORDER_CACHE"] = "off"  # also for commands that tests start

pytest.register_assert_rewrite("tests.properties.models.laws")  # a broken law shows its values


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files; review the diff")


def pytest_collection_finish() -> None:
    """What is loaded stays loaded: later collections of garbage need not look at libraries and tests again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """True when golden files are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update-golden"))
