"""What the shell offers: asked through click, as bash, zsh and fish ask it."""

import pytest
from click.shell_completion import ShellComplete

from simulator.cli.main import backorder
from tests.unit.cli.test_verbs import TINY


@pytest.fixture
def offered(tmp_path, monkeypatch):
    """What the shell offers behind some words for an incomplete one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    asked = ShellComplete(backorder, {}, "backorder", "_BACKORDER_COMPLETE")
    return lambda *words: [item.value for item in asked.get_completions(list(words[:-1]), words[-1])]


def test_examples_are_offered_where_a_scenario_can_be_named(offered):
    for verb in ("run", "check", "validate", "trace", "diff", "sweep"):
        assert offered(verb, "flash") == ["flash-sale", "flash"]
    assert offered("run", "tin") == ["tin"]  # a file begins like this: the shell completes it
    assert "strategies/kits" in offered("examples", "strategies/k")
    assert offered("new", "mine", "--from", "text")[0] == "textbook"


@pytest.mark.parametrize("verb", ["run", "sweep", "stress", "optimise", "recommend", "trace", "film"])
def test_policies_of_the_named_file_are_offered(offered, verb):
    assert offered(verb, "tiny.yaml", "--policy", "") == ["lean", "rich"]
    assert offered(verb, "tiny.yaml", "--policy", "r") == ["rich"]
    assert offered(verb, "nowhere.yaml", "--policy", "") == []


def test_kpis_keys_and_names_are_offered(offered):
    assert "fill_rate" in offered("run", "tiny.yaml", "--kpi", "fill")
    assert offered("run", "tiny.yaml", "--set", "pol") == ["policies."]
    assert offered("run", "tiny.yaml", "--set", "policies.") == ["policies.lean.", "policies.rich."]
    assert "items.mug.price=" in offered("run", "tiny.yaml", "--set", "items.mug.")
    assert offered("run", "tiny.yaml", "--set", "items.mug.price=1") == []
    assert "replenishment" in offered("list", "repl")
    assert {"s_S", "s_Q"} <= set(offered("list", "s_"))


def test_completion_of_a_damaged_file_offers_nothing(offered, tmp_path):
    (tmp_path / "bad.yaml").write_text("policies: {a: [", encoding="utf-8")
    assert offered("run", "bad.yaml", "--policy", "") == []
    assert offered("run", "bad.yaml", "--set", "") == []
