"""Print the JSON Schema of scenario files, for editors."""

from __future__ import annotations

import json

import click

from simulator.scenario.json_schema import json_schema


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of scenario files, with which editors complete keys and mark errors."""
    click.echo(json.dumps(json_schema(), ensure_ascii=False, separators=(",", ":")))
