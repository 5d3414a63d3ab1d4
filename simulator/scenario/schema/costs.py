"""Costs in a scenario."""

from __future__ import annotations

from simulator.foundation.plugin import Spec
from simulator.foundation.units import Holding, HoldingCost, Money, Rate


class Costs(Spec):
    """Costs, currency. A cost that is not given is 0, except for the three with a default below."""

    holding: Holding = HoldingCost(0.0, 0.0)
    """Cost of stock on hand: a yearly share of the unit cost (`25 % / y`) or money per unit and time (`1 / d`)."""
    storage: Rate = 0.0
    """Cost of the space that stock on hand takes, per unit of `volume` and day."""
    order: Money = 0.0
    """Cost per purchase."""
    backorder: Rate = 0.0
    """Cost per unit on backorder and day."""
    lost_sale: Money = 0.0
    """Cost of a unit that was demanded and not ordered, beyond its margin: the customer's ill will."""
    contact: Money = 8.01
    """Cost per contact that an agent answers (E18, a Gartner poll of 2019 in USD, grade B)."""
    self_service: Money = 0.10
    """Cost per contact that a tracking page answers (E18, grade B)."""
    notice: Money = 0.01
    """Cost per message (grade D: our assumption)."""
    refund: Money = 0.0
    """Cost per refund: the payments for units that one order loses at the same time are paid back together."""
    goodwill: Money = 0.0
    """Compensation given with each refund (a discount to keep an order was the least profitable response in a field
    test: E07, grade A)."""
    handling: Money = 0.0
    """Cost per unit that a customer sends back: inspecting, repacking, booking."""
