"""Every kind of every family keeps its promise: it says what it is, its example works, and it comes back whole."""

import inspect
import math
import shutil
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path

import pytest
import yaml

import simulator.scenario.schema.schema
from simulator.events.effect import Blockage, ForecastScaling, LeadTimeChange, Stoppage, Target
from simulator.events.event import CarrierNames, Event, SupplierNames, WarehouseNames
from simulator.experiment.studies.causes import cause_of, present, without
from simulator.foundation.datafiles import DataFiles, data_files
from simulator.foundation.errors import UserError
from simulator.foundation.plugin import FAMILIES, Plugin
from simulator.foundation.units import clock_start, date
from simulator.policies.acceptance import Acceptance
from simulator.policies.allocation.allocation import Allocation
from simulator.policies.fulfilment import Fulfilment, PartialOrder
from simulator.policies.procurement import OpenPurchase, Procurement, Shortage, SpotBuy
from simulator.policies.replenishment.dual import DualSourcing
from simulator.policies.replenishment.forecast import Forecast
from simulator.policies.replenishment.planned import Planned
from simulator.policies.replenishment.played import PlayedPurchases
from simulator.policies.replenishment.recorded import Recorded
from simulator.policies.replenishment.replenishment import Level, Replenishment
from simulator.policies.replenishment.safety import Risk, Safety
from simulator.policies.replenishment.view import Buy, DemandOutlook, Rhythm, buy
from simulator.policies.window import Window
from simulator.randomness.arrival import Arrivals
from simulator.randomness.basket import Basket, Catalogue
from simulator.randomness.distributions.continuous import Constant
from simulator.randomness.streams import Streams
from simulator.scenario.faults.shape import description, fields_of
from simulator.scenario.loader import load_text
from simulator.world.simpy_clock import SimpyClock
from simulator.world.simulate import build, simulate, start
from simulator.world.switchboard import Switchboard
from tests.properties.models.facts import TABLES, rows
from tests.unit.world.shops import play, shop

KINDS = {f"{name} {kind}": member for name, family in FAMILIES.items() for kind, member in family.kinds.items()}
EVER = Constant(value=1e4)
ORDERS = "ts,invoice,sku,qty\n1.5,A,mug,2\n0.5,B,plate,1\n1.5,A,plate,3\n"


def of(family):
    members = {kind: KINDS[f"{family.family} {kind}"] for kind in family.kinds}
    return pytest.mark.parametrize("member", members.values(), ids=members)


every_kind = pytest.mark.parametrize("member", KINDS.values(), ids=KINDS)


@pytest.fixture(autouse=True)
def _a_scenario_folder(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "orders.csv").write_text(ORDERS)
    with clock_start(date("2025-01-06")), data_files(DataFiles(tmp_path)):
        yield
    shutil.rmtree(tmp_path / "data")


def kind_of(member):
    return next(kind for kind, other in FAMILIES[member.family].kinds.items() if other is member)


def parse(member: type[Plugin], words=None):
    return FAMILIES[member.family].parse(words or member.example)


def test_every_decision_of_the_schema_has_kinds_to_choose_from():
    assert {"distribution", "arrivals", "basket", "event", "replenishment", "acceptance", "allocation"} <= set(FAMILIES)
    assert {"fulfilment", "window"} <= set(FAMILIES)
    assert all(len(family.kinds) >= 2 for family in FAMILIES.values())


@every_kind
def test_a_kind_says_in_one_line_what_it_is(member):
    own = inspect.getdoc(member)
    assert member.__doc__, "a docstring of its own"
    assert own.splitlines()[0].endswith(".")
    assert len(member.meaning()) < 130
    others = [other for other in KINDS.values() if other is not member and other.family == member.family]
    assert member.meaning() not in {other.meaning() for other in others}


@every_kind
def test_the_example_of_a_kind_is_read_as_that_kind(member):
    assert "example" in vars(member), "an example of its own"
    assert member.example["kind"] == kind_of(member)
    found = parse(member)
    assert type(found) is member
    assert found == parse(member), "equal words, equal things"


@every_kind
def test_a_kind_comes_back_from_yaml_as_it_was(member):
    found = parse(member)
    words = yaml.safe_load(yaml.safe_dump(found.model_dump(mode="json", exclude_none=True)))
    assert parse(member, words) == found
    assert yaml.safe_load(yaml.safe_dump(member.example)) == member.example


@every_kind
def test_every_field_of_a_kind_says_what_it_means(member):
    for key in fields_of(member):
        if key != "kind":
            assert description(member, key).endswith("."), key


@every_kind
def test_a_kind_is_frozen_and_refuses_what_it_does_not_know(member):
    found = parse(member)
    with pytest.raises(ValueError, match=r"[Ee]xtra|not permitted"):
        parse(member, {**member.example, "no such key": 1})
    name = next(iter(type(found).model_fields))
    with pytest.raises(ValueError, match="frozen"):
        setattr(found, name, getattr(found, name))


@every_kind
def test_required_fields_are_in_the_example_and_missing_ones_are_named(member):
    for name, field in member.model_fields.items():
        if field.is_required() and name != "kind":
            words = {key: value for key, value in member.example.items() if key != name}
            with pytest.raises(ValueError, match=f"{name}|missing|required"):
                parse(member, words)


# ---------------------------------------------------------------------------------------------------- decisions
OUTLOOK = DemandOutlook(10.0, 3.0, 5.0, 1.0, 7.0)


@dataclass(frozen=True)
class View:
    """An item as a decision sees it, in a test: all units of the position are on hand unless others are given."""

    position: int
    on_order: int = 0
    item: str = "mug"
    now: float = 0.5
    asked: int = 3
    reviews: int = 5
    memory: object = None
    pipeline: tuple = ()
    outlook: DemandOutlook = OUTLOOK

    @property
    def net(self):
        return self.position - self.on_order

    def lead_time(self, supplier):
        return 2.0


def remembering(decision, view):
    return replace(view, memory=decision.remembers(view))


def looks_at_the_position(member):
    return not issubclass(member, Recorded | PlayedPurchases)


@of(Replenishment)
def test_a_replenishment_says_when_it_is_asked_and_buys_whole_units_the_same_for_the_same_view(member):
    decision = parse(member)
    rhythm = decision.rhythm("mug")
    assert rhythm == decision.rhythm("mug")
    assert isinstance(rhythm, Rhythm)
    times = list(islice(rhythm.times(), 50))
    assert times == sorted(set(times))
    assert rhythm.is_scheduled == bool(times)
    assert rhythm.trigger == -math.inf or isinstance(rhythm.trigger, int)
    assert rhythm.is_scheduled or rhythm.trigger > -math.inf or kind_of(member) == "none"
    for position in (-60, 0, 5, 10**6):
        view = remembering(decision, View(position))
        bought = decision.buys(view)
        assert bought == decision.buys(view)
        assert isinstance(bought, tuple)
        for purchase in bought:
            assert isinstance(purchase.units, int)
            assert purchase.units > 0
            assert purchase.supplier is None or purchase.supplier in (decision.regular, decision.fast)
    assert decision.in_units(3.0) == decision


@pytest.mark.parametrize("member", [m for m in Replenishment.kinds.values() if looks_at_the_position(m)])
def test_a_replenishment_buys_the_more_the_lower_the_position(member):
    decision = parse(member)
    trigger = decision.rhythm("mug").trigger
    low = int(trigger) if trigger > -1e9 else 200
    bought = [sum(b.units for b in decision.buys(remembering(decision, View(p)))) for p in range(low, -60, -1)]
    lifted = [position + units for position, units in zip(range(low, -60, -1), bought, strict=True) if units]
    if kind_of(member) != "none":
        assert lifted
        assert min(lifted) > trigger, "what is bought lifts the position above the trigger"
    if kind_of(member) not in ("s_Q", "anchor_adjust"):  # multiples of Q; a share of the gap
        assert sorted(bought) == bought
    full = View(10**6)
    assert not decision.buys(remembering(decision, full)) or decision.Q


class Truckload(Replenishment):
    """(s,S) by the truck: at or below s, buy up to S, never more than a truckload."""

    s: Level
    """Reorder point."""
    S: Level
    """Order-up-to level."""
    truck: int
    """Units of a truckload."""

    def rhythm(self, item):
        return Rhythm(trigger=int(self.s))

    def buys(self, view):
        return buy(min(self.S - view.position, self.truck)) if view.position <= self.s else ()


def run_under(decision, **changes):
    """The run of a world under a policy of a kind that no folder holds."""
    scenario = load_text(yaml.safe_dump(shop(**changes), sort_keys=False))
    policy = scenario.policies["first"].model_copy(update={"replenishment": {"default": decision}})
    run = simulate(scenario.model_copy(update={"policies": {"first": policy}}), "first", 1)
    run.audit()
    return run


def test_a_capped_order_is_one_class():
    run = run_under(Truckload(s=10, S=40, truck=8), warehouse__stock={"mug": 20})
    bought = [(fact["time"], fact["units"]) for fact in rows(run, "purchases")]
    assert {units for _, units in bought} == {8}
    assert len(bought) == 4  # at a demand a day and s = 10, each truck comes when the position is at 10 again
    assert [time for time, _ in bought] == [10, 18, 26, 34]
    behind = run_under(Truckload(s=10, S=40, truck=8), warehouse__stock={"mug": -20})
    assert [fact["units"] for fact in rows(behind, "purchases")][:5] == [8] * 5
    assert [fact["time"] for fact in rows(behind, "purchases")][:5] == [0, 1, 2, 3, 4]  # asked again at each demand


def test_one_decision_may_be_asked_in_several_rhythms_and_buy_from_several_suppliers_at_once():
    seen = []

    class Weekly(Replenishment):
        """Every week 3 units from one supplier and more and more from another, and 2 at a position of 1."""

        sees_history = True

        def rhythm(self, item):
            return Rhythm(trigger=1, period=7, first=2, days=(1.0,))

        def remembers(self, view):
            seen.append((view.now, view.reviews, view.asked))
            return (view.memory or 0) + 1

        def buys(self, view):
            if view.position <= 1:
                return buy(2)
            return (Buy(3, "pottery"), Buy(view.memory, "importer"))

    suppliers = {"pottery": {"items": ["mug"], "lead_time": 4}, "importer": {"items": ["mug"], "lead_time": 1}}
    run = run_under(Weekly(), suppliers=suppliers, warehouse__stock={"mug": 30}, clock={"horizon": 20})
    bought = [(fact["time"], fact["units"]) for fact in rows(run, "purchases")]
    assert bought == [(1, 3), (1, 1), (2, 3), (2, 2), (9, 3), (9, 3), (16, 3), (16, 4)]
    assert seen == [(1, 0, 1), (2, 1, 1), (9, 2, 7), (16, 3, 7)], "a demand a day, from the first one on"


@pytest.mark.parametrize("words", [{"kind": "s_S", "s": "3 d", "S": "8 d"}, {"kind": "R_S", "R": 1, "S": "5 d"}])
def test_levels_in_days_become_whole_units_rounded_up_and_need_the_demand(words):
    decision = Replenishment.parse(words)
    found = decision.in_units(2.3)
    assert found.levels() == {name: -(-int(words[name].split()[0]) * 23 // 10) for name in found.levels()}
    with pytest.raises(ValueError, match="demand"):
        decision.in_units(None)


@pytest.mark.parametrize("member", [m for m in Replenishment.kinds.values() if issubclass(m, Planned)])
def test_a_planned_replenishment_sets_plain_levels_that_rise_with_what_is_expected_and_with_the_risk(member):
    decision = parse(member)

    def level(mean=10.0, sd=3.0, lead=5.0, lead_sd=1.0):
        outlook = DemandOutlook(mean, sd, lead, lead_sd, decision.R)
        assert decision.tuned(outlook) == decision.tuned(outlook)
        return decision.tuned(outlook).S

    usual = level()
    assert usual > 0
    assert min(level(mean=20.0), level(lead=9.0), level(sd=9.0), level(lead_sd=3.0)) > usual
    assert level(mean=0.0, sd=0.0, lead_sd=0.0) <= 1
    plain = decision.tuned(OUTLOOK)
    assert decision.buys(View(-100)) == plain.buys(View(-100)) != ()


@pytest.mark.parametrize("member", [m for m in Replenishment.kinds.values() if issubclass(m, DualSourcing)])
def test_a_dual_sourcing_buys_from_its_two_suppliers_and_never_less_when_less_is_there(member):
    decision = parse(member)

    def buys(net):
        view = View(net + 30, on_order=30, pipeline=((1.0, 10), (9.0, 20)))
        found = decision.buys(view)
        assert found == decision.buys(view)
        assert {buy.supplier for buy in found} <= {decision.regular, decision.fast}
        assert all(buy.units > 0 for buy in found)
        return sum(buy.units for buy in found)

    bought = [buys(net) for net in range(300, -100, -1)]
    assert bought == sorted(bought)
    assert bought[-1] > 0


@of(Procurement)
def test_a_procurement_does_nothing_without_a_backlog_and_the_same_for_the_same_shortage(member):
    decision = parse(member)
    leads = {"pottery": 14.0, "importer": 3.0}
    open_purchases = (
        OpenPurchase(7, "pottery", 30, 12.0, True, 7.2),
        OpenPurchase(9, "pottery", 500, 20.0, False, 0.0),
    )
    none = Shortage("mug", 12.0, 5.0, 0, 0.0, open_purchases, leads)
    bad = Shortage("mug", 12.0, 5.0, 90, 25.0, open_purchases, leads)
    assert decision.act(none) == ()
    assert decision.act(bad) == decision.act(bad)
    assert bool(decision.act(bad)) == (kind_of(member) != "wait")
    for action in decision.act(bad):
        if isinstance(action, SpotBuy):
            assert 0 < action.units <= 90
        else:
            assert action.purchase in (7, 9)


@of(Forecast)
def test_a_forecast_learns_as_a_pure_rule_and_comes_near_a_steady_demand(member):
    method = parse(member)
    belief = method.start(100.0)
    for _ in range(400):
        before = belief
        belief = method.learn(before, 100.0)
        assert belief == method.learn(before, 100.0)
    assert belief.periods == 400
    assert method.ahead(belief, 3.0) == pytest.approx(300.0, rel=0.06)
    assert method.ahead(belief, 0.0) == 0
    assert belief.sd == pytest.approx(0.0, abs=10.1)


@of(Safety)
def test_a_safety_stock_never_falls_when_the_risk_rises(member):
    safety = parse(member)
    stock = [safety.units(Risk(100.0, sd, 10.0, 3.0, 1000.0)) for sd in (0.0, 10.0, 30.0, 90.0)]
    assert stock == sorted(stock)
    assert all(math.isfinite(units) for units in stock)


@of(Acceptance)
def test_an_acceptance_limits_backorders_to_none_some_or_any(member):
    assert parse(member).limit >= 0


@of(Allocation)
def test_an_allocation_ranks_by_priority_and_number_alone_and_no_two_orders_alike(member):
    allocation = parse(member)
    ranks = {(p, n): allocation.rank(p, n) for p in (1, 2, 3) for n in range(-2, 9)}
    assert ranks == {key: allocation.rank(*key) for key in ranks}
    for priority in (1, 2, 3):
        own = [ranks[priority, n] for n in range(-2, 9)]
        assert len(set(own)) == len(own)
        assert own in (sorted(own), sorted(own, reverse=True))
        assert allocation.reserve(priority) >= 0
    assert allocation.reserve(1) <= allocation.reserve(2) <= allocation.reserve(3)


@of(Fulfilment)
def test_a_fulfilment_lets_go_what_is_held_when_more_is_there_or_the_hold_is_over_and_never_takes_it_back(member):
    decision = parse(member)
    for parcels in (0, 1, 5):
        for over in (False, True):
            there = [
                decision.ships(PartialOrder(held, 0, 10 - held, parcels, frozenset({"mug"} if held < 8 else ()), over))
                for held in range(1, 10)
            ]
            assert there == sorted(there), "more that is there never keeps it back"
    assert decision.hold > 0
    assert 0 <= decision.least_of_line <= 1
    if decision.least_of_line:
        assert decision.splits_lines


@of(Window)
def test_a_window_is_longer_than_nothing(member):
    assert parse(member).length > 0


# ------------------------------------------------------------------------------------------------- what happens
@of(Arrivals)
def test_an_arrival_pattern_gives_orders_in_order_of_time_the_same_for_the_same_stream(member):
    pattern = parse(member)
    catalogue = Catalogue({"mug": 0, "plate": 1}, {"mug": "mug", "plate": "plate"})
    basket = None if pattern.recorded else Basket.parse({"kind": "single", "item": "mug"})

    def taken():
        source = pattern.source(Streams(1), "web", basket, catalogue)
        return [time for end in (0.25, 1.0, 3.0) for time in source.until(end).times.tolist()]

    times = taken()
    assert times == sorted(times)
    assert times == taken()
    assert all(0 <= time < 3 for time in times)
    assert pattern.per_day(3.0) > 0


@of(Basket)
def test_a_basket_names_its_items_and_asks_for_each_of_them(member):
    basket = parse(member)
    assert set(basket.units_per_order()) == set(basket.names())
    assert all(units > 0 for units in basket.units_per_order().values())


@of(Event)
def test_an_event_happens_inside_the_run_at_times_of_its_own_and_ends_as_it_began(member):
    event = parse(member)
    spans = event.spans(Streams(1).stream("event"), 1000.0)
    assert spans == event.spans(Streams(1).stream("event"), 1000.0)
    assert all(0 <= span.start < 1000 and span.end > span.start for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert event.targets()
    assert event.key(lambda family, name: f"{family} {name}")
    state = world_with_every_target(event)
    assert state.occurrences[-1].event == event
    for effect in state.occurrences[-1].effects:
        assert state.board.controls_of(effect)
        for _ in range(2):
            state.board.begin(effect)
            state.board.end(effect)
    assert not any(gate.shut for gate in state.board.gates.values())
    assert not any(state.board.rules.values())
    assert not any(state.board.forecast_factors.values())


STRONG = {
    "every": {"kind": "constant", "value": 30},
    "lasts": {"kind": "constant", "value": 20},
    "chance": 1,
    "factor": 4,
    "uplift": 4,
    "extra": 20,
    "left": 0.05,
    "inspected": 1,
    "late": 1,
    "delay": {"kind": "constant", "value": 20},
    "units": 10,
}


def strong(event):
    """The event as it strikes hard, inside the horizon."""
    fields = {key: value for key, value in STRONG.items() if key in event.example}
    return {**event.example, **fields, **({"at": 20} if "at" in event.example else {})}


def world_of_every_target(*events):
    plan = {"kind": "forecast", "R": 5, "forecast": {"kind": "smoothing"}}
    return shop(
        clock={"horizon": 120},
        items__mug={"price": 12, "unit_cost": 5, "demand": 1},
        suppliers__pottery={"items": ["mug"], "lead_time": 4, "capacity": {"lines": 1, "time": 0.2}},
        carriers__van={"transit": 2},
        warehouse__records={"loss": 0},
        policies__first__replenishment=plan,
        events=list(events),
    )


def world_with_every_target(event):
    words = event.model_dump(mode="json", exclude_unset=True)
    scenario = load_text(yaml.safe_dump(world_of_every_target(words), sort_keys=False))
    state = build(scenario, "first", Streams(1))
    start(state)
    return state


@of(Event)
def test_a_strong_event_changes_what_happens_in_a_world_that_has_its_target(member):
    def facts(*events):
        run = play(world_of_every_target(*events))
        return {table: rows(run, table) for table in TABLES}

    assert facts(strong(member)) != facts()


class PortStrike(Event):
    """Dockers strike: shipments of a supplier stand still."""

    supplier: SupplierNames
    """Suppliers whose shipments stand still."""

    def effects(self, streams):
        return tuple(Blockage(target) for target in self.targets())


class Roadworks(Event):
    """Parcels of a carrier take longer."""

    carrier: CarrierNames
    """Carriers that are slow."""

    def effects(self, streams):
        return tuple(LeadTimeChange(target, lambda transit, owner: transit + 3) for target in self.targets())


class PickerStrike(Event):
    """Nothing leaves a warehouse."""

    warehouse: WarehouseNames
    """Warehouses in which nobody works."""

    def effects(self, streams):
        return tuple(Stoppage(target) for target in self.targets())


class Misaimed(Event):
    """Blocks a warehouse, which has no route of its own."""

    warehouse: WarehouseNames
    """Warehouses."""

    def effects(self, streams):
        return tuple(Blockage(target) for target in self.targets())


def run_with(event):
    """The run of a world with an event of a kind that no folder holds."""
    scenario = load_text(yaml.safe_dump(world_of_every_target(), sort_keys=False))
    run = simulate(scenario.model_copy(update={"events": [event]} if event else {}), "first", 1)
    run.audit()
    return run


def test_a_new_event_kind_is_one_class_for_suppliers_carriers_and_warehouses():
    usual = run_with(None)
    strike = run_with(PortStrike(supplier="pottery", at=20, lasts=EVER))
    assert rows(strike, "receipts") == [fact for fact in rows(usual, "receipts") if fact["time"] < 20]
    slow = run_with(Roadworks(carrier="van", at=20, lasts=EVER))
    transit = {fact["shipped"]: fact["delivered"] - fact["shipped"] for fact in rows(slow, "parcels")}
    assert {(shipped >= 20, days) for shipped, days in transit.items()} == {(False, 2), (True, 5)}
    assert (
        max(fact["shipped"] for fact in rows(run_with(PickerStrike(warehouse=True, at=20, lasts=EVER)), "parcels")) < 20
    )


def test_a_new_event_kind_belongs_to_a_cause_and_can_be_taken_out_by_a_stress_test():
    scenario = load_text(yaml.safe_dump(world_of_every_target(), sort_keys=False))
    struck = scenario.model_copy(update={"events": [PortStrike(supplier="pottery", at=20, lasts=EVER)]})
    assert cause_of(struck.events[0]) == "supplier"
    assert "supplier" in present(struck, "first")
    assert without(struck, "first", ["supplier"]).events == []


def test_an_event_that_nothing_answers_to_is_an_error_and_never_ignored():
    with pytest.raises(UserError, match="Blockage of '' \\(warehouse\\)"):
        run_with(Misaimed(warehouse=True, at=20, lasts=EVER))
    board = Switchboard(SimpyClock(), ["mug"])
    with pytest.raises(UserError, match="Blockage of 'potery' \\(suppliers\\)"):
        board.begin(Blockage(Target("suppliers", "potery")))
    with pytest.raises(UserError, match="ForecastScaling of 'plate' \\(items\\)"):
        board.begin(ForecastScaling(Target("items", "plate"), 2.0))


def test_an_event_kind_without_effects_cannot_be_used():
    class Silent(Event):
        """Says nothing of what it does."""

        supplier: SupplierNames
        """Suppliers."""

    with pytest.raises(TypeError, match="effects"):
        Silent(supplier="pottery", at=20)


def test_the_kinds_of_a_family_stand_in_its_own_folder_or_file():
    root = Path(simulator.scenario.schema.schema.__file__).parents[2]
    for member in KINDS.values():
        assert Path(inspect.getfile(member)).is_relative_to(root)


def test_no_two_modules_have_a_kind_of_one_name():
    with pytest.raises(TypeError, match=r"window 'none' is in simulator\.policies\.window and in tests\."):

        class Other(Window, kind="none"):
            """Something else of the same name."""

    assert Window.kinds["none"].__module__ == "simulator.policies.window"
