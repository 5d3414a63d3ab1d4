"""The scorecard, as it is printed."""

from pathlib import Path

import pytest

from simulator.experiment.results.results import Results
from simulator.experiment.run import run
from simulator.experiment.storage.replication import Replication
from simulator.foundation.errors import UserError
from simulator.report.terminal.scorecard import scorecard
from simulator.report.text.shown_kpis import select_kpis

GOLDEN = Path(__file__).parent / "golden"
WIDE = ("lean", "careful", "buffered")


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_scorecard_is_the_golden_one(results, width):
    """After a wanted change: print the scorecard into the golden file and review the difference."""
    assert scorecard(results(), width=width) + "\n" == (GOLDEN / f"scorecard-{width}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_no_line_is_wider_than_the_terminal(results, width):
    assert max(map(len, scorecard(results(), width=width).splitlines())) <= width


def test_all_policies_are_shown_however_narrow_it_is(results):
    text = scorecard(results(), width=20)
    assert all(policy in text for policy in WIDE)


def test_plain_text_has_no_escape_sequences_and_colour_has(results):
    assert "\x1b" not in scorecard(results())
    assert "\x1b[" in scorecard(results(), colour=True)


def test_the_star_goes_to_a_policy_that_beats_every_other(results):
    lines = {line.split()[0]: line for line in scorecard(results(), width=140).splitlines() if line.strip()}
    assert lines["fill_rate"].count("★") == 0  # the second table, where nobody is starred, comes last
    first = scorecard(results(), width=140).split("Difference to")[0]
    starred = [line for line in first.splitlines() if "★" in line]
    assert any("fill_rate" in line for line in starred)
    assert not any("operating_cost" in line or "cancellation_rate" in line for line in starred)


def test_policies_under_which_the_same_happens_are_named(results):
    plain = results()
    assert "identical behaviour" not in scorecard(plain)
    facts = {"lean": "ab" * 32, "careful": "cd" * 32, "buffered": "ab" * 32}
    runs = [Replication(k, {p: {"fill_rate": 0.9} for p in facts}, facts) for k in range(2)]
    told = scorecard(Results(plain.manifest, plain.source, runs, None), width=140)
    assert "lean, buffered: identical behaviour, fact by fact, in every replication" in told


def test_named_kpis_are_shown_and_nothing_else(results):
    text = scorecard(results(), select_kpis(["wait_mean"]))
    assert "wait_mean" in text
    assert "fill_rate" not in text
    assert "--all" not in text


def test_a_kpi_with_parts_is_shown_part_by_part(results):
    assert "age_buckets[0-3 d]" in scorecard(results(), select_kpis(["age_buckets"]))
    assert "age_buckets[0-3 d]" in scorecard(results(), select_kpis(["age_buckets[0-3 d]"]))
    assert "age_buckets" not in scorecard(results())
    assert "age_buckets[0-3 d]" in scorecard(results(), select_kpis(everything=True))


def test_an_unknown_kpi_is_refused_with_the_nearest_name():
    with pytest.raises(UserError, match="did you mean 'fill_rate'"):
        select_kpis(["fil_rate"])


def test_kpis_without_a_value_are_left_out_with_the_reason(results):
    text = scorecard(results(), select_kpis(everything=True))
    assert "  otif_requested: no segment names a date (`need_by`)" in text
    assert "  wait_backordered of buffered: nobody had to wait" in text


def test_one_replication_shows_means_alone(results):
    text = scorecard(results(replications=1))
    assert "±" not in text
    assert "Difference to" not in text
    assert "One replication has no interval" in text
    assert "intervals" not in text
    assert "95 % intervals" in scorecard(results())


def test_one_policy_needs_no_comparison(results):
    text = scorecard(results(["lean"]))
    assert "★" not in text
    assert "Difference to" not in text
    assert "Fill rate 91.00 % (95 % interval 90.54 to 91.44)." in text


def test_a_part_that_depends_on_the_world_may_be_named_and_a_wrong_one_is_told_with_those_that_there_are(results):
    choice = select_kpis(["wait_p95_by_segment[web]"])
    with pytest.raises(UserError, match=r"there are age_buckets\[0-3 d\]"):
        scorecard(results(), select_kpis(["age_buckets[4-7 d]"]))
    with pytest.raises(UserError, match=r"no 'wait_p95_by_segment\[web\]' in these results"):
        scorecard(results(), choice)


def test_titles_of_policies_stand_below_the_title():
    text = scorecard(run("flash-sale", 1))
    assert "  lean: thin shelves, backorders taken\n  buffered: two more weeks of mugs" in text
