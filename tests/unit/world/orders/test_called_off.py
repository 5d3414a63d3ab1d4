"""Recorded cancellations: of units that wait or are held, that are being picked, and that have left (returns)."""

import pytest
import yaml

from simulator.scenario.loader import load_text
from simulator.world.simulate import simulate
from tests.properties.models.facts import rows
from tests.unit.world.shops import shop

NO_SUPPLY = {"replenishment": {"kind": "none"}}


@pytest.fixture
def played(tmp_path):
    """Plays recorded orders ('day,order,item,units,day called off,units called off'), audited."""

    def play(*lines, fulfilment=None, allocation=None, **changes):
        (tmp_path / "orders.csv").write_text("\n".join(["ts,order,item,qty,off,offq", *lines]) + "\n")
        d = shop(items__cup={"price": 7, "unit_cost": 3}, policies__first=dict(NO_SUPPLY), **changes)
        d["suppliers"].setdefault("pottery", {}).update({"items": "all"})
        d["policies"]["first"] |= {"fulfilment": fulfilment} if fulfilment else {}
        d["policies"]["first"] |= {"allocation": allocation} if allocation else {}
        d["customers"]["web"] = {
            "arrivals": {"kind": "trace", "file": "orders.csv", "time": "ts", "order": "order", "item": "item"}
            | {"quantity": "qty", "cancel_time": "off", "cancel_quantity": "offq"}
        }
        run = simulate(load_text(yaml.safe_dump(d, sort_keys=False), folder=tmp_path), "first", 1)
        run.audit()
        return run

    return play


def parcels(run):
    return [(f["shipped"], f["order"], f["units"]) for f in rows(run, "parcels")]


# ------------------------------------------------------------------------------------------------- waiting units
@pytest.mark.parametrize("of", ["line", "order"])
@pytest.mark.parametrize("allocation", [None, {"kind": "proportional"}])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1,A,mug,10,3,4", [(3, 4), (12, 2)]),  # 4 of the 6 that are left are more than half
        ("1,A,mug,10,3,2", [(3, 4)]),  # 4 of 8 are half; 2 of 8 are less, and not the last
        ("1,A,mug,10,3,1", [(12, 6)]),  # 4 of 9 are less
        ("1,A,mug,10,,", [(12, 6)]),
    ],
)
def test_the_share_that_must_go_together_is_one_of_what_is_still_ordered(played, line, expected, of, allocation):
    run = played(
        line,
        warehouse__stock__mug=4,
        suppliers__pottery__under_way=[{"item": "mug", "units": 2, "due": 12}],
        fulfilment={"kind": "minimum_split", "share": "50 %", "of": of},
        allocation=allocation,
    )
    assert [(shipped, units) for shipped, _, units in parcels(run)] == expected
