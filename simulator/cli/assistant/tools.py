"""The tools: what an assistant can ask, with the words that tell it how."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from simulator.cli.assistant.confined import ConfinedFolder, answered
from simulator.report.text.shown_kpis import MAIN_KPIS
from simulator.scenario.copies import needed_files
from simulator.scenario.tree.examples import example_names

INSTRUCTIONS = """Simulates backorders: items that are sold and paid for but not in stock. A scenario (a YAML file) has
items, customers, suppliers and several policies; `run` compares the policies with common random numbers. Start with
`new`, or name an example such as flash-sale. `settings` change keys without editing the file, each PATH=VALUE, such as
policies.lean.replenishment.S=20. Every mean has a confidence interval (low, high); a difference counts only where it is
significant. Paths are relative to the folder."""

Texts = Sequence[str] | None
Tool = Callable[..., str]


def tools(here: ConfinedFolder) -> dict[str, Tool]:
    """Every tool by name; its docstring and parameters describe it."""

    def new(name: str, source: str = "shop") -> str:
        """Write NAME.yaml, a commented scenario to start from; `source`: a template (shop, textbook) or an example."""
        for other in needed_files(source) if source in example_names() else ():
            here.place(other)
        here.told("new", [("--from", source)], [name])
        file = here.place(name if name.endswith(".yaml") else f"{name}.yaml")
        return answered({"file": file, "text": (here.folder / file).read_text(encoding="utf-8")})

    def validate(file: str, settings: Texts = None) -> str:
        """Check a scenario; every problem has line, column, key, what is wrong and what would be right."""
        (found,) = here.ask("validate", [("--set", settings)], [here.place(file)])["files"]
        return answered(found)

    def list_kinds(name: str | None = None) -> str:
        """What a scenario can contain: all families of kinds, or one family, kind or KPI with every field."""
        if name is None:
            plain = here.ask("list", [])
            return answered({key: [found["meaning"], sorted(found["entries"])] for key, found in plain.items()})
        return answered(here.ask("list", [], [name]))

    def run(
        file: str,
        policies: Texts = None,
        settings: Texts = None,
        replications: int = 10,
        seed: int | None = None,
        kpis: Texts = None,
    ) -> str:
        """Simulate policies of a scenario and compare them: means with intervals, differences from the first policy."""
        options = [("--policy", policies), ("--set", settings), ("--replications", replications), ("--seed", seed)]
        found = here.study("run", [*options, ("--kpi", kpis)], file)
        for section in ("policies", "differences"):
            found[section] = {policy: _chosen(values, kpis) for policy, values in found[section].items()}
        return answered(found)

    def compare(a: str, b: str, kpis: Texts = None) -> str:
        """Compare two saved results (the folders that `run` names): what changed, and whether it is significant."""
        return answered(here.ask("compare", [("--kpi", kpis)], [here.place(a), here.place(b)]))

    def trace(
        file: str,
        order: int,
        policy: str | None = None,
        settings: Texts = None,
        replication: int = 0,
        seed: int | None = None,
    ) -> str:
        """The history of one order, one dated line per step; the first order has number 0."""
        options = [("--order", order), ("--policy", policy), ("--replication", replication), ("--seed", seed)]
        return answered(here.ask("trace", [*options, ("--set", settings)], [here.place(file)]))

    def sweep(
        file: str,
        vary: Sequence[str],
        policies: Texts = None,
        settings: Texts = None,
        replications: int = 5,
        samples: int | None = None,
        kpis: Texts = None,
    ) -> str:
        """Simulate a scenario at many values of some keys; `vary` has PATH=a,b,c or PATH=low..high for each key."""
        options = [("--vary", vary), ("--policy", policies), ("--set", settings), ("--replications", replications)]
        found = here.study("sweep", [*options, ("--samples", samples), ("--kpi", kpis)], file)
        for point in found["points"]:
            for policy, values in (point.get("policies") or {}).items():
                point["policies"][policy] = _chosen(values, kpis)
        return answered(found)

    def explain(file: str, settings: Texts = None) -> str:
        """Which lane plays each policy, the fast compiled one or SimPy, and because of which keys."""
        return answered(here.ask("explain", [("--set", settings)], [here.place(file)]))

    named = {"list": list_kinds}
    return {**{f.__name__: f for f in (new, validate, run, compare, trace, sweep, explain)}, **named}


def _chosen(values: dict[str, Any], kpis: Texts) -> dict[str, Any]:
    """The KPIs that are asked for, or the main ones."""
    wanted = tuple(kpis or MAIN_KPIS)
    return {key: value for key, value in values.items() if key in wanted or key.split("[")[0] in wanted}
