"""Transfers on tiny cases worked out by hand: when, how many, and where the units are meanwhile."""

from __future__ import annotations

import pytest

from simulator.foundation.errors import UserError
from tests.unit.world.sites.two_sites import TwoSites, kpi

SENT = {"kind": "on_shortage", "lead_time": 2, "cost": {"shipment": 20, "unit": 0.5}}


def test_a_short_site_gets_what_another_has(tmp_path):
    """3 lamps are missing in the south on day 2; the north sends them at once, and they come on day 4."""
    world = TwoSites(tmp_path, {"lamp": 10}, {"lamp": 0}).orders("n").orders("s", "2,S1,lamp,3,,")
    run = world.play(transfers=SENT, promise={"kind": "atp"})
    assert {name: column.tolist() for name, column in run.transfers.items()} == {
        "time": [2], "arrives": [4], "item": [2], "origin": [0], "units": [3],
    }  # fmt: skip
    assert run.fills["time"].tolist() == [4]
    assert run.promises["date"].tolist() == [5]  # 2 days on the road, 1 to the door
    assert (kpi(run, "transfers"), kpi(run, "transferred_units"), kpi(run, "transfer_cost")) == (1, 3, 20 + 1.5)
    assert kpi(run, "freight_cost") == 4 + 21.5


def test_units_in_transfer_are_counted_once_and_are_on_order(tmp_path):
    world = TwoSites(tmp_path, {"lamp": 10}, {"lamp": 0}).orders("n").orders("s", "2,S1,lamp,3,,")
    run = world.play(transfers=SENT)
    on_hand, on_order, backlog = (run.level(level) for level in ("on_hand", "on_order", "backlog"))
    for day, levels in ((1.0, (10, 0, 0)), (3.0, (7, 3, 3)), (5.0, (7, 0, 0))):
        assert tuple(level.before([day])[0] for level in (on_hand, on_order, backlog)) == levels


def test_the_position_moves_at_once_so_that_only_the_sender_buys(tmp_path):
    """Base stock 4 at both sites: the south sells 6 of 4, gets 2 from the north and buys 4; the north buys 2."""
    world = TwoSites(tmp_path, {"lamp": 4}, {"lamp": 4}).orders("n").orders("s", "2,S1,lamp,6,,")
    run = world.play(transfers=SENT, replenishment={"lamp": {"kind": "base_stock", "S": 4}, "rug": {"kind": "none"}})
    bought = dict(zip(run.purchases["item"].tolist(), run.purchases["units"].tolist(), strict=True))
    assert bought == {0: 2, 2: 4}
    assert [level.on_hand for level in run.final] == [4, 0, 4, 0]


def test_no_transfer_where_a_purchase_is_faster(tmp_path):
    world = TwoSites(tmp_path, {"lamp": 10}, {"lamp": 0}).bought(("south", "lamp", 2, 3)).orders("n")
    run = world.orders("s", "2,S1,lamp,3,,").play(transfers=SENT)
    assert run.transfers["units"].tolist() == [1]


def test_spare_units_stay(tmp_path):
    world = TwoSites(tmp_path, {"lamp": 10}, {"lamp": 0}).orders("n").orders("s", "2,S1,lamp,3,,")
    for site in world.document["warehouses"].values():
        site["reach"] = {}
    run = world.play(transfers=SENT, sourcing={"kind": "nearest", "spare": {"north": 8}})
    assert run.transfers["units"].tolist() == [2]


def test_what_comes_in_goes_to_the_site_that_is_short(tmp_path):
    """Nobody has any on day 2; 5 come to the north on day 6, of which 3 go on to the south, at once and free."""
    world = TwoSites(tmp_path, {}, {}).bought(("north", "lamp", 5, 6)).orders("n", "2,N1,lamp,1,,")
    run = world.orders("s", "2,S1,lamp,3,,").play(transfers={"kind": "on_shortage"})
    assert run.fills["time"].tolist() == [6, 6]
    assert run.transfers["time"].tolist() == run.transfers["arrives"].tolist() == [6]
    assert [level.on_hand for level in run.final] == [1, 0, 0, 0]


def test_balance_gives_equal_days_of_cover(tmp_path):
    """Until day 10 the north was asked for 2 and the south for 6 of 20 lamps, of which 12 are left: 3 and 9 are equal
    cover. The north has 8, the south 4."""
    world = TwoSites(tmp_path, {"lamp": 10}, {"lamp": 10}).orders("n", "1,N1,lamp,2,,").orders("s", "2,S1,lamp,6,,")
    run = world.play(transfers={"kind": "rebalance", "every": 10, "lead_time": 1})
    assert run.transfers["time"].tolist() == [10]  # on days 20 and 30 cover is still equal
    assert run.transfers["units"].tolist() == [5]
    assert [level.on_hand for level in run.final] == [3, 0, 9, 0]


def test_what_leaves_together_is_one_shipment(tmp_path):
    world = TwoSites(tmp_path, {"lamp": 5, "rug": 5}, {}).orders("n").orders("s", "2,S1,lamp,3,,", "2,S1,rug,1,,")
    run = world.play(transfers=SENT)
    assert (kpi(run, "transfers"), kpi(run, "transfer_cost")) == (1, 20 + 4 * 0.5)


def test_a_transfer_is_not_withdrawn_when_the_customer_leaves(tmp_path):
    world = TwoSites(tmp_path, {"lamp": 5}, {}).orders("n").orders("s", "2,S1,lamp,3,,", patience=1)
    run = world.play(transfers=SENT, replenishment={"kind": "none", "cancel_purchase": True})
    assert [level.on_hand for level in run.final] == [2, 0, 3, 0]
    assert not run.withdrawn.size


# ------------------------------------------------------------------------------------------------------ schedules
def scheduled(folder, *entries, **policy):
    """3 lamps are missing in the south on day 2, and 10 are in the north."""
    world = TwoSites(folder, {"lamp": 10}, {"lamp": 0}).orders("n").orders("s", "2,S1,lamp,3,,")
    return world.play(schedule=list(entries), promise={"kind": "atp"}, **policy).transfers


def test_transfers_that_begin_on_a_date_serve_those_who_wait_since_before(tmp_path):
    found = scheduled(tmp_path, {"from": 10, "transfers": SENT})
    assert (found["time"].tolist(), found["arrives"].tolist(), found["units"].tolist()) == ([10], [12], [3])


def test_transfers_stop_while_an_entry_says_so(tmp_path):
    found = scheduled(tmp_path, {"to": 5, "transfers": {"kind": "none"}}, transfers=SENT)
    assert found["time"].tolist() == [5]
    found = scheduled(tmp_path, {"from": 1, "transfers": {"kind": "none"}}, transfers=SENT)
    assert not found["time"].size


def test_a_slower_way_in_the_schedule_takes_its_own_time(tmp_path):
    found = scheduled(tmp_path, {"from": 1, "transfers": {**SENT, "lead_time": 6}}, transfers=SENT)
    assert (found["time"].tolist(), found["arrives"].tolist()) == ([2], [8])


def test_stock_is_rebalanced_at_the_looks_within_the_dates_of_the_entry(tmp_path):
    weekly = {"kind": "rebalance", "every": 7, "lead_time": 1}
    found = scheduled(tmp_path, {"from": 10, "to": 30, "transfers": weekly})
    assert set(found["time"].tolist()) <= {14, 21, 28}
    assert found["time"][0] == 14
    assert not scheduled(tmp_path, {"from": 15, "to": 20, "transfers": weekly})["time"].size


def test_shortage_and_rhythm_take_turns(tmp_path):
    often = {"kind": "rebalance", "every": 20, "lead_time": 1, "cost": SENT["cost"]}
    found = scheduled(tmp_path, {"from": 10, "transfers": SENT}, transfers=often)
    assert found["time"].tolist() == [10], "on day 10 the short site gets them, before the look of day 20"


def test_transfers_of_one_policy_have_one_cost(tmp_path):
    with pytest.raises(UserError, match="all transfers of a policy have the same"):
        scheduled(tmp_path, {"from": 10, "transfers": {**SENT, "cost": {"unit": 9}}}, transfers=SENT)
