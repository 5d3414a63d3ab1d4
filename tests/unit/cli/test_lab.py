"""`backorder lab`: what it says before a page is open."""

import builtins
import sys

import pytest
from click.testing import CliRunner

from simulator.cli.main import backorder
from simulator.foundation.errors import UserError


def test_without_the_extra_lab_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without(name, *arguments, **more):
        if name.partition(".")[0] in ("starlette", "uvicorn", "segno"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *arguments, **more)

    for name in [name for name in sys.modules if name.startswith(("simulator.lab", "simulator.cli.verbs.lab"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    told = CliRunner().invoke(backorder, ["lab"])
    assert isinstance(told.exception, UserError)
    assert "pip install 'backorder-simulator[lab]'" in str(told.exception)


def test_a_wrong_scenario_is_an_error_before_anything_is_served(tmp_path):
    (tmp_path / "shop.yaml").write_text("name: shop\n")
    told = CliRunner().invoke(backorder, ["lab", str(tmp_path / "shop.yaml"), "--no-browser"])
    assert isinstance(told.exception, UserError)
    with pytest.raises(UserError, match="clock"):
        raise told.exception
