"""Policies under a name: decisions that belong together because a rule or a shop has them together."""

from __future__ import annotations

from typing import Any

PRESETS: dict[str, dict[str, Any]] = {
    "retail_60_90": {
        "acceptance": {"kind": "eta_limit", "days": "90 d"},
        "window": {"kind": "cancel_after", "days": "60 d"},
        "payment": {"kind": "at_shipment"},
        "promise": {"kind": "ctp", "repromise": "on_change"},
    },
    "eu_30": {
        "window": {"kind": "cancel_after", "days": "30 d"},
        "promise": {"kind": "ctp", "repromise": "on_infeasible"},
    },
    "ftc": {
        "window": {"kind": "ftc"},
        "promise": {"kind": "ctp", "repromise": "on_infeasible"},
        "communication": {"kind": "on_request"},
    },
}
"""`retail_60_90`: an appliance retailer's help page (grade B): nothing is charged before shipment, what is not there
in 60 days is cancelled, what cannot be there in 90 cannot be ordered. `eu_30`: the default delivery period of consumer
law in the EU and the UK, 30 days (grade M: check before relying on it). `ftc`: the FTC's rule on late shipments (grade
A)."""
