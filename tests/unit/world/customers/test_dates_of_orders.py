"""Days that an order book names: each order has its own, whichever key says so, in both lanes."""

import pytest

from simulator.kernel import lanes
from simulator.kpis.evaluate import evaluate
from simulator.scenario.loader import load_text
from simulator.world import simulate as simpy_lane
from tests.properties.models.facts import digest

SCENARIO = """
name: dates by order
clock: {start: 2025-08-20, horizon: 31 d}
items: {mug: {price: 2, unit_cost: 1}}
customers:
  web: {arrivals: {kind: trace, file: orders.csv, time: day, order: so, item: sku, quantity: qty%s}%s}
carriers: {post: {transit: 5 d}}
warehouse: {stock: {mug: 24}}
policies: {first: {replenishment: {kind: none}}}
"""
BOOK = """day,so,sku,qty,due
2025-08-20,1,mug,12,10
2025-08-20,1,mug,12,10
2025-08-21,2,mug,1,3
2025-08-22,3,mug,1,7
"""


def load(folder, column="", law=""):
    (folder / "orders.csv").write_text(BOOK)
    return load_text(SCENARIO % (column, law), folder)


SEQUENCE = "{kind: sequence, file: orders.csv, column: due}"


@pytest.mark.parametrize(
    ("column", "law"), [(", need_by: due", ""), ("", f", need_by: {SEQUENCE}"), (", need_by: due", ", need_by: 1 d")]
)
@pytest.mark.parametrize("lane", ["simpy", "compiled"])
def test_each_order_has_the_day_in_its_rows(tmp_path, column, law, lane):
    run = lanes.simulate(load(tmp_path, column, law), "first", 1, lane=lane)
    assert run.demand.need_by.tolist() == [10, 3, 7]
    # Order 1 takes all 24 mugs and is there after 5 of its 10 days; 2 and 3 get nothing by day 4 and day 9.
    assert evaluate(run, ["otif_requested"])["otif_requested"] == pytest.approx(1 / 3)


def test_both_lanes_give_an_order_book_with_days_the_same_facts(tmp_path):
    scenario = load(tmp_path, ", need_by: due")
    run = lanes.simulate(scenario, "first", 1, lane="compiled")
    assert digest(simpy_lane.simulate(scenario, "first", 1)) == digest(run)


def test_patience_from_the_file_of_the_orders_belongs_to_its_orders_too(tmp_path):
    run = simpy_lane.simulate(load(tmp_path, "", f", patience: {SEQUENCE}"), "first", 1)
    assert [*zip(run.cancelled["order"], run.cancelled["time"], strict=True)] == [(1, 4.0), (2, 9.0)]


def test_a_sequence_that_cannot_be_read_by_order_is_warned_about(tmp_path):
    scenario = load(tmp_path, "", f", need_by: {{kind: shifted, by: 1 d, of: {SEQUENCE}}}")
    said = [w.message for w in scenario.warnings if w.key == "customers.web.need_by"]
    assert len(said) == 1
    assert "has a row for each order line" in said[0]
    assert "arrivals: {need_by: COLUMN}" in said[0]
