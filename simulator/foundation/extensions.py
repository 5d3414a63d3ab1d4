"""Plug-ins: packages of others that add kinds and KPIs. None is imported unless the user allows it by name.

A plug-in is a module that registers something when it is imported. An installed package announces it as an entry point
of the group `backorder.plugins`, and may say in the group `backorder.kinds` what it offers, such as
`replenishment.two_bin` or `kpi.idle_days`; both are read without importing anything.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from simulator.foundation.errors import UserError, nearest

if TYPE_CHECKING:  # importing it takes 5 % of the start, and most commands look for no plug-in
    from importlib.metadata import EntryPoint, EntryPoints

GROUP, OFFERS = "backorder.plugins", "backorder.kinds"


@dataclass(frozen=True)
class Extension:
    """A plug-in in use."""

    module: str
    version: str
    """Version of the package that it was installed with; '' if it was not."""
    digest: str
    """SHA-256 of its files."""

    @property
    def label(self) -> str:
        """Version and digest in short: what a results folder must agree with."""
        return f"{self.version} ({self.digest[:12]})".lstrip()


IN_USE: dict[str, Extension] = {}
"""The plug-ins in use, by module."""


def installed() -> dict[str, EntryPoint]:
    """The plug-ins that are installed, by name."""
    return {found.name: found for found in sorted(_entry_points(GROUP), key=lambda found: found.name)}


def offered(family: str, kind: str) -> str:
    """'; the plug-in … offers it: …' if an installed one that is not in use says so, or may; otherwise ''."""
    unused = {name: found.module for name, found in installed().items() if found.module not in IN_USE}
    if not unused:
        return ""
    says = {found.module for found in _entry_points(OFFERS) if found.name == f"{family}.{kind}"}
    for name, module in unused.items():
        if module in says:
            return f"; the installed plug-in {name!r} offers it: allow it with --plugin {name}"
    return f"; installed plug-ins that are not in use (--plugin NAME): {', '.join(unused)}"


def imported(name: str) -> ModuleType:
    """Import a plug-in by its name or its module, and note that it is in use.

    Raises:
        UserError: no plug-in has this name, or it cannot be imported.
    """
    known = installed()
    module = known[name].module if name in known else name
    if module in IN_USE:
        return sys.modules[module]
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise UserError(f"--plugin {name}: it needs the module {error.name!r}, which is not installed") from error
        others = f"installed plug-ins: {', '.join(known)}" if known else "no plug-in is installed"
        raise UserError(f"--plugin {name}: no such plug-in or module{nearest(name, known)}; {others}") from None
    except Exception as error:
        raise UserError(f"--plugin {name}: cannot be imported ({type(error).__name__}: {error})") from error
    IN_USE[module] = Extension(module, _version(module), _digest(found))
    return found


def _entry_points(group: str) -> EntryPoints:
    from importlib.metadata import entry_points

    return entry_points(group=group)


def _version(module: str) -> str:
    from importlib.metadata import packages_distributions, version

    packages = packages_distributions().get(module.split(".")[0], [])
    return version(packages[0]) if packages else ""


def _digest(module: ModuleType) -> str:
    """SHA-256 of the files of a module, or of a package with everything in it."""
    digest = hashlib.sha256()
    for place in map(Path, getattr(module, "__path__", None) or [module.__file__ or ""]):
        files = sorted(place.rglob("*")) if place.is_dir() else [place]
        for path in files:
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(place).as_posix() if place.is_dir() else path.name
                digest.update(f"{name}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()
