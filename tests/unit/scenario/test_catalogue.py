"""Items from a table, and decisions by their attributes: what they become, and what is told of faults."""

import pytest
import yaml

from simulator.policies.decisions import decision_for
from simulator.scenario.loader import load, load_text, validate
from simulator.world.simulate import simulate
from tests.pace import within
from tests.unit.world.shops import play, shop

HEAD = "sku,price,cost,per_day,there,abc,volume"
ROWS = ("bolt,2,1,30,90,A,0.1", "nut,1,0.5,3,0,C,0.1", "drill,80,50,0.2,,B,2")


def files(folder, *rows, **changes):
    (folder / "catalogue.csv").write_text("\n".join([HEAD, *rows]) + "\n")
    columns = {"item": "sku", "price": "price", "unit_cost": "cost", "demand": "per_day", "on_hand": "there"}
    d = shop(catalogue={"file": "catalogue.csv", **columns, "attributes": ["abc"]})
    d["suppliers"]["pottery"]["items"] = "all"
    d["policies"]["first"]["replenishment"] = {"kind": "none"}
    for key, value in changes.items():
        d[key] = value
    (folder / "shop.yaml").write_text(yaml.safe_dump(d, sort_keys=False))
    return folder / "shop.yaml"


def test_rows_are_items_beside_those_written_by_hand(tmp_path):
    s = load(files(tmp_path, *ROWS))
    assert list(s.items) == ["mug", "bolt", "nut", "drill"]
    drill = s.items["drill"]
    assert (drill.price, drill.unit_cost, drill.demand, drill.attributes) == (80.0, 50.0, 0.2, {"abc": "B"})
    assert s.stock_of("") == {"bolt": 90, "mug": 6}
    assert simulate(s, "first", 1).level("on_hand", "bolt").values[0] == 90


def test_a_table_gives_the_run_of_the_same_items_written_by_hand(tmp_path):
    d = shop(items={"mug": {"price": 12, "unit_cost": 5}})
    (tmp_path / "catalogue.csv").write_text("sku,price,cost,there\nmug,12,5,6\n")
    columns = {"item": "sku", "price": "price", "unit_cost": "cost", "on_hand": "there"}
    other = {**d, "catalogue": {"file": "catalogue.csv", **columns}}
    del other["items"], other["warehouse"]
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(other, sort_keys=False))
    one, two = play(d), simulate(load(tmp_path / "shop.yaml"), "first", 1)
    assert one.fills["time"].tolist() == two.fills["time"].tolist()
    assert one.parcels["shipped"].tolist() == two.parcels["shipped"].tolist()


def test_an_item_is_the_same_whatever_rows_come_before_it(tmp_path):
    (tmp_path / "one").mkdir()
    alone = load(files(tmp_path / "one", ROWS[2])).items["drill"]
    last = load(files(tmp_path, *ROWS)).items["drill"]
    assert last == alone
    assert last.model_fields_set == alone.model_fields_set
    assert last.model_dump() == alone.model_dump()


RULES = {
    "default": {"kind": "none"},
    "drill": {"kind": "base_stock", "S": 1},
    "rules": [
        {"where": {"abc": ["A", "B"]}, "use": {"kind": "base_stock", "S": 2}},
        {"where": {"abc": "A"}, "use": {"kind": "base_stock", "S": 3}},
        {"where": {"abc": "C"}, "use": {"kind": "s_S", "s": "2 d", "S": "4 d"}},
    ],
}


def ruled(folder, rules, *rows):
    policy = {"first": {"replenishment": rules}}
    return files(folder, *(rows or ROWS), policies=policy)


def test_an_item_s_own_decision_comes_first_then_the_first_rule_that_fits_then_the_default(tmp_path):
    decisions = load(ruled(tmp_path, RULES)).policies["first"].replenishment
    assert {item: decision_for(decisions, item).model_dump().get("S") for item in ("mug", "bolt", "nut", "drill")} == {
        "mug": None,
        "bolt": 2,
        "nut": 4,  # days of cover
        "drill": 1,
    }


def test_attributes_can_be_written_by_hand_and_numbers_are_texts():
    d = shop(items={"mug": {"price": 12, "unit_cost": 5, "attributes": {"shelf": 3, "abc": "A"}}})
    d["policies"]["first"]["replenishment"] = {
        "default": {"kind": "none"},
        "rules": [{"where": {"shelf": 3, "abc": "A"}, "use": {"kind": "base_stock", "S": 7}}],
    }
    assert decision_for(load_text(yaml.safe_dump(d)).policies["first"].replenishment, "mug").S == 7


def test_decisions_about_orders_follow_rules_too_within_a_segment_and_for_all():
    d = shop(items={"mug": {"price": 12, "unit_cost": 5, "attributes": {"abc": "A"}}})
    d["policies"]["first"]["acceptance"] = {
        "default": {"kind": "never"},
        "rules": [{"where": {"abc": "A"}, "use": {"kind": "limit", "units": 4}}],
        "segments": {
            "web": {
                "default": {"kind": "never"},
                "rules": [{"where": {"abc": "A"}, "use": {"kind": "limit", "units": 5}}],
            }
        },
    }
    decisions = load_text(yaml.safe_dump(d)).policies["first"].acceptance
    assert decision_for(decisions, "mug").units == 4
    assert decision_for(decisions, "mug", segment="web").units == 5


def test_a_key_of_a_rule_can_be_edited(tmp_path):
    s = load(ruled(tmp_path, RULES)).edit({"policies.first.replenishment.rules.0.use.S": 9})
    assert decision_for(s.policies["first"].replenishment, "bolt").S == 9


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([{"where": {"abc": "A"}}], "rules[0]: expected {where: {attribute: value, …}, use: {kind: …}}"),
        ([{"where": {}, "use": {"kind": "none"}}], "rules[0]: expected {where: {attribute: value, …}, use: {kind: …}}"),
        ([{"where": {"abc": [["A"]]}, "use": {"kind": "none"}}], "rules[0]: a value below `where` must be a text"),
        (
            [{"where": {"abc": "A"}, "use": {"kind": "s_S", "s": 4}}],
            "policies.first.replenishment.rules.0.use.S: is missing",
        ),
        ([{"where": {"abc": "A"}, "use": {"kind": "sS"}}], "rules.0.use.kind: unknown kind 'sS'"),
    ],
)
def test_faults_of_rules_are_named(rules, said, tmp_path):
    _, problems = validate(ruled(tmp_path, {"default": {"kind": "none"}, "rules": rules}))
    assert said in "\n".join(map(str, problems))


def test_a_rule_that_fits_no_item_is_warned_of(tmp_path):
    rules = [{"where": {"abc": "D"}, "use": {"kind": "none"}}]
    _, problems = validate(ruled(tmp_path, {"default": {"kind": "none"}, "rules": rules}))
    (found,) = [p for p in problems if "attributes" in p.message]
    assert found.warning
    assert found.key == "policies.first.replenishment.rules.0.where"
    assert found.message == "no item has these attributes; there are abc: A, B, C"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["bolt,2,1,30,,A,1", "bolt,3,1,30,,A,1"], "catalogue.csv:3: column 'sku': 'bolt' is already in row 2"),
        (["bolt,-2,1,30,,A,1"], "catalogue.csv:2: column 'price': '-2' is below 0"),
        (["bolt,x,1,30,,A,1"], "catalogue.csv:2: column 'price': 'x' is not a"),
        ([",2,1,30,,A,1"], "catalogue.csv:2: column 'sku': "),
        (["bolt,2,1,30,1.5,A,1"], "catalogue.csv:2: column 'there': "),
        (["mug,2,1,30,1,A,1"], "mug is both under `items` and in the catalogue"),
    ],
)
def test_faults_of_the_table_are_named(rows, said, tmp_path):
    _, problems = validate(files(tmp_path, *rows))
    assert said in "\n".join(map(str, problems))


def test_a_file_that_is_missing_is_named_once(tmp_path):
    path = files(tmp_path, *ROWS)
    (tmp_path / "catalogue.csv").unlink()
    _, problems = validate(path)
    assert [p.key for p in problems] == ["catalogue.file"]


def test_findings_about_an_item_of_the_table_name_it_at_the_catalogue(tmp_path):
    _, problems = validate(files(tmp_path, "bolt,2,3,30,90,A,0.1"))
    (found,) = [p for p in problems if "every sale loses money" in p.message]
    assert (found.key, found.message.split(": ")[0]) == ("catalogue", "bolt.price")


def test_a_basket_can_weigh_items_by_their_demand(tmp_path):
    customers = {
        "web": {
            "arrivals": {"kind": "poisson", "rate": "400 / d"},
            "basket": {"kind": "weighted", "items": "demand", "lines": 1},
        }
    }
    s = load(files(tmp_path, *ROWS, customers=customers))
    run = simulate(s, "first", 1)
    names = [item.name for item in run.world.items]
    share = (run.demand.items == names.index("bolt")).mean()
    assert share == pytest.approx(30 / 33.2, abs=0.01)
    assert s.customers["web"].basket.names() == ("bolt", "nut", "drill")


@pytest.mark.parametrize(
    ("many", "seconds"), [(10_000, 1.5), pytest.param(100_000, 10, marks=pytest.mark.slow)], ids=["some", "many"]
)
def test_a_hundred_thousand_items_load_in_ten_seconds(tmp_path, many, seconds):
    rows = (f"s{k},{k % 90 + 41},{k % 40 + 0.5},{k % 7 + 0.5},{k % 13},{'ABC'[k % 3]},1" for k in range(many))
    path = ruled(tmp_path, {key: value for key, value in RULES.items() if key != "drill"}, *rows)
    with within(seconds):
        assert len(load(path).items) == many + 1
