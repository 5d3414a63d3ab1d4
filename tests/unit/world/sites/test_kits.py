"""Kits from two sites: each is assembled whole at one site, and components may be sent between them, by hand."""

from __future__ import annotations

import pytest

from tests.unit.world.sites.two_sites import TwoSites, kpi, parcels, promised

NEAREST = {"sourcing": {"kind": "nearest"}, "promise": {"kind": "ctp"}}
SENT = {"transfers": {"kind": "on_shortage", "lead_time": 2}}


def desks(folder, *orders, north, south, segment="n", **more):
    """Desks of a top and four legs; stocks are (tops, legs). A parcel takes one day from home, three from the other."""
    world = TwoSites(
        folder, dict(zip(("top", "leg"), north, strict=True)), dict(zip(("top", "leg"), south, strict=True))
    )
    world.document["items"] = {
        "top": {"price": 90, "unit_cost": 40},
        "leg": {"price": 12, "unit_cost": 5},
        "desk": {"price": 150, "kit": {"top": 1, "leg": 4}},
    }
    other = "s" if segment == "n" else "n"
    world.orders(segment, *orders, **more).orders(other)
    world.document["customers"][other]["basket"]["item"] = "leg"
    return world


def left(run):
    """(tops, legs) on hand in the north and in the south."""
    found = {(item.site, item.name): level.on_hand for item, level in zip(run.world.items, run.final, strict=True)}
    return [(found[site, "top"], found[site, "leg"]) for site in ("north", "south")]


def test_each_site_gives_the_desks_that_it_can_assemble_by_itself(tmp_path):
    """The north has a top for one desk, the south legs for two: the four legs that are left in the north and the three
    tops in the south make no fourth."""
    run = desks(tmp_path, "1,N1,desk,4,,", north=(1, 8), south=(5, 8)).play(**NEAREST)
    assert parcels(run) == [(0, "north", 1, 1, 2), (0, "south", 2, 1, 4)]
    assert left(run) == [(0, 4), (3, 0)]
    assert kpi(run, "fill_rate") == 3 / 4
    assert kpi(run, "fill_rate_by_item[desk]") == 3 / 4
    assert kpi(run, "sourced_elsewhere") == 2 / 4


def test_parts_of_a_desk_at_two_sites_are_no_desk_until_a_transfer_brings_them_together(tmp_path):
    stocks = {"north": (5, 0), "south": (0, 20)}
    none = desks(tmp_path, "1,N1,desk,2,,", **stocks).play(**NEAREST)
    assert not none.parcels.size
    run = desks(tmp_path, "1,N1,desk,2,,", **stocks).play(**NEAREST, **SENT)
    assert run.transfers["units"].tolist() == [8]
    assert parcels(run) == [(0, "north", 2, 3, 4)]
    assert left(run) == [(3, 0), (0, 12)]


@pytest.mark.parametrize("reserve", ["together", "piecewise"])
def test_a_site_sends_no_components_that_its_own_waiting_desks_need(tmp_path, reserve):
    """In the south a desk waits for a top from day 1 on; the north sends its only one. The desk that waits in the north
    from day 2 on lacks a top and four legs; four of the six legs in the south are those of the other desk."""
    world = desks(tmp_path, "2,N1,desk,1,,", north=(1, 0), south=(0, 6)).orders("s", "1,S1,desk,1,,")
    run = world.play(kits={"reserve": reserve}, **SENT)
    names = [run.world.items[int(item)].name for item in run.transfers["item"]]
    assert [*zip(run.transfers["time"], names, run.transfers["units"], strict=True)] == [(1, "top", 1), (2, "leg", 2)]
    assert [*zip(run.parcels["shipped"], run.parcels["order"], strict=True)] == [(3, 0)]


def test_a_desk_and_its_legs_do_not_count_the_same_leg_twice(tmp_path):
    rows = ("1,N1,desk,1,,", "1,N1,leg,4,,")
    run = desks(tmp_path, *rows, north=(1, 4), south=(1, 4)).play(**NEAREST)
    assert parcels(run) == [(0, "north", 1, 1, 2), (0, "south", 4, 1, 4)]
    one = desks(tmp_path, *rows, north=(1, 4), south=(1, 8)).play(sourcing={"kind": "nearest", "sites": 1})
    assert parcels(one) == [(0, "south", 5, 1, 4)], "only the south has eight legs"
    first = desks(tmp_path, *rows, north=(1, 4), south=(1, 8)).play(sourcing={"kind": "whole_first"})
    assert parcels(first) == parcels(one)


def test_a_site_keeps_the_components_that_it_spares_for_its_own(tmp_path):
    spare = {"kind": "nearest", "spare": {"south": 4}, "rest_at": "home"}
    run = desks(tmp_path, "1,N1,desk,1,,", north=(0, 0), south=(9, 7)).play(sourcing=spare)
    assert not run.parcels.size, "three legs are left to give"


def test_a_waiting_desk_waits_where_all_of_its_components_come_first(tmp_path):
    world = desks(tmp_path, "1,N1,desk,1,,", north=(1, 0), south=(0, 4))
    run = world.bought(("north", "leg", 4, 9), ("south", "top", 1, 5)).play(**NEAREST)
    assert parcels(run) == [(0, "south", 1, 5, 8)], "day 8 from the south, day 10 from the north"
    assert promised(run, 0) == 8
    assert run.aside.size == 0


def test_desks_for_a_later_day_are_assembled_where_they_can_be_when_they_open(tmp_path):
    world = desks(tmp_path, "0,N1,desk,2,,", north=(1, 4), south=(1, 4), wanted=40)
    world.document["clock"]["horizon"] = 60
    run = world.play(**NEAREST, reservation={"ahead": "14 d"})
    assert sorted(set(run.assembled["time"].tolist())) == [26]
    assert parcels(run) == [(0, "south", 1, 37, 40), (0, "north", 1, 39, 40)]


def test_open_desks_may_wait_at_another_site(tmp_path):
    world = desks(tmp_path, north=(0, 0), south=(1, 0)).bought(("south", "leg", 4, 5))
    (tmp_path / "open.csv").write_text("id,placed,sku,qty,site\nA,-3,desk,1,south\n")
    world.document["customers"]["n"]["basket"]["item"] = "desk"
    columns = {"order": "id", "placed": "placed", "item": "sku", "quantity": "qty", "site": "site"}
    world.document["opening"] = {"orders": {"file": "open.csv", **columns}}
    run = world.play(**NEAREST)
    assert parcels(run) == [(0, "south", 1, 5, 8)]
