"""Tables of sweeps: what each key accounts for, under every KPI of the frontier."""

from simulator.experiment.studies.sweep import sweep
from simulator.report.terminal.study_tables import sweep_card
from tests.unit.report.interactive.test_play import LEAD, VARY, shop


def test_every_kpi_of_the_frontier_has_its_share_alone_and_with_others():
    text = sweep_card(sweep(shop(), VARY), width=140)
    (_, *blocks) = text.split("Share of the spread")
    header = next(line for line in blocks[0].splitlines() if "total_cost alone" in line)
    assert header.count("with others") == 2
    assert "fill_rate alone" in header


def test_a_point_that_is_not_valid_is_named_with_its_reason():
    text = sweep_card(sweep(shop(), {LEAD: ["4 d", "never"]}, replications=2), width=140)
    assert "1 point is not a valid scenario and was not run, for example 1: " in text
