"""`extends:` — merge the trees of a file and its parents, and of a policy and its parents."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple, get_args, get_origin

from simulator.foundation.errors import Problem, UserError
from simulator.foundation.plugin import Plugin
from simulator.policies.decisions import SEGMENTS
from simulator.policies.policy import Policy
from simulator.scenario.tree.nodes import MappingNode, Node, Place, ScalarNode, at, parse
from simulator.scenario.tree.paths import unknown
from simulator.scenario.tree.textfile import in_words, read

LONGEST_CHAIN = 20
"""Files or policies that extend one another."""

Steps = tuple[str, ...]

PER_ITEM: dict[str, type[Plugin]] = {
    name: get_args(field.annotation)[1]
    for name, field in Policy.model_fields.items()
    if get_origin(field.annotation) is dict
}
"""The decisions of a policy that can differ by item, with their family."""


class Folders(NamedTuple):
    """The folders that files may be read from: the scenario file's own, and those given with --data."""

    root: Path
    data: tuple[Path, ...] = ()

    def hold(self, path: Path) -> bool:
        """Whether the file, after following symbolic links, is in one of the folders."""
        real = Path(os.path.realpath(path))
        return any(real.is_relative_to(os.path.realpath(folder)) for folder in (self.root, *self.data))


def merged(parent: Node, child: Node, path: Steps = ()) -> Node:
    """The child's keys win, mappings merge, everything else is replaced.

    A mapping with another `kind` replaces the parent's mapping, because parameters of one kind mean nothing to
    another. A parent's decision for all items becomes the `default` of a child's mapping item -> decision.
    """
    if not isinstance(parent, MappingNode) or not isinstance(child, MappingNode):
        return child
    old, new = parent.get("kind"), child.get("kind")
    if new is not None and (old is None or _word(old) != _word(new)):
        return child
    if old is not None and new is None and _differs_by_item(child, _word(old), path):
        return MappingNode(child.place, {"default": (parent.place, parent), **child.entries})
    entries = dict(parent.entries)
    for key, (place, node) in child.entries.items():
        entries[key] = (place, merged(entries[key][1], node, (*path, key)) if key in entries else node)
    return MappingNode(child.place, entries)


def _word(node: Node) -> object:
    return node.value if isinstance(node, ScalarNode) else None


def _differs_by_item(child: MappingNode, kind: object, path: Steps) -> bool:
    """Whether the child is a mapping item -> decision, and not parameters of the parent's kind without `kind:`."""
    here = len(path) == 3 or (len(path) == 5 and path[3] == SEGMENTS)
    if not here or path[0] != "policies" or path[2] not in PER_ITEM or not child.entries:
        return False
    member = PER_ITEM[path[2]].kinds.get(str(kind))
    fields = member.model_fields if member else {}
    mappings = all(isinstance(node, MappingNode) for _, node in child.entries.values())
    return mappings and not all(key in fields for key in child.entries)


def file_with_parents(root: Node, path: Path, label: str, folders: Folders) -> Node:
    """The tree of the file at `path` merged with those of its parents, without `extends`."""
    chain, trees = [label], [root]
    seen = {os.path.realpath(path)}
    while (named := _take_extends(trees)) is not None:
        place, name = named
        chain.append(name)
        path = _inside(path.parent / name, name, folders, place)
        label = os.path.normpath(Path(label).parent / name)
        real = os.path.realpath(path)
        if real in seen:
            raise UserError([at(place, f"circular: {' → '.join(chain)}", "extends", "BO103")])
        if len(chain) > LONGEST_CHAIN:
            raise UserError(
                [at(place, f"a chain of more than {LONGEST_CHAIN} files: {' → '.join(chain)}", "extends", "BO103")]
            )
        seen.add(real)
        try:
            path.stat()
        except OSError as error:
            raise UserError(
                [at(place, f"{name!r}: {in_words(error, path)} (looked in {path.parent})", "extends", "BO103")]
            ) from None
        trees.append(parse(read(path, label), label))
    found = trees.pop()
    while trees:
        found = merged(found, trees.pop())
    return found


def _take_extends(trees: list[Node]) -> tuple[Place, str] | None:
    """Remove `extends` from the last tree; its place and value, if it has one."""
    tree = trees[-1]
    if not isinstance(tree, MappingNode) or "extends" not in tree.entries:
        return None
    entries = dict(tree.entries)
    _, node = entries.pop("extends")
    trees[-1] = MappingNode(tree.place, entries)
    if isinstance(node, ScalarNode) and node.value is None:
        return None
    if not isinstance(node, ScalarNode) or not isinstance(node.value, str):
        raise UserError([at(node.place, "expected the path of one parent file", "extends", "BO103")])
    return node.place, node.value


def _inside(path: Path, name: str, folders: Folders, place: Place) -> Path:
    def refuse(message: str) -> UserError:
        return UserError([at(place, message, "extends", "BO103")])

    if "://" in name:
        raise refuse(f"{name!r} is a URL; expected a file in the scenario's folder")
    if not name or "\0" in name or name.startswith("~") or Path(name).is_absolute():
        raise refuse(f"{name!r} is not a path relative to this file")
    try:
        inside = folders.hold(path)
    except OSError as error:
        raise refuse(f"{name!r}: {in_words(error, path)}") from None
    if not inside:
        raise refuse(f"{name!r} is outside the scenario file's folder; allow its folder with --data DIR")
    return path


class Resolved(NamedTuple):
    """A tree in which every policy is merged with the one it extends; the keys `extends` remain."""

    root: MappingNode
    problems: list[Problem]
    orphans: frozenset[str]
    """Policies with a fault in their chain of parents; they are left as written."""


def with_policies_resolved(root: MappingNode) -> Resolved:
    """Merge every policy with the one it extends."""
    policies = root.get("policies")
    if not isinstance(policies, MappingNode):
        return Resolved(root, [], frozenset())
    problems: set[Problem] = set()
    orphans: set[str] = set()
    entries = dict(policies.entries)
    for name, (place, _) in policies.entries.items():
        try:
            entries[name] = (place, _resolved(name, policies))
        except UserError as error:
            problems.update(error.problems)
            orphans.add(name)
    whole = MappingNode(policies.place, entries)
    root = MappingNode(root.place, {**root.entries, "policies": (root.entries["policies"][0], whole)})
    return Resolved(root, sorted(problems), frozenset(orphans))


def _resolved(name: str, policies: MappingNode) -> Node:
    chain = [name]
    found = policies.entries[name][1]
    trees = [found]
    while isinstance(found, MappingNode) and (named := found.get("extends")) is not None:
        parent, key = _word(named), f"policies.{chain[-1]}.extends"
        if parent is None:
            break
        if not isinstance(parent, str):
            raise UserError([at(named.place, "expected the name of another policy", key)])
        if parent not in policies.entries:
            raise UserError([at(named.place, unknown(parent, policies.entries, "policy", "policies"), key)])
        chain.append(parent)
        if parent in chain[:-1]:
            raise UserError([_circle(chain[chain.index(parent) : -1], policies)])
        if len(chain) > LONGEST_CHAIN:
            raise UserError([at(named.place, f"a chain of more than {LONGEST_CHAIN} policies", key)])
        found = policies.entries[parent][1]
        trees.append(_untitled(found))
    found = trees.pop()
    while trees:
        found = merged(found, trees.pop(), ("policies", name))
    return found


def _untitled(policy: Node) -> Node:
    """A policy that others extend, without the title that is its own."""
    if not isinstance(policy, MappingNode):
        return policy
    return MappingNode(policy.place, {key: entry for key, entry in policy.entries.items() if key != "title"})


def _circle(names: list[str], policies: MappingNode) -> Problem:
    """The problem of a circle, the same one for each of its policies."""
    first = names.index(next(name for name in policies.entries if name in names))
    names = names[first:] + names[: first + 1]
    policy = policies.entries[names[0]][1]
    named = policy.get("extends") if isinstance(policy, MappingNode) else None
    return at((named or policy).place, f"circular: {' → '.join(names)}", f"policies.{names[0]}.extends")
