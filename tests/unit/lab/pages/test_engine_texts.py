"""What the simulation writes in English, on a page in Spanish: stories, definitions, reasons, the film."""

import re

import pytest

import simulator
from simulator.kpis.evaluate import evaluate
from simulator.kpis.kpi import KPIS, Undefined
from simulator.lab.pages.engine import FILM, in_all_languages, translated
from simulator.lab.what_if.measuring import OF_ITEMS, OF_SEGMENTS
from simulator.model.nouns import Answer, Cause, Exit, Message, Refusal
from simulator.record.story import story_lines
from simulator.report.interactive.film import lane as film_lane
from simulator.report.text.shown_kpis import MAIN_KPIS

ENGLISH = re.compile(r"\b(the|of|from|order|parcel|after|units?|stock is|bought|received|promised|date)\b")
"""Words that no Spanish sentence has."""


@pytest.mark.parametrize("name", ["flash-sale", "silence-or-delay", "hardware-shop"])
def test_every_line_of_every_story_is_translated(name):
    scenario = simulator.load(name)
    for policy in list(scenario.policies)[:2]:
        run = simulator.simulate(scenario, policy, 1)
        count = len(run.demand.times)
        lines = {line.text for order in range(0, count, max(count // 60, 1)) for line in story_lines(run, order)}
        assert len(lines) > 100
        for text in lines:
            names = "|".join(re.escape(item.name) for item in run.world.items)
            spanish = re.sub(names, "", translated(text, "es"))
            assert ENGLISH.search(spanish) is None, (text, spanish)


def test_a_sentence_within_a_sentence_is_translated_and_names_are_not():
    text = (
        "filled: 2 mug, after 3.25 d on backorder, from 45 received from of the hill (part 1 of 90 units, bought "
        "12.50 d before) and stock that became available"
    )
    assert translated(text, "es") == (
        "servido: 2 mug, tras 3,25 d en espera, de 45 recibidas de of the hill (parte 1 de 90 unidades, compradas "
        "12,50 d antes) y stock que quedó disponible"
    )
    assert in_all_languages("a name of mine") == {"en": "a name of mine", "es": "a name of mine"}


def test_definitions_denominators_and_named_reasons_are_translated():
    for kpi in MAIN_KPIS:
        for text in (KPIS[kpi].definition, KPIS[kpi].denominator):
            assert not text or translated(text, "es") != text, text
    for noun in (Refusal, Message, Answer, Cause):
        for one in noun:
            assert translated(one.text, "es") != one.text, one
    for one in Exit:
        assert translated(f"{one.text}: 2 mug", "es").endswith(": 2 mug")
        assert translated(f"{one.text}: 2 mug", "es") != f"{one.text}: 2 mug", one


def test_every_reason_for_which_a_number_of_the_page_has_no_value_is_translated():
    run = simulator.simulate(simulator.load("flash-sale", ["clock.horizon=0.001 d", "clock.warm_up=0 d"]), "lean", 1)
    assert not len(run.demand.times)
    names = [*MAIN_KPIS, *(f"{name}_by_segment" for name in OF_SEGMENTS), *(f"{name}_by_item" for name in OF_ITEMS)]
    reasons = {value.reason for value in evaluate(run, names).values() if isinstance(value, Undefined)}
    assert len(reasons) > 4
    for reason in (*reasons, "the policy promises no date"):
        spanish = translated(f"no value in 3 of 20 replications: {reason}", "es")
        assert spanish.startswith("sin valor en 3 de 20 réplicas: ")
        assert ENGLISH.search(spanish) is None, reason
        assert translated(reason, "es") != reason


def test_what_happened_in_the_film_is_translated():
    run = simulator.simulate(simulator.load("flash-sale"), "lean", 1)
    texts = [text for _, _, text in film_lane(run, 110.0, 135.0)["happened"]]
    assert len(texts) > 300
    for text in texts:
        assert translated(text, "es", FILM) != text, text
