"""Faults of several sites are reported where they are, in words that help."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.scenario.loader import load_text

SEGMENT = {"arrivals": {"kind": "poisson", "rate": 1}, "basket": {"kind": "single", "item": "lamp"}}


def world(**policy: Any) -> dict[str, Any]:
    return {
        "name": "two sites",
        "clock": {"horizon": 20},
        "items": {"lamp": {"price": 10, "unit_cost": 5}},
        "customers": {"n": {**SEGMENT, "site": "north"}, "s": {**SEGMENT, "site": "south"}},
        "warehouses": {"north": {"stock": {"lamp": 9}}, "south": {"stock": {"lamp": 3}}},
        "suppliers": {"maker": {"items": "all", "lead_time": 5}},
        "policies": {"p": {"replenishment": {"kind": "base_stock", "S": 4}, **policy}},
    }


def faults(document: dict[str, Any]) -> str:
    with pytest.raises(UserError) as raised:
        load_text(yaml.safe_dump(document, sort_keys=False))
    return str(raised.value)


def warnings(document: dict[str, Any]) -> str:
    return "\n".join(map(str, load_text(yaml.safe_dump(document, sort_keys=False)).warnings))


def test_a_segment_that_no_site_reaches():
    d = world()
    del d["customers"]["s"]["site"]
    for site in d["warehouses"].values():
        site["reach"] = {"n": {}}
    assert "customers.s: no warehouse reaches 's'; add it to the `reach` of one, or name its own `site`" in faults(d)


def test_a_site_that_reaches_an_unknown_segment():
    d = world()
    d["warehouses"]["north"]["reach"] = {"m": {"transit": 1}}
    assert "warehouses.north.reach.m: no customer segment 'm'" in faults(d)


def test_a_segment_with_a_list_of_sites():
    d = world()
    d["customers"]["s"]["site"] = ["south", "north"]
    assert "a segment has one site of its own; other sites serve it where the policy says so (`sourcing`)" in faults(d)


@pytest.mark.parametrize("where", ["sourcing", "segments", "schedule"])
def test_unknown_sites_and_sites_that_are_asked_twice(where):
    sourcing = {"kind": "ranked", "order": ["north", "souht", "north"], "spare": {"est": 1}}
    policy: dict[str, Any] = {"sourcing": sourcing}
    if where == "segments":
        policy = {"sourcing": {"default": {"kind": "home"}, "segments": {"s": sourcing}}}
    elif where == "schedule":
        policy = {"schedule": [{"from": "5 d", "to": "9 d", "sourcing": sourcing}]}
    told = faults(world(**policy))
    assert "no warehouse 'souht' (did you mean 'south'?)" in told
    assert "north is asked twice; each site has one place in the order" in told
    assert "no warehouse 'est'" in told


def test_stock_whose_record_may_be_wrong_is_not_shared():
    d = world(sourcing={"kind": "nearest"})
    d["warehouses"]["north"]["records"] = {"loss": 0.01}
    assert "sites cannot share stock whose record may be wrong (warehouses.north.records)" in faults(d)


def test_what_perishes_is_not_sent():
    d = world(transfers={"kind": "on_shortage"})
    d["items"]["lamp"]["shelf_life"] = 30
    assert "items with a `shelf_life` cannot be sent between sites: lamp" in faults(d)


def test_sourcing_and_transfers_with_one_site_have_no_effect():
    d = world(sourcing={"kind": "nearest"}, transfers={"kind": "on_shortage"})
    del d["warehouses"]["south"], d["customers"]["s"]
    assert warnings(d).count("has no effect with one site") == 2


def test_a_site_that_keeps_all_it_ever_has_gives_nothing():
    told = warnings(world(sourcing={"kind": "nearest", "spare": {"south": 4, "north": 8}}))
    assert "'south' keeps 4 units of each item, but never has more than 4: it gives none" in told
    assert "'north'" not in told


def test_a_supplier_with_the_name_of_a_site_sells_new_goods():
    d = world()
    d["suppliers"]["north"] = {"items": "all", "lead_time": 1}
    assert "a policy's `transfers` send stock between warehouses" in warnings(d)


def test_stock_that_lies_beside_an_empty_shelf_is_pointed_out_until_the_policy_shares_it():
    d = world(replenishment={"kind": "none"})
    d["warehouses"]["south"]["stock"]["lamp"] = 0
    assert (
        "customers of 'south' order 'lamp', of which 'south' has none and buys none, while north has stock"
        in warnings(d)
    )
    for policy in ({"sourcing": {"kind": "nearest"}}, {"transfers": {"kind": "on_shortage", "lead_time": 1}}):
        d["policies"]["p"] = {"replenishment": {"kind": "none"}, **policy}
        assert "has none and buys none" not in warnings(d)
    d["policies"]["p"] = {"replenishment": {"default": {"kind": "none"}, "south": {"kind": "base_stock", "S": 2}}}
    assert "has none and buys none" not in warnings(d)
