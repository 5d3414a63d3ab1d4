"""Three sets of values for customer behaviour, as plain data: evidence, vendors' claims, classroom."""

from __future__ import annotations

from typing import Any, Literal, get_args

Preset = Literal["evidence", "vendor", "classroom"]

EVIDENCE: dict[str, Any] = {
    "join": {"kind": "logit"},  # E15, grade D, the low end anchored on E01 and E02
    "otherwise": {},  # E01: 31 % to a rival, 15 % later, 54 % without, grade A
    "impatience": {},  # E12 and E14: shape grade A, size grade D
    "contact": {},  # E20 and E21: grade C and D
    "loyalty": {},  # E05: -2.1 % and -6.1 %, grade A; E06: handling changes nothing, grade A
}
"""Measured values where there are any; they are the defaults of the keys."""

VENDOR: dict[str, Any] = {
    **EVIDENCE,
    "contact": {"informed": 0.3},  # E21: 60 to 80 % fewer contacts after messages, grade C, no control group
    "loyalty": {
        "handled_well": "2 %"  # "loyalty can improve if handled well": claimed without a number; ours, grade D
    },
}
"""Claims of sellers of delivery-message software: messages avoid contacts, a delay handled well wins loyalty."""

CLASSROOM: dict[str, Any] = {
    "join": {"kind": "logit", "at_7d": "70 %", "at_28d": "10 %", "no_date": "5 %"},
    "otherwise": {"switch": 60, "waitlist": 15, "walk": 25, "return": "50 %"},
    "impatience": {"no_date": 4, "after_promise": 4, "per_slip": 1.5},
    "contact": {"per_day_waiting": "5 %", "after_promise": 5, "split": 2, "informed": 0.3},
    "loyalty": {
        "late": "-10 %",
        "very_late": "-30 %",
        "handled_well": "0 %",
        "refused": "-5 %",
        "orders_per_year": 6,
    },
}
"""Effects strong enough to show in a short run; invented for teaching (all grade D)."""

PRESETS: dict[str, dict[str, Any]] = {"evidence": EVIDENCE, "vendor": VENDOR, "classroom": CLASSROOM}
assert tuple(PRESETS) == get_args(Preset)


def filled(customers: Any) -> Any:
    """The keys of a segment, completed from its `preset`; the segment's own keys win.

    >>> filled({"preset": "vendor", "loyalty": {"late": "-5 %"}, "join": {"kind": "always"}})["loyalty"]
    {'handled_well': '2 %', 'late': '-5 %'}
    """
    preset = customers.get("preset") if isinstance(customers, dict) else None
    if not isinstance(preset, str) or preset not in PRESETS:
        return customers
    return _over(PRESETS[preset], customers)


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    found = dict(below)
    for key, value in above.items():
        old = found.get(key)
        mixes = isinstance(old, dict) and isinstance(value, dict) and value.get("kind") in (None, old.get("kind"))
        found[key] = _over(old, value) if mixes and isinstance(old, dict) else value
    return found
