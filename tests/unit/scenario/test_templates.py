from __future__ import annotations

import pytest

from simulator.foundation.errors import UserError
from simulator.scenario.loader import load_text
from simulator.scenario.templates import template, template_names


@pytest.mark.parametrize("name", template_names())
def test_a_template_is_a_scenario_without_warnings(name):
    scenario = load_text(template(name))
    assert scenario.name == name
    assert scenario.warnings == ()


def test_an_unknown_template_is_named_with_the_known_ones():
    with pytest.raises(UserError, match=r"no template 'shp' \(did you mean 'shop'\?\); templates: shop, textbook"):
        template("shp")
