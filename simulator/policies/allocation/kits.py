"""What a waiting kit does with the components that are there: leave them to others, or keep them."""

from __future__ import annotations

from typing import Literal

from simulator.foundation.plugin import Spec


class Kits(Spec):
    """How the components of kits are reserved (items with `kit:`); a line of kits is filled in whole kits only."""

    reserve: Literal["together", "piecewise"] = "together"
    """`together`: a waiting kit takes its components when all of them are there, and until then they can be sold alone;
    `piecewise`: it keeps those that are there until the others come, so that nobody else gets them."""
