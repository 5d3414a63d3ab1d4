"""The figures of a benchmark run, each with its reference and its target, as one table at the end."""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured ratio or time."""

    what: str
    value: float
    unit: str
    reference: str
    """What it is compared with, or how it was measured."""
    target: float
    least: bool
    """Whether the target is a lower bound; otherwise it is an upper one."""
    load: float
    """Load of the machine when it was measured, processes."""
    alone: float
    """Load that the benchmark itself makes."""

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.value >= self.target if self.least else self.value <= self.target

    @property
    def doubtful(self) -> bool:
        """Whether others used the machine: even CPU times are then up to twice as long."""
        return self.load > self.alone + 0.5


FIGURES: list[Figure] = []


def note(
    what: str,
    value: float,
    reference: str,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    unit: str = "x",
    alone: float = 1.0,
) -> bool:
    """Takes a figure into the table; whether its target is met."""
    target = at_least if at_least is not None else at_most
    assert target is not None
    found = Figure(what, value, unit, reference, target, at_least is not None, os.getloadavg()[0], alone)
    FIGURES.append(found)
    return found.met


def show() -> bool:
    """Prints the table; whether every target is met."""
    if not FIGURES:
        return True
    print("\nfigures")
    for f in FIGURES:
        bound = f"{'>=' if f.least else '<='} {f.target:g}"
        doubt = f"  doubtful: load {f.load:.1f} on {os.cpu_count()} cores" if f.doubtful else ""
        verdict = "ok" if f.met else "MISSED"
        print(f"  {f.what:44s} {f.value:8.3f} {f.unit:3s} {bound:9s} {verdict:6s}  {f.reference}{doubt}")
    if any(f.doubtful for f in FIGURES):
        print("  Doubtful figures were measured while other programs used the machine; repeat them when it is quiet.")
    return all(f.met for f in FIGURES)
