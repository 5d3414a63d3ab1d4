"""Templates of scenarios: commented files that run unchanged."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from simulator.foundation.errors import UserError, nearest
from simulator.scenario.tree.examples import like_example


def template_names() -> list[str]:
    """The names of the templates."""
    return sorted(f.name.removesuffix(".yaml") for f in files(__name__).iterdir() if f.name.endswith(".yaml"))


def template(name: str) -> str:
    """The text of a template.

    Raises:
        UserError: no template has this name.
    """
    known = template_names()
    if name not in known:
        close = nearest(name, known) or like_example(Path(name))
        raise UserError(f"no template {name!r}{close}; templates: {', '.join(known)}")
    return files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
