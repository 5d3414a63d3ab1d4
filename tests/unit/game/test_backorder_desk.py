"""The Backorder desk: no trivial team wins, every role matters, and a game repeats to the digit."""

import re
from pathlib import Path

import pytest

from simulator.game.catalogue import games
from simulator.game.errors import GameError
from simulator.game.game import Settings
from simulator.game.games.backorder_desk import LEFT, NEUTRAL, TRUST
from simulator.game.games.desk_bots import USUAL
from simulator.game.games.desk_facts import FITTER, MEMORY, WORTH, causes, experiences, promised, trust
from simulator.game.games.desk_trouble import trouble
from simulator.game.replay import Replays
from simulator.game.room import Room
from simulator.game.texts import texts
from simulator.kernel.lanes import simulate
from simulator.kpis.evaluate import evaluate
from simulator.kpis.evidence.cash import Cash
from simulator.scenario.loader import load_text

ROOT = Path(__file__).resolve().parents[3]
GAME = games()["backorder-desk"]
SETTINGS = Settings(12, seed=3)


def played(name, rounds=12, settings=SETTINGS, **always):
    """Where a team of bots stands in the end, in which some fields always have these values."""
    replays, moves = Replays(GAME, settings), []
    for _ in range(rounds):
        seen = replays.position(moves).roles
        move = {role.name: GAME.bot(name, role.name, seen[role.name]) for role in GAME.roles}
        for role in GAME.roles:
            move[role.name] |= {field.name: always[field.name] for field in role.fields if field.name in always}
            move[role.name] = role.clipped(move[role.name])
        moves.append(move)
    return moves, replays.position(moves, finished=rounds == 12)


@pytest.fixture(scope="module")
def planner():
    return played("planner")


def test_no_trivial_team_comes_near_the_planner(planner):
    best = planner[1].score["score"]
    trivial = {name: played(name)[1].score["score"] for name in ("nothing", "far", "refuse", "hoard")}
    assert max(trivial.values()) < 0.92 * best, trivial
    assert trivial["nothing"] == min(trivial.values())
    shares = " | ".join(f"{100 * trivial[name] / best:.0f} %" for name in ("far", "refuse", "hoard", "nothing"))
    table = (ROOT / "docs" / "teaching" / "game-desk.md").read_text(encoding="utf-8")
    assert re.search(rf"\| 3 \| {best:,} \| \d+ % \| {shares} \|", table), shares


@pytest.mark.parametrize(
    "always",
    [
        {"overseas": 50, "nearby": 0},
        {"overseas": 0, "nearby": 40},
        {"limit": 0},
        {"shoppers": 2, "fitters": 2},
        {"shoppers": 40, "fitters": 40},
    ],
    ids=str,
)
def test_one_role_that_plays_badly_costs_its_team(planner, always):
    assert played("planner", **always)[1].score["score"] < planner[1].score["score"]


def test_a_game_is_a_scenario_whose_cash_and_trust_are_the_scores(planner):
    moves, position = planner
    run = simulate(load_text(GAME.text(SETTINGS, moves, "a team")), "team", SETTINGS.seed)
    run.audit()
    costs = evaluate(run, ["holding_cost", "contact_cost", "expedite_premium", "refund_cost"])
    assert costs["refund_cost"] == -sum(position.series["vouchers"]) > 0
    cash = Cash(run).balance.values[-1] - sum(costs.values())
    assert position.score["cash"] == round(cash)
    assert position.score["trust"] == round(float(trust(experiences(run, promised(run, moves)), 12)[-1]), 1)


def test_what_a_team_has_seen_does_not_change_when_the_game_goes_on(planner):
    moves, end = planner
    for rounds in (1, 4, 9):
        early = Replays(GAME, SETTINGS).position(moves[:rounds])
        for name, values in early.series.items():
            assert values == end.series[name][:rounds], name


def test_what_is_on_order_is_all_that_was_bought_and_has_not_come(planner):
    moves, end = planner
    bought = 100
    for week in range(11):
        seen = Replays(GAME, SETTINGS).position(moves[:week]).roles["promiser"]
        assert seen["now"]["on_order"] == bought - sum(end.series["received"][:week]), week
        bought += moves[week]["buyer"]["overseas"] + moves[week]["buyer"]["nearby"]


def coming(weeks, settings=SETTINGS, **bought):
    """(week of the purchase, supplier) -> (units, days, days overdue) of each part on its way after so many weeks."""
    move = {**NEUTRAL, "buyer": {"overseas": 10, "nearby": 10, "expedite": "no", **bought}}
    seen = Replays(GAME, settings).position([move] * weeks).roles["buyer"]
    found = {}
    for one in seen["pipeline"]:
        found.setdefault((one["bought"], one["supplier"]), []).append((one["units"], one["days"], one["late"]))
    return found


def test_each_half_of_a_purchase_is_expected_by_the_day_on_which_it_leaves():
    strike = trouble(SETTINGS.seed, 12).strike
    first = next(week for week in range(12) if strike.begins <= 7 * week < strike.ends)
    day, now = 7 * first, 7 * strike.told
    found = coming(strike.told)
    expected = day + 18 + strike.extra - now
    assert found[first + 1, "overseas"] == [(5, expected, 0), (5, expected + 3, 0)]
    assert day - 7 < strike.begins <= day - 7 + 3, "the second half of the purchase before leaves into the strike"
    expected = day - 7 + 18 - now
    assert found[first, "overseas"] == [(5, expected, 0), (5, expected + 3 + strike.extra, 0)]


def test_what_is_bought_from_a_closed_workshop_waits_until_it_opens():
    settings = Settings(12, seed=1)
    shut = trouble(1, 12).shut
    assert (shut.begins, shut.told) == (63, 10)
    assert coming(10, settings)[10, "nearby"] == [(10, 70 + 5 - 70, 0)]
    shop = Replays(GAME, settings)
    move = {**NEUTRAL, "buyer": {"overseas": 0, "nearby": 10, "expedite": "no"}}
    assert sum(shop.position([move] * 10).series["received"][9:]) == 0
    assert shop.position([move] * 11).series["received"][10] > 0


def test_a_purchase_that_should_be_here_is_overdue_by_days():
    found = {key: late for weeks in range(1, 12) for key, parts in coming(weeks).items() for *_, late in parts if late}
    assert found
    assert all(isinstance(late, int) and late > 0 for late in found.values())


def test_the_causes_of_a_week_add_up_to_its_change_of_trust(planner):
    moves, position = planner
    run = simulate(load_text(GAME.text(SETTINGS, moves, "a team")), "team", SETTINGS.seed)
    found = experiences(run, promised(run, moves))
    levels = [80.0, *trust(found, 12)]
    for week, told in enumerate(causes(found, 12)):
        weights = [one.shoppers + FITTER * one.fitters for one in told]
        mean = sum(w * 100 * WORTH[one.kind] for w, one in zip(weights, told, strict=True)) / sum(weights)
        assert levels[week + 1] == pytest.approx(levels[week] + MEMORY * (mean - levels[week]))
        assert levels[week + 1] - levels[week] == pytest.approx(sum(one.points for one in told))
    assert sum(one.shoppers + one.fitters for week in causes(found, 12) for one in week) == len(found.day)
    why = position.roles["warehouse"]["why"]
    assert why["title"]["values"] == {"before": position.series["trust"][-2], "after": position.series["trust"][-1]}
    kept = [row for row in why["rows"] if row["text"] == "desk.cause.kept"]
    assert sum(row["shoppers"] + row["fitters"] for row in kept) == position.series["kept"][-1]


def test_a_policy_plays_the_seat_that_buys_and_no_other(tmp_path):
    room = Room.create(tmp_path / "room", "backorder-desk", teams=1, rounds=2, seed=3)
    room.set_policy("1/buyer", "{kind: base_stock, S: 250}")
    with pytest.raises(GameError, match="can be played by a policy: buyer"):
        room.set_policy("1/storefront", "{kind: base_stock, S: 32}")
    room.start(0.0)
    room.next_round(1.0)
    assert room.state.closed[0]["1/buyer"].values["overseas"] == 90, "as many as a week allows"
    room.close()


def test_a_limit_beyond_what_supply_can_serve_costs_a_team_that_buys_too_little():
    scarce = {"overseas": 60, "nearby": 0, "shoppers": 10, "fitters": 10}
    few, many = (played("planner", settings=Settings(12, seed=2), limit=limit, **scarce)[1] for limit in (20, 300))
    assert many.score["score"] < 0.9 * few.score["score"]
    assert sum(many.series["vouchers"]) < 2 * sum(few.series["vouchers"]) < 0


def test_the_money_that_a_player_is_told_of_adds_up_to_the_cash(planner):
    moves, end = planner
    week = Replays(GAME, SETTINGS).position(moves[:5]).roles["buyer"]["messages"]
    told = next(one["values"] for one in week if one["text"] == "desk.week")
    change = end.series["cash"][4] - end.series["cash"][3]
    assert told["sales"] - told["goods"] - told["other"] - told["late"] == pytest.approx(change, abs=3)  # rounded


def test_the_rules_name_what_the_score_counts():
    for words in texts()["desk.title.help"].values():
        assert f" {LEFT:.0f} " in words
        assert f" {TRUST:.0f}." in words
        assert f" {USUAL} " in words


def test_all_teams_have_the_same_customers_and_trouble_and_other_seeds_others():
    far, hoard = (played(name, 3)[1].series for name in ("far", "hoard"))
    one = [far["demand"][0] + far["deterred"][0], hoard["demand"][0] + hoard["deterred"][0]]
    assert one[0] == one[1]
    texts_of = {GAME.text(Settings(12, seed), [], "x").split("policies:")[0] for seed in (1, 1, 2)}
    assert len(texts_of) == 2


def test_each_role_is_told_why_the_week_went_as_it_did(tmp_path):
    room = Room.create(tmp_path / "room", "backorder-desk", teams=1, seed=3)
    seats = {role.name: room.join(role.name, role=role.name) for role in GAME.roles}
    room.start(0.0)
    assert [one["text"] for one in room.view(seats["buyer"])["messages"]] == ["desk.news.begin"]
    room.decide(seats["buyer"], 1, {"overseas": 0, "nearby": 0, "expedite": "yes"})
    room.decide(seats["storefront"], 1, {"limit": 20})
    room.decide(seats["promiser"], 1, {"shoppers": 3, "fitters": 30})
    room.decide(seats["warehouse"], 1, {"serve": "date", "ship": "wait"})
    assert room.tick(1.0)
    told = {role: [one["text"] for one in room.view(seat)["messages"]] for role, seat in seats.items()}
    assert "desk.told.refused" in told["storefront"]
    assert "desk.told.dates" in told["promiser"] or "desk.told.walked" in told["promiser"]
    assert "desk.told.parcels" in told["warehouse"]
    assert {text for found in told.values() for text in found} <= set(texts())
    room.tick(999.0)
    assert room.state.closed[1]["1/buyer"].values == {"overseas": 0, "nearby": 0, "expedite": "no"}, "as before"
    assert room.state.closed[1]["1/promiser"].values == {"shoppers": 3, "fitters": 30}
    room.end()
    debrief = room.debrief()
    assert {bot["name"] for bot in debrief["bots"]} == set(GAME.bots)
    room.close()
