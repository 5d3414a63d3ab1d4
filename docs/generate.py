"""Reference pages that every build of the site generates from the code; they are not in the repository.

Pages: defaults with their grades, and the command line. (`backorder list --markdown` prints keys, kinds and KPIs.)
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from simulator.cli.main import VERBS, backorder
from simulator.report.reference.pages import defaults_page

REFERENCE = Path(__file__).resolve().parent / "reference"
ON_TOP = "This page is generated from the code: change the code, not the page."


def pages() -> dict[str, str]:
    """Maps the file name of every generated page to its text."""
    return {
        "defaults.md": defaults_page(ON_TOP),
        "cli.md": "\n".join(_command_line()).rstrip() + "\n",
    }


def _command_line() -> Iterator[str]:
    yield from ["# Command line", "", ON_TOP, ""]
    yield from [
        "Results go to stdout; progress, warnings and errors go to stderr. The exit status is 0 on success, 1 if an"
    ]
    yield from [
        "audit or a check fails or a value differs from theory, 2 for a mistake in the file or on the command line,"
    ]
    yield from ["124 when the time limit is reached, and 130 when interrupted.", ""]
    yield from ["| command | purpose |", "| --- | --- |"]
    yield from [f"| [`{verb}`](#{verb}) | {said} |" for verb, said in VERBS.items()]
    yield ""
    with click.Context(backorder, info_name="backorder") as above:
        for verb in VERBS:
            command = backorder.get_command(above, verb)
            assert command is not None, verb
            with click.Context(command, info_name=verb, parent=above) as context:
                yield from _verb(verb, command, context)


def _verb(verb: str, command: click.Command, context: click.Context) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(context))
    yield from [f"## {verb}", "", "```text", f"backorder {verb} {usage}", "```", ""]
    yield from [inspect.cleandoc(command.help or "").replace("\b", ""), ""]
    records = [p.get_help_record(context) for p in command.get_params(context) if isinstance(p, click.Option)]
    yield from ["| option | does |", "| --- | --- |"]
    for record in filter(None, records):
        option, said = (text.replace("|", "\\|") for text in record)
        yield f"| `{option}` | {said} |"
    yield ""
    if command.epilog:
        yield from [command.epilog, ""]


def write() -> None:
    """Writes the pages that changed."""
    for name, text in pages().items():
        path = REFERENCE / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
