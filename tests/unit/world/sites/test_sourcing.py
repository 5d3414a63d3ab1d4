"""Sourcing on tiny cases worked out by hand: who serves, from where it leaves, when it arrives, what it costs."""

from __future__ import annotations

import pytest

from tests.unit.world.sites.two_sites import TwoSites, kpi, parcels, promised

RANKED = {"kind": "ranked", "order": ["south", "north"]}


def book(folder, north=10, south=0):
    """A southern order of 1 on day 1 and of 3 on day 2, a northern one of 4 on day 3."""
    world = TwoSites(folder, {"lamp": north}, {"lamp": south})
    return world.orders("n", "3,N1,lamp,4,,").orders("s", "1,S1,lamp,1,,", "2,S2,lamp,3,,")


def test_at_home_a_southern_order_waits_beside_ten_units_in_the_north(tmp_path):
    run = book(tmp_path).bought(("south", "lamp", 3, 7)).play(promise={"kind": "atp"})
    assert kpi(run, "open_share") > 0
    assert kpi(run, "sourced_elsewhere") == kpi(run, "split_share") == 0


def test_another_site_sends_what_a_southern_order_waits_for(tmp_path):
    run = book(tmp_path).bought(("south", "lamp", 3, 7)).play(promise={"kind": "atp"}, sourcing=RANKED)
    assert kpi(run, "open_share") == 0
    assert kpi(run, "fill_rate") == 1
    assert kpi(run, "sourced_elsewhere") == 4 / 8
    assert [level.on_hand for level in run.final] == [10 - 8, 0, 3, 0]  # the 3 that come on day 7 are left in the south


def test_goods_of_another_site_arrive_after_its_transit_at_its_cost(tmp_path):
    run = book(tmp_path).play(sourcing=RANKED, promise={"kind": "atp"})
    assert parcels(run) == [(0, "north", 1, 1, 4), (1, "north", 3, 2, 5), (2, "north", 4, 3, 4)]
    assert [promised(run, order) for order in (0, 1)] == [4, 5]
    assert kpi(run, "freight_cost") == 9 + 9 + 4
    assert kpi(run, "parcel_cost_by_site[north]") == 22
    assert kpi(run, "otif_first_promise") == 1


def test_a_line_is_divided_and_each_site_sends_a_parcel(tmp_path):
    run = book(tmp_path, north=10, south=2).play(sourcing={"kind": "nearest"})
    # south gives 1 to S1 and 1 of the 3 of S2; the north sends the other 2
    assert parcels(run) == [(0, "south", 1, 1, 2), (1, "south", 1, 2, 3), (1, "north", 2, 2, 5), (2, "north", 4, 3, 4)]
    assert kpi(run, "split_share") == 1 / 3
    assert kpi(run, "sourced_elsewhere") == 2 / 8
    assert kpi(run, "sourced_elsewhere_by_site[south]") == 2 / 4
    assert kpi(run, "parcels_per_order") == 4 / 3


def test_one_site_at_most_never_divides_an_order(tmp_path):
    run = book(tmp_path, north=10, south=2).play(sourcing={"kind": "nearest", "sites": 1})
    assert parcels(run)[1] == (1, "north", 3, 2, 5)  # the north has all of S2, the south only a part
    assert kpi(run, "split_share") == 0
    none = book(tmp_path, north=2, south=2).play(sourcing={"kind": "nearest", "sites": 1, "rest_at": "home"})
    # no site has the 3 of S2: the order goes whole to the south, which has 1 left; N1 gets 2 of 4 from the north
    assert [parcel[:3] for parcel in parcels(none)] == [(0, "south", 1), (1, "south", 1), (2, "north", 2)]
    assert [level.backordered for level in none.final] == [2, 0, 2, 0]


def test_an_order_that_ships_complete_is_served_by_one_site(tmp_path):
    for policy, customers in (({"fulfilment": {"kind": "order_complete"}}, {}), ({}, {"one_parcel": 1})):
        world = TwoSites(tmp_path, {"lamp": 2, "rug": 1}, {"lamp": 0, "rug": 1})
        world.orders("n").orders("s", "1,S1,lamp,1,,", "1,S1,rug,1,,", **customers)
        run = world.play(sourcing={"kind": "nearest"}, **policy)
        assert parcels(run) == [(0, "north", 2, 1, 4)]


def test_whole_first_asks_the_site_that_has_everything(tmp_path):
    def played(kind):
        world = TwoSites(tmp_path, {"lamp": 1, "rug": 1}, {"lamp": 1})
        return world.orders("n").orders("s", "1,S1,lamp,1,,", "1,S1,rug,1,,").play(sourcing={"kind": kind})

    assert parcels(played("whole_first")) == [(0, "north", 2, 1, 4)]
    assert [parcel[1] for parcel in parcels(played("nearest"))] == ["south", "north"]


def test_a_site_keeps_its_spare_units_for_its_own_customers(tmp_path):
    run = book(tmp_path, north=5, south=0).play(sourcing={"kind": "nearest", "rest_at": "home", "spare": {"north": 3}})
    # the north gives 1 to S1 and 1 to S2, and keeps 3 for N1, of which it has 3
    assert [parcel[:3] for parcel in parcels(run)] == [(0, "north", 1), (1, "north", 1), (2, "north", 3)]
    assert [level.backordered for level in run.final] == [1, 0, 2, 0]


@pytest.mark.parametrize(("north", "site", "day"), [(7, "north", 10), (8, "south", 11), (9, "south", 11)])
def test_the_rest_waits_where_it_would_be_delivered_first(tmp_path, north, site, day):
    """The south expects 3 lamps on day 10, one day before the door; the north earlier, but three days before it. If it
    makes no difference, the order stays at home."""
    world = TwoSites(tmp_path, {}, {}).bought(("north", "lamp", 3, north), ("south", "lamp", 3, 10))
    run = world.orders("n").orders("s", "1,S1,lamp,3,,").play(sourcing={"kind": "nearest"}, promise={"kind": "atp"})
    (parcel,) = parcels(run)
    assert (parcel[1], parcel[4]) == (site, day)
    assert promised(run, 0) == day


def test_where_the_rest_waits_unit_by_unit(tmp_path):
    """The north expects 1 lamp on day 3 and 2 on day 20, the south 2 on day 10: of 3 units one waits in the north."""
    world = TwoSites(tmp_path, {}, {})
    world.bought(("north", "lamp", 1, 3), ("north", "lamp", 2, 20), ("south", "lamp", 2, 10))
    run = world.orders("n").orders("s", "1,S1,lamp,3,,").play(sourcing={"kind": "nearest"}, promise={"kind": "atp"})
    assert [parcel[1:] for parcel in parcels(run)] == [("north", 1, 3, 6), ("south", 2, 10, 11)]
    assert promised(run, 0) == 11
    whole = {"fulfilment": {"kind": "line_complete"}}
    run = world.play(sourcing={"kind": "nearest"}, promise={"kind": "atp"}, **whole)
    assert [parcel[1:] for parcel in parcels(run)] == [
        ("north", 3, 20, 23)
    ]  # no line is divided; the south never has 3


def test_checkout_accepts_by_the_date_of_the_site_that_would_serve(tmp_path):
    def played(days, **sourcing):
        world = TwoSites(tmp_path, {}, {}).bought(("north", "lamp", 3, 3), ("south", "lamp", 3, 10))
        world.orders("n").orders("s", "1,S1,lamp,3,,")
        acceptance = {"kind": "eta_limit", "days": days}
        return world.play(acceptance=acceptance, promise={"kind": "atp"}, **sourcing)

    assert kpi(played(5), "lost_at_checkout") == 1  # at home it would be delivered after 10 days
    assert kpi(played(5, sourcing={"kind": "nearest"}), "lost_at_checkout") == 0  # from the north after 5
    assert kpi(played(4.9, sourcing={"kind": "nearest"}), "lost_at_checkout") == 1


@pytest.mark.parametrize(("units", "cancelled", "returned"), [(2, 2, 0), (4, 2, 2), (5, 2, 3)])
def test_units_called_off_come_off_those_that_wait_then_off_those_that_were_sent(tmp_path, units, cancelled, returned):
    """Of 5 lamps the south has 1, the north 2, and 2 wait in the south until some are called off on day 5."""
    world = TwoSites(tmp_path, {"lamp": 2}, {"lamp": 1}).orders("n").orders("s", f"1,S1,lamp,5,5,{units}")
    run = world.play(sourcing={"kind": "nearest", "rest_at": "home"})
    assert (run.cancelled["units"].sum(), run.returned["units"].sum()) == (cancelled, returned)
    assert set(run.cancelled["line"]) | set(run.returned["line"]) == {0}
    assert [level.on_hand for level in run.final] == [min(returned, 2), 0, max(returned - 2, 0), 0]


def test_facts_name_the_lines_as_they_were_ordered(tmp_path):
    world = TwoSites(tmp_path, {"lamp": 1, "rug": 9}, {"lamp": 1}).bought(("south", "lamp", 5, 9))
    world.orders("n").orders("s", "1,S1,rug,1,,", "1,S1,lamp,4,,")
    run = world.play(sourcing={"kind": "nearest", "rest_at": "home"})
    assert set(run.backordered["line"]) == set(run.fills["line"]) == {1}
    assert run.per_line(run.fills).tolist() == [0, 2]
    assert run.at_once.tolist() == [1, 2]


def test_the_story_tells_from_which_site(tmp_path):
    run = book(tmp_path, north=10, south=2).play(sourcing={"kind": "nearest"})
    told = "\n".join(run.story(1))
    assert "filled from stock at once: 1 lamp at south, 2 lamp at north" in told
    assert "parcel 2 shipped from north" in told


def test_a_segment_belongs_to_the_first_site_that_reaches_it(tmp_path):
    world = book(tmp_path)
    for spec in world.document["customers"].values():
        del spec["site"]
    del world.document["warehouses"]["north"]["reach"]["s"]
    run = world.play()
    assert [segment.site for segment in run.world.segments] == [0, 1]


def test_a_site_that_does_not_reach_a_segment_does_not_serve_it(tmp_path):
    world = book(tmp_path)
    del world.document["warehouses"]["north"]["reach"]["s"]
    run = world.play(sourcing={"kind": "nearest"})
    assert kpi(run, "sourced_elsewhere") == 0
    assert kpi(run, "open_share") > 0


def test_without_reach_every_site_sends_by_the_carrier(tmp_path):
    world = book(tmp_path)
    for site in world.document["warehouses"].values():
        del site["reach"]
    world.document["carriers"] = {"van": {"transit": 2, "cost": {"parcel": 3, "unit": 1}}}
    run = world.play(sourcing={"kind": "nearest"})
    assert [parcel[4] for parcel in parcels(run)] == [3, 4, 5]
    assert kpi(run, "freight_cost") == 3 * 3 + 8


def test_segments_may_be_sourced_in_different_ways(tmp_path):
    """The north helps southern shops, not southern households; a northern order keeps to its own site."""
    world = TwoSites(tmp_path, {"lamp": 5}, {}).orders("n").orders("s", "1,S1,lamp,2,,")
    world.document["customers"]["shops"] = {**world.document["customers"]["s"]}
    world.document["warehouses"]["north"]["reach"]["shops"] = {}
    differing = {"default": {"kind": "home"}, "segments": {"shops": {"kind": "nearest"}}}
    run = world.play(sourcing=differing)
    shops = [segment.name for segment in run.world.segments].index("shops")
    assert [int(run.demand.segments[parcel[0]]) for parcel in parcels(run)] == [shops]
    assert kpi(run, "sourced_elsewhere") == 1 / 2


def test_sourcing_may_change_on_a_date(tmp_path):
    world = TwoSites(tmp_path, {"lamp": 5}, {}).orders("n").orders("s", "1,S1,lamp,1,,", "11,S2,lamp,1,,")
    run = world.play(schedule=[{"from": "10 d", "sourcing": {"kind": "nearest"}}])
    assert [parcel[0] for parcel in parcels(run)] == [1]
