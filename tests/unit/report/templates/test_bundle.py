"""Scripts and styles of the pages are put together from shared parts, each once."""

import re
from collections import Counter
from importlib.resources import files

import pytest

from simulator.report.drawing.style import INK, INK_DARK
from simulator.report.templates.bundle import bundle_script, bundle_style, included

TEMPLATES = files("simulator.report.templates")
SHARED = TEMPLATES.joinpath("shared")
PAGES = ("film", "outlook", "play", "tracking")


def test_a_part_comes_before_what_includes_it_and_once(tmp_path):
    (tmp_path / "base.js").write_text("const base = 1;\n")
    (tmp_path / "more.js").write_text("// include: base\nconst more = base + 1;\n")
    (tmp_path / "page.js").write_text("// include: base, more\nuse(more);\n")
    text = bundle_script(tmp_path / "page.js", tmp_path)
    assert text == '"use strict";\n(() => {\nconst base = 1;\nconst more = base + 1;\nuse(more);\n})();\n'


def test_an_unknown_part_is_an_error(tmp_path):
    (tmp_path / "page.css").write_text("/* include: loook */\n")
    with pytest.raises(ValueError, match=r"page\.css: no part loook\.css"):
        bundle_style(tmp_path / "page.css")


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_the_shared_look(name):
    assert "cards" in list(included(TEMPLATES.joinpath(f"{name}.css").read_text()))
    assert "--accent:" in bundle_style(TEMPLATES.joinpath(f"{name}.css"))


def test_the_report_has_the_shared_look():
    assert list(included(files("simulator.report.page").joinpath("page.css").read_text())) == ["look", "reading"]


def scripts():
    folders = ["report.page", "lab.pages", *(f"lab.{name}" for name in ("classroom", "what_if"))]
    found = (file for folder in folders for file in files(f"simulator.{folder}").iterdir())
    return [*TEMPLATES.iterdir(), *SHARED.iterdir(), *found]


def functions(file):
    """Name and text of the functions of a script that stand at its left edge."""
    text = file.read_text(encoding="utf-8")
    for found in re.finditer(r"^(?:function (\w+)\(.*?^}$|const (\w+) = (?:\([^)]*\)|\w+) =>.*?$)", text, re.M | re.S):
        yield found[1] or found[2], found[0]


def test_no_function_of_the_pages_is_written_twice():
    every = [one for file in scripts() if file.name.endswith(".js") for one in functions(file)]
    parts = [*SHARED.iterdir(), *files("simulator.lab.pages").iterdir()]
    shared = {name for file in parts if file.name.endswith(".js") for name, _ in functions(file)}
    assert len(shared) > 30
    names = Counter(name for name, _ in every)
    assert {name for name in shared if names[name] > 1} == set()
    assert {text for text, count in Counter(text for _, text in every).items() if count > 1} == set()


def test_colours_stand_in_one_place():
    found = {
        file.name
        for file in scripts()
        if file.name.endswith((".css", ".html")) and re.search(r"#[0-9a-f]{3,8}\b(?!-)", file.read_text())
    }
    assert found <= {"page.html"}  # its links to sections


def contrast(a, b):
    def light(colour):
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(a), light(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colours", [INK, INK_DARK])
@pytest.mark.parametrize("text", ["ink", "soft", "accent", "good", "bad", "warn", "second"])
def test_text_can_be_read_on_every_ground(colours, text):
    assert min(contrast(colours[text], colours[ground]) for ground in ("paper", "ground", "tint")) >= 4.3
