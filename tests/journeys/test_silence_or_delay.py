"""The shipped experiment on delay and silence: under the evidence both hurt, and the delay by far more."""

from pathlib import Path

import pytest

from simulator.experiment.studies.factorial import factorial
from simulator.scenario.loader import load

FILE = Path(__file__).parents[2] / "scenarios" / "silence-or-delay.yaml"


@pytest.fixture(scope="module")
def effects():
    made = factorial(load(FILE), replications=8)
    return {str(e): made.effect(e, "shop", "cancellation_rate") for e in made.effects}


def test_the_delay_hurts_more_than_the_silence_under_the_evidence(effects):
    delay, silence = effects["delay late"], effects["notice silence"]
    assert delay.significant
    assert silence.significant
    assert delay.mean - delay.half_width > 5 * (silence.mean + silence.half_width)


def test_the_vendors_story_does_not_show_where_dates_are_kept(effects):
    """The interaction: dates that follow from the rules slip so seldom that even the vendors' numbers change little."""
    interaction, silence = effects["notice silence × story vendor"], effects["notice silence"]
    assert abs(interaction.mean) + interaction.half_width < silence.mean
