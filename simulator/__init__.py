"""A discrete-event simulator of backorders: items that are sold and paid for but not in stock.

>>> import simulator
>>> scenario = simulator.load("textbook/base-stock", ["clock.horizon=600 d"])
>>> results = simulator.run(scenario, replications=3, seed=7)
>>> results.policies, results.replications
(('base',), 3)
>>> print(simulator.scorecard(results).splitlines()[0])
One for one

Scenarios: load, from_dict, fit, validate, Scenario.
Runs: run, simulate, Player; their outcomes: Results, Run; saved ones: open_results.
Studies: sweep (which returns a Sweep), factorial, optimise, recommend, stress, outlook.
Output: scorecard, write_report, write_workbook.
Promising: available_to_promise, earliest_deliveries.
Extending: use_plugin; kpi, Evidence, Undefined; Replenishment, Rhythm, Buy, StockView, Forecast, Safety; Acceptance,
Allocation, Communication, Fulfilment, Payment, Promise, Sourcing, Window; Arrivals, Basket, Distribution; Event.
Errors: UserError.

`help(simulator.run)` shows one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.foundation.collector import settled_import

__version__ = "0.1.0"
__all__ = [
    "Acceptance",
    "Allocation",
    "Arrivals",
    "Basket",
    "Buy",
    "Communication",
    "Distribution",
    "Event",
    "Evidence",
    "Forecast",
    "Fulfilment",
    "Payment",
    "Player",
    "Promise",
    "Replenishment",
    "Results",
    "Rhythm",
    "Run",
    "Safety",
    "Scenario",
    "Sourcing",
    "StockView",
    "Sweep",
    "Undefined",
    "UserError",
    "Window",
    "available_to_promise",
    "earliest_deliveries",
    "factorial",
    "fit",
    "from_dict",
    "kpi",
    "load",
    "open_results",
    "optimise",
    "outlook",
    "recommend",
    "run",
    "scorecard",
    "simulate",
    "stress",
    "sweep",
    "use_plugin",
    "validate",
    "write_report",
    "write_workbook",
]

if TYPE_CHECKING:
    from simulator.engine.available import available_to_promise, earliest_deliveries
    from simulator.events.event import Event
    from simulator.experiment.fitting.fit import fit
    from simulator.experiment.plugins import use_plugin
    from simulator.experiment.results.results import Results, open_results
    from simulator.experiment.run import run
    from simulator.experiment.studies.factorial import factorial
    from simulator.experiment.studies.optimise import optimise
    from simulator.experiment.studies.outlook import outlook
    from simulator.experiment.studies.recommend import recommend
    from simulator.experiment.studies.stress import stress
    from simulator.experiment.studies.sweep import Sweep, sweep
    from simulator.foundation.errors import UserError
    from simulator.kernel.lanes import simulate
    from simulator.kernel.player import Player
    from simulator.kpis.evidence.evidence import Evidence
    from simulator.kpis.kpi import Undefined, kpi
    from simulator.policies.acceptance import Acceptance
    from simulator.policies.allocation.allocation import Allocation
    from simulator.policies.communication import Communication
    from simulator.policies.fulfilment import Fulfilment
    from simulator.policies.payment import Payment
    from simulator.policies.promise import Promise
    from simulator.policies.replenishment.forecast import Forecast
    from simulator.policies.replenishment.replenishment import Replenishment
    from simulator.policies.replenishment.safety import Safety
    from simulator.policies.replenishment.view import Buy, Rhythm, StockView
    from simulator.policies.sourcing.sourcing import Sourcing
    from simulator.policies.window import Window
    from simulator.randomness.arrival import Arrivals
    from simulator.randomness.basket import Basket
    from simulator.randomness.distribution import Distribution
    from simulator.record.run import Run
    from simulator.report.page.write import write_report
    from simulator.report.terminal.scorecard import scorecard
    from simulator.report.workbook.workbook import write_workbook
    from simulator.scenario.loader import from_dict, load, validate
    from simulator.scenario.schema.schema import Scenario

_MODULES = {
    "Acceptance": "policies.acceptance",
    "Allocation": "policies.allocation.allocation",
    "Arrivals": "randomness.arrival",
    "Basket": "randomness.basket",
    "Buy": "policies.replenishment.view",
    "Communication": "policies.communication",
    "Distribution": "randomness.distribution",
    "Event": "events.event",
    "Evidence": "kpis.evidence.evidence",
    "Forecast": "policies.replenishment.forecast",
    "Fulfilment": "policies.fulfilment",
    "Payment": "policies.payment",
    "Player": "kernel.player",
    "Promise": "policies.promise",
    "Replenishment": "policies.replenishment.replenishment",
    "Results": "experiment.results.results",
    "Rhythm": "policies.replenishment.view",
    "Run": "record.run",
    "Safety": "policies.replenishment.safety",
    "Scenario": "scenario.schema.schema",
    "Sourcing": "policies.sourcing.sourcing",
    "StockView": "policies.replenishment.view",
    "Sweep": "experiment.studies.sweep",
    "Undefined": "kpis.kpi",
    "UserError": "foundation.errors",
    "Window": "policies.window",
    "available_to_promise": "engine.available",
    "earliest_deliveries": "engine.available",
    "factorial": "experiment.studies.factorial",
    "fit": "experiment.fitting.fit",
    "from_dict": "scenario.loader",
    "kpi": "kpis.kpi",
    "load": "scenario.loader",
    "open_results": "experiment.results.results",
    "optimise": "experiment.studies.optimise",
    "outlook": "experiment.studies.outlook",
    "recommend": "experiment.studies.recommend",
    "run": "experiment.run",
    "scorecard": "report.terminal.scorecard",
    "simulate": "kernel.lanes",
    "stress": "experiment.studies.stress",
    "sweep": "experiment.studies.sweep",
    "use_plugin": "experiment.plugins",
    "validate": "scenario.loader",
    "write_report": "report.page.write",
    "write_workbook": "report.workbook.workbook",
}


def __getattr__(name: str) -> Any:
    """Import a module when one of its names is first used: `backorder --help` needs none of them."""
    if name in _MODULES:
        return getattr(settled_import(f"simulator.{_MODULES[name]}"), name)
    raise AttributeError(f"module 'simulator' has no attribute {name!r}")


def __dir__() -> list[str]:
    """What there is, whether it was used already or not."""
    return sorted({*globals(), *__all__})
