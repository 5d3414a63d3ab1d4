"""What the shell offers behind a command: names of examples, policies, KPIs and keys. Errors offer nothing."""

from __future__ import annotations

import glob
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from simulator.foundation.errors import UserError
from simulator.scenario.tree.examples import example_names, example_title


def examples_for(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of examples, with their titles."""
    try:
        names = [name for name in example_names() if name.startswith(incomplete)]
        return [CompletionItem(name, help=example_title(name)) for name in names]
    except UserError:
        return []


def templates_for(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of templates and examples."""
    from simulator.scenario.templates import template_names

    names = [CompletionItem(name) for name in template_names() if name.startswith(incomplete)]
    return [*names, *examples_for(ctx, param, incomplete)]


def scenarios_for(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files of the shell's own choice, and examples unless a file or folder begins like this."""
    there = next(Path().glob(f"{glob.escape(incomplete)}*"), None) if incomplete else None
    names = [] if there is not None else examples_for(ctx, param, incomplete)
    return [*names, CompletionItem(incomplete, type="file")]
