"""The shipped experiment on delay and silence, and what its description says of the result."""

from pathlib import Path

import pytest

from simulator.experiment.studies.factorial import factorial
from simulator.scenario.loader import load

FILE = Path(__file__).parents[2] / "scenarios" / "silence-or-delay.yaml"
CANCELLED, ASKED = "cancellation_rate", "contacts_per_order"


@pytest.fixture(scope="module")
def effects():
    made = factorial(load(FILE), replications=8)
    return {kpi: {str(e): made.effect(e, "shop", kpi) for e in made.effects} for kpi in (CANCELLED, ASKED)}


def test_the_delay_hurts_more_than_the_silence_under_the_evidence(effects):
    delay, silence = effects[CANCELLED]["delay late"], effects[CANCELLED]["notice silence"]
    assert delay.significant
    assert silence.significant
    assert delay.mean - delay.half_width > 5 * (silence.mean + silence.half_width)


def test_the_vendors_story_does_not_show_where_dates_are_kept(effects):
    """The interaction: dates that follow from the rules slip so seldom that even the vendors' numbers change little."""
    interaction, silence = effects[CANCELLED]["notice silence × story vendor"], effects[CANCELLED]["notice silence"]
    assert abs(interaction.mean) + interaction.half_width < silence.mean


def test_delay_and_silence_cost_about_as_many_questions(effects):
    delay, silence = effects[ASKED]["delay late"], effects[ASKED]["notice silence"]
    assert delay.significant
    assert silence.significant
    assert abs(delay.mean - silence.mean) < delay.half_width + silence.half_width
