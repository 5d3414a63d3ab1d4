"""The registry of checks across keys: a check is one function, registered with `@check`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Literal, NamedTuple

from simulator.foundation.errors import Problem
from simulator.scenario.faults.explain import distinct
from simulator.scenario.faults.shape import Walk
from simulator.scenario.schema.schema import Scenario
from simulator.scenario.tree.nodes import Node
from simulator.scenario.tree.paths import KeyPath, dotted, unknown

MOST_FINDINGS = 100
"""Findings that are kept of one check; searching the most similar name for each takes time."""


class Finding(NamedTuple):
    """Something wrong or odd at a key."""

    path: KeyPath
    message: str
    warning: bool = False
    on_key: bool = False
    """Whether the key itself is wrong, not its value."""
    rests_on: tuple[KeyPath, ...] = ((),)
    """Other keys that the finding depends on; the whole file unless given."""


Check = Callable[[Scenario], Iterator[Finding]]
Round = Literal["consistency", "plausibility"]
CHECKS: dict[Round, list[Check]] = {"consistency": [], "plausibility": []}
"""The rounds in their order: plausibility is checked only where the scenario is consistent."""


def check(round_: Round) -> Callable[[Check], Check]:
    """Register a check: `@check("consistency")` or `@check("plausibility")`."""

    def register(function: Check) -> Check:
        CHECKS[round_].append(function)
        return function

    return register


def checked(scenario: Scenario, root: Node, changed: Iterable[KeyPath] = ()) -> list[Problem]:
    """All findings with their places, sorted.

    Where stand-ins replace faulty values (`changed`), and after errors of the first round, only findings that do not
    depend on those values are kept.
    """
    found: list[Problem] = []
    faulty = set(changed)
    for checks in CHECKS.values():
        new: set[KeyPath] = set()
        for function in checks:
            for finding in islice(function(scenario), MOST_FINDINGS):
                finding = _in_catalogue(scenario, finding)
                walk = Walk(root, finding.path)
                if faulty and (finding.warning or _doubtful(finding, walk.path, faulty)):
                    continue
                place = walk.key_place if finding.on_key else walk.place
                code = "BO122" if finding.warning else "BO121"
                found.append(Problem(*place, dotted(walk.path), finding.message, finding.warning, code))
                if not finding.warning:
                    new.add(walk.path)
        faulty |= new
    return sorted(distinct(found))


def _in_catalogue(scenario: Scenario, finding: Finding) -> Finding:
    """A finding about an item of the catalogue, which has no place in the file: it is at `catalogue`, and named."""
    family, *rest = (*finding.path, "")
    if family != "items" or scenario.catalogue is None or rest[0] not in scenario.catalogue.items:
        return finding
    what = dotted(finding.path[1:])
    return finding._replace(path=("catalogue",), message=f"{what}: {finding.message}", on_key=True)


def _doubtful(finding: Finding, path: KeyPath, faulty: set[KeyPath]) -> bool:
    """Whether the finding may only follow from another fault: at its place, or at a key that it depends on."""
    if finding.on_key:
        here = any(len(p) < len(path) and path[: len(p)] == p for p in faulty)
    else:
        here = _touched(path, faulty)
    return here or any(_touched(other, faulty) for other in finding.rests_on)


def _touched(path: KeyPath, faulty: set[KeyPath]) -> bool:
    """Whether something is faulty at the path, above it or below it."""
    return any(path[: len(p)] == p[: len(path)] for p in faulty)


# ------------------------------------------------------------------------------------- findings about names
def name_of(family: str, name: str) -> KeyPath:
    """For `rests_on`: the finding needs an object's name, and nothing else of it."""
    return (family, name, "")


def stranger(path: KeyPath, name: str, family: str, known: Iterable[str], on_key: bool = False) -> Finding:
    """The finding that no object of the family has this name."""
    noun = {"customers": "customer segment", "policies": "policy"}.get(family, family.removesuffix("s"))
    return Finding(path, unknown(name, known, noun, family), on_key=on_key, rests_on=((family, name),))


def strangers(path: KeyPath, names: str | Iterable[str] | None, family: str, known: Iterable[str]) -> Iterator[Finding]:
    """A finding for each undefined name at a key: a single name, a list, or the keys of a mapping."""
    if isinstance(names, str):
        if names not in known:
            yield stranger(path, names, family, known)
        return
    keyed = isinstance(names, Mapping)
    for k, name in enumerate(names or ()):
        if name not in known:
            yield stranger((*path, name if keyed else k), name, family, known, on_key=keyed)
