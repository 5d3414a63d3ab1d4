"""What `backorder stress` prints: the effect of each knock-out, the worst first, and backorder-days by cause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.statistics.measured import labels_of
from simulator.experiment.studies.causes import MEANING
from simulator.experiment.studies.stress import NEVER_SHORT, CauseShare, KnockOutEffect, Stress
from simulator.report.cards.card import Block, Card, Column, Phrases, Table, line, summary
from simulator.report.cards.kpi_tables import cells
from simulator.report.text.frame import study_frame
from simulator.report.text.kpi_names import capital
from simulator.report.text.numbers import decimals, written
from simulator.report.text.sentences import joined, quoted

TIMES = {"time_to_survive": "survived, d", "time_to_recover": "service back, d", "time_to_clear": "cleared, d"}
AFTERWARDS = ("time_to_recover", "time_to_clear")
SIZES = {
    "peak": "peak, units",
    "backlog_area": "backlog, unit-days",
    "delivery": "delivery, d",
    "contribution": "contribution",
}
CAUSES = ("backorder-days by cause", "avoided without it", "share", "caused by it alone")
READING = (
    "survived: days from the start until a unit is short because of it; throughout: none ever was.",
    "service back: days from the end until the share of units {service} is back at 95 % of normal for a week.",
    "cleared: days from the end until the backlog is back to normal for the last time.",
    "a shortage counts if it begins before purchases made after the end have had the longest lead time to arrive.",
    "peak, backlog: units and unit-days in excess of normal until then.",
    "delivery: extra days from order to delivery.",
    "*: not in every replication, or not before the horizon; mean of the others.",
)


def stress_card(outcome: Stress) -> Card:
    """The tables, and how to read them."""
    test, settings = outcome.test, outcome.study.settings
    blocks: list[Block] = []
    for policy in dict.fromkeys(knock.policy for knock in outcome.knocks):
        knocks = outcome.exposure(policy)
        shares = [share for share in outcome.shares if share.policy == policy]
        goods = labels_of(settings.scenario).units.get("")
        sizes = SIZES | {"contribution": f"contribution, {settings.scenario.currency}"}
        if goods:
            sizes |= {"peak": f"peak, {goods}", "backlog_area": f"backlog, {goods}-days"}
        blocks += [line(), line(policy, "strong")]
        blocks += [_knocks("knocked out, worst first", knocks, TIMES), line(), _knocks("", knocks, sizes), line()]
        blocks += [_causes(shares), line()]
        blocks += [line(f"  {share.cause}: {MEANING[share.cause]}", "faint") for share in shares]
    service = "filled at once" if not test.within else f"filled within {test.within:g} d"
    blocks += [line(), Phrases([text.format(service=service) for text in READING], " ", "faint")]
    blocks += summary(_conclusion(outcome))
    title = f"{settings.scenario.name}: each out of action for {test.lasts:g} d from {_day(outcome)}"
    frame = [
        *study_frame(settings.replications, settings.seed, settings.confidence),
        "paired with the same replications without it",
    ]
    return Card(blocks, title, frame)


def _conclusion(outcome: Stress) -> list[str]:
    """For each policy, what hurts most and which cause accounts for most; then which policies were not tested."""
    found = []
    for policy in outcome.study.policies:
        under = f"Under `{policy}`, " if len(outcome.study.scenario.policies) > 1 else ""
        found.append(capital(f"{under}{_worst(outcome, policy)}"))
        found += _largest_cause([share for share in outcome.shares if share.policy == policy])
    others = [policy for policy in outcome.study.scenario.policies if policy not in outcome.study.policies]
    if others:
        found.append(f"Not tested: {quoted(others)}; --policy NAME, which can be repeated, chooses what is tested.")
    return found


def _worst(outcome: Stress, policy: str) -> str:
    """'losing supplier factory for 30 d hurts most: stock lasts 28 d …', and what can be lost without a shortage."""
    knocks = outcome.exposure(policy)
    short = [knock for knock in knocks if knock.measures["time_to_survive"].mean is not None]
    safe = [str(knock.target) for knock in knocks if knock not in short]
    lasts = f"{outcome.test.lasts:g} d"
    if not short:
        return f"each can be out of action for {lasts} without a unit short."
    worst = short[0].measures
    lasted, peak, back = (worst[m].mean for m in ("time_to_survive", "peak", "time_to_recover"))
    text = f"losing {short[0].target} for {lasts} hurts most: stock lasts {lasted:.0f} d"
    text += f", up to {peak or 0:,.0f} more units wait"
    text += ", and service is not back in time" if back is None else f", and service is back {back:.0f} d after the end"
    return f"{text}. Losing {joined(safe, ' or ')} leaves no unit short." if safe else f"{text}."


def _largest_cause(shares: Sequence[CauseShare]) -> list[str]:
    known = [share for share in shares if share.part.mean is not None and share.cause != "together"]
    if not known:
        return ["No unit is on backorder, so there is no cause to remove."]
    first = max(known, key=lambda share: share.part.mean or 0.0)
    percent = f"{(first.part.mean or 0.0) * 100:.1f}".removesuffix(".0")
    part = f"{percent} % of the backorder-days"
    if first.cause == "ordinary":
        return [f"Most would remain without any of the causes: {part}, as stock is too low for ordinary demand."]
    return [f"The largest cause is `{first.cause}`: without it, {part} would be avoided."]


def _day(outcome: Stress) -> str:
    """'day 120', with its date if the scenario has one."""
    at, start = outcome.test.at, outcome.study.scenario.clock.start
    return f"day {at:g}" + ("" if start is None else f" ({start + dt.timedelta(days=at):%Y-%m-%d})")


def _knocks(title: str, knocks: Sequence[KnockOutEffect], columns: Mapping[str, str]) -> Table:
    places = {m: min(decimals(knock.measures[m] for knock in knocks), 1) for m in columns}
    rows = [[str(knock.target), *(_of(knock, m, places[m]) for m in columns)] for knock in knocks]
    return Table([Column(title), *map(Column, columns.values())], rows, indent=2)


def _causes(shares: Sequence[CauseShare]) -> Table:
    """Backorder-days by cause."""
    places = min(decimals(share.last for share in shares), 1)
    rows = [
        [
            s.cause,
            _written(s.last, places),
            _share(s.part),
            _written(s.first, places),
        ]
        for s in shares
    ]
    return Table([*map(Column, CAUSES)], rows, indent=2)


def _share(part: Estimate) -> str:
    """'35 ± 6 %'; empty without backorder-days."""
    return "" if part.mean is None else f"{cells([part], 100.0)[0]} %"


def _of(knock: KnockOutEffect, measure: str, places: int) -> str:
    """One measure of a knock-out; service that was never lost cannot recover."""
    unscathed = knock.measures["time_to_survive"].mean is None
    return "–" if unscathed and measure in AFTERWARDS else _written(knock.measures[measure], places)


def _written(e: Estimate, places: int) -> str:
    if e.mean is None:
        return "throughout" if NEVER_SHORT.reason in e.reason else "not in time"
    half = "" if e.half_width is None else f" ± {written(e.half_width, places)}"
    return f"{written(e.mean, places)}{half}{'*' * ('no value' in e.reason)}"
