"""Write a commented scenario file to start from."""

from __future__ import annotations

import re
from pathlib import Path

import click

from simulator.cli.completion import templates_for
from simulator.foundation.errors import UserError
from simulator.scenario.copies import copied, needed_files, renamed, write_new
from simulator.scenario.templates import template, template_names
from simulator.scenario.tree.examples import example_file, example_names

DEFAULT = "shop"


@click.command("new", epilog=f"Templates: {', '.join(template_names())}. `backorder examples` lists the examples.")
@click.argument("name")
@click.option(
    "--from",
    "source",
    default=DEFAULT,
    metavar="TEMPLATE",
    help=f"Template or example to start from ({DEFAULT}).",
    shell_complete=templates_for,
)
def command(name: str, source: str) -> None:
    """Write NAME.yaml, a commented scenario to start from, in the current folder.

    The files that an example reads are written next to it.
    """
    name = name.removesuffix(".yaml")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}", name):
        raise UserError(f"{name!r}: expected a file name of letters, digits, '-' and '_', without a folder")
    path = Path(f"{name}.yaml")
    files: dict[Path, bytes] = {}
    if source not in template_names() and source in example_names():
        text = example_file(source).read_text(encoding="utf-8")
        files = {Path(other): content for other, content in needed_files(source).items()}
        text = copied(text, name, source)
    else:
        text = renamed(template(source), name)
    if path.exists() or path.is_symlink():
        raise UserError(f"{path}: already exists; choose another name (nothing was written)")
    write_new({**files, path: text.encode()})
    for other in files:
        click.echo(f"{other} written, which it reads.")
    click.echo(f"{path} written. Try: backorder run {path}")
