"""Sliders of quantities go in whole steps of the granularity of their items."""

import pytest

import simulator
from simulator.lab.what_if.controls import controls


@pytest.mark.parametrize(
    ("path", "size"),
    [
        ("policies.as_available.replenishment.gesha.s", 0.05),
        ("policies.as_available.replenishment.default.S", 0.25),
        ("warehouse.stock.gesha", 0.05),
        ("suppliers.importer.minimum", 0.25),
    ],
)
def test_every_stop_of_a_slider_is_a_whole_number_of_steps(path, size):
    control = controls(simulator.load("by-the-kilo"))[path]
    assert control.low == 0
    for value in (control.step, control.high):
        assert value / size == pytest.approx(round(value / size))
