"""Offer the simulator's tools to an assistant, over standard input and output."""

from __future__ import annotations

from pathlib import Path

import click

from simulator.cli.options import count_option, seconds, size
from simulator.foundation.errors import UserError

TIME, SIZE = "2 min", "1 GB"


@click.command("mcp")
@click.argument("folder", type=click.Path(path_type=Path), default=Path(), required=False)
@click.option(
    "--time-limit", "limit", callback=seconds, default=TIME, metavar="DURATION", help=f"Time limit of a call ({TIME})."
)
@click.option(
    "--size-limit", "most", callback=size, default=SIZE, metavar="SIZE", help=f"Largest size of saved results ({SIZE})."
)
@count_option("--workers", 1, "Number of local processes of a call")
def command(folder: Path, limit: float, most: float, workers: int) -> None:
    """Offer tools to an assistant by the Model Context Protocol, over standard input and output.

    The tools are new, validate, list, run, compare, trace, sweep and explain. They read and write in FOLDER (the
    current one) only, and each call has a time limit. Needs the extra `mcp`. The assistant's program starts this
    command; its configuration names it with its arguments.
    """
    if not folder.is_dir():
        raise UserError(f"{folder}: is not a folder")
    try:
        from simulator.cli.assistant.server import serve
    except ImportError:
        raise UserError("`backorder mcp` needs the extra: pip install 'backorder-simulator[mcp]'") from None
    from simulator.cli.assistant.confined import ConfinedFolder

    serve(ConfinedFolder(folder.resolve(), limit, most, workers))
