"""A limit of seconds grows with a machine that is slow, and still holds."""

import pytest

from tests import pace
from tests.pace import is_within, within


def test_what_takes_longer_than_its_limit_fails_on_a_quiet_machine(monkeypatch):
    monkeypatch.setattr(pace, "pace", lambda: 1.0)
    with pytest.raises(AssertionError, match="the limit"), within(2, iter([5.0, 7.0]).__next__):
        pass
    with within(2, iter([5.0, 6.9]).__next__):
        pass


@pytest.mark.parametrize(("slower", "spent", "passes"), [(3.0, 5.9, True), (3.0, 6.0, False), (1.0, 2.0, False)])
def test_a_machine_that_is_slower_is_given_as_much_longer(monkeypatch, slower, spent, passes):
    monkeypatch.setattr(pace, "pace", lambda: slower)
    assert is_within(spent, 2) is passes


def test_a_machine_is_never_taken_to_be_quicker_than_a_quiet_one():
    assert pace.pace() >= 1
