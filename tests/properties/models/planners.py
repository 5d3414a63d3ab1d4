"""Plans, wrong records, shelf lives and hurried purchases over a random world."""

from tests.properties.models.worlds import Author

METHODS = [
    {"kind": "fixed"},
    {"kind": "moving_average", "periods": 3},
    {"kind": "smoothing", "alpha": 0.5},
    {"kind": "croston"},
    {"kind": "sba"},
    {"kind": "tsb"},
    {"kind": "seasonal", "season": 3},
]
SAFETIES = [
    {"kind": "none"},
    {"kind": "days", "days": 2},
    {"kind": "cycle_service", "target": 0.9},
    {"kind": "fill_rate", "target": 0.9},
    {"kind": "replayed", "target": 0.8},
]


class Planner(Author):
    """Writes a scenario of the usual words and lays plans, wrong records, shelf lives and hurried purchases over it."""

    def replenishment(self, d, name):
        sellers = [supplier for supplier, spec in d["suppliers"].items() if name in spec["items"]]
        kind = self.one(["usual", "forecast", "forecast_s_S", "level", "dual_index", "base_surge"])
        if not sellers or kind == "usual" or (kind in ("dual_index", "base_surge") and len(sellers) < 2):
            return super().replenishment(d, name)
        found = {"kind": kind, "R": self.number(0.3, 5)}
        if kind == "level":
            return found | {"Q": self.whole(1, 8), "S": self.whole(0, 20)}
        if kind in ("dual_index", "base_surge"):
            found |= {"regular": sellers[0], "fast": sellers[1], "S_fast": self.whole(0, 8)}
            return found | ({"S": 10} if kind == "dual_index" else {"Q": self.whole(0, 4)})
        found |= {"forecast": self.one(METHODS), "safety": self.one(SAFETIES)}
        found |= {"sees": self.one(["demand", "orders", "sales"]), "noise": self.one([0, 0.3])}
        found |= {"bias": self.one([0, -0.4, 0.5]), "blind_to": self.one(["all", []])}
        found |= {"cancel_purchase": True} if self.chance() else {}
        return found | ({"cover": self.number(1, 9)} if kind == "forecast_s_S" else {})

    def procurement(self, d):
        measures = [{"kind": "expedite", "age": self.number(0, 2)}, {"kind": "prioritise", "cost": 3}]
        everything = [name for name, spec in d["suppliers"].items() if set(spec["items"]) >= set(d["items"])]
        measures += [{"kind": "spot_buy", "supplier": name, "backlog": self.whole(1, 4)} for name in everything]
        return self.one([{"kind": "wait"}, *measures, {"kind": "escalate", "steps": measures}])

    def policy(self, d):
        return super().policy(d) | {"procurement": self.procurement(d)}

    def world(self):
        d = super().world()
        for spec in d["suppliers"].values():
            if self.chance():
                spec["expedite"] = {"factor": self.number(0, 0.9), "premium": self.number(0, 2)}
        for spec in d["items"].values():
            spec |= {"shelf_life": self.number(0.5, 9)} if self.chance() else {}
            spec |= {"volume": self.number(0, 2)}
        share = [0, "5 % / d", "60 % / d"]
        d["warehouse"]["records"] = {
            "loss": self.one(share),
            "misplaced": self.one(share),
            "sync_lag": self.one([0, 0.1, 2]),
            "buffer": self.whole(0, 3),
            "found_after": self.one([0, 1, 50]),
            **({"count_every": self.number(0.5, 9)} if self.chance() else {}),
        }
        for kind in ("record_error", "forecast_bias", "delist"):
            if self.chance():
                words = {"kind": kind, "items": self.one(list(d["items"])), "at": self.number(0, self.horizon)}
                words |= {"record_error": {"units": self.whole(-5, 9)}, "forecast_bias": {"factor": 0.5}}.get(kind, {})
                d["events"].append(words | {"lasts": 1})
        d["costs"]["storage"] = self.one([0, "1 / d"])
        return d
