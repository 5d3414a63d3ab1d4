"""Write a commented scenario file to start from."""

from __future__ import annotations

import re
from pathlib import Path

import click

from simulator.foundation.errors import UserError
from simulator.scenario.templates import template, template_names

DEFAULT = "shop"


@click.command("new", epilog=f"Templates: {', '.join(template_names())}.")
@click.argument("name")
@click.option("--from", "source", default=DEFAULT, metavar="TEMPLATE", help=f"Template to start from ({DEFAULT}).")
def command(name: str, source: str) -> None:
    """Write NAME.yaml, a commented scenario to start from, in the current folder."""
    name = name.removesuffix(".yaml")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}", name):
        raise UserError(f"{name!r}: expected a file name of letters, digits, '-' and '_', without a folder")
    text = re.sub(r"^name: .*$", f"name: {_as_text(name)}", template(source), count=1, flags=re.MULTILINE)
    path = Path(f"{name}.yaml")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UserError(f"{path}: already exists; choose another name (nothing was written)") from None
    except OSError as error:
        raise UserError(f"{path}: cannot write: {error.strerror}") from None
    click.echo(f"{path} written. Try: backorder run {path}")


def _as_text(name: str) -> str:
    """Quote names that YAML would read as a number or a boolean."""
    return name if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", name) and name.lower() not in _WORDS else f"'{name}'"


_WORDS = {"true", "false", "null"}
