"""The table of texts: every text in both languages, with the same places; every key that a page uses exists."""

import re
from importlib.resources import files

import pytest

from simulator.lab.pages import LANGUAGES, script, spoken, style, texts


def forms(text):
    """Every form of a text, by number."""
    return {"": text} if isinstance(text, str) else text


def places(text):
    return sorted(set(re.findall(r"{(\w+)}", text)))


@pytest.mark.parametrize("key", sorted(texts()))
def test_a_text_has_both_languages_with_the_same_places(key):
    found = texts()[key]
    assert sorted(found) == sorted(LANGUAGES)
    english, spanish = (forms(found[language]) for language in LANGUAGES)
    assert set(english) == set(spanish)
    assert set(english) in ({""}, {"one", "other"})
    for form in english:
        assert english[form].strip()
        assert places(english[form]) == places(spanish[form])


def used(text):
    """Keys that a script or a page of the lab names, or their beginnings, such as `bot.`."""
    return set(re.findall(r"""(?:say\(|data-(?:text|label|hint|example)=)["']([\w.-]+)["']""", text))


def test_every_key_that_a_page_names_exists():
    found = {}
    for folder in files("simulator.lab").iterdir():
        if folder.is_dir():
            for file in folder.iterdir():
                if file.name.endswith((".js", ".html")):
                    found |= dict.fromkeys(used(file.read_text(encoding="utf-8")), file.name)
    known = texts()
    heads = {f"{key[: place + 1]}" for key in known for place, letter in enumerate(key) if letter in ".-"}
    assert {key: file for key, file in found.items() if key not in known and key not in heads} == {}


def test_a_script_holds_the_table_where_it_includes_it(tmp_path, monkeypatch):
    text = script("simulator.lab.pages", "texts.js").decode()
    assert '"common.connection-lost":{"en":' in text
    assert "{{texts}}" not in text


def test_a_style_has_the_colours_of_the_product():
    assert b"--accent:" in style("simulator.report.templates", "film.css")


def test_a_page_holds_its_texts_before_its_script_has_run():
    page = (
        '<html lang="en"><h1 data-text="lab.loading"></h1><input id="a" data-example="lab.find" data-label="lab.find">'
    )
    assert spoken(page, "es") == (
        '<html lang="es"><h1 data-text="lab.loading">Cargando …</h1>'
        '<input id="a" data-example="lab.find" data-label="lab.find" placeholder="Buscar una clave" '
        'aria-label="Buscar una clave">'
    )
    assert spoken('<p data-text="no.such-key"></p>', "en") == '<p data-text="no.such-key"></p>'


def test_a_script_leaves_out_the_texts_that_others_show():
    assert b'"engine.' not in script("simulator.lab.pages", "texts.js")
    assert b'"lab.undo"' not in script("simulator.lab.pages", "texts.js", without=("lab.",))
