"""Studies take a scenario, or the file or example that holds it."""

import pytest

import simulator

VARY = {"suppliers.importer.lead_time.mean": ["8 d", "16 d"]}


@pytest.mark.parametrize(
    "study",
    [
        lambda name: simulator.sweep(name, VARY),
        lambda name: simulator.optimise(name, VARY, minimise="total_cost"),
        lambda name: simulator.factorial(name),
        lambda name: simulator.recommend(name),
        lambda name: simulator.stress(name),
        lambda name: simulator.outlook(name),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest_example(study):
    with pytest.raises(simulator.UserError, match="did you mean the example 'steady-shop'"):
        study("steady-shp")


def test_a_sweep_of_an_example_is_that_of_its_scenario():
    options = {"policies": ["lean"], "replications": 2, "progress": False}
    named = simulator.sweep("steady-shop", VARY, **options)
    loaded = simulator.sweep(simulator.load("steady-shop"), VARY, **options)
    assert named.to_json() == loaded.to_json()
