"""What the shell offers behind a command: names of examples, policies, KPIs and keys. Errors offer nothing."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

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


def policies_for(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The policies of the scenario file before it."""
    scenario = _scenario(ctx)
    return [CompletionItem(name) for name in (scenario or {}).get("policies", {}) if name.startswith(incomplete)]


def kpis_for(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The identifiers of KPIs, with their definitions."""
    import simulator.kpis.evaluate  # noqa: F401  registers the KPIs
    from simulator.kpis.kpi import KPIS

    return [CompletionItem(k.id, help=k.definition) for k in KPIS.values() if k.id.startswith(incomplete)]


def keys_for(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The keys that the scenario file has, level by level: `policies.`, `policies.lean.`, `policies.lean.window=`."""
    scenario = _scenario(ctx)
    if scenario is None or "=" in incomplete:
        return []
    depth = incomplete.count(".") + 1
    steps = {_step(path, depth) for path in _leaves(scenario, "") if path.startswith(incomplete)}
    return [CompletionItem(step) for step in sorted(steps)]


def listed_for(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What `backorder list` takes: families, kinds and KPIs."""
    from simulator.report.reference.catalogue import family, family_names

    families = [family(name) for name in family_names()]
    names = {f.name: f.meaning for f in families} | {n: e.meaning for f in families for n, e in f.entries.items()}
    return [CompletionItem(name, help=said) for name, said in names.items() if name.startswith(incomplete)]


def _scenario(ctx: click.Context) -> dict[str, Any] | None:
    """The keys of the file that the command line names, with policies' parents merged in; None if it cannot be read."""
    from simulator.scenario.loader import load
    from simulator.scenario.tree.nodes import parse, to_plain

    given = ctx.params.get("files") or ctx.params.get("file")
    file = given[0] if isinstance(given, tuple | list) and given else given
    if not file:
        return None
    try:
        found: dict[str, Any] = to_plain(parse(load(str(file)).source, "scenario"))
    except (UserError, OSError):
        return None
    return found


def _leaves(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            name = str(key) if "." not in str(key) else f'"{key}"'
            yield from _leaves(inner, f"{path}.{name}".lstrip("."))
    else:
        yield f"{path}="


def _step(path: str, depth: int) -> str:
    """The path up to its next dot."""
    parts = path.split(".")
    return path if len(parts) <= depth else ".".join(parts[:depth]) + "."
