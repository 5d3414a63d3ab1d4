"""`backorder list [FAMILY]`: what can be chosen, with fields, units, defaults and meaning."""

from __future__ import annotations

import json

import click

from simulator.cli.options import json_option
from simulator.cli.screen import in_colour, width
from simulator.report.catalogue import family, family_names
from simulator.report.listing import details, markdown, overview


@click.command("list")
@click.argument("name", metavar="[FAMILY]", required=False)
@json_option
@click.option("--markdown", "as_markdown", is_flag=True, help="Print a reference page.")
def command(name: str | None, as_json: bool, as_markdown: bool) -> None:
    """Show what can be chosen in a scenario file, and the KPIs.

    Without FAMILY: every family with its kinds. With it: every field with its unit, default and meaning. `scenario`
    shows the sections of a file, `kpi` what is measured.
    """
    families = [family(n) for n in (family_names() if name is None else [name])]
    if as_json:
        click.echo(json.dumps({f.name: f.to_plain() for f in families}, ensure_ascii=False, allow_nan=False))
    elif as_markdown:
        said = f"backorder list {name} --markdown" if name else "backorder list --markdown"
        click.echo(markdown(families, said), nl=False)
    elif name is None:
        click.echo(overview(families, width(), in_colour()), color=True)
    else:
        click.echo(details(families[0], width(), in_colour()), color=True)
