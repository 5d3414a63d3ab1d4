"""Choosing facts by the number in a column."""

import numpy as np
import pytest

from simulator.model.nouns import Cause
from simulator.record.columns import NO_ROWS, FactColumns

LEFT = FactColumns({"cause": np.array([0.0, 2.0, 1.0, 2.0]), "units": np.array([5.0, 6.0, 7.0, 8.0])})
NOTHING = FactColumns({"cause": NO_ROWS, "units": NO_ROWS})


def test_facts_are_chosen_by_one_number_or_by_several():
    assert LEFT.having("cause", Cause(2))["units"].tolist() == [6, 8]
    assert LEFT.having("cause", *map(Cause, (0, 2)))["units"].tolist() == [5, 6, 8]
    assert LEFT.having("cause", 0.0, 1.0, 2.0) is LEFT
    assert LEFT.having("cause", 3.0).size == 0


def test_the_others_are_those_with_another_number():
    assert LEFT.without("cause", Cause(2))["units"].tolist() == [5, 7]
    assert LEFT.without("cause", 3.0) is LEFT


@pytest.mark.parametrize("chosen", [NOTHING.having("cause", Cause(1)), NOTHING.without("cause", Cause(1))])
def test_where_nothing_happened_nothing_is_looked_for(chosen):
    assert chosen is NOTHING
