"""The answer in words: what the run says for the decision, in two or three sentences."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.experiment.statistics.intervals import Difference
from simulator.experiment.statistics.verdicts import verdict
from simulator.report.text.conclusion import conclusion
from simulator.report.text.kpi_names import name_of
from simulator.report.text.numbers import decimals, is_exact, unit, written
from simulator.report.text.shown_kpis import chosen_kpis
from simulator.report.text.view import View

DECIDES = ("contribution", "total_cost", "fill_rate")
"""What policies are judged by first: the first of these that was measured for every policy."""
SERVICE = "fill_rate"
"""What decides among policies that the former does not tell apart."""
BESIDE = ("fill_rate", "cancellation_rate", "lost_at_checkout", "wait_mean", "total_cost")
PHRASES = {
    "contribution": ("earns {} more", "earns {} less"),
    "total_cost": ("costs {} more", "costs {} less"),
    "fill_rate": ("fills {} more units at once", "fills {} fewer units at once"),
    "cancellation_rate": ("cancels {} more lines", "cancels {} fewer lines"),
    "lost_at_checkout": ("loses {} more units at checkout", "loses {} fewer units at checkout"),
    "wait_mean": ("lengthens the mean wait by {}", "cuts the mean wait by {}"),
}
HIGHER_IS_BETTER = ("contribution", "fill_rate")
RELATIVE = ("contribution", "total_cost")
"""Told as a share of the other policy's value, too."""


def answer(view: View) -> list[str]:
    """The headline first."""
    results = view.results
    key = next((k for k in DECIDES if view.defined(k)), None)
    if len(view.policies) == 1 or results.replications == 1 or key is None:
        return conclusion(results, chosen_kpis())
    ranked = _ranked(view, key, view.policies)
    near = [p for p in ranked if p == ranked[0] or _word(view, ranked[0], p, key) != "better"]
    if len(near) > 1 and key != SERVICE and view.defined(SERVICE):
        leader = _ranked(view, SERVICE, near)[0]
        other = _other(view, leader, _ranked(view, SERVICE, near))
        if _word(view, leader, other, SERVICE) == "better":
            return [_sentence(view, leader, other, SERVICE), _field(view, key, leader)]
    leader, other = ranked[0], _other(view, ranked[0], ranked)
    if _word(view, leader, other, key) == "better":
        return [_sentence(view, leader, other, key), *([_field(view, key, leader)] if len(ranked) > 2 else [])]
    return [_undecided(view, leader, other, key), *([_field(view, key, leader)] if len(ranked) > 2 else [])]


def _ranked(view: View, key: str, policies: Sequence[str]) -> list[str]:
    """From the best mean to the worst."""
    return sorted(policies, key=lambda p: view.value(p, key), reverse=key in HIGHER_IS_BETTER)


def _other(view: View, leader: str, ranked: Sequence[str]) -> str:
    """Whom the leader is held against: the first policy of the file, or the next best where that is the leader."""
    first = view.policies[0]
    if leader != first:
        return first
    return next((p for p in ranked if p != leader), next(p for p in view.policies if p != leader))


def _lead(view: View, leader: str, other: str, key: str) -> Difference:
    """One of the differences between the leader and all others, which hold at once."""
    return view.results.difference(leader, other, key, together=len(view.policies) - 1)


def _word(view: View, leader: str, other: str, key: str) -> str:
    return verdict(_lead(view, leader, other, key), key)


def _sentence(view: View, leader: str, other: str, key: str) -> str:
    found = _lead(view, leader, other, key)
    how_sure = (
        "in every replication" if is_exact(found) else f"{view.level} interval {' to '.join(_ends(view, found, key))}"
    )
    text = f"`{leader}` {_phrase(view, leader, other, key)} than `{other}`, {how_sure}"
    gains, prices = [], []
    for beside in BESIDE:
        if beside == key or not view.defined(beside):
            continue
        word = _word(view, leader, other, beside)
        if word == "better":
            gains.append(_phrase(view, leader, other, beside))
        elif word == "worse" and beside == "total_cost":
            prices.append(f"at {_share(view, leader, other, beside)} more cost")
        elif word == "worse":
            prices.append("but " + _phrase(view, leader, other, beside))
    if gains:
        text += f"; it {_joined(gains)}"
    return text + "".join(f", {price}" for price in prices) + "."


def _phrase(view: View, leader: str, other: str, key: str) -> str:
    """'cancels 3.1 points fewer lines'."""
    found, how = _lead(view, leader, other, key), unit(key, view.currency)
    mean = (found.mean or 0.0) * how.factor
    size = f"{written(abs(mean), decimals([found], how.factor))} {how.of_difference}"
    if key in RELATIVE:
        size += f" ({_share(view, leader, other, key)})"
    return PHRASES[key][mean < 0].format(size)


def _share(view: View, leader: str, other: str, key: str) -> str:
    base, change = abs(view.value(other, key)), abs(view.value(leader, key) - view.value(other, key))
    if not base or change / base >= 10:
        return "many times"
    return f"{100 * change / base:.2g} %" if change / base < 1 else f"{100 * change / base:.0f} %"


def _ends(view: View, difference: Difference, key: str) -> tuple[str, str]:
    """The ends of the interval of the difference's size."""
    how = unit(key, view.currency)
    places = decimals([difference], how.factor)
    mean, half = abs(difference.mean or 0.0), difference.half_width or 0.0
    low, high = ((mean + side * half) * how.factor for side in (-1, 1))
    return written(low, places), written(high, places)


def _field(view: View, key: str, leader: str) -> str:
    """How the leader stands to all the others."""
    others = [p for p in view.policies if p != leader]
    words = {p: _word(view, leader, p, key) for p in others}
    behind = [p for p, word in words.items() if word == "better"]
    ahead = [p for p, word in words.items() if word == "worse"]
    close = [p for p in others if p not in behind and p not in ahead]
    what = name_of(key)
    told = []
    if len(behind) == len(others) > 1:
        return f"On {what} `{leader}` is better than every other policy."
    if close:
        told.append(f"no difference was found between `{leader}` and {_quoted(close)}")
    if behind:
        told.append(f"`{leader}` is better than {_quoted(behind)}")
    if ahead:
        told.append(f"`{leader}` is worse than {_quoted(ahead)}")
    return f"On {what} {'; '.join(told)}."


def _undecided(view: View, leader: str, other: str, key: str) -> str:
    found, how = _lead(view, leader, other, key), unit(key, view.currency)
    what = name_of(key)
    if found.half_width is None or found.mean is None:
        return f"`{leader}` and `{other}` cannot be compared on {what}."
    if found.mean == 0 and found.half_width == 0:
        return f"`{leader}` and `{other}` are the same on {what}."
    places = decimals([found], how.factor)
    low, high = ((found.mean + side * found.half_width) * how.factor for side in (-1, 1))
    return (
        f"No difference in {what} was found between `{leader}` and `{other}`: the {view.level} interval of it runs "
        f"from {written(low, places, sign=True)} to {written(high, places, sign=True)} {how.of_difference}."
    )


def _joined(parts: Sequence[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def _quoted(policies: Sequence[str]) -> str:
    return _joined([f"`{p}`" for p in policies])
