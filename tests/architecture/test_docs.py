"""Every code block of the documentation runs, and the quoted output is correct."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from docs import gallery, generate
from simulator.cli.main import VERBS, backorder
from simulator.experiment.statistics import verdicts
from simulator.report.cards.markdown import escaped
from simulator.report.reference.catalogue import family, family_names
from simulator.report.reference.pages import GRADES, defaults
from simulator.scenario.faults.shape import keys_of
from simulator.scenario.loader import load, load_text
from simulator.scenario.schema.schema import Scenario

ROOT = Path(__file__).resolve().parents[2]
MADE = set(generate.pages())
PAGES = ["README.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md") if p.name not in MADE)]
BASE = "steady-shop.yaml"
SHORTENED = {
    **dict.fromkeys(("run", "sweep", "stress", "recommend", "outlook"), ""),
    "optimise": "--trials 6 --most 10",
}
"""Verbs of studies, and what makes them short besides few replications."""


def blocks(language):
    """The blocks of a language as test parameters, each with its page and line number as the identifier."""
    found = []
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for match in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            found.append(pytest.param(match[1], id=f"{page}:{text.count(chr(10), 0, match.start()) + 2}"))
    return found


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A temporary current folder with a copy of the scenarios and the command `backorder`."""
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "backorder"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m simulator "$@"\n')
    command.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run_as_typed(page, folder):
    """Runs the commands of a page in order, since one may read what another wrote. Studies are shortened."""
    text = (ROOT / page).read_text(encoding="utf-8")
    commands = re.findall(r"^backorder .*$", "\n".join(re.findall(r"^```bash\n(.*?)^```$", text, re.M | re.S)), re.M)
    for command in commands:
        if (verb := command.split()[1]) in SHORTENED:
            short = f"--replications 2 {SHORTENED[verb]}"
            if "--keep " in command:  # some thousand events are as good as some ten thousand
                short += " --set 'clock.horizon=80 d'"
            command = re.sub(r"(\s+#.*|\s+>.*|\s*)$", rf" {short}\1", command, count=1)
        status, told = typed(command, folder)
        assert status == 0, f"{page}: {command}\n{told}"


@pytest.mark.parametrize("page", ["docs/tutorial.md", "docs/explanation/kpis.md"])
def test_every_verdict_of_a_scorecard_is_explained(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    told = (verdicts.SAME, verdicts.UNCLEAR, verdicts.HIGHER, verdicts.LOWER, verdicts.NO_BACKORDERS)
    assert [word for word in told if f"`{word}`" not in text] == []


def test_the_first_lines_of_the_readme_are_those_of_the_demo(folder, monkeypatch):
    monkeypatch.setenv("COLUMNS", "130")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```text\n(In short\n.*?)^```$", text, re.M | re.S)
    demo = ["run", "scenarios/flash-sale.yaml", "--replications", "10", "--no-report"]
    printed = CliRunner().invoke(backorder, demo).stdout
    assert shown == printed[printed.index("In short") :].partition("Results: ")[0]


def typed(command, folder):
    """Exit status and messages of a command. It runs in this process, which has loaded the simulator already, and its
    output goes where `>` says; whatever else the shell must interpret, and what starts workers, runs in a shell."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    words, file = (words[:-2], words[-1]) if words[-2] == ">" else (words, None)
    if "--workers" in words or any(sign in word for word in words for sign in ("|", "&", ";", "$", "*")):
        done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=250)
        return done.returncode, done.stderr
    done = CliRunner().invoke(backorder, words[1:])
    if file:
        (folder / file).write_text(done.stdout, encoding="utf-8")
    return done.exit_code, f"{done.output}\n{done.exception}"


@pytest.mark.parametrize("code", blocks("python"))
def test_python_blocks_run(code, folder, capsys):
    exec(compile(code, "block", "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("text", blocks("yaml"))
def test_yaml_blocks_are_scenarios_or_fit_into_one(text, folder):
    """A block with only some sections extends the steady shop; one that extends a file has no warnings of its own."""
    keys = (block := yaml.safe_load(text)).keys()
    assert keys <= set(keys_of(Scenario))
    if {"clock", "policies"} <= keys or "extends" in keys:
        known = load(folder / "scenarios" / block["extends"]).warnings if "extends" in keys else ()
        found = load_text(text, folder / "scenarios").warnings
        assert {warning.message for warning in found} <= {warning.message for warning in known}
        return
    part = folder / "scenarios" / "part.yaml"
    part.write_text(f"extends: {BASE}\n{text}", encoding="utf-8")
    load(part)


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (ROOT / page).parent.joinpath(target).exists() or Path(target).name in MADE, target


def test_the_pages_of_kinds_are_what_the_code_says():
    wanted = generate.kept_pages()
    found = [
        *(ROOT / f"docs/reference/{name}.md" for name in ("kinds", "python")),
        *(ROOT / "docs/reference/kinds").glob("*.md"),
    ]
    texts = {path.relative_to(ROOT / "docs/reference").as_posix(): path.read_text(encoding="utf-8") for path in found}
    assert texts == wanted, "run: make reference"


def test_every_family_has_a_page_that_the_overview_links_to():
    wanted = generate.kept_pages()
    for name in family_names():
        assert f"](kinds/{name}.md)" in wanted["kinds.md"]
        headings = {h.replace("`", "") for h in re.findall(r"^## (.*)$", wanted[f"kinds/{name}.md"], re.MULTILINE)}
        entries = family(name).entries
        assert headings == {e.kpi["group"] if e.kpi else escaped(key) for key, e in entries.items()}


def test_the_gallery_shows_every_scenario_with_its_answer_and_figures():
    answers = gallery.answers()
    assert (ROOT / "docs/gallery.md").read_text(encoding="utf-8") == gallery.page(), (
        "run: python -m docs.gallery NAME ..."
    )
    assert set(answers) == {gallery.name(path) for path in gallery.scenarios()}, "run: python -m docs.gallery NAME ..."
    for name in answers:
        assert list(gallery.PICTURES.glob(f"{name}.*.svg")), f"run: python -m docs.gallery {name}"
    drawn = {path.name.split(".")[0] for path in gallery.PICTURES.glob("*.svg")}
    assert drawn == set(answers)


def test_every_command_and_option_is_in_the_reference():
    page = generate.pages()["cli.md"]
    for verb in VERBS:
        shown = CliRunner().invoke(backorder, [verb, "--help"]).stdout
        assert f"\n## {verb}\n" in page
        for option in re.findall(r"^  (--\w[\w-]*)", shown, re.MULTILINE):
            assert f"`{option}" in page or f", {option}" in page, f"{verb} {option}"


def test_every_default_is_in_the_reference_with_its_grade():
    page, found = generate.pages()["defaults.md"], list(defaults())
    assert len(found) > 40
    for default in found:
        assert f"| `{default.where}` | {default.key.default.replace('|', chr(92) + '|')} |" in page
        assert set(default.grades.split(", ")) <= {*GRADES, ""}, default.where


def test_lessons_ask_before_they_answer():
    """The comments at the head of a textbook scenario give its results, so lessons include it from its name on."""
    for lesson in sorted((ROOT / "docs" / "teaching").glob("lesson-*.md")):
        text = lesson.read_text(encoding="utf-8")
        for block in re.findall(r"```\{literalinclude\}.*?```", text, re.DOTALL):
            assert ':start-at: "name: "' in block, lesson.name
            file = lesson.parent / block.split()[1]
            assert file.read_text(encoding="utf-8").count("\nname: ") == 1, file.name
        assert text.index("**Question.**") < text.index("**Before you look.**") < text.index("## The picture")
