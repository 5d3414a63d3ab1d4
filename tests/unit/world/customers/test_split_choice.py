"""Customers who choose between parts and one parcel, by hand: who is asked, what leaves, and what it costs."""

import yaml

from simulator.kernel.eligible import reasons
from simulator.kpis.evaluate import evaluate
from simulator.report.tracking.letters import messages
from simulator.report.tracking.order import Tracked
from simulator.scenario.loader import load_text
from tests.unit.world.shops import play, play_book, shop

ALL, NONE = {"kind": "share", "share": 1}, {"kind": "share", "share": 0}
BOOK = ("1,A,mug,2,,", "1,A,cup,1,,", "2,B,mug,1,,", "3,C,cup,1,,")
"""A's mugs are there and the cup is not; B gets all at once, and C nothing."""


def book(folder, split, *lines, policy=None, **changes):
    """Recorded orders; four mugs and no cup are there, and a cup comes on day 6 and on day 9."""
    under_way = [{"item": "cup", "units": 1, "due": day} for day in (6, 9)]
    changes = {"suppliers__pottery__under_way": under_way, "warehouse__stock": {"mug": 4, "cup": 0}} | changes
    chosen = {"promise": {"kind": "atp"}, **(policy or {})}
    fees = {"customers__web__split": split, "customers__web__fees": {"extra_parcel": 3}}
    return play_book(folder, *(lines or BOOK), policy=chosen, **fees, **changes)


def parcels(run, order):
    mine = run.parcels["order"] == order
    return list(zip(run.parcels["shipped"][mine].tolist(), run.parcels["units"][mine].tolist(), strict=True))


def test_only_who_could_have_a_part_at_once_is_asked(tmp_path):
    run = book(tmp_path, ALL)
    assert run.split_choices["order"].tolist() == [0]
    assert run.split_choices["days"].tolist() == [5]  # told on day 1 that the cup comes on day 6


def test_who_wants_parts_gets_them_and_pays_for_the_second_parcel(tmp_path):
    run = book(tmp_path, ALL)
    assert parcels(run, 0) == [(1, 2), (6, 1)]
    found = evaluate(run)
    assert (found["chose_parts"], found["fee_income"]) == (1, 3)
    assert "told that the rest comes in 5.0 d, chooses: what is there is sent at once" in " ".join(run.story(0))
    assert any("What is there comes at once." in m.text for m in messages(Tracked(run, 0)))


def test_who_wants_one_parcel_gets_all_on_the_day_of_the_last_item_at_the_same_date(tmp_path):
    parts, whole = book(tmp_path, ALL), book(tmp_path, NONE)
    assert parcels(whole, 0) == [(6, 3)]
    found = evaluate(whole)
    assert (found["chose_parts"], found["fee_income"]) == (0, 0)
    assert parts.promises["date"].tolist() == whole.promises["date"].tolist() == [6, 9]
    assert "chooses: all of it is sent together" in " ".join(whole.story(0))
    assert any("We send it all together." in m.text for m in messages(Tracked(whole, 0)))


def test_goods_that_are_kept_for_one_parcel_are_not_sold_to_others(tmp_path):
    lines = (*BOOK[:2], "2,B,mug,3,,", "3,C,mug,2,,")  # A keeps two of the four mugs
    run = book(tmp_path, NONE, *lines)
    assert run.split_choices["order"].tolist() == [0, 1]
    assert run.backordered["units"].tolist() == [1, 3, 2]  # B wants all three together, and C is behind B


def test_where_the_seller_ships_whole_orders_nobody_is_asked(tmp_path):
    for kind in ({"kind": "order_complete"}, {"kind": "hold_until", "days": 30}):
        run = book(tmp_path, ALL, policy={"fulfilment": kind})
        assert not run.split_choices["order"].size
        assert parcels(run, 0) == [(6, 3)]
        assert evaluate(run)["chose_parts"].reason == "no customer was asked"


def test_part_of_a_line_counts_only_where_lines_may_be_split(tmp_path):
    lines = ("1,A,mug,6,,",)  # four are there
    mugs = {"suppliers__pottery__under_way": [{"item": "mug", "units": 2, "due": 6}]}
    assert parcels(book(tmp_path, ALL, *lines, **mugs), 0) == [(1, 4), (6, 2)]
    assert parcels(book(tmp_path, NONE, *lines, **mugs), 0) == [(6, 6)]
    run = book(tmp_path, ALL, *lines, policy={"fulfilment": {"kind": "line_complete"}}, **mugs)
    assert not run.split_choices["order"].size


def test_who_is_shown_no_date_chooses_without_one(tmp_path):
    split = {"kind": "logit", "no_date": 0.999999, "at_7d": 0.000001, "at_28d": 0.000002, "fee_scale": 1e9}
    hidden = book(tmp_path, split, policy={"promise": {"kind": "none"}})
    assert hidden.split_choices["parts"].tolist() == [1]
    assert book(tmp_path, split).split_choices["parts"].tolist() == [0]
    assert "comes at an unknown time" in " ".join(hidden.story(0))


def test_a_higher_fee_makes_fewer_choose_parts_of_the_same_customers():
    def chosen(fee):
        run = play(
            shop(
                clock={"horizon": 400},
                items__cup={"price": 7, "unit_cost": 3},
                customers__web__basket={"kind": "bundle", "items": {"mug": 1, "cup": 1}},
                customers__web__split={"kind": "logit"},
                customers__web__fees={"extra_parcel": fee},
                suppliers__pottery={"items": "all", "lead_time": 4},
                warehouse__stock={"mug": 6, "cup": 0},
                policies__first={
                    "replenishment": {
                        "default": {"kind": "s_Q", "s": 4, "Q": 5},
                        "cup": {"kind": "base_stock", "S": 0},
                    },
                    "promise": {"kind": "ctp"},
                },
            )
        )
        assert run.split_choices["order"].size > 100
        return set(run.split_choices["order"][run.split_choices["parts"] > 0].tolist())

    free, dear = chosen(0), chosen(4)
    assert dear < free, "whoever pays would also have taken it for nothing"


def test_the_date_shown_counts_a_component_once_for_all_lines(tmp_path):
    """A desk and four legs: four legs come on day 5 and four on day 9, so that not all of it is there before day 9."""
    items = {"items__leg": {"price": 2, "unit_cost": 1}, "items__desk": {"price": 9, "kit": {"leg": 4}}}
    under_way = [{"item": "leg", "units": 4, "due": day} for day in (5, 9)]
    lines = ("1,A,mug,1,,", "1,A,desk,1,,", "1,A,leg,4,,")
    run = book(tmp_path, ALL, *lines, suppliers__pottery__under_way=under_way, **items)
    assert run.split_choices["days"].tolist() == [8]
    assert run.promises["date"].tolist() == [9]


def forty(folder, split, *under_way, ahead=14, **policy):
    """Two mugs and a cup for day 40: the mugs are there, the cup comes on these days; a parcel takes two days."""
    changes = {"clock__horizon": 60, "customers__web__wanted": 40, "carriers__post": {"transit": 2}}
    changes["suppliers__pottery__under_way"] = [{"item": "cup", "units": 1, "due": day} for day in under_way]
    policy = {"reservation": {"ahead": ahead}, **policy}
    return book(folder, split, "0,A,mug,2,,", "0,A,cup,1,,", policy=policy, **changes)


def test_who_wants_goods_later_is_asked_when_the_order_opens(tmp_path):
    run = forty(tmp_path, ALL, 43)
    assert run.split_choices["time"].tolist() == [26]
    assert run.split_choices["days"].tolist() == [45 - 26]
    assert parcels(run, 0) == [(38, 2), (43, 1)]
    assert parcels(forty(tmp_path, NONE, 43), 0) == [(43, 3)]
    assert run.promises["date"].tolist() == [45]


def test_nobody_is_asked_where_all_of_it_comes_on_the_wanted_day(tmp_path):
    for split in (ALL, NONE):
        run = forty(tmp_path, split, 38)
        assert not run.split_choices.size
        assert parcels(run, 0) == [(38, 3)]
        assert evaluate(run, ["otif_requested"])["otif_requested"] == 1


def test_only_the_days_after_the_wanted_one_count(tmp_path):
    """Parts are chosen from a week on; the rest is four days late, or ten, whenever the order opens."""
    split = {"kind": "logit", "at_7d": 0.5, "at_28d": 0.999999999, "fee_scale": 1e9}
    for ahead in (14, 30):
        few, many = (forty(tmp_path, split, 38 + late, ahead=ahead) for late in (0.5, 20))
        assert (few.split_choices["parts"].tolist(), many.split_choices["parts"].tolist()) == ([0], [1])


def test_a_fixed_date_counts_from_the_order(tmp_path):
    run = forty(tmp_path, ALL, 43, promise={"kind": "fixed", "within": 42})
    assert run.split_choices["days"].tolist() == [42 - 26]
    assert not forty(tmp_path, ALL, 43, promise={"kind": "fixed", "within": 39}).split_choices.size


def test_the_kernel_leaves_choices_to_simpy():
    scenario = load_text(yaml.safe_dump(shop(customers__web__split={"kind": "logit"})))
    assert reasons(scenario, "first") == ["customers.web.split"]
