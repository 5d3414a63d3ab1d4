"""More (or fewer) orders for a while: a viral post, a flash sale, a boycott."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from simulator.events.event import Span
from simulator.events.surge import Surge
from simulator.foundation.units import Number
from simulator.randomness.distribution import Floats


class DemandSpike(Surge, kind="demand_spike"):
    """Multiplies a segment's demand for a while; the crowd that comes on top is Poisson and has its own numbers."""

    example: ClassVar = {
        "kind": "demand_spike",
        "name": "influencer",
        "customers": "web",
        "items": "mug",
        "at": "120 d",
        "lasts": "10 d",
        "factor": 5,
        "decay": "exponential",
    }

    factor: Annotated[Number, Field(ge=0)]
    """Demand at the start as a multiple of the usual; below 1 it falls."""
    decay: Literal["none", "linear", "exponential"] = "none"
    """How the extra demand fades over the spike: not, in a straight line to nothing, or to 5 % of it at the end."""

    @property
    def multiple(self) -> float:
        return self.factor

    def extra(self, span: Span, times: Floats, horizon: float) -> Floats:
        end = min(span.end, horizon)
        inside = (times >= span.start) & (times < end)
        left = np.clip(1 - (times - span.start) / max(end - span.start, 1e-12), 0.0, 1.0)
        if self.decay == "linear":
            shape = left
        elif self.decay == "exponential":
            shape = np.exp(np.log(0.05) * (1 - left))
        else:
            shape = np.ones_like(times)
        return np.where(inside, (self.factor - 1) * shape, 0.0)


class MarkdownLift(DemandSpike):
    """What the lower price towards the end of an item's season adds to its demand."""

    def key(self, stream: Callable[[str, str], str]) -> str:
        """It belongs to the item, and keeps its random numbers where the item does."""
        return f"markdown of {stream('items', str(self.items))}"
