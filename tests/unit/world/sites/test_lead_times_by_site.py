"""Lead times that differ by site of the buyer, worked out by hand: purchases, dates, and every error at its place."""

import pytest
import yaml

from simulator.experiment.studies.causes import _punctual
from simulator.foundation.errors import UserError
from simulator.kernel.eligible import reasons
from simulator.kpis.evaluate import evaluate
from simulator.randomness.streams import Streams
from simulator.scenario.loader import load_text
from simulator.world.buying.planner import tracks_by_period
from simulator.world.simulate import build, simulate
from tests.unit.world.sites.two_sites import TwoSites, kpi, promised

ONE_FOR_ONE = {"replenishment": {"kind": "base_stock", "S": 0}, "promise": {"kind": "ctp"}}


def book(folder, lead_time, **supplier):
    """A northern order on day 1 and a southern one on day 2; neither site has stock, and each is a day from its
    customers."""
    world = TwoSites(folder, {"lamp": 0}, {"lamp": 0}).orders("n", "1,N1,lamp,1,,").orders("s", "2,S1,lamp,3,,")
    world.document["suppliers"]["maker"] |= {"lead_time": lead_time, **supplier}
    return world


@pytest.mark.parametrize(
    ("lead_time", "north", "south"),
    [
        (5, 5, 5),
        ({"default": 5}, 5, 5),
        ({"default": 5, "north": 2}, 2, 5),
        ({"default": 9, "south": 4, "north": 1}, 1, 4),
    ],
)
@pytest.mark.parametrize("announces", [False, True])
def test_goods_and_dates_come_after_the_lead_time_to_the_site(tmp_path, lead_time, north, south, announces):
    run = book(tmp_path, lead_time, announces=announces).play(**ONE_FOR_ONE)
    assert sorted(run.receipts["time"].tolist()) == sorted([1 + north, 2 + south])
    assert [promised(run, order) for order in (0, 1)] == [1 + north + 1, 2 + south + 1]
    assert kpi(run, "otif_first_promise") == 1


def test_an_order_delay_is_added_to_each_lead_time(tmp_path):
    run = book(tmp_path, {"default": 5, "north": 2}, order_delay=1).play(**ONE_FOR_ONE)
    assert [promised(run, order) for order in (0, 1)] == [1 + 3 + 1, 2 + 6 + 1]
    assert run.parcels["shipped"].tolist() == [4, 8]


def test_purchases_do_not_overtake_each_other_at_one_site(tmp_path):
    run = book(tmp_path, {"default": 5, "north": 2}, crossing="fifo").play(**ONE_FOR_ONE)
    assert sorted(run.receipts["time"].tolist()) == [3, 7]  # the north does not wait for the south


def test_the_buyer_of_each_site_plans_with_its_own_lead_time(tmp_path):
    world = book(tmp_path, {"default": 5, "north": 2}, order_delay=1)
    world.document["policies"] = {"first": ONE_FOR_ONE}
    scenario = load_text(yaml.safe_dump(world.document), folder=tmp_path)
    state = build(scenario, "first", Streams(1, 0))
    views = {shelf: state.flow.views[number] for number, shelf in enumerate(state.numbering.shelves)}
    assert views["north", "lamp"].lead_time("maker") == 3
    assert views["south", "lamp"].lead_time("maker") == 6


def test_a_forecast_looks_ahead_over_the_lead_time_to_the_site(tmp_path):
    world = book(tmp_path, {"default": 5, "north": 2}, order_delay=1)
    planned = {"kind": "forecast", "R": 1}
    world.document["policies"] = {"first": {"replenishment": planned}}
    state = build(load_text(yaml.safe_dump(world.document), folder=tmp_path), "first", Streams(1, 0))
    leads = {track.key.split("\x1e")[1]: track.lead for tracks in tracks_by_period(state).values() for track in tracks}
    assert leads == {"north": 3, "south": 6}


def test_the_quoted_time_is_the_longest_unless_given(tmp_path):
    run = book(tmp_path, {"default": 5, "north": 2}).play(**ONE_FOR_ONE)
    assert [supplier.quoted for supplier in run.world.suppliers] == [5]


def test_a_mapping_of_one_law_is_that_law(tmp_path):
    law = {"kind": "gamma", "mean": 5, "cv": 0.5}
    plain, mapped = (
        evaluate(book(tmp_path, given).play(**ONE_FOR_ONE)) for given in (law, {"default": law, "north": law})
    )
    assert plain == mapped


def text(lead_time, **more):
    document = yaml.safe_load(
        """
name: x
clock: {horizon: 40 d}
items: {lamp: {price: 10, unit_cost: 5}}
customers: {n: {site: north, arrivals: {kind: every, interval: 1 d}, basket: {kind: single, item: lamp}}}
warehouses: {north: {stock: {lamp: 2}}, south: {stock: {lamp: 2}}}
suppliers: {maker: {items: all}}
policies: {p: {replenishment: {kind: base_stock, S: 2}}}
"""
    )
    document["suppliers"]["maker"] |= {"lead_time": lead_time, **more}
    return yaml.safe_dump(document)


@pytest.mark.parametrize(
    ("lead_time", "said"),
    [
        ({"north": 2}, ["lead_time: `default:` is missing"]),
        ({"default": 5, "nroth": 2}, ["lead_time.nroth: no warehouse 'nroth' (did you mean 'north'?)"]),
        ({"default": -5, "north": "2 kg"}, ["lead_time.default: may become negative", "lead_time.north: "]),
        ({"default": 5, "est": 1, "west": 1}, ["lead_time.est: no warehouse", "lead_time.west: no warehouse"]),
        ({"default": 5, "north": {"kind": "gama"}}, ["lead_time.north.kind: unknown kind 'gama'"]),
        ({"mean": 5, "cv": 0.5}, ["lead_time: `kind:` is missing; kinds of distribution"]),
        ({"knid": "gamma"}, ["lead_time: `kind:` is missing ('knid': did you mean 'kind'?)"]),
        ({}, ["lead_time: `kind:` is missing"]),
    ],
)
def test_every_fault_is_named_at_its_place(lead_time, said):
    with pytest.raises(UserError) as error:
        load_text(text(lead_time))
    for part in said:
        assert f"suppliers.maker.{part}" in str(error.value)


def test_a_supplier_of_a_supplier_delivers_to_one_place():
    mine = {"foundry": {"items": "all", "lead_time": {"default": 5, "north": 2}}}
    with pytest.raises(UserError, match=r"suppliers.maker.suppliers.foundry.lead_time.north: 'maker' is one place"):
        load_text(text(3, stock={"lamp": 5}, suppliers=mine))


def test_a_path_edits_the_lead_time_to_one_site():
    scenario = load_text(text({"default": "5 d", "north": "2 d"}))
    edited = scenario.edit({"suppliers.maker.lead_time.north": "3 d"})
    first = [simulate(each, "p", 1) for each in (scenario, edited)]
    days = [run.receipts["time"][0] - run.receipts["bought"][0] for run in first]
    assert days == [2, 3]


def test_simpy_plays_lead_times_by_site_alone():
    assert reasons(load_text(text({"default": 5, "north": 2})), "p") == ["suppliers.maker.lead_time"]
    assert reasons(load_text(text(5)), "p") == []


def test_constant_lead_times_are_the_means_of_each_site():
    gamma = {"kind": "gamma", "mean": 4, "cv": 0.5}
    scenario = load_text(text({"default": gamma, "north": 2, "south": {**gamma, "mean": 6}}))
    law = _punctual(scenario, "p").suppliers["maker"].lead_time
    assert {site: (one.moments().mean, one.moments().variance) for site, one in law.items()} == {
        "default": (4, 0),
        "north": (2, 0),
        "south": (6, 0),
    }


@pytest.mark.parametrize("crossing", ["allowed", "fifo"])
@pytest.mark.parametrize("lane", [{}, {"departures": {"every": 3}}])
@pytest.mark.parametrize(
    "replenishment",
    [{"kind": "base_stock", "S": 2}, {"kind": "R_S", "R": 3, "S": 6}, {"kind": "s_Q", "s": 1, "Q": 4}],
    ids=lambda decision: decision["kind"],
)
def test_every_date_is_the_day_of_delivery_where_nothing_is_random(crossing, lane, replenishment):
    document = yaml.safe_load(text({"default": 5, "north": 2, "south": 7}, crossing=crossing, lane=lane, order_delay=1))
    document["suppliers"]["maker"]["closures"] = [{"from": 12, "to": 16}]
    document["customers"]["s"] = {**document["customers"]["n"], "site": "south"}
    document["policies"]["p"] = {"replenishment": replenishment, "promise": {"kind": "ctp"}}
    run = simulate(load_text(yaml.safe_dump(document)), "p", 1)
    run.audit()
    assert len(run.promises["date"]) > 20
    assert kpi(run, "promise_late_share") == 0
    assert kpi(run, "promise_error") == pytest.approx(0, abs=1e-9)
