"""Followers take part in the order of the table, and only those that it lists."""

from __future__ import annotations

from collections import Counter

import pytest

from simulator.world.orders.followers import Followers, Moment
from simulator.world.simulate import FOLLOWERS


class First:
    def left(self, order, now):
        """Takes no note."""


class Second(First):
    """A class of its own."""


def test_the_table_orders_them_however_they_register():
    followers = Followers({"left": (First, Second)})
    first, second = First(), Second()
    followers.left.add(second.left)
    followers.left.add(first.left)
    assert followers.left == [first.left, second.left]
    assert followers.part(Second) is second


def test_a_class_that_is_not_in_the_table_cannot_register():
    followers = Followers({"left": (First,)})
    with pytest.raises(LookupError, match="Second has no place at 'left'; add it to FOLLOWERS"):
        followers.left.add(Second().left)


def test_a_table_of_moments_that_do_not_exist_is_refused():
    with pytest.raises(LookupError, match="no such moments: vanishes"):
        Followers({"vanishes": (First,)})


def test_every_moment_has_its_place_in_the_table_and_every_class_has_the_method_of_its_moment():
    moments = {name for name, value in vars(Followers({})).items() if isinstance(value, Moment)}
    assert set(FOLLOWERS) == moments
    for moment, classes in FOLLOWERS.items():
        assert all(hasattr(cls, moment) for cls in classes), moment
        assert max(Counter(classes).values()) == 1
