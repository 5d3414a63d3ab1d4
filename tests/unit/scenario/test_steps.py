"""A scenario in steps: which keys count units, what is no whole number of steps, and what cannot be combined."""

import typing
from collections.abc import Iterator

import pytest
import yaml
from pydantic.fields import FieldInfo

from simulator.foundation.errors import UserError
from simulator.foundation.plugin import Spec
from simulator.foundation.quantities import quantity
from simulator.foundation.units import plain, rate
from simulator.policies.replenishment.replenishment import level
from simulator.scenario.loader import load_text
from simulator.scenario.step_rules import rules_of
from simulator.scenario.steps import grain_of, in_steps
from tests.unit.world.shops import shop

NOT_OF_UNITS = {
    # Money for an order, a parcel, a purchase, a message; rates of orders; numbers without a unit.
    "Costs": "storage order contact self_service notice refund goodwill",
    "SupplierCosts": "order",
    "LaneCost": "shipment",
    "TransferCost": "shipment",
    "ParcelCost": "parcel",
    "Fees": "shipping extra_parcel",
    "SiteReach": "cost",
    "Prioritise": "cost",
    "Otherwise": "switch waitlist walk",
    "Offer": "keep switch cancel",
    "LoyaltySpec": "orders_per_year",
    "Customers": "label",
    "Warehouse": "space",
    "Seasonal": "factors",
}
"""Keys with numbers that stay what they are in steps, by class."""


def specs(model: type[Spec] = Spec) -> Iterator[type[Spec]]:
    for one in model.__subclasses__():
        if one.__module__.startswith("simulator."):
            yield one
            yield from specs(one)


def marks(annotation: object) -> Iterator[object]:
    """What marks an annotation and all that is inside it."""
    for inner in typing.get_args(annotation):
        yield from marks(inner)
    for mark in getattr(annotation, "__metadata__", ()):
        yield from [mark, *(mark.metadata if isinstance(mark, FieldInfo) else ())]


def counts_units(field: FieldInfo) -> bool:
    found = [*field.metadata, *marks(field.annotation)]
    return any(getattr(mark, "func", None) in (quantity, level) for mark in found)


def test_every_key_that_counts_units_has_a_rule():
    missing = [
        f"{spec.__name__}.{name}"
        for spec in specs()
        for name, field in spec.model_fields.items()
        if counts_units(field) and name not in rules_of(spec) and (spec.__name__, name) != ("Supplier", "bom")
    ]
    assert missing == []


def test_a_rule_is_about_a_key_that_exists():
    for spec in specs():
        assert set(rules_of(spec)) <= set(spec.model_fields), spec


def kilos(**changes):
    """Beans in quarters of a kilo beside mugs."""
    return shop(
        items={
            "beans": {"price": 20, "unit_cost": 10, "unit": "kg", "granularity": 0.25},
            "mug": {"price": 12, "unit_cost": 5},
        },
        customers__web__basket={"kind": "bundle", "items": {"beans": 0.75, "mug": 1}},
        suppliers={"roaster": {"items": ["beans"], "lead_time": 4}, "pottery": {"items": ["mug"], "lead_time": 4}},
        **{
            "warehouse__stock": {"beans": 1.5, "mug": 6},
            "policies__first__replenishment": {"kind": "s_S", "s": 4, "S": 9},
            **changes,
        },
    )


def read(d):
    return load_text(yaml.safe_dump(d, sort_keys=False))


def test_quantities_of_an_item_are_in_its_steps_and_amounts_for_a_unit_are_for_a_step():
    d = kilos(
        suppliers__roaster__minimum=5, suppliers__roaster__multiple=2.5, suppliers__roaster__unit_cost={"beans": 8}
    )
    d["costs"] = {"backorder": 1, "lost_sale": 4}
    scenario = read(d)
    found = in_steps(scenario)
    beans, roaster = found.items["beans"], found.suppliers["roaster"]
    assert (beans.price, beans.unit_cost) == (5, 2.5)
    assert found.warehouse.stock == {"beans": 6, "mug": 6}
    assert (roaster.minimum, roaster.multiple, roaster.unit_cost) == (20, 10, {"beans": 2})
    assert (found.costs.backorder, found.costs.lost_sale) == (0.25, 1)
    levels = {key: decision.levels() for key, decision in found.policies["first"].replenishment.items()}
    assert levels == {"default": {"s": 4, "S": 9}, "items\x1fbeans": {"s": 16, "S": 36}}
    assert in_steps(found) is found
    assert scenario.warehouse.stock == {"beans": 1.5, "mug": 6}


def test_a_pack_of_one_is_one_step_unless_it_is_written():
    assert in_steps(read(kilos())).suppliers["roaster"].multiple == 1
    assert in_steps(read(kilos(suppliers__roaster__multiple=1))).suppliers["roaster"].multiple == 4


def test_a_grain_is_the_largest_part_of_all_granularities():
    d = kilos()
    assert grain_of(read(d)) == 0.25
    d["items"]["mug"]["granularity"] = 0.6
    d["warehouse"]["stock"]["mug"], d["policies"]["first"]["replenishment"] = 6, {"kind": "s_S", "s": 3, "S": 9}
    d["customers"]["web"]["basket"]["items"]["mug"] = 0.6
    assert grain_of(read(d)) == 0.05


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("warehouse__stock", {"beans": 1.6}, r"\.beans: 1.6 is not a whole multiple of 0.25, .* write 1.5 or 1.75"),
        ("warehouse__stock", {"mug": 1.5}, r"\.mug: 1.5 is not a whole number, and 'mug' has no `granularity`"),
        ("policies__first__acceptance", {"kind": "limit", "units": 0.5}, "0.5 is not a whole number, and 'mug'"),
        (
            "policies__first__allocation",
            {"kind": "critical_level", "units": 2},
            "counts units of several items together",
        ),
        ("policies__first__fulfilment", {"kind": "minimum_split", "share": "50 %"}, "counts units of several items"),
        ("suppliers__roaster__capacity", {"time": {"kind": "exponential", "mean": 1}}, "give `rate`"),
        ("items__mug__substitutes", {"beans": "50 %"}, "shoppers take as much of 'beans', whose `granularity` is 0.25"),
        ("items__mug__kit", {"beans": 0.3}, "0.3 is not a whole multiple of 0.25"),
        ("items__beans__granularity", 0, r"0 is out of range; must be from 1e-06"),
        ("items__beans__granularity", 1 / 3, "more than six decimal places"),
        ("items__beans__granularity", "250 g", "is not a number without a unit"),
        ("suppliers__roaster__minimum", -1, "must be at least 0"),
        ("suppliers__roaster__multiple", 0, "must be more than 0"),
    ],
)
def test_what_cannot_be_played_in_whole_steps_is_refused_at_its_key(path, value, message):
    with pytest.raises(UserError, match=message):
        read(kilos(**{path: value}))


def test_noise_of_a_spreadsheet_is_no_fault():
    assert in_steps(read(kilos(warehouse__stock={"beans": 0.1 + 0.2 + 0.2}))).warehouse.stock["beans"] == 2


def test_a_kit_holds_units_of_its_components_and_has_no_steps_of_its_own():
    d = kilos()
    d["items"]["hamper"] = {"price": 40, "kit": {"beans": 0.5, "mug": 2}}
    assert in_steps(read(d)).items["hamper"].kit == {"beans": 2, "mug": 2}
    assert read(d).items["hamper"].unit_cost == 15
    d["items"]["hamper"]["granularity"] = 0.5
    with pytest.raises(UserError, match="a kit is sold in whole kits"):
        read(d)


def test_cells_that_are_no_whole_steps_are_named_with_file_and_row(tmp_path):
    (tmp_path / "orders.csv").write_text("t,o,i,q\n1,a,beans,0.75\n2,b,beans,0.8\n3,c,mug,1.5\n")
    d = kilos()
    columns = {"time": "t", "order": "o", "item": "i", "quantity": "q"}
    d["customers"]["web"] = {"arrivals": {"kind": "trace", "file": "orders.csv", **columns}}
    message = r"orders.csv:3: column 'q': '0.8' is not a whole multiple of 0.25, .* write 0.75 or 1 \(and 1 more row\)"
    with pytest.raises(UserError, match=message):
        load_text(yaml.safe_dump(d), tmp_path)


def test_different_units_are_added_with_a_warning():
    (warning,) = [w for w in read(kilos()).warnings if "counted in" in w.message]
    assert warning.key == "items.beans.unit"
    assert "kg, pieces" in warning.message


def test_the_catalogue_has_units_and_granularities(tmp_path):
    (tmp_path / "items.csv").write_text("sku,p,c,u,g,n\nbeans,20,10,kg,0.25,1.5\nmug,12,5,,,6\n")
    d = kilos()
    del d["items"], d["warehouse"]
    columns = {"item": "sku", "price": "p", "unit_cost": "c", "unit": "u", "granularity": "g", "on_hand": "n"}
    d["catalogue"] = {"file": "items.csv", **columns}
    found = in_steps(load_text(yaml.safe_dump(d, sort_keys=False), tmp_path))
    assert found.stock_of("") == {"beans": 6, "mug": 6}
    assert found.items["beans"].unit == "kg"


def test_rules_of_money_and_numbers_are_complete():
    """Every key with money, a rate or a bare number has a rule, or is listed as one that is not about units."""
    functions = (plain, rate)
    families = ("distribution", "arrivals", "basket", "split", "join", "event", "safety")
    left = []
    for spec in specs():
        known = {*rules_of(spec), *NOT_OF_UNITS.get(spec.__name__, "").split()}
        if getattr(spec, "family", "") in families:
            continue
        for name, field in spec.model_fields.items():
            found = [getattr(mark, "func", None) for mark in (*field.metadata, *marks(field.annotation))]
            if any(f in functions for f in found) and name not in known:
                left.append(f"{spec.__name__}.{name}")
    assert left == []
