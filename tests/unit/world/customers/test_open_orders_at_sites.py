"""Open orders that wait at another site than the customer's own, worked out by hand."""

import pytest
import yaml

from simulator.foundation.errors import UserError
from simulator.scenario.loader import load_text
from tests.unit.world.sites.two_sites import TwoSites, kpi, parcels, promised


def world(folder, *lines, **more):
    """No stock; a lamp for the north comes on day 4 and one for the south on day 6. Lines are "order,placed,item,
    units,segment,site"."""
    (folder / "open.csv").write_text("\n".join(["order,placed,item,qty,segment,site", *lines]) + "\n")
    found = TwoSites(folder, {"lamp": 0}, {"lamp": 0}).orders("n").orders("s")
    found.bought(("north", "lamp", 1, 4), ("south", "lamp", 1, 6))
    columns = {"order": "order", "placed": "placed", "item": "item", "quantity": "qty", "segment": "segment"}
    found.document["opening"] = {"orders": {"file": "open.csv", **columns, "site": "site"}}
    found.document |= more
    return found


@pytest.mark.parametrize("sourcing", [{}, {"sourcing": {"kind": "nearest"}}])
def test_a_line_waits_for_the_goods_of_its_site_and_is_sent_from_there(tmp_path, sourcing):
    run = world(tmp_path, "A,-3,lamp,1,n,south", "B,-1,lamp,1,n,", "C,-1,lamp,1,s,").play(
        promise={"kind": "atp"}, **sourcing
    )
    # A is the oldest at the south, where it comes before C; B gets the lamp of the north.
    assert parcels(run) == [(1, "north", 1, 4, 5), (0, "south", 1, 6, 9)]
    assert "on backorder since before the start: 1 lamp at south" in " ".join(run.story(0))
    assert run.final[0].backordered + run.final[1].backordered + sum(level.backordered for level in run.final[2:]) == 1


def test_the_dates_of_such_an_order_count_on_the_way_from_its_site(tmp_path):
    run = world(tmp_path, "A,-3,lamp,1,n,south", "B,-2,lamp,1,n,north").play(promise={"kind": "atp"})
    assert [promised(run, order) for order in (0, 1)] == [9, 5]


def test_the_lines_of_one_order_may_wait_at_several_sites(tmp_path):
    run = world(tmp_path, "A,-3,lamp,1,n,south", "A,-3,lamp,1,n,").play()
    assert parcels(run) == [(0, "north", 1, 4, 5), (0, "south", 1, 6, 9)]
    assert kpi(run, "opening_orders") == 1


def test_where_the_column_is_empty_or_names_the_own_site_nothing_changes(tmp_path):
    plain = world(tmp_path, "A,-3,lamp,1,n,", "B,-1,lamp,1,s,").play()
    named = world(tmp_path, "A,-3,lamp,1,n,north", "B,-1,lamp,1,s,south").play()
    for table in ("fills", "parcels", "backordered"):
        assert all(
            (getattr(plain, table)[c] == getattr(named, table)[c]).all() for c, _ in getattr(plain, table).items()
        )
    assert not named.sourced.size


@pytest.mark.parametrize(
    ("line", "changes", "words"),
    [
        ("A,-3,lamp,1,n,west", {}, "open.csv:2.*'west'"),
        (
            "A,-3,lamp,1,n,south",
            {"reach": {"s": {"transit": 1}}},
            "the order waits at 'south', which does not reach 'n'",
        ),
        (
            "A,-3,lamp,1,n,south",
            {"made": "drop_ship"},
            "'lamp' is sent by a vendor; it waits at the customer's own site",
        ),
        ("A,-3,lamp,1,n,south", {"records": {"count": {"every": 5}}}, "cannot be combined"),
    ],
)
def test_an_error_names_the_row_and_what_is_wrong(tmp_path, line, changes, words):
    found = world(tmp_path, line)
    if "reach" in changes:
        found.document["warehouses"]["south"]["reach"] = changes["reach"]
    if "made" in changes:
        found.document["items"]["lamp"]["made"] = changes["made"]
    if "records" in changes:
        found.document["warehouses"]["south"]["records"] = changes["records"]
    found.document["policies"] = {"first": {"replenishment": {"kind": "none"}}}
    with pytest.raises(UserError, match=words):
        load_text(yaml.safe_dump(found.document), folder=tmp_path)
