"""Two sites whose customers' orders are written down: everything that happens can be worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from simulator.kpis.evaluate import evaluate
from simulator.record.run import Run
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate

COLUMNS = {"kind": "trace", "time": "ts", "order": "order", "item": "item", "quantity": "qty"}
CALLED_OFF = {"cancel_time": "off", "cancel_quantity": "offq"}
NEAR, FAR = {"transit": 1, "cost": 4}, {"transit": 3, "cost": 9}


class TwoSites:
    """North and south; orders of northerners and southerners are "day,order,item,units,day called off,units"."""

    def __init__(self, folder: Path, north: dict[str, int], south: dict[str, int]) -> None:
        self.folder = folder
        self.document: dict[str, Any] = {
            "name": "two sites",
            "clock": {"horizon": 40},
            "items": {"lamp": {"price": 10, "unit_cost": 5}, "rug": {"price": 50, "unit_cost": 30}},
            "customers": {},
            "warehouses": {
                "north": {"stock": north, "reach": {"n": NEAR, "s": FAR}},
                "south": {"stock": south, "reach": {"s": NEAR, "n": FAR}},
            },
            "suppliers": {"maker": {"items": "all", "lead_time": 5}},
            "policies": {},
        }

    def orders(self, segment: str, *lines: str, **more: Any) -> TwoSites:
        site = {"n": "north", "s": "south"}[segment]
        if not lines:
            never = {"kind": "every", "interval": 1000, "first": 1000}
            basket = {"kind": "single", "item": "lamp"}
            self.document["customers"][segment] = {"site": site, "arrivals": never, "basket": basket}
            return self
        file = f"{segment}.csv"
        (self.folder / file).write_text("\n".join(["ts,order,item,qty,off,offq", *lines]) + "\n")
        called_off = CALLED_OFF if any(line.count(",") > 3 and not line.endswith(",,") for line in lines) else {}
        arrivals = {**COLUMNS, "file": file, **called_off}
        self.document["customers"][segment] = {"site": site, "arrivals": arrivals, **more}
        return self

    def bought(self, *purchases: tuple[str, str, int, float]) -> TwoSites:
        """Purchases from before the start: (site, item, units, due)."""
        self.document["suppliers"]["maker"]["under_way"] = [
            {"site": site, "item": item, "units": units, "due": due} for site, item, units, due in purchases
        ]
        return self

    def play(self, **policy: Any) -> Run:
        """An audited run; nothing is bought unless the policy says so."""
        self.document["policies"] = {"first": {"replenishment": {"kind": "none"}, **policy}}
        run = simulate(load_text(yaml.safe_dump(self.document), folder=self.folder), "first", 1)
        run.audit()
        return run


def kpi(run: Run, name: str) -> Any:
    return evaluate(run, [name.split("[")[0]])[name]


def parcels(run: Run) -> list[tuple[int, str, float, float, float]]:
    """(order, site, units, shipped, delivered) of every parcel, in the order in which they were sent."""
    names = [site.name for site in run.world.sites]
    sites = dict(zip(run.sent_from["parcel"].tolist(), run.sent_from["site"].tolist(), strict=True))
    table = run.parcels
    return [
        (int(table["order"][k]), names[int(sites[k])], *(float(table[c][k]) for c in ("units", "shipped", "delivered")))
        for k in range(table.size)
    ]


def promised(run: Run, order: int) -> float:
    """The first date that an order was promised."""
    mine = run.promises["order"] == order
    return float(run.promises["date"][mine][0])
