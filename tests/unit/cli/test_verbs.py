"""Each verb by itself, in a folder of its own."""

import json

import jsonschema
import pytest
from click.testing import CliRunner

from simulator.cli.main import backorder
from simulator.foundation.errors import UserError
from simulator.kernel.lanes import simulate
from simulator.scenario.loader import load
from simulator.scenario.templates import template_names

TINY = """
name: tiny
title: A tiny shop
clock: {start: 2025-01-06, horizon: 30 d}
items: {mug: {price: 12, unit_cost: 5}}
customers: {all: {arrivals: {kind: poisson, rate: 4 / d}, basket: {kind: single, item: mug}}}
warehouse: {stock: {mug: 20}}
suppliers: {maker: {items: [mug], lead_time: 5 d}}
policies:
  lean: {replenishment: {kind: base_stock, S: 20}}
  rich: {replenishment: {kind: base_stock, S: 60}}
experiment: {replications: 3, seed: 7}
"""


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """`shell("run", "tiny.yaml")` in a folder that holds tiny.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(backorder, arguments, catch_exceptions=False)


def test_run_prints_the_scorecard_and_says_where_results_are(shell, tmp_path):
    told = shell("run", "tiny.yaml")
    assert told.exit_code == 0
    assert told.stdout.startswith("A tiny shop\n30 d from 2025-01-06 · 3 replications · seed 7 · 95 % intervals\n")
    last = told.stdout.splitlines()[-2]
    assert last.startswith("Results: results/tiny/run-")
    assert (tmp_path / last.removeprefix("Results: ") / "summary.csv").is_file()
    assert told.stderr == ""


def test_run_takes_every_option(shell, tmp_path):
    told = shell(
        *("run", "tiny.yaml", "--policy", "rich", "--policy", "lean", "--replications", "2", "--seed", "3"),
        *("--set", "clock.horizon=10 d", "--out", "elsewhere", "--kpi", "fill_rate", "--workers", "1", "--quiet"),
    )
    assert told.exit_code == 0
    assert "10 d from 2025-01-06 · 2 replications · seed 3" in told.stdout
    assert "Difference to rich" in told.stdout
    assert "wait_mean" not in told.stdout
    assert not (tmp_path / "results").exists()
    assert (tmp_path / "elsewhere" / "tiny").is_dir()


def test_run_shows_every_kpi_on_demand(shell):
    assert "purchase_size" not in shell("run", "tiny.yaml").stdout
    assert "purchase_size" in shell("run", "tiny.yaml", "--all").stdout


def test_run_looks_for_precision_and_says_when_it_is_not_reached(shell):
    told = shell("run", "tiny.yaml", "--precision", "50 %", "--policy", "rich")
    assert "not reached" not in told.stdout
    told = shell("run", "tiny.yaml", "--precision", "0.01 %", "--replications", "4", "--policy", "lean")
    assert "The asked precision (0.01 % of the mean) was not reached within 4 replications:" in told.stdout
    assert "fill_rate of lean is known to" in told.stdout
    told = shell("run", "tiny.yaml", "--precision", "5 %", "--precise", "wait_mean", "--replications", "4")
    assert "wait_mean of" in told.stdout
    assert "fill_rate of" not in told.stdout.split("The asked precision")[1]
    assert "give both" in shell("run", "tiny.yaml", "--precise", "wait_mean").stderr


def test_run_prints_one_json_object(shell):
    told = shell("run", "tiny.yaml", "--json")
    found = json.loads(told.stdout)
    assert list(found) == ["scenario", "fingerprint", "replications", "seed", "policies", "differences", "results"]
    assert (found["scenario"], found["replications"], found["seed"]) == ("tiny", 3, 7)
    assert set(found["policies"]) == {"lean", "rich"}
    assert set(found["policies"]["lean"]["fill_rate"]) == {"mean", "half_width", "low", "high", "n", "unit"}
    assert set(found["differences"]) == {"rich"}
    assert set(found["differences"]["rich"]["fill_rate"]) == {"mean", "half_width", "significant"}
    undefined = found["policies"]["lean"]["otif_requested"]
    assert undefined["mean"] is None
    assert undefined["reason"]
    assert found["results"].startswith("results/tiny/run-")


def test_run_refuses_a_policy_that_is_not_there(shell):
    with pytest.raises(UserError, match=r"no policy 'ritch' \(did you mean 'rich'"):
        shell("run", "tiny.yaml", "--policy", "ritch")


def test_warnings_go_to_stderr_unless_it_shall_be_quiet(shell, tmp_path):
    (tmp_path / "odd.yaml").write_text(TINY.replace("horizon: 30 d", "horizon: 30 d, warm_up: 29.9 d"))
    warned = shell("validate", "odd.yaml")
    assert warned.exit_code == 0
    if "warning" not in warned.stdout:
        pytest.skip("nothing odd about it")
    assert "warning" in shell("run", "odd.yaml").stderr
    assert shell("run", "odd.yaml", "--quiet").stderr == ""


# ------------------------------------------------------------------ validate
def test_validate_says_ok(shell):
    told = shell("validate", "tiny.yaml")
    assert (told.exit_code, told.stdout) == (0, "tiny.yaml: ok\n")


def test_validate_prints_every_problem_of_every_file_and_leaves_with_2(shell, tmp_path):
    (tmp_path / "bad.yaml").write_text(TINY.replace("rate: 4 / d", "rat: 4 / d").replace("price: 12", "price: dear"))
    told = shell("validate", "bad.yaml", "tiny.yaml", "none.yaml")
    lines = told.stdout.splitlines()
    assert told.exit_code == 2
    assert lines[0].startswith("bad.yaml:5:22: items.mug.price:")
    assert lines[1].startswith("bad.yaml:6:")
    assert "(did you mean 'rate'?)" in lines[1]
    assert lines[2:] == ["tiny.yaml: ok", "none.yaml: no such file"]


def test_validate_tells_machines_too(shell, tmp_path):
    (tmp_path / "bad.yaml").write_text(TINY.replace("price: 12", "price: dear"))
    told = shell("validate", "bad.yaml", "tiny.yaml", "--json")
    bad, tiny = json.loads(told.stdout)["files"]
    assert told.exit_code == 2
    assert tiny == {"file": "tiny.yaml", "ok": True, "problems": []}
    assert (bad["file"], bad["ok"]) == ("bad.yaml", False)
    (problem,) = bad["problems"]
    assert (problem["line"], problem["column"], problem["key"], problem["warning"]) == (5, 22, "items.mug.price", False)


# ----------------------------------------------------------------------- new
@pytest.mark.parametrize("template", template_names())
def test_new_writes_a_scenario_that_is_sound(shell, tmp_path, template):
    told = shell("new", "my-shop", "--from", template)
    assert told.stdout == "my-shop.yaml written. Try: backorder run my-shop.yaml\n"
    assert "name: my-shop\n" in (tmp_path / "my-shop.yaml").read_text(encoding="utf-8")
    assert shell("validate", "my-shop.yaml").exit_code == 0


def test_new_never_overwrites(shell, tmp_path):
    with pytest.raises(UserError, match=r"tiny.yaml: already exists"):
        shell("new", "tiny.yaml")
    assert (tmp_path / "tiny.yaml").read_text() == TINY


@pytest.mark.parametrize("name", ["", "../up", "a/b", "-x y", "a" * 100])
def test_new_writes_in_this_folder_only(shell, tmp_path, name):
    with pytest.raises(UserError, match="expected a file name of letters"):
        shell("new", "--", name)
    assert [p.name for p in tmp_path.iterdir()] == ["tiny.yaml"]


def test_new_lists_the_templates(shell):
    assert f"Templates: {', '.join(template_names())}." in shell("new", "--help").stdout
    with pytest.raises(UserError, match="templates: "):
        shell("new", "x", "--from", "nowhere")


@pytest.mark.parametrize("name", ["true", "2025", "1e5"])
def test_new_keeps_a_name_text(shell, name):
    shell("new", name)
    assert shell("validate", f"{name}.yaml").exit_code == 0


# --------------------------------------------------------------------- trace
def test_trace_tells_the_life_of_an_order(shell):
    told = shell("trace", "tiny.yaml", "--order", "3", "--policy", "rich", "--replication", "1", "--seed", "5")
    head, first, *_ = told.stdout.splitlines()
    assert head == "tiny, policy rich, seed 5, replication 1"
    assert first.startswith("2025-01-0")
    assert "order 3 placed by all: 1 mug" in first


def test_trace_tells_machines_too(shell):
    found = json.loads(shell("trace", "tiny.yaml", "--order", "3", "--json").stdout)
    assert (found["policy"], found["order"], found["seed"], found["replication"]) == ("lean", 3, 7, 0)
    assert [set(h) for h in found["story"]] == [{"day", "date", "what", "text"}] * len(found["story"])
    assert found["story"][0]["what"] == "placed"
    assert found["story"][0]["date"].startswith("2025-01-0")


def test_trace_finds_the_order_that_waited_longest(shell):
    found = json.loads(shell("trace", "tiny.yaml", "--longest", "--json").stdout)
    fills = simulate(load("tiny.yaml"), "lean", 7).fills
    waited = fills["time"] - fills["placed"]
    assert waited.max() > 0
    assert found["order"] == fills["order"][waited.argmax()]


def test_trace_takes_one_order_and_says_if_none_waited(shell):
    for arguments in ((), ("--longest", "--order", "1")):
        asked = shell("trace", "tiny.yaml", *arguments)
        assert asked.exit_code == 2
        assert "name one order" in asked.stderr
    with pytest.raises(UserError, match="no order waited"):
        shell("trace", "tiny.yaml", "--longest", "--set", "policies.lean.acceptance={kind: never}")


def test_trace_says_which_orders_there_are(shell):
    with pytest.raises(UserError, match=r"no order 100000: this run has orders 0 to \d+"):
        shell("trace", "tiny.yaml", "--order", "100000")
    with pytest.raises(UserError, match=r"no policy 'lena' \(did you mean 'lean'"):
        shell("trace", "tiny.yaml", "--order", "0", "--policy", "lena")


# -------------------------------------------------------------- list, schema
def test_list_shows_families_and_then_fields(shell, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")  # wide enough that no phrase is cut
    assert "base_stock" in shell("list").stdout
    told = shell("list", "replenishment").stdout
    assert "Base-stock level" in told
    assert "units or days of cover; required" in told


def test_list_finds_a_kpi_and_a_kind_by_name(shell, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    told = shell("list", "fill_rate").stdout
    assert "share of units demanded; higher is better" in told
    assert "wait_mean" not in told
    assert list(json.loads(shell("list", "s_S", "--json").stdout)["replenishment"]["entries"]) == ["s_S"]
    several = json.loads(shell("list", "none", "--json").stdout)
    assert {"replenishment"} < set(several)
    assert all(list(f["entries"]) == ["none"] for f in several.values())


def test_list_tells_machines_too(shell):
    everything = json.loads(shell("list", "--json").stdout)
    assert everything["window"]["entries"]["cancel_after"]["fields"]["days"]["type"] == "duration > 0"
    assert everything["kpi"]["entries"]["fill_rate"]["denominator"] == "units demanded"
    assert list(json.loads(shell("list", "kpi", "--json").stdout)) == ["kpi"]


def test_schema_prints_a_json_schema(shell):
    schema = json.loads(shell("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)


# --------------------------------------------------------------------------------------------------------------- sweep
LEVELS = ("--vary", "policies.lean.replenishment.S=10,20,30", "--policy", "lean")


def test_sweep_prints_points_frontier_and_shares_and_says_where_results_are(shell, tmp_path):
    told = shell("sweep", "tiny.yaml", *LEVELS, "--vary", "suppliers.maker.lead_time=5 d,9 d", "--kpi", "wait_mean")
    assert told.exit_code == 0
    assert "grid · 6 points · policy lean · 3 replications each · seed 7 · 95 % intervals" in told.stdout
    assert "S: policies.lean.replenishment.S" in told.stdout
    assert "★" in told.stdout
    assert "fill_rate: analysis of variance" in told.stdout
    assert "wait_mean (d)" in told.stdout
    last = told.stdout.splitlines()[-1]
    assert last.startswith("Results: results/tiny/sweep-")
    assert (tmp_path / last.removeprefix("Results: ") / "frontier.csv").is_file()
    assert told.stderr == ""


def test_sweep_speaks_json(shell):
    found = json.loads(shell("sweep", "tiny.yaml", *LEVELS, "--json").stdout)
    assert [point["values"] for point in found["points"]] == [{LEVELS[1].split("=")[0]: s} for s in (10, 20, 30)]
    assert {"mean", "half_width", "low", "high", "n", "unit"} == found["points"][0]["policies"]["lean"][
        "fill_rate"
    ].keys()
    assert found["frontier"]["kpis"] == ["operating_cost", "fill_rate"]
    assert found["sensitivity"]["lean"]["fill_rate"]["first"][LEVELS[1].split("=")[0]]["share"] == pytest.approx(1)
    assert found["results"].startswith("results/tiny/sweep-")


def test_sweep_without_vary_plays_the_factorial_of_the_file(shell, tmp_path):
    plan = "  factorial: {stock: {little: {}, much: {policies.lean.replenishment.S: 40}}}"
    text = TINY.replace("{replications: 3, seed: 7}", f"\n  replications: 3\n{plan}")
    (tmp_path / "plan.yaml").write_text(text)
    told = shell("sweep", "plan.yaml", "--policy", "lean")
    assert "factorial · 2 combinations" in told.stdout
    assert "stock much" in told.stdout
    assert "effects are relative to stock little" in told.stdout
    found = json.loads(shell("sweep", "plan.yaml", "--policy", "lean", "--json").stdout)
    assert found["effects"]["lean"]["fill_rate"]["stock much"]["significant"]
    with pytest.raises(UserError, match="nothing to vary"):
        shell("sweep", "tiny.yaml")


def test_sweep_shows_the_frontier_where_points_are_many(shell):
    many = (
        "sweep",
        "tiny.yaml",
        "--policy",
        "lean",
        "--replications",
        "1",
        "--vary",
        "policies.lean.replenishment.S=0..50",
    )
    assert "further options: --all shows them" in shell(*many).stdout
    assert "further options" not in shell(*many, "--all").stdout


# ------------------------------------------------------------------------------------------------------------ optimise
SEARCH = ("optimise", "tiny.yaml", "--vary", "policies.rich.replenishment.S=5..60", "--minimise", "on_hand_mean")


def test_optimise_prints_finalists_the_best_and_how_to_play_it(shell, tmp_path):
    told = shell(*SEARCH, "--subject-to", "fill_rate>=90%", "--trials", "10", "--most", "20", "--indifference", "2 %")
    assert told.exit_code == 0
    assert "policy rich · 10 trials of 3 replications by tpe · seed 7" in told.stdout
    assert "least on_hand_mean with fill_rate >= 90 %" in told.stdout
    assert "Finalists, judged by replications that the search has not used" in told.stdout
    assert "backorder run tiny.yaml --policy rich --set policies.rich.replenishment.S=" in told.stdout
    last = told.stdout.splitlines()[-1]
    assert last.startswith("Results: results/tiny/optimise-")
    assert (tmp_path / last.removeprefix("Results: ") / "trials.csv").is_file()


def test_optimise_speaks_json(shell):
    found = json.loads(shell(*SEARCH, "--trials", "4", "--most", "12", "--sampler", "random", "--json").stdout)
    assert found["goals"] == {"on_hand_mean": "lower"}
    assert found["sampler"] == "random"
    assert found["best"][0]["kpis"]["on_hand_mean"]["mean"] <= found["finalists"][-1]["kpis"]["on_hand_mean"]["mean"]
    assert isinstance(found["decided"], bool)


def test_a_day_is_a_number_a_duration_or_a_date(shell, tmp_path):
    """2025-01-16 is day 10 of a run that starts on 2025-01-06."""
    titles = [
        shell("stress", "tiny.yaml", "--at", day, "--lasts", "3 d", "--quiet").stdout.splitlines()[0]
        for day in ("10", "10 d", "2025-01-16")
    ]
    assert titles == ["tiny: each out of action for 3 d from day 10 (2025-01-16)"] * 3
    for day in ("2025-01-16", "10"):
        told = shell("film", "tiny.yaml", "--from", day, "--days", "1 w", "--json", "--html", f"{day}.html")
        assert told.exit_code == 0
    assert (tmp_path / "2025-01-16.html").read_text() == (tmp_path / "10.html").read_text()


def test_a_day_that_cannot_be_read_is_a_message(shell, tmp_path):
    (tmp_path / "dateless.yaml").write_text(TINY.replace("start: 2025-01-06, ", ""))
    told = shell("film", "dateless.yaml", "--from", "2025-01-16")
    assert (told.exit_code, "dates need clock.start" in told.stderr) == (2, True)
    assert shell("stress", "tiny.yaml", "--at", "soon").exit_code == 2


@pytest.mark.parametrize(
    ("option", "arguments"),
    [
        ("--html", ("trace", "tiny.yaml", "--order", "0", "--html", "tiny.yaml/a.html")),
        ("--html", ("sweep", "tiny.yaml", "--vary", "policies.lean.replenishment.S=1,2", "--html", "tiny.yaml/a.html")),
        ("--html", ("film", "tiny.yaml", "--html", "tiny.yaml/a.html")),
        ("--junit", ("check", "tiny.yaml", "--junit", "tiny.yaml/a.xml")),
        ("--baselines", ("check", "tiny.yaml", "--update", "--baselines", "tiny.yaml")),
        ("--out", ("run", "tiny.yaml", "--out", "tiny.yaml")),
    ],
)
def test_a_path_that_cannot_be_written_is_blamed_on_its_own_option(shell, option, arguments):
    with pytest.raises(UserError, match="cannot make the folder") as caught:
        shell(*arguments)
    assert str(caught.value).endswith(f"with {option})")
