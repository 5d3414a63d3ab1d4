"""What `backorder stress` prints: what each knock-out does, whom the company depends on, backorder-days by cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.studies.causes import MEANING
from simulator.experiment.studies.stress import CauseShare, KnockOut, Stress
from simulator.report.terminal.tables import filled, grid, rendered
from simulator.report.text.numbers import decimals, written

TIMES = {"time_to_survive": "survived, d", "time_to_recover": "service back, d", "time_to_clear": "cleared, d"}
AFTERWARDS = ("time_to_recover", "time_to_clear")
SIZES = {
    "peak": "peak, units",
    "backlog_area": "backlog, unit-days",
    "delivery": "delivery, d",
    "contribution": "contribution",
}
READING = (
    "survived: to the first unit that is short and would not have been; all of it: nothing ever was.",
    "service back: from the end until the share of units {service} is back at 95 % for a week.",
    "cleared: from the end until the backlog is back.",
    "peak, backlog: units, and units x days, beyond what would have been, up to then.",
    "delivery: from order to door, longer by.",
    "*: in some replications not at all, or not before the horizon; the mean is over the others.",
)


def stress_card(outcome: Stress, width: int, colour: bool = False) -> str:
    """The tables, and how to read them."""
    test, settings = outcome.test, outcome.study.settings
    policies = list(dict.fromkeys(knock.policy for knock in outcome.knocks))
    parts: list[RenderableType] = [
        Text(f"{settings.scenario.name}: each out of action for {test.lasts:g} d from day {test.at:g}", "bold"),
        Text(
            f"{settings.replications} replications · seed {settings.seed} · {settings.confidence * 100:g} % "
            "intervals · against the same luck without it",
            "dim",
        ),
    ]
    for policy in policies:
        knocks = outcome.exposure(policy)
        parts += [Text(), Text(policy, "bold")]
        sizes = SIZES | {"contribution": f"contribution, {settings.scenario.currency}"}
        for title, columns in (("knocked out, the worst first", TIMES), ("", sizes)):
            parts += [Padding(_knocks(title, knocks, columns), (0, 0, 1, 2), expand=False)]
        shares = [share for share in outcome.shares if share.policy == policy]
        parts += [Padding(_causes(shares), (0, 0, 0, 2), expand=False), Text()]
        parts += [Text(f"  {share.cause}: {MEANING[share.cause]}", "dim") for share in shares]
    service = "filled at once" if not test.within else f"filled within {test.within:g} d"
    reading = [line.format(service=service) for line in READING]
    return rendered([*parts, Text(), *(Text(line, "dim") for line in filled(reading, " ", width))], width, colour)


def _knocks(title: str, knocks: Sequence[KnockOut], columns: Mapping[str, str]) -> RenderableType:
    places = {m: min(decimals(knock.measures[m] for knock in knocks), 1) for m in columns}
    rows = [[Text(str(knock.target)), *(_of(knock, m, places[m]) for m in columns)] for knock in knocks]
    return grid([Text(title), *(Text(head) for head in columns.values())], rows)


def _causes(shares: Sequence[CauseShare]) -> RenderableType:
    """Backorder-days by cause."""
    header = [Text(t) for t in ("backorder-days by cause", "go without it", "share", "come with it alone")]
    places = min(decimals(share.last for share in shares), 1)
    rows = [
        [
            Text(share.cause),
            _cell(share.last, places),
            Text("" if share.part is None else f"{share.part * 100:.0f} %"),
            _cell(share.first, places),
        ]
        for share in shares
    ]
    return grid(header, rows)


def _of(knock: KnockOut, measure: str, places: int) -> Text:
    """One measure of a knock-out; service that never left does not come back."""
    unscathed = knock.measures["time_to_survive"].mean is None
    return Text("–") if unscathed and measure in AFTERWARDS else _cell(knock.measures[measure], places)


def _cell(e: Estimate, places: int) -> Text:
    if e.mean is None:
        return Text("all of it" if "nothing more" in e.reason else "not in time")
    said = written(e.mean, places)
    if e.half_width is not None:
        said += f" ± {written(e.half_width, places)}"
    return Text(said + ("*" if "no value" in e.reason else ""))
