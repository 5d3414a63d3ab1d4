"""List the examples that come with the package, or copy them."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from simulator.cli.completion import examples_for
from simulator.cli.options import json_option
from simulator.cli.screen import say, show
from simulator.report.terminal.listing import examples_card
from simulator.scenario.copies import copies, write_new
from simulator.scenario.tree.examples import example_file, example_names, example_title


@click.command("examples")
@click.argument("names", nargs=-1, metavar="[NAME]…", shell_complete=examples_for)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Copy the examples, with the files that they read, to this folder.",
)
@json_option
def command(names: tuple[str, ...], folder: Path | None, as_json: bool) -> None:
    """List the examples that come with the package: every command takes their names in place of a file.

    \b
    backorder run flash-sale
    backorder new my-shop --from flash-sale
    backorder examples --to scenarios
    """
    chosen = names or example_names()
    if folder is not None:
        write_new(copies(chosen, folder))
        if not as_json:
            said = f"{len(chosen)} examples" if len(chosen) > 1 else chosen[0]
            say(f"{said} copied to {folder}")
            return
    found = {name: (example_title(name), str(example_file(name))) for name in chosen}
    plain = [{"name": name, "title": title, "file": file} for name, (title, file) in found.items()]
    show(as_json, lambda: plain, partial(examples_card, {name: title for name, (title, _) in found.items()}))
