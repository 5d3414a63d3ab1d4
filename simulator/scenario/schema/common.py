"""Words that many parts of a scenario share: names, constants, closed times."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.foundation.plugin import Spec
from simulator.foundation.units import Moment, Text, wrong
from simulator.randomness.distribution import Distribution
from simulator.randomness.distributions.continuous import Constant

Name = Annotated[Text, Field(min_length=1, max_length=300)]


def constant(value: float) -> Distribution:
    """A distribution that always gives `value`."""
    return Constant(value=value)


class ClosedPeriod(Spec):
    """A closed time."""

    from_: Moment = Field(alias="from")
    """First moment of it: a duration from the start, or a date."""
    to: Moment
    """First moment after it."""
    name: Text | None = None
    """What it is called in reports."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.to < self.from_:
            raise wrong("`to` lies before `from`")
        return self
