"""Arrivals: an order as the customer brings it, with all of its random draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import inf
from typing import NamedTuple

from simulator.engine.backlog import Order, Shown, Terms


class Recall(NamedTuple):
    """Units of a line that recorded data say will be called off, and when (days)."""

    line: int
    time: float
    units: int
    lowered: bool = False
    """Whether the quantity is lowered before the goods leave: those that have left stay with the customer."""


class UniformDraws(NamedTuple):
    """Uniform numbers in [0, 1), one per decision of the customer; the field names also name their random streams."""

    join: float
    """Orders an item that is not available if below the chance of joining."""
    instead: float
    """Selects what a customer does who does not order."""
    back: float
    """Comes back from a wait-list if below the chance of returning."""
    card: float
    """The card refuses a new authorisation if below the chance of failure."""
    come: float
    """Visits the shop if below the chance of coming."""
    review: float
    """Writes a review if below the share of reviewers; a bad one if far below."""
    split: float
    """Has what is there sent at once if below the chance of that."""


class Extras(NamedTuple):
    """Data that only some worlds need; where none do, all arrivals share one instance."""

    picks: Sequence[float] = (0.0,)
    """Picking times of the first parcels, days."""
    draws: tuple[float, ...] = ()
    """The fields of `UniformDraws`, as a plain tuple."""
    need_by: float = inf
    """Days after which the goods are of no use to the customer."""
    wanted: float = inf
    """Days from the order to the day on which the goods are wanted; inf: at once."""
    customer: int = -1
    """Number of the customer among those of its stream of orders; -1: not known."""
    hold: float = 0.0
    """Days for which the order is held until it is cleared; 0: it is not held."""
    released: bool = True
    """Whether it is released when the hold ends; otherwise it is cancelled."""
    asked: Sequence[int] | None = None
    """Item number of each line as it was ordered, at the customer's own site, where others serve the order."""


class Arrival(NamedTuple):
    """One row of the order book.

    The feed hands over plain tuples with these fields; an `Arrival` is built only where an `Order` is made, so that
    orders which are filled at once pay nothing for the names.
    """

    time: float
    """When the order is placed, days."""
    terms: Terms
    serial: int
    """Number within its stream of orders; with the stream's owner it names all later random draws."""
    patience: float
    """Days that the customer waits; inf: without limit."""
    transits: Sequence[float]
    """Transit times of the first parcels, days."""
    items: Sequence[int]
    """Item number of each line."""
    quantities: Sequence[int]
    """Units of each line."""
    recalls: tuple[Recall, ...] | None
    """None: no line of the order will ever be called off by the customer."""
    extras: Extras

    @property
    def draws(self) -> UniformDraws:
        """The uniform draws by name."""
        return UniformDraws(*self.extras.draws)


with_names: Callable[[tuple[object, ...]], Arrival] = partial(tuple.__new__, Arrival)
"""A row of the feed as an `Arrival`; three times as fast as `Arrival._make`, on a hot path."""


class Visit:
    """An arrival on its way through admission."""

    __slots__ = ("arrival", "order", "shown")

    def __init__(self, arrival: Arrival) -> None:
        self.arrival = arrival
        self.order: Order | None = None
        """None until the order is placed, and always if the customer stays away or the order opens later."""
        self.shown: Mapping[int, Shown] | None = None
        """Item -> what the storefront shows of it where that differs from the stock."""
