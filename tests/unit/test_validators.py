"""Validators are whole, also where Ctrl-C arrives while pydantic builds them."""

import signal

import pytest
from pydantic import BaseModel, TypeAdapter

from simulator.experiment.storage import manifest
from simulator.experiment.storage.manifest import Manifest
from simulator.foundation import validators
from simulator.foundation.signals import Terminated, handled_where_asked, terminable, unbroken
from simulator.foundation.validators import adapter_of, build
from simulator.randomness.distribution import Distribution


class Deferring(BaseModel, defer_build=True):
    name: str


def losing(function):
    """The function, as compiled code that is interrupted and goes on."""

    def interrupted(*arguments, **options):
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            pytest.fail("an exception here would be lost")
        return function(*arguments, **options)

    return interrupted


def test_an_interrupt_waits_until_an_adapter_is_built(monkeypatch):
    monkeypatch.setattr(validators, "TypeAdapter", losing(TypeAdapter))
    with pytest.raises(KeyboardInterrupt):
        adapter_of(int)


def test_an_interrupt_waits_until_a_model_is_built(monkeypatch):
    monkeypatch.setattr(Deferring, "model_rebuild", losing(Deferring.model_rebuild))
    with pytest.raises(KeyboardInterrupt):
        build(Deferring)
    assert Deferring.__pydantic_complete__
    build(Deferring)  # nothing is built again, so nothing interrupts


def test_an_interrupted_manifest_can_be_read_again(monkeypatch, tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    manifest._content.cache_clear()
    monkeypatch.setattr(manifest, "unsealed", lambda *_: {"format": manifest.FORMAT})
    with monkeypatch.context() as patched:
        patched.setattr(validators, "TypeAdapter", losing(TypeAdapter))
        with pytest.raises(KeyboardInterrupt):
            Manifest.read(tmp_path)
    with pytest.raises(Exception, match="not a manifest of this version: 'scenario': field required"):
        Manifest.read(tmp_path)


def test_an_interrupt_waits_until_a_kind_can_be_read(monkeypatch):
    monkeypatch.setattr(validators, "TypeAdapter", losing(TypeAdapter))
    with pytest.raises(KeyboardInterrupt):
        Distribution.parse(3)


def test_signals_wait_until_they_are_asked_for():
    with terminable(), handled_where_asked() as signals:
        signal.raise_signal(signal.SIGTERM)
        assert signals.came == [signal.SIGTERM]
        with pytest.raises(Terminated):
            signals.handle()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_signals_that_nobody_asks_for_act_at_the_end():
    reached = []

    def work():
        with terminable(), handled_where_asked(), unbroken():
            signal.raise_signal(signal.SIGTERM)
            reached.append("the end")

    with pytest.raises(Terminated):
        work()
    assert reached == ["the end"]


def test_a_signal_without_a_handler_in_python_is_not_held_up():
    with handled_where_asked():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
