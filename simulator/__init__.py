"""A discrete-event simulator of backorders: items that are sold and paid for but not in stock.

>>> import simulator
>>> scenario = simulator.load("scenarios/textbook/base-stock.yaml", ["clock.horizon=600 d"])
>>> results = simulator.run(scenario, replications=3, seed=7)
>>> results.policies, results.replications
(('base',), 3)
>>> print(simulator.scorecard(results).splitlines()[0])
One for one
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from simulator.foundation.collector import settled_gc

__version__ = "0.1.0"
__all__ = [
    "Player",
    "Results",
    "Run",
    "Scenario",
    "UserError",
    "available_to_promise",
    "earliest_deliveries",
    "factorial",
    "from_dict",
    "load",
    "open_results",
    "optimise",
    "outlook",
    "recommend",
    "run",
    "scorecard",
    "simulate",
    "sweep",
    "write_report",
    "write_workbook",
]

if TYPE_CHECKING:
    from simulator.engine.available import available_to_promise, earliest_deliveries
    from simulator.experiment.results.results import Results, open_results
    from simulator.experiment.run import run
    from simulator.experiment.studies.factorial import factorial
    from simulator.experiment.studies.optimise import optimise
    from simulator.experiment.studies.outlook import outlook
    from simulator.experiment.studies.recommend import recommend
    from simulator.experiment.studies.sweep import sweep
    from simulator.foundation.errors import UserError
    from simulator.kernel.lanes import simulate
    from simulator.kernel.player import Player
    from simulator.record.run import Run
    from simulator.report.page.write import write_report
    from simulator.report.terminal.scorecard import scorecard
    from simulator.report.workbook.workbook import write_workbook
    from simulator.scenario.loader import from_dict, load
    from simulator.scenario.schema.schema import Scenario

_MODULES = {
    "Player": "kernel.player",
    "Results": "experiment.results.results",
    "Run": "record.run",
    "Scenario": "scenario.schema.schema",
    "UserError": "foundation.errors",
    "available_to_promise": "engine.available",
    "earliest_deliveries": "engine.available",
    "factorial": "experiment.studies.factorial",
    "from_dict": "scenario.loader",
    "load": "scenario.loader",
    "open_results": "experiment.results.results",
    "optimise": "experiment.studies.optimise",
    "outlook": "experiment.studies.outlook",
    "recommend": "experiment.studies.recommend",
    "run": "experiment.run",
    "scorecard": "report.terminal.scorecard",
    "simulate": "kernel.lanes",
    "sweep": "experiment.studies.sweep",
    "write_report": "report.page.write",
    "write_workbook": "report.workbook.workbook",
}


def __getattr__(name: str) -> Any:
    """Import a module when one of its names is first used: `backorder --help` needs none of them."""
    if name in _MODULES:
        with settled_gc():  # imports make many objects, all of which stay
            return getattr(import_module(f"simulator.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'simulator' has no attribute {name!r}")
