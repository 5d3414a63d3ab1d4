"""The storm: scenarios that draw from every kind of every family, each made from its number alone."""

from __future__ import annotations

import random
import sys
from typing import Any, cast

import yaml

from tests.properties.models.chains import ChainWriter
from tests.properties.models.kits import add_kit
from tests.properties.models.planners import Planner
from tests.properties.models.shopkeepers import Shopkeeper, enliven
from tests.properties.models.worlds import Plain, Words

DAYS = "days\n0.5\n0.75\n1\n1.25\n"
"""Recorded durations, to be multiplied by the scale of the law that names them."""
MEAN_DAY = 0.875
PRESETS = ["retail_60_90", "eu_30", "ftc"]
SITES = ("north", "south")


class Storm(ChainWriter, Shopkeeper, Planner):
    """Writes the world with a number."""

    def __init__(self, number: int) -> None:
        self.dice = random.Random(number)
        super().__init__(cast(Any, None))
        self.horizon = self.number(5, 30)
        self.files = {"days.csv": DAYS}

    def whole(self, low: int, high: int) -> int:
        return self.dice.randint(low, high)

    def number_of_suppliers(self) -> int:
        return self.one([0, 1, 1, 2, 2, 2])

    def seldom(self) -> bool:
        return self.whole(0, 3) == 0

    def law(self, most: float, least: float = 0.0, depth: int = 0) -> Any:
        if self.whole(0, 19) == 0 and least <= most / 2:
            kind = self.one(["empirical", "sequence"])
            return {"kind": kind, "file": "days.csv", "column": "days", "scale": max(round(most / 2, 2), 0.01)}
        return super().law(most, least, depth)

    # ---------------------------------------------------------------------------------------------- policies
    def replenishment(self, d: Plain, name: str) -> Plain:
        sellers = [supplier for supplier, spec in d["suppliers"].items() if name in spec["items"]]
        kind = self.whole(0, 11) if sellers else 9
        if kind == 0:
            found: Plain = {"kind": "anchor_adjust", "R": self.number(0.5, 4), "goal": self.whole(0, 15)}
            found |= {"alpha": self.one([0.26, 1]), "beta": self.one([0.34, 1]), "theta": self.one([0, 0.36])}
            return found | {"expected": self.whole(0, 5), "opening": 3, "opening_reviews": self.whole(0, 2)}
        if kind == 1:
            return {"kind": "recorded", "file": "plan.csv", "time": "ts", "item": "item", "units": "units"}
        return super().replenishment(d, name)

    def policy(self, d: Plain) -> Plain:
        self.files.setdefault("plan.csv", self.plan(list(d["items"])))
        found = super().policy(d)
        if self.chance():
            found["reservation"] = "at_cart"
        if self.seldom():
            found = {"preset": self.one(PRESETS), "replenishment": found["replenishment"]}
        stocks = [name for name, spec in d["suppliers"].items() if spec.get("stock")]
        if stocks and self.chance():
            found["replenishment"][self.one(stocks)] = self.levels()
        return found

    def plan(self, items: list[str]) -> str:
        """Recorded purchases of every item."""
        rows = [(self.whole(0, int(self.horizon * 4)) / 4, item, self.whole(0, 9)) for item in items * 3]
        return "\n".join(["ts,item,units", *(f"{day},{item},{units}" for day, item, units in rows)]) + "\n"

    # ------------------------------------------------------------------------------------------------ events
    def event(self, d: Plain) -> Plain:
        found = self.more_events(d) if self.chance() else super().event(d)
        if "at" in found and d["suppliers"] and self.seldom():
            later = {"kind": "supplier_delay", "supplier": self.one(list(d["suppliers"])), "at": self.number(0, 2)}
            found["then"] = [later | {"lasts": self.law(3.0), "factor": 2, "chance": self.one([0.5, 1])}]
        return found

    def more_events(self, d: Plain) -> Plain:
        suppliers, carriers = list(d["suppliers"]), list(d["carriers"])
        lines = [name for name in suppliers if "capacity" in d["suppliers"][name]]
        kinds = ["path_closed", "customs", "supplier_delay"] * bool(suppliers) + ["knock_out"]
        kind = self.one(kinds + ["carrier_peak"] * bool(carriers) + ["capacity_loss"] * bool(lines))
        found: Plain = {"kind": kind, "every": self.law(self.horizon / 2, 0.5), "lasts": self.law(self.horizon / 4)}
        if self.chance():
            found["chance"] = 0.5
        if kind == "capacity_loss":
            return found | {"supplier": self.one(lines), "left": self.one([0.1, 0.6])}
        if kind == "customs":
            return found | {"supplier": self.one(suppliers), "inspected": self.one([0.4, 1]), "delay": self.law(3.0)}
        if kind == "carrier_peak":
            return found | {"carrier": self.one(carriers), "late": self.one([0.3, 1]), "delay": self.law(3.0)}
        if kind == "supplier_delay":
            return found | {"supplier": self.some(suppliers), "lead_time": self.law(5.0), "factor": self.one([1, 2])}
        names: Plain = {"supplier": suppliers, "carrier": carriers}
        if kind == "knock_out":
            names["warehouse"] = [True]
            found["resumes"] = self.one([1, 1, 0.8])
        return found | {key: self.one(names[key]) for key in self.some([key for key in names if names[key]])}

    # ----------------------------------------------------------------------------------------- the whole world
    def world(self) -> Plain:
        d = super().world()
        if not d["customers"]:
            d["customers"]["web"] = self.customers(d, list(d["items"]))
        d = self.adds(Words(d, self.orders)).document
        for spec in d["customers"].values():
            if "loyalty" in spec:  # who may come more often is drawn beforehand, by the thousand
                spec["loyalty"]["orders_per_year"] = self.whole(1, 6)
        enliven(self, d)
        for name in d["items"]:
            self.article(d, name)
        for name, spec in d["customers"].items():
            self.segment(d, name, spec)
        for spec in d["carriers"].values():
            self.carrier(spec)
        if self.chance():
            d["warehouse"].pop("records")
        if self.seldom():
            self.sites(d)
        d["costs"] |= {"contact": self.number(0, 9), "notice": 0.01, "goodwill": self.one([0, 2])}
        places = [d["warehouse"]] if "warehouse" in d else list(d["warehouses"].values())
        for place in places:
            if self.chance():
                place["space"] = self.number(1, 50)
        if any("carts" in spec for spec in d["customers"].values()):
            for place in places:  # a count cannot tell units in carts from missing ones
                place.pop("records", None)
        if self.seldom():
            d["policies"]["second"] = {"extends": "first", "fulfilment": self.fulfilment(d)}
        if "warehouses" in d and self.often():
            self.shares(d)
        if self.seldom():
            add_kit(self.dice, d)
        return d

    def article(self, d: Plain, name: str) -> None:
        """Items that are not simply stocked and sold all the time."""
        spec, kind = d["items"][name], self.whole(0, 9)
        if len(spec.get("substitutes", ())) and len(d["items"]) > 2:
            spec["substitutes"] = {other: self.one([0.2, 0.5]) for other in d["items"] if other != name}
        if kind == 0:
            spec["made"] = "to_order"
        elif kind == 1:
            spec |= {"made": "drop_ship", "visibility_lag": self.one([0, self.number(0.1, 2)])}
        elif kind == 2:
            spec |= {"release": self.number(1, self.horizon / 2), "reserve": self.one(["at_order", "at_ship"])}
        elif kind in (3, 4):
            start = self.one([0, self.number(1, self.horizon / 3)])
            spec["season"] = {"from": start, "to": round(start + self.number(2, self.horizon), 2)}
            if start and self.chance():
                spec["season"]["opens"] = round(start / 2, 2)
            spec["season"]["salvage"] = self.number(0, 5)
            if self.chance():
                markdown = {"days": self.number(1, 6), "price": "60 %", "lift": self.one([1, 1.5])}
                spec["season"]["markdown"] = markdown
        if kind in (0, 2, 3, 4):
            d["warehouse"]["stock"][name] = min(d["warehouse"]["stock"][name], 0)

    def segment(self, d: Plain, name: str, spec: Plain) -> None:
        if self.seldom():
            spec["preset"] = self.one(["evidence", "vendor", "classroom"])
        if self.seldom():
            spec["label"] = self.one([0.4, -0.4])
        if self.seldom() and "basket" in spec:
            spec["carts"] = {"abandoned": self.one([0.2, 0.7]), "hold": self.number(0.02, 1)}

    def carrier(self, spec: Plain) -> None:
        if self.chance():
            spec["pickup"] = {"every": self.number(0.25, 3), "first": self.number(0, 2)}
        if self.seldom():
            spec |= {"lost": self.one([0.1, 0.5]), "missed_after": self.number(0, 4)}
        if self.seldom():
            spec |= {"stalled": 0.3, "stalled_for": self.law(4.0)}

    def sites(self, d: Plain) -> None:
        """Two warehouses in place of one."""
        one = d.pop("warehouse")
        stock = {item: units - self.whole(0, 6) for item, units in one["stock"].items()}
        other = {**{key: one[key] for key in self.some(list(one))}, "stock": stock, "priority": self.whole(1, 2)}
        d["warehouses"] = {"north": one, "south": other}
        for spec in d["customers"].values():
            if self.chance():
                spec["site"] = self.one(SITES)
        for spec in d["suppliers"].values():
            for purchase in spec.get("under_way", []):
                purchase["site"] = self.one(SITES)
        for policy in d["policies"].values():
            if self.chance() and self.orders == "":
                policy["acceptance"] = {self.one(SITES): {"kind": "never"}, "default": {"kind": "always"}}

    def often(self) -> bool:
        return self.whole(0, 4) > 0

    def shares(self, d: Plain) -> None:
        """Warehouses that serve each other's customers, and send stock to each other."""
        for place in d["warehouses"].values():  # dates and sites follow the stock, not a wrong record of it
            place.pop("records", None)
            if self.chance():
                ways = [{}, {"transit": self.law(3.0)}, {"transit": self.number(0, 4), "cost": self.number(0, 9)}]
                place["reach"] = {name: self.one(ways) for name in self.some(list(d["customers"]))}
        for name, spec in d["customers"].items():
            if not any(name in place.get("reach", [name]) for place in d["warehouses"].values()):
                spec.setdefault("site", self.one(SITES))
        d["events"] = [event for event in d["events"] if event["kind"] != "record_error"]
        d["events"] = [
            {k: event[k] for k in event if k != "then"} if _records(event) else event for event in d["events"]
        ]
        for policy in d["policies"].values():
            sourcing: Plain = {"kind": self.one(["home", "ranked", "nearest", "cheapest", "whole_first"])}
            if sourcing["kind"] == "ranked":
                sourcing["order"] = self.some(list(SITES))
            if sourcing["kind"] != "home":
                sourcing |= {"rest_at": self.one(["home", "soonest"])}
                sourcing |= {"sites": self.whole(1, 2)} if self.chance() else {}
                sourcing |= {"spare": {self.one(SITES): self.whole(0, 4)}} if self.chance() else {}
            policy["sourcing"] = sourcing
            if not any("shelf_life" in spec for spec in d["items"].values()):
                kind = self.one(["none", "on_shortage", "rebalance"])
                policy["transfers"] = {"kind": kind}
                if kind != "none":
                    policy["transfers"] |= {"lead_time": self.one([0, self.number(0, 3)])}
                    policy["transfers"] |= {"cost": {"shipment": self.number(0, 9), "unit": self.number(0, 1)}}
                if kind == "rebalance":
                    policy["transfers"]["every"] = self.number(0.5, 8)


def _records(event: Plain) -> bool:
    return any(later["kind"] == "record_error" for later in event.get("then", ()))


def for_later(d: Plain, horizon: float, dice: random.Random) -> None:
    """Lets some customers want their goods on a later day, where nothing of it contradicts the world."""
    chosen = [name for name in d["customers"] if dice.random() < 0.2]
    for name in chosen:
        spec = d["customers"][name]
        spec.pop("need_by", None)
        most = max(round(dice.random() * horizon, 2), 0.5)
        spec["wanted"] = dice.choice([most, {"kind": "uniform", "low": 0, "high": most}])
    if chosen:
        for place in [d["warehouse"]] if "warehouse" in d else list(d["warehouses"].values()):
            place.pop("records", None)
    asked = any("join" in spec or "preset" in spec for spec in d["customers"].values())
    for policy in d["policies"].values():
        days = {"early": round(dice.random() * 3, 2), "ahead": round(dice.random() * horizon / 2, 2)}
        plain = policy.get("acceptance", {"kind": "always"}) == {"kind": "always"}
        if asked or not plain or "preset" in policy or "extends" in policy:
            del days["ahead"]
        if chosen and dice.random() < 0.7:
            policy["reservation"] = {"at": policy.get("reservation", "at_checkout"), **days}


def held_back(d: Plain, dice: random.Random) -> None:
    """Holds orders of some customers until they are cleared, where nothing of it contradicts the world."""
    for spec in d["customers"].values():
        if dice.random() < 0.2 and not {"inflate", "wanted"} & spec.keys():
            days = dice.choice([round(dice.random() * 5, 2), {"kind": "uniform", "low": 0, "high": 4}])
            spec["hold"] = {"share": dice.choice([0.5, 1]), "time": days, "released": dice.choice([0, 0.5, 1])}


def in_parts(d: Plain, dice: random.Random) -> None:
    """Lets some suppliers deliver in parts, and asks some customers whether they want their orders in parts."""
    for spec in d["suppliers"].values():
        if dice.random() < 0.25 and not spec.get("stock"):
            gap = dice.choice([1, round(dice.random() * 4, 2), {"kind": "uniform", "low": 0, "high": 4}])
            spec["parts"] = {"share": dice.choice([0.3, 0.5, 0.8]), "gap": gap}
    for spec in d["customers"].values():
        if dice.random() < 0.4:
            spec["split"] = dice.choice([{"kind": "share", "share": 0.5}, {"kind": "logit"}])
            spec["fees"] = {"extra_parcel": dice.choice([0, 2.5])}


def foreseen_elsewhere(d: Plain, dice: random.Random, horizon: float) -> str:
    """Lets some planners follow a table of forecasts; returns the table, from day 0 to the horizon."""
    table = {"kind": "table", "file": "forecast.csv", "item": "item", "date": "day", "mean": "units", "period": "2 d"}
    for policy in d["policies"].values():
        for decision in policy.get("replenishment", {}).values():
            if "forecast" in decision and dice.random() < 0.3:
                decision["forecast"] = dict(table)
    rows = [(item, day, dice.randint(0, 9)) for item in d["items"] for day in range(0, int(horizon) + 1, 2)]
    return "\n".join(["item,day,units", *(f"{item},{day},{units}" for item, day, units in rows)]) + "\n"


def played(d: Plain, dice: random.Random) -> None:
    """Lets somebody decide round by round in some worlds, as in a class game."""
    others: dict[str, Plain] = {
        "acceptance": {"kind": "limit", "units": 4},
        "promise": {"kind": "fixed", "within": 2},
        "payment": {"kind": "deposit", "share": 0.3},
        "fulfilment": {"kind": "order_complete"},
        "procurement": {"kind": "wait"},
        "allocation": {"kind": "lifo"},
    }
    if any("kit" in spec for spec in d["items"].values()):
        del others["allocation"]  # a queue of kits cannot change its order
    for policy in d["policies"].values():
        if dice.random() > 0.15 or {"extends", "preset"} & policy.keys():
            continue
        length = round(0.5 + dice.random() * 6, 2)
        for family, other in others.items():
            before = policy.get(family, {})
            if family == "allocation":
                before = {"kind": "priority"}
            if "kind" in before and dice.random() < 0.7:
                policy[family] = {"kind": "played", "R": length, "decisions": [before, other]}
        for item, decision in policy["replenishment"].items():
            if decision["kind"] != "none" and dice.random() < 0.5:
                units = [dice.randint(0, 8) for _ in range(4)]
                policy["replenishment"][item] = {"kind": "played", "R": length, "units": units}


def in_turn(d: Plain, dice: random.Random) -> None:
    """Lets some policies change their allocation, and how long ahead stock is reserved, on dates or with a supplier."""
    kits = any("kit" in spec for spec in d["items"].values())
    names, horizon = list(d["suppliers"]), float(d["clock"]["horizon"])
    kinds = ["fifo", "lifo", "priority", "margin", "earliest_promise", "proportional", "linear", "uniform"]
    for policy in d["policies"].values():
        own = policy.get("allocation", {"kind": "fifo"})["kind"]
        if dice.random() > 0.3 or {"extends", "preset"} & policy.keys() or "schedule" in policy:
            continue
        entries: list[Plain] = []
        day = round(dice.random() * horizon / 2, 2)
        if own in kinds and not kits:
            entries.append({"from": day, "to": day + 3, "allocation": {"kind": dice.choice(kinds)}})
            if names and dice.random() < 0.5:
                state = {dice.choice(["late", "closed", "slowed"]): dice.choice(names)}
                entries.append({"while": state, "priority": 2, "allocation": {"kind": dice.choice(kinds)}})
        reservation = policy.get("reservation")
        if isinstance(reservation, dict):
            later = {"early": 0.5} | ({"ahead": round(day / 2, 2)} if "ahead" in reservation else {})
            entries.append({"from": day, "reservation": later})
        if entries:
            policy["schedule"] = entries


def storm(number: int) -> Words:
    """The world with this number."""
    author = Storm(number)
    document = author.world()
    for_later(document, author.horizon, random.Random(f"for later {number}"))
    held_back(document, random.Random(f"held back {number}"))
    in_parts(document, random.Random(f"in parts {number}"))
    author.files["forecast.csv"] = foreseen_elsewhere(document, random.Random(f"foreseen {number}"), author.horizon)
    played(document, random.Random(f"played {number}"))
    in_turn(document, random.Random(f"in turn {number}"))
    return Words(document, author.orders, author.files)


if __name__ == "__main__":  # python -m tests.properties.models.storm NUMBER: the world as a scenario file
    print(yaml.safe_dump(storm(int(sys.argv[1])).document, sort_keys=False, allow_unicode=True))
