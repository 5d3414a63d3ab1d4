"""Recorded cancellations: of units that wait or are held, that are being picked, and that have left (returns)."""

from functools import partial

import pytest

from tests.properties.models.facts import rows
from tests.unit.world.shops import play_book


@pytest.fixture
def played(tmp_path):
    return partial(play_book, tmp_path)


def parcels(run):
    return [(f["shipped"], f["order"], f["units"]) for f in rows(run, "parcels")]


# ------------------------------------------------------------------------------------------------- waiting units
@pytest.mark.parametrize("of", ["line", "order"])
@pytest.mark.parametrize("allocation", [{}, {"allocation": {"kind": "proportional"}}])
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1,A,mug,10,3,4", [(3, 4), (12, 2)]),  # 4 of the 6 that are left are more than half
        ("1,A,mug,10,3,2", [(3, 4)]),  # 4 of 8 are half; 2 of 8 are less, and not the last
        ("1,A,mug,10,3,1", [(12, 6)]),  # 4 of 9 are less
        ("1,A,mug,10,,", [(12, 6)]),
    ],
)
def test_the_share_that_must_go_together_is_one_of_what_is_still_ordered(played, line, expected, of, allocation):
    run = played(
        line,
        warehouse__stock__mug=4,
        suppliers__pottery__under_way=[{"item": "mug", "units": 2, "due": 12}],
        policy={"fulfilment": {"kind": "minimum_split", "share": "50 %", "of": of}, **allocation},
    )
    assert [(shipped, units) for shipped, _, units in parcels(run)] == expected
