"""What `backorder list` knows."""

import json

import pytest

from simulator.foundation.errors import UserError
from simulator.foundation.plugin import FAMILIES
from simulator.kpis.kpi import KPIS
from simulator.report.cards.terminal import on_terminal
from simulator.report.reference.catalogue import family, family_names
from simulator.report.reference.pages import markdown
from simulator.report.terminal.listing import details, overview


def test_every_family_is_known_and_sections_come_first():
    names = family_names()
    assert names[0] == "scenario"
    assert set(FAMILIES) < set(names)
    assert names[-1] == "kpi"


@pytest.mark.parametrize("name", family_names())
def test_every_entry_has_a_meaning_and_every_field_too(name):
    for entry, said in family(name).entries.items():
        assert said.meaning, entry
        for key, field in said.fields.items():
            assert field.meaning, f"{name} {entry}.{key} has no docstring"
            assert field.type != "value", f"{name} {entry}.{key}: the type has no words"
            assert field.default


@pytest.mark.parametrize("name", family_names())
def test_a_family_can_be_printed_in_every_form(name):
    found = family(name)
    shown, page, plain = on_terminal(details([found])), markdown([found], "backorder list"), found.to_plain()
    assert all(entry in shown for entry in found.entries)
    assert all(f"`{entry}`" in page for entry in found.entries)
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain


@pytest.mark.parametrize(
    ("name", "entry", "key", "type_", "default"),
    [
        ("scenario", "clock", "warm_up", "duration ≥ 0", "0 d"),
        ("scenario", "clock", "horizon", "duration > 0", "required"),
        ("scenario", "items.NAME", "price", "currency", "required"),
        (
            "scenario",
            "suppliers.NAME",
            "lead_time",
            "distribution of durations or NAME → distribution of durations",
            "required",
        ),
        ("scenario", "suppliers.NAME", "make_time", "distribution of durations", "0 d"),
        ("scenario", "suppliers.NAME", "yield", "distribution of shares", "100 %"),
        ("scenario", "suppliers.NAME", "crossing", "allowed | fifo", "allowed"),
        ("scenario", "suppliers.NAME.closures[]", "from", "duration or date ≥ 0", "required"),
        ("scenario", "policies.NAME", "allocation", "allocation", "fifo"),
        ("scenario", "policies.NAME", "acceptance", "NAME → acceptance", "always"),
        ("scenario", "experiment", "confidence", "share", "95 %"),
        ("replenishment", "s_Q", "s", "units or days of cover", "required"),
        ("replenishment", "s_Q", "supplier", "text or NAME → share", "none"),
        ("acceptance", "limit", "units", "units ≥ 0", "required"),
        ("event", "demand_spike", "items", "text or list of text", "none"),
        ("event", "outage", "chance", "share", "100 %"),
    ],
)
def test_fields_are_told_in_the_words_of_the_user(name, entry, key, type_, default):
    found = family(name).entries[entry].fields[key]
    assert (found.type, found.default) == (type_, default)


def test_kpis_come_with_unit_and_denominator():
    found = family("kpi").entries
    assert list(found) == list(KPIS)
    assert found["fill_rate"].kpi == {
        "group": "service",
        "unit": "share",
        "denominator": "units demanded",
        "better": "higher",
    }


def test_the_overview_names_every_kind():
    text = on_terminal(overview([family(name) for name in family_names()]), 10_000)
    assert all(kind in text for members in FAMILIES.values() for kind in members.kinds)


def test_an_unknown_family_is_refused_with_the_nearest_name():
    with pytest.raises(UserError, match="did you mean 'event'"):
        family("events")
