"""The shipped experiment on delay and silence: under the evidence both hurt, and the delay by far more."""

from pathlib import Path

import pytest

from simulator.experiment.studies.factorial import factorial
from simulator.scenario.loader import load

FILE = Path(__file__).parents[2] / "scenarios" / "silence-or-delay.yaml"


@pytest.fixture(scope="module")
def effects():
    made = factorial(load(FILE), replications=6)
    return {str(e): made.effect(e, "shop", "cancellation_rate") for e in made.effects}


def test_the_delay_hurts_more_than_the_silence_under_the_evidence(effects):
    delay, silence = effects["delay late"], effects["notice silence"]
    assert delay.significant
    assert silence.significant
    assert delay.mean - delay.half_width > 5 * (silence.mean + silence.half_width)


def test_the_vendors_story_makes_more_of_the_silence(effects):
    """The interaction: the effect of silence is larger where their numbers are played."""
    assert effects["notice silence × story vendor"].mean > 0
