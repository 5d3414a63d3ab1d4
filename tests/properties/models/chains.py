"""Supply chains over a random world: suppliers with stock, material, lines, lanes and suppliers of their own."""

from __future__ import annotations

from tests.properties.models.worlds import Author, Plain


class ChainWriter(Author):
    """Gives suppliers everything that a supplier may have."""

    def supplier(self, name: str, items: list[str]) -> Plain:
        spec = super().supplier(name, items)
        if spec.get("yield") == 0:  # what is lost at once is bought again at once
            spec["lead_time"] = self.law(6.0, 0.5)
            spec["yield"] = self.one([0, 0.1, 0.2])
        self.terms(spec, name, items)
        self.source(spec, name, items, depth=2)
        return spec

    def terms(self, spec: Plain, name: str, items: list[str]) -> None:
        """How it deals with its buyer."""
        spec["order_delay"] = self.one([0, 0, self.number(0.1, 2)])
        spec["announces"] = self.chance()
        spec["visibility"] = self.one(["none", "look_through", "look_through"])
        if self.chance():
            spec["quotes"] = self.number(0, 9)
        if self.chance():
            spec["unit_cost"] = {item: self.number(0, 30) for item in self.some(items)}
        if self.chance():
            spec["costs"] = {"holding": self.one(["25 % / y", "0.5 / d"]), "pipeline": "0.25 / d"}
            spec["costs"] |= {"backorder": "1 / d", "order": self.number(0, 9)}
        if self.chance():
            spec["lane"] = self.lane()
        for _ in range(self.one([0, 0, 1, 2])):
            purchase = {"item": self.one(items), "units": self.whole(1, 9)}
            purchase[self.one(["due", "reaches"])] = self.number(0, 6)
            spec.setdefault("under_way", []).append(purchase)

    def lane(self) -> Plain:
        found: Plain = {}
        if self.chance():
            found["departures"] = {"every": self.number(0.25, 4), "first": self.number(0, 3)}
            found["departures"] |= {"units": self.whole(2, 20)} if self.chance() else {}
        if self.chance():
            found["customs"] = {"inspected": self.one([0, 0.3, 1]), "delay": self.law(2.0)}
        if self.chance():
            found["cost"] = {"shipment": self.number(0, 20), "unit": self.number(0, 1)}
        return found

    def capacity(self) -> Plain:
        """Lines that may or may not keep up."""
        found: Plain = {"rate": self.whole(2, 40)} if self.chance() else {"time": self.law(0.2, 0.01)}
        found |= {"lines": self.whole(1, 3), "setup": self.law(0.2)}
        if self.chance():
            found["batch"] = self.whole(1, 9)
        if self.chance():
            found["breakdown"] = {"every": self.law(6.0, 0.5), "repair": self.law(1.0)}
        if self.chance():
            found["chase"] = {"above": self.whole(0, 20), "factor": self.one([1.5, 2])}
        if self.dated and self.chance():
            found["hours"] = self.one(["Mon-Fri 08:00-17:00", "Mon-Sun 06:00-22:00, Sat 23:00-24:00"])
        return found | {"urgent_first": self.chance(), "jump_loss": self.one([0, 0.1])}

    def source(self, spec: Plain, name: str, items: list[str], depth: int) -> None:
        """Where its goods come from: stock and suppliers of its own, material, lines."""
        if self.chance():
            spec["capacity"] = self.capacity()
        if not depth or self.chance():
            return
        stocked = self.some(items)
        spec["stock"] = {item: self.whole(0, 12) for item in stocked}
        spec["make_time"] = self.law(2.0)
        if self.chance():
            spec["replenishment"] = {item: self.levels() for item in self.some(stocked)}
        spec["allocation"] = {"kind": self.one(["fifo", "lifo", "priority", "proportional", "linear", "uniform"])}
        spec["fulfilment"] = {"kind": self.one(["as_available", "line_complete", "order_complete"])}
        above = {}
        if self.chance():
            above[f"{name} mill"] = self.inner(f"{name} mill", stocked, depth - 1)
        if self.chance():
            spec["stock"]["clay"], spec["bom"] = self.whole(0, 30), {self.one(items): {"clay": self.whole(1, 3)}}
            if self.chance():
                above[f"{name} pit"] = self.inner(f"{name} pit", ["clay"], depth=0)
        if above:
            spec["suppliers"] = above

    def inner(self, name: str, items: list[str], depth: int) -> Plain:
        """A supplier of a supplier."""
        spec: Plain = {"items": list(items), "lead_time": self.law(3.0), "minimum": self.one([0, 0, 5])}
        spec["crossing"] = self.one(["allowed", "fifo"])
        self.terms(spec, name, items)
        self.source(spec, name, items, depth)
        return spec

    def levels(self) -> Plain:
        """A decision by plain levels, as a supplier may have."""
        s, more = self.whole(-1, 6), self.whole(1, 8)
        kind = self.one(["base_stock", "s_Q", "s_S", "R_S", "R_s_S", "level", "none"])
        words: Plain = {"s": s, "S": s + more, "Q": more, "R": self.number(0.3, 4)}
        keys = {"base_stock": "S", "s_Q": "s Q", "s_S": "s S", "R_S": "R S", "R_s_S": "R s S", "level": "R Q S"}
        found = {key: words[key] for key in keys.get(kind, "").split()}
        return {"kind": kind} | found | ({"S": max(words["S"], 0)} if kind == "level" else {})
