"""Errors in the data that decisions rest on: biased forecasts, wrong stock records."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from simulator.events.effect import EventEffect, EventStreams, ForecastScaling, RecordShift
from simulator.events.event import Event, ItemNames
from simulator.foundation.quantities import Quantity
from simulator.foundation.units import Number


class RecordError(Event, kind="record_error"):
    """The record of an item's stock changes and the stock does not: a typing error, a lost delivery note."""

    cause = "record"
    example: ClassVar = {"kind": "record_error", "items": "mug", "at": "60 d", "lasts": "0.01 d", "units": 20}

    items: ItemNames
    """The items whose record is wrong from the start of the event until a count or a picker finds out."""
    units: Quantity
    """Units added to the record at the start (the duration does not matter): above 0 the record shows stock that does
    not exist, below 0 it misses stock that does."""

    def effects(self, streams: EventStreams) -> tuple[EventEffect, ...]:
        return tuple(RecordShift(item, self.units) for item in self.targets())


class ForecastBias(Event, kind="forecast_bias"):
    """While it lasts, every forecast of the items' demand is multiplied: optimism, a launch sized on old data."""

    cause = "rule"
    example: ClassVar = {"kind": "forecast_bias", "items": "mug", "at": "60 d", "lasts": "90 d", "factor": 0.7}

    items: ItemNames
    """The items whose demand is misjudged."""
    factor: Annotated[Number, Field(ge=0)]
    """Multiple of every forecast: below 1 too little is bought, above 1 too much."""

    def effects(self, streams: EventStreams) -> tuple[EventEffect, ...]:
        return tuple(ForecastScaling(item, self.factor) for item in self.targets())
