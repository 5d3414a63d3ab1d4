"""The option `--plugin`, which every command has: the only way by which code of others is imported."""

from __future__ import annotations

import sys
from pathlib import Path

import click

VARIABLE = "BACKORDER_PLUGINS"


def _use(ctx: click.Context, _param: click.Parameter, names: tuple[str, ...]) -> None:
    if not names or ctx.resilient_parsing:  # completion runs no code of others
        return
    here = str(Path.cwd())
    if here not in sys.path:  # a module next to the scenario; workers get the same paths
        sys.path.append(here)
    from simulator.experiment.plugins import use_plugins

    use_plugins(names)


OPTION = click.Option(
    ["--plugin"],
    multiple=True,
    metavar="NAME",
    envvar=VARIABLE,
    is_eager=True,
    expose_value=False,
    callback=_use,
    help=f"Import an installed plug-in, or a module with kinds and KPIs of your own (repeatable; or {VARIABLE}).",
)
