"""What the repository brings for continuous integration: hook, workflows, images, and the comment on a change."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from simulator.cli.main import INTERRUPTED, TIMED_OUT, VERBS
from simulator.experiment.storage.lock import FolderInUse
from simulator.foundation.errors import RunError, UserError
from simulator.foundation.signals import Terminated
from tests.unit.cli.test_verbs import TINY

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda path: path.name)
def test_a_workflow_is_yaml_and_runs_what_is_there(path):
    plain = yaml.safe_load(path.read_text("utf-8"))
    steps = [step for job in plain["jobs"].values() for step in job["steps"]]
    commands = "\n".join(step.get("run", "") for step in steps)
    named = re.findall(r"(?:\.ci|tests)/[\w/.-]+", commands)
    assert all((ROOT / name).exists() for name in named), named
    assert all("uses" in step or "run" in step for step in steps)


def test_the_tests_run_on_three_systems_and_four_pythons():
    plain = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text("utf-8"))
    matrix = plain["jobs"]["tests"]["strategy"]["matrix"]
    assert [runner.split("-")[0] for runner in matrix["runner"]] == ["ubuntu", "macos", "windows"]
    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]


def test_hook_image_and_devcontainer_name_what_there_is():
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert hook["entry"].split()[1] in VERBS
    assert re.search(hook["files"], "scenarios/strategies/kits.yaml")
    assert re.search(hook["exclude"], "scenarios/base/fmcg-items.yaml")
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    for found in re.findall(r"\[([\w,]+)\]\"", (ROOT / "Dockerfile").read_text("utf-8")):
        assert set(found.split(",")) <= set(extras)
    assert (
        json.loads((ROOT / ".devcontainer/devcontainer.json").read_text("utf-8"))["postCreateCommand"] == "make .venv"
    )


def test_the_table_of_exit_statuses_is_that_of_the_code():
    rows = re.findall(r"^\| (\d+) \|", (ROOT / "docs/how-to/ci.md").read_text("utf-8"), re.MULTILINE)
    codes = {0, RunError.exit_code, UserError.exit_code, FolderInUse.exit_code, TIMED_OUT, INTERRUPTED}
    assert set(map(int, rows)) == codes | {Terminated.exit_code}


def test_a_change_of_a_policy_is_commented_in_words_with_both_scorecards(tmp_path):
    (tmp_path / "scenarios").mkdir()
    file = tmp_path / "scenarios" / "tiny.yaml"
    file.write_text(TINY, encoding="utf-8")
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin" / "backorder"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m simulator "$@"\n')
    command.chmod(0o755)
    environment = {
        **os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "REPLICATIONS": "2",
        **{f"GIT_{who}_{what}": "tester@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }  # fmt: skip

    def typed(*words):
        found = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=100)
        assert found.returncode == 0, found.stderr
        return found.stdout

    typed("git", "init", "--quiet")
    typed("git", "add", "scenarios")
    typed("git", "commit", "--quiet", "--message", "Start")
    assert typed(str(ROOT / ".ci/policy-diff"), "HEAD") == "No scenario differs.\n"
    file.write_text(TINY.replace("S: 20", "S: 26", 1), encoding="utf-8")
    comment = typed(str(ROOT / ".ci/policy-diff"), "HEAD")
    assert "rises from 20 to 26 (+30%)" in comment
    assert "From scenarios/tiny.yaml to scenarios/tiny.yaml" in comment
    assert comment.count("<details>") == comment.count("</details>") == 2
    assert comment.count("fill_rate") >= 2
