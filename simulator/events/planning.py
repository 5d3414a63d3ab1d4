"""What goes wrong at a desk: forecasts that are off for a while, records that are wrong."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from simulator.events.event import Event, Names, Streams, Switch, Switchboard, listed
from simulator.foundation.units import Number, Whole


class RecordError(Event, kind="record_error"):
    """The record of an item's stock changes and the stock does not: a typing error, a lost delivery note."""

    example: ClassVar = {"kind": "record_error", "items": "mug", "at": "60 d", "lasts": "0.01 d", "units": 20}

    items: Names
    """The items whose record is wrong from then on, until a count or a picker finds out."""
    units: Whole
    """By how much, at its start (how long it lasts says nothing): above 0 the record shows stock that is not there,
    below 0 stock that is there is not on record."""

    def targets(self) -> tuple[tuple[str, str], ...]:
        return tuple(("items", name) for name in listed(self.items))

    def switch(self, board: Switchboard, streams: Streams) -> Switch:
        return Switch.of_each(listed(self.items), lambda name: board.misbook(name, self.units))


class ForecastBias(Event, kind="forecast_bias"):
    """While it lasts, every forecast of the items' demand is multiplied: optimism, a launch sized on old data."""

    example: ClassVar = {"kind": "forecast_bias", "items": "mug", "at": "60 d", "lasts": "90 d", "factor": 0.7}

    items: Names
    """The items whose demand is misjudged."""
    factor: Annotated[Number, Field(ge=0)]
    """What forecasts are multiplied by: below 1 too little is bought, above 1 too much."""

    def targets(self) -> tuple[tuple[str, str], ...]:
        return tuple(("items", name) for name in listed(self.items))

    def switch(self, board: Switchboard, streams: Streams) -> Switch:
        return Switch.of_each(
            listed(self.items),
            lambda name: board.misjudge(name, self.factor),
            lambda name: board.judge_right(name, self.factor),
        )
