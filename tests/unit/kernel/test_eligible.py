"""The whitelist of the kernel: every key of a scenario file is in it or not, on purpose."""

import typing
from collections.abc import Iterator

import pytest
import yaml

from simulator.foundation.plugin import Plugin, Spec
from simulator.kernel.eligible import FREE, PLAYED, reasons
from simulator.kernel.numbers import RULES, SERVICE, SHIPS
from simulator.policies.allocation.allocation import Allocation
from simulator.policies.fulfilment import Fulfilment
from simulator.policies.replenishment.replenishment import Replenishment
from simulator.scenario.loader import load_text
from tests.unit.world.shops import shop


@pytest.mark.parametrize("spec", PLAYED, ids=lambda spec: spec.__name__)
def test_every_key_of_what_the_kernel_plays_is_in_one_list(spec):
    known = PLAYED[spec]
    listed = [*known.plays.split(), *known.inert.split(), *known.plain]
    assert sorted(listed) == sorted(set(spec.model_fields) - {"kind"})


def classes(annotation: object) -> Iterator[type[Spec]]:
    """The parts of a file that a key may hold."""
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from classes(inner)


def test_whatever_a_played_key_may_hold_is_known():
    for spec, known in PLAYED.items():
        for name in known.plays.split():
            for held in classes(spec.model_fields[name].annotation):
                if issubclass(held, Plugin):
                    assert held.family in FREE or any(kind in PLAYED for kind in held.kinds.values()), (spec, name)
                else:
                    assert held in PLAYED, (spec, name)


@pytest.mark.parametrize(("family", "numbers"), [(Replenishment, RULES), (Allocation, SERVICE), (Fulfilment, SHIPS)])
def test_the_kernel_has_a_number_for_each_kind_that_it_plays(family, numbers):
    assert {kind for kind in family.kinds.values() if kind in PLAYED} == set(numbers)


ON_CHANGE = {"kind": "none", "repromise": "on_change"}


def why(**changes):
    return reasons(load_text(yaml.safe_dump(shop(**changes), sort_keys=False)), "first")


def test_a_usual_shop_is_played():
    assert why() == []


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"customers__web__contact": {}}, "customers.web.contact"),
        ({"customers__web__scarcity": 0.2}, "customers.web.scarcity: 0.2"),
        ({"policies__first__promise": {"kind": "ctp"}}, "policies.first.promise: ctp"),
        ({"policies__first__promise": ON_CHANGE}, "policies.first.promise.repromise: on_change"),
        ({"suppliers__pottery__capacity": {"rate": 3, "urgent_first": True}}, "suppliers.pottery.capacity"),
    ],
)
def test_what_the_kernel_does_not_play_is_named_in_the_words_of_the_file(changes, key):
    assert why(**changes) == [key]


def test_impatience_needs_a_promise_without_dates():
    impatience = {"customers__web__impatience": {}}
    assert why(**impatience) == []
    assert why(**impatience, policies__first__promise={"kind": "fixed", "within": 3}) == ["customers.web.impatience"]
    assert why(**impatience, policies__first__promise={"kind": "ctp"}) == [
        "policies.first.promise: ctp",
        "customers.web.impatience",
    ]


def test_a_season_needs_a_backlog_that_is_a_queue():
    season = {"items__mug__season": {"from": 0, "to": 20}}
    assert why(**season) == []
    assert why(**season, policies__first__allocation={"kind": "lifo"}) == ["items.mug.season"]


def test_a_kind_that_nobody_knows_is_not_played(monkeypatch):
    monkeypatch.delitem(PLAYED, type(load_text(yaml.safe_dump(shop())).policies["first"].fulfilment["default"]))
    assert why() == ["policies.first.fulfilment: as_available"]
