"""Explain which policies of a scenario the fast compiled kernel plays."""

from __future__ import annotations

import json

import click

from simulator.cli.options import ScenarioFile, json_option, scenario_file
from simulator.foundation.errors import visible
from simulator.kernel.lanes import why_not


@click.command("explain")
@scenario_file
@json_option
def command(file: ScenarioFile, as_json: bool) -> None:
    """Show which policies of the scenario FILE the compiled kernel plays, and which keys make SimPy play the others.

    Results are the same; the kernel is several times faster.
    """
    scenario = file.read(quiet=as_json)
    found = {policy: why_not(scenario, policy) for policy in scenario.policies}
    if as_json:
        plain = {policy: {"lane": "simpy" if why else "compiled", "why": why} for policy, why in found.items()}
        click.echo(json.dumps({"scenario": scenario.name, "policies": plain}))
        return
    for policy, why in found.items():
        click.echo(visible(f"{policy}: {'simpy' if why else 'compiled'}"))
        for reason in why:
            click.echo(visible(f"  {reason}"))
