"""Presets: decisions that belong together, because a law or a shop combines them, under one name."""

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
"""`retail_60_90`: an appliance retailer's help page (grade B): nothing is charged before shipment, orders that have not
shipped after 60 days are cancelled, items that cannot arrive within 90 days cannot be ordered. `eu_30`: the default
delivery period of consumer law in the EU and the UK, 30 days (grade M: check before relying on it). `ftc`: the FTC rule
on late shipments (grade A)."""
