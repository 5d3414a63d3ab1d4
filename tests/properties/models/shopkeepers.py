"""What customers pay and remember, what they are told and what they choose, over a random world."""

from __future__ import annotations

import copy
from typing import Any

from tests.properties.models.worlds import Author, Plain, Words

PROMISES = [
    {"kind": "atp", "repromise": "on_infeasible"},
    {"kind": "atp", "look_ahead": False, "no_supply": "5 d"},
    {"kind": "ctp", "repromise": "on_change", "margin": "1 d"},
    {"kind": "ctp", "repromise": "periodic", "every": "2 d", "horizon": "9 d"},
    {"kind": "quantile", "p": "80 %", "repromise": "on_infeasible"},
    {"kind": "fixed", "within": "3 d", "repromise": "on_infeasible"},
    {"kind": "none"},
]
COMMUNICATIONS = [
    {"kind": "on_request", "tracking_page": 0.5},
    {"kind": "on_change", "channel": "sms", "options": ["keep", "switch", "cancel"], "lag": "6 h"},
    {"kind": "before_breach", "lead": "1 d", "options": ["cancel", "keep"]},
    {"kind": "heartbeat", "every": "1 d", "also": ["order", "shipped", "held", "follow_up"], "options": ["switch"]},
    {"kind": "silent"},
]
WINDOWS = [
    {"kind": "ftc", "lead": "1 d"},
    {"kind": "reconfirm", "after": "3 d", "grace": "1 d"},
    {"kind": "cancel_after", "days": "4 d"},
    {"kind": "none"},
]
ACCEPTANCES = [
    {"kind": "eta_limit", "days": "4 d"},
    {"kind": "eta_rule", "days": "9 d", "cv": 0.5, "waitlist": True},
    {"kind": "committed"},
    {"kind": "indefinite"},
    {"kind": "waitlist"},
    {"kind": "limit", "units": 4, "waitlist": True},
    {"kind": "always"},
]
SHOPPERS: dict[str, list[Plain]] = {
    "join": [{"kind": "logit"}, {"kind": "share", "share": 0.5}, {"kind": "always"}],
    "otherwise": [{}, {"switch": 0, "walk": 0, "waitlist": 1}],
    "waitlist": [{"convert": 0.9}],
    "impatience": [{}, {"no_date": 1, "per_slip": 2, "after_promise": 5}],
    "contact": [{"per_day_waiting": 0.5}],
    "returns": [{"share": 0.5, "after": "36 h", "sellable": 0.5, "exchange": 0.5}],
    "offer": [{"keep": 1, "switch": 2, "cancel": 1}],
}


def enliven(author: Author, d: Plain) -> None:
    """Writes into a world what shoppers choose, and what they are told."""
    for name, spec in d["items"].items():
        others = [other for other in d["items"] if other != name]
        if others and author.chance():
            spec["substitutes"] = {author.one(others): author.one([0.3, 1])}
    for spec in d["customers"].values():
        spec |= {key: author.one(choices) for key, choices in SHOPPERS.items() if author.chance()}
    decisions = {"promise": PROMISES, "communication": COMMUNICATIONS, "window": WINDOWS, "acceptance": ACCEPTANCES}
    for policy in d["policies"].values():
        policy |= {key: author.one(choices) for key, choices in decisions.items() if author.chance()}
    if author.chance():
        d["support"] = {"agents": 1, "time": "3 h", "tolerance": "6 h"}


class Shopkeeper(Author):
    """Adds to a random world what customers pay and remember."""

    def payment(self) -> Plain:
        found: Plain = self.one(
            (
                {"kind": "at_shipment", **self.card()},
                {"kind": "deposit", "share": self.number(0.1, 0.9), **self.card()},
                {"kind": "at_order"},
                {"kind": "at_delivery"},
            )
        )
        found["refund"] = {"days": self.whole(0, 9), "working": self.chance()}
        if self.chance():
            quoted = self.number(0, 5)
            found["late_price"] = {"quoted": quoted, "nothing": quoted + self.number(0.5, 5)}
        return found

    def card(self) -> Plain:
        return {"reauth_days": self.one([0, 0, 1.5]), "fails": self.one(["50 %", 1, 0])}

    def adds(self, words: Words) -> Words:
        d: Any = copy.deepcopy(words.document)
        for policy in d["policies"].values():
            policy["payment"] = self.payment()
            policy["promotion"] = {"kind": self.one(["pause", "eta_shown", "eta_hidden"])}
        for spec in d["customers"].values():
            if self.chance():
                spec["loyalty"] = {"late": self.one([-1, "-50 %", "20 %"]), "orders_per_year": self.whole(1, 200)}
                spec["loyalty"] |= {"handled_well": "30 %"} if self.chance() else {}
            spec["otherwise"] = {"return": self.one([0, 1])}
            spec["scarcity"] = self.one([0, 0, "50 %"])
        if self.chance():
            d["reviews"] = {"share": self.one(["5 %", 1]), "per_star": "20 %"}
        if d["customers"]:
            promotion = {"kind": "promotion", "name": "campaign", "customers": list(d["customers"]), "uplift": 1}
            d["events"].append(promotion | {"items": self.some(list(d["items"])), "at": self.number(0, 9), "lasts": 5})
        d["costs"] |= {"refund": self.number(0, 3)}
        return Words(d, words.orders)
