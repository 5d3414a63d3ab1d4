"""A finished run: levels, the table of orders, and an audit that notices every law that is broken."""

from dataclasses import replace

import numpy as np
import pytest
import yaml

from simulator.foundation.errors import AuditError, UserError
from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import KPIS
from simulator.record.ledger import FactColumns, FactTable
from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.properties.models.facts import rows
from tests.unit.world.shops import play, shop

LATE = {"kind": "s_Q", "s": 0, "Q": 5}


def run():
    d = shop(carriers__van={"transit": 2}, customers__web__patience=2.5, policies__first={"replenishment": LATE})
    d["suppliers"]["pottery"]["yield"] = 0.8
    d["customers"]["web"]["basket"]["quantity"] = 2
    d["warehouse"]["stock"]["mug"] = 5
    return play(d)


def test_a_table_keeps_rows_of_doubles_by_column():
    table = FactTable("time", "units")
    table.write(0.1, 2**53)
    table.add(table.pack(1.5, -3))
    assert len(table) == 2
    columns = table.freeze()
    assert columns["time"].tolist() == [0.1, 1.5]
    assert columns["units"].tolist() == [2**53, -3]
    assert FactTable("a", "b").freeze()["b"].tolist() == []


def test_a_level_is_a_path_of_one_value_an_instant_that_ends_where_the_engine_does():
    finished = run()
    for name, final in (("on_hand", "on_hand"), ("backlog", "backordered"), ("on_order", "on_order")):
        path = finished.level(name, "mug")
        assert path.times[0] == 0
        assert (np.diff(path.times) > 0).all()
        assert (path.values >= 0).all()
        assert path.values[-1] == getattr(finished.final[0], final)
        assert np.array_equal(path.values, finished.level(name).values)


def test_the_table_of_orders_tells_each_orders_life():
    finished = run()
    orders = finished.orders()
    parcels = rows(finished, "parcels")
    for k, placed in enumerate(orders["placed"].tolist()):
        mine = [fact for fact in parcels if fact["order"] == k]
        ends = [fact["time"] for fact in rows(finished, "cancelled") if fact["order"] == k]
        delivered = [fact["delivered"] for fact in mine if fact["delivered"] < 40]
        assert placed == k + 1
        assert orders["parcels"][k] == len(mine)
        assert orders["units"][k] == 2
        assert orders["first_shipped"][k] == mine[0]["shipped"] if mine else np.isnan(orders["first_shipped"][k])
        assert orders["delivered"][k] == max(delivered) if delivered else np.isnan(orders["delivered"][k])
        assert orders["cancelled"][k] == ends[-1] if ends else np.isnan(orders["cancelled"][k])
        assert orders["units_at_once"][k] == sum(f["units"] for f in mine if f["shipped"] == placed)
    assert 0 < np.isnan(orders["cancelled"]).sum() < len(orders["cancelled"])


def tamper(finished, table, column, row, value):
    facts = dict(getattr(finished, table))
    facts[column] = facts[column].copy()
    facts[column][row] = value(facts[column][row]) if callable(value) else value
    setattr(finished, table, FactColumns(facts))
    finished.levels.clear()  # they follow from the facts
    vars(finished).pop("at_once", None)
    return finished


@pytest.mark.parametrize(
    ("table", "column", "value", "law"),
    [
        ("fills", "units", lambda x: x + 1, "levels agree"),
        ("fills", "time", -1.0, "time is sane|falls"),
        ("fills", "placed", 1e6, "time is sane"),
        ("backordered", "units", lambda x: x + 1, "levels agree"),
        ("cancelled", "held", 1.0, "levels agree"),
        ("receipts", "units", lambda x: x + 1, "levels agree"),
        ("receipts", "purchase", 1.0, "purchases balance"),
        ("purchases", "units", lambda x: x - 1, "levels agree"),
        ("parcels", "units", lambda x: x + 2, "parcels hold what was filled"),
        ("parcels", "delivered", -5.0, "time is sane"),
        ("fills", "time", lambda x: x + 0.5, "time is sane"),
        ("fills", "placed", lambda x: x - 0.5, "time is sane"),
        ("cancelled", "placed", lambda x: x - 0.5, "time is sane"),
    ],
)
def test_the_audit_notices_a_fact_that_is_wrong_and_names_the_law(table, column, value, law):
    finished = run()
    finished.audit()
    with pytest.raises(AuditError, match=law) as caught:
        tamper(finished, table, column, 0, value).audit()
    assert "policy 'first', replication 0, seed 1" in str(caught.value)


def test_the_audit_notices_an_order_that_ships_more_than_it_has():
    finished = run()
    finished.final = (finished.final[0]._replace(on_hand=finished.final[0].on_hand + 1),)
    with pytest.raises(AuditError, match="on_hand of 'mug'"):
        finished.audit()


@pytest.mark.parametrize("overdelivers", [True, False])
@pytest.mark.parametrize(("share", "arrives"), [(1.8, 9), (0.6, 3), (1.2, 6)])
def test_the_audit_recomputes_what_was_received_against_what_was_bought(share, arrives, overdelivers):
    d = shop(policies__first={"replenishment": LATE}, suppliers__pottery={"items": ["mug"], "lead_time": 4})
    d["suppliers"]["pottery"] |= {"yield": share, "overdelivers": True}
    finished = play(d)
    assert set(finished.receipts["units"].tolist()) == {arrives}
    supplier = replace(finished.world.suppliers[0], overdelivers=overdelivers)
    finished.world = replace(finished.world, suppliers=(supplier,))
    if overdelivers or share < 1:
        finished.audit()
    else:
        with pytest.raises(AuditError, match=f"{arrives - 5} units more of purchase 0 were received than were bought"):
            finished.audit()


@pytest.mark.parametrize(("value", "whole"), [(1.67, 0.5), (-0.1, 1), (1 + 1e-12, 1)])
def test_a_share_outside_of_zero_and_one_is_a_fault_of_the_program(value, whole, monkeypatch):
    monkeypatch.setitem(KPIS, "fill_rate", replace(KPIS["fill_rate"], function=lambda e: value))
    monkeypatch.setitem(KPIS, "age_buckets", replace(KPIS["age_buckets"], function=lambda e: {"0-3 d": value}))
    for name, key in (("fill_rate", "fill_rate"), ("age_buckets", r"age_buckets\[0-3 d\]")):
        if abs(value - whole) < 1e-9:
            evaluate(run(), [name])
            continue
        told = rf"shares lie in \[0, 1\]: {key} is {value:g} \(policy 'first', replication 0, seed 1\)"
        with pytest.raises(AuditError, match=told):
            evaluate(run(), [name])


def test_a_name_that_nothing_has_comes_with_the_nearest_one():
    with pytest.raises(UserError, match=r"no policy 'frist' \(did you mean 'first'\?\); policies: first"):
        play(shop(), policy="frist")
    with pytest.raises(UserError, match=r"no item 'mgu' \(did you mean 'mug'\?\); items: mug"):
        play(shop()).level("on_hand", "mgu")


@pytest.mark.parametrize("mugs", [1, 3])
@pytest.mark.parametrize("records", [True, False])
def test_a_backlog_from_before_the_start_is_played_where_nobody_orders(records, mugs):
    items = [f"mug{k}" for k in range(mugs)]
    d = shop(policies__first={"replenishment": {"kind": "base_stock", "S": 5}}, suppliers__pottery__items="all")
    d["items"] = dict.fromkeys(items, d["items"]["mug"])
    d["warehouse"]["stock"] = dict.fromkeys(items, -2)
    d["customers"]["web"] = {
        "arrivals": {"kind": "every", "interval": 100},
        "basket": {"kind": "single", "item": "mug0"},
    }
    text = yaml.safe_dump(d, sort_keys=False)
    finished = simulate(load_text(text), "first", 1, records=records)
    finished.audit()
    assert [level.backordered for level in finished.final] == [0] * mugs
