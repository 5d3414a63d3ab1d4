"""The fixture `policy_results`: run a scenario, or load its saved replications, and state expectations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # not imported by test sessions without scenarios
    from simulator.testing.expectations import PolicyResults

CACHE = "backorder"
RUNS = pytest.StashKey[dict[Any, "PolicyResults"]]()


@pytest.fixture
def policy_results(request: pytest.FixtureRequest) -> Callable[..., PolicyResults]:
    """Results of a scenario's policies, on which a test states expectations.

    def test_policy(policy_results):
        policy_results("scenarios/shop.yaml").expect_better("careful", than="lean", kpi="cancellation_rate")
    """

    def results(
        file: str | PathLike[str],
        replications: int | None = None,
        seed: int | None = None,
        workers: int = 1,
        policies: Sequence[str] | None = None,
        edit: Mapping[str, Any] | None = None,
    ) -> PolicyResults:
        """Run a scenario file, given relative to the root of the tests or to the test's own folder, or an example.

        Args:
            file: the scenario, or the name of an example.
            replications: number of replications; the scenario's own by default.
            seed: seed of all random streams; the scenario's own by default.
            workers: number of processes.
            policies: names of the policies to run; all by default.
            edit: changes to the scenario, as {dotted path: value}.
        """
        __tracebackhide__ = True
        from simulator.foundation.errors import UserError
        from simulator.testing.expectations import PolicyResults

        path = _found(Path(file), request)
        runs = request.config.stash.setdefault(RUNS, {})
        key = (path, replications, seed, repr(policies), repr(edit))
        if key not in runs:
            try:
                runs[key] = PolicyResults.of(path, _kept(request), replications, seed, workers, policies, edit)
            except UserError as error:
                raise error.with_traceback(None) from None  # an error in the test: hide our own frames
        return runs[key]

    return results


def _found(file: Path, request: pytest.FixtureRequest) -> Path:
    from simulator.scenario.tree.examples import example_file, example_names

    places = [request.config.rootpath / file, request.path.parent / file]
    if not any(place.exists() for place in places) and file.as_posix() in example_names():
        return example_file(file.as_posix())
    return next((place for place in places if place.exists()), places[0])


def _kept(request: pytest.FixtureRequest) -> Path:
    """The folder of finished replications: in pytest's cache, or temporary if there is no cache."""
    if (cache := getattr(request.config, "cache", None)) is not None:
        return Path(cache.mkdir(CACHE))
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    return factory.getbasetemp() / CACHE
