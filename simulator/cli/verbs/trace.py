"""Show the history of one order, line by line."""

from __future__ import annotations

import json
from pathlib import Path

import click

from simulator.cli.completion import policies_for
from simulator.cli.options import (
    ScenarioFile,
    html_option,
    json_option,
    page_file,
    replication_option,
    scenario_file,
    seed_option,
)
from simulator.cli.screen import is_terminal, print_card, say
from simulator.experiment.arguments import policies_of
from simulator.experiment.storage.files import check_writable, write_file
from simulator.kernel.lanes import simulate
from simulator.record.order_numbers import longest_wait, number_of
from simulator.record.run import Run
from simulator.record.story import StoryLine, date_of, story_lines, when
from simulator.report.terminal.lines import life_card
from simulator.report.tracking.page import tracking
from simulator.scenario.identity import slug


@click.command("trace")
@scenario_file
@click.option("--order", metavar="N", help="Number of the order; the first one is 0.")
@click.option("--longest", is_flag=True, help="Show the order that waited longest until its goods arrived.")
@click.option(
    "--policy",
    metavar="NAME",
    shell_complete=policies_for,
    help="Simulate this policy (default: the first).",
)
@replication_option
@seed_option
@html_option("Also write the order's tracking page (SCENARIO-order-N.html).")
@json_option
def command(
    file: ScenarioFile,
    order: str | None,
    longest: bool,
    policy: str | None,
    replication: int,
    seed: int | None,
    html: Path | None,
    as_json: bool,
) -> None:
    """Show the history of one order of the scenario FILE, one dated line per step.

    Orders are numbered from 0 in the order in which they are placed, which is the same under every policy; --longest
    finds one to start with. Negative numbers are backlogs from before the start. Orders that were open at the start
    (`opening`) have the numbers of their file. The tracking page shows, for any day, what the customer sees and what
    really happened.
    """
    if longest == (order is not None):
        raise click.UsageError("name one order: --order N, or --longest for the one that waited longest")
    scenario = file.read(quiet=as_json)
    (policy,) = policies_of(scenario, list(scenario.policies)[:1] if policy is None else policy)
    if html is not None:
        html = page_file(html, f"{slug(scenario.name)}-order-{'longest' if order is None else order}")
        check_writable(html, "--html")
    run = simulate(scenario, policy, scenario.experiment.seed if seed is None else seed, replication)
    number = longest_wait(run) if order is None else number_of(run, order)
    if html is not None:
        decisions = scenario.policies[policy].communication.values()
        offered = list(dict.fromkeys(option for decision in decisions for option in decision.options))
        write_file(html, tracking(run, number, scenario.title or scenario.name, offered).encode(), "--html")
    if as_json:
        click.echo(json.dumps(_plain(run, number, story_lines(run, number)), allow_nan=False))
        return
    heading = f"{scenario.name}, policy {run.policy}, seed {run.seed}, replication {run.replication}"
    rows = [(when(run, h.time), h.what, h.text) for h in story_lines(run, number)]
    if is_terminal():
        print_card(life_card(heading, rows))
    else:
        for text in (heading, *(f"{time}  {text}" for time, _, text in rows)):
            say(text)
    if html is not None:
        say(f"Tracking page: {html}")


def _plain(run: Run, order: int, life: list[StoryLine]) -> dict[str, object]:
    def date(day: float) -> str | None:
        found = date_of(run, day)
        return None if found is None else found.isoformat(timespec="seconds")

    return {
        "policy": run.policy,
        "seed": run.seed,
        "replication": run.replication,
        "order": order,
        **({"name": run.name_of(order)} if 0 <= order < run.opening.count else {}),
        "story": [{"day": h.time, "date": date(h.time), "what": h.what, "text": h.text} for h in life],
    }
