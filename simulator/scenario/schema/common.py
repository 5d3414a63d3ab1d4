"""Types that several sections of a scenario file share: names, constants, closed periods."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulator.foundation.plugin import Spec
from simulator.foundation.units import Moment, PositiveDuration, Text, wrong
from simulator.randomness.distribution import Distribution
from simulator.randomness.distributions.continuous import Constant

Name = Annotated[Text, Field(min_length=1, max_length=300)]


def constant(value: float) -> Distribution:
    """A distribution that always gives `value`."""
    return Constant(value=value)


class ClosedPeriod(Spec):
    """A period in which something is closed."""

    from_: Moment = Field(alias="from")
    """When it begins: a duration from the start, or a date."""
    to: Moment
    """When it ends."""
    name: Text | None = None
    """Its name in reports."""
    repeats: PositiveDuration | None = None
    """Days after which it begins again, and again until the end of the run; once unless given."""

    def model_post_init(self, context: object) -> None:
        if self.to < self.from_:
            raise wrong("`to` is before `from`")
        if self.repeats is not None and self.to - self.from_ >= self.repeats:
            raise wrong(f"lasts {self.to - self.from_:g} d and repeats every {self.repeats:g} d: it would never end")
