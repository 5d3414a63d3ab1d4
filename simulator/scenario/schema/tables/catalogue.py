"""A catalogue in a scenario: items as rows of a table, for more items than anyone writes by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Self

import numpy as np
from pydantic import PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from simulator.foundation.columns import DataColumn
from simulator.foundation.datafiles import DataTable
from simulator.foundation.plugin import Spec
from simulator.foundation.quantities import Sizes, as_steps, granularity, note_sizes
from simulator.foundation.units import Text
from simulator.policies.decisions import AT, RULES, with_rules
from simulator.scenario.schema.items import Item
from simulator.scenario.schema.tables.readings import Readings, cell, stripped

NUMBERS = ("price", "unit_cost", "demand", "volume")
KeyPath = tuple[str | int, ...]
LONGEST_NAME = 300
"""Characters."""


class ItemCatalogue(DataTable):
    """Items from a table, one row each, in addition to those written under `items`."""

    item: Text
    """Column of names, each different and never empty."""
    price: Text
    """Column of prices, at least 0."""
    unit_cost: Text
    """Column of purchase costs of a unit, at least 0."""
    demand: Text | None = None
    """Column of the planner's estimates of mean demand, units per day; needed where levels are in days of cover."""
    volume: Text | None = None
    """Column of the space that a unit takes."""
    unit: Text | None = None
    """Column of what quantities of an item are counted in, such as `kg`; pieces where it is empty or not given."""
    granularity: Text | None = None
    """Column of the units in one step of an item, such as 0.25; 1 where it is empty or not given."""
    on_hand: Text | None = None
    """Column of units on hand at the start, at the first of several sites; 0 where it is not given."""
    attributes: list[Text] = []
    """Columns that `where:` of a policy's `rules` can ask for, such as `[abc, supplier]`."""
    _items: dict[str, Item] = PrivateAttr(default_factory=dict)
    _stock: dict[str, int] = PrivateAttr(default_factory=dict)

    @property
    def items(self) -> Mapping[str, Item]:
        """The items by name, in the order of the file."""
        return self._items

    @property
    def stock(self) -> Mapping[str, int]:
        """Units on hand at the start, of items that have any."""
        return self._stock

    def in_steps(self, sizes: Sizes) -> Self:
        """The same catalogue with its stock in steps of the items' granularities."""
        found = self.model_copy()
        found._stock = {k: as_steps(units, k, sizes) for k, units in self._stock.items()}
        return found

    @model_validator(mode="after")
    def _load(self) -> Self:
        rows = Readings(self)
        names = rows.read("item", _distinct)
        numbers = {key: rows.read(key, lambda column: column.numbers()) for key in NUMBERS}
        for key, found in numbers.items():
            if found is not None:
                rows.refuse(key, found < 0, partial(_below_0, self, key))
        words = rows.read("unit", stripped)
        sizes = rows.read("granularity", _granularities)
        if names is not None and sizes is not None:
            note_sizes({name: size for name, size in zip(names, sizes, strict=True) if size != 1.0})
        stock = rows.read("on_hand", lambda column: column.quantities(names, 0, blank=0))
        attributes = {name: rows.read_named("attributes", name, stripped) for name in self.attributes}
        rows.finish()
        assert names is not None
        columns = {key: found.tolist() for key, found in numbers.items() if found is not None}
        known = {name: found for name, found in attributes.items() if found is not None}
        some: Item | None = None
        for row, name in enumerate(names):
            given: dict[str, Any] = {key: values[row] for key, values in columns.items()}
            if words is not None:
                given["unit"] = words[row]
            if sizes is not None:
                given["granularity"] = sizes[row]
            if known:
                given["attributes"] = {key: values[row] for key, values in known.items()}
            # Checked above: validation would take ten times as long, and even the defaults of each item half of that.
            some = Item.model_construct(**given) if some is None else some.model_copy(update=given)
            self._items[name] = some
        if stock is not None:
            there = np.flatnonzero(stock > 0).tolist()
            self._stock.update({names[row]: stock[row].item() for row in there})
        return self


def _granularities(column: DataColumn) -> list[float]:
    """The granularity in each cell; 1 where it is empty."""
    found: list[float] = column.numbers(1.0).tolist()
    for row, value in enumerate(found):
        try:
            granularity(value)
        except PydanticCustomError as error:
            raise column.wrong(row, str(error)) from None
    return found


def _below_0(spec: DataTable, key: str, row: int) -> str:
    return f"{cell(spec, key, row)} is below 0"


def _distinct(column: DataColumn) -> list[str]:
    """The names of a column, each different."""
    names = column.names()
    seen: dict[str, int] = {}
    for row, name in enumerate(names):
        if len(name) > LONGEST_NAME:
            raise column.wrong(row, f"a name of {len(name)} characters; at most {LONGEST_NAME}")
        if seen.setdefault(name, row) != row:
            raise column.wrong(row, f"{name[:40]!r} is already in row {seen[name] + 2}; each item has one row")
    return names


def follow_rules(owners: Iterable[tuple[KeyPath, Spec]], items: Mapping[str, Item]) -> list[KeyPath]:
    """Turns the rules of decisions into decisions for their items, in place.

    Args:
        owners: policies, their schedules, suppliers, each with its path in the file.
        items: all items by name.

    Returns:
        The paths of the conditions that no item fulfils.
    """
    attributes = {name: item.attributes for name, item in items.items()}
    stocked = {name: item.attributes for name, item in items.items() if not item.kit}
    idle: list[KeyPath] = []
    for path, owner in owners:
        for name in type(owner).model_fields:
            decisions = getattr(owner, name)
            if isinstance(decisions, dict) and any(RULES in str(key).split(AT) for key in decisions):
                found, unused = with_rules(decisions, stocked if name == "replenishment" else attributes)
                decisions.clear()
                decisions.update(found)
                idle += [(*path, name, *(int(s) if s.isdigit() else s for s in key.split(AT))) for key in unused]
    return idle
