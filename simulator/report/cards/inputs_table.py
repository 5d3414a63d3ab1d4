"""Both causes of an interval, side by side: the noise of the simulation, and having only so many data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.experiment.results.results import Results
from simulator.report.cards.card import Cell, Column, Number, Table, Tone
from simulator.report.cards.kpi_tables import NO_MARK
from simulator.report.text.numbers import unit, written

TITLE = "How much of the intervals comes from the data"
TOO_FEW: tuple[str, Tone] = ("the data are too few to tell", "bad")
HOLDS: tuple[str, Tone] = ("holds", "good")


def data_sentence(results: Results) -> str:
    """Which data were drawn again, and how to read the table."""
    inputs = results.manifest.inputs or {}
    data = "; ".join(f"{name}: {count:,} values" for name, count in inputs["data"].items())
    return (
        f"The recorded values were drawn again with replacement {inputs['samples']} times, each sample was simulated "
        f"twice ({data}). More replications make only the noise smaller, more data only the other part."
    )


def inputs_table(results: Results, kpis: Sequence[str]) -> Table:
    """A row for each KPI that varies and policy, and for each difference to the first policy."""
    columns = [Column("KPI", "kpi"), Column("unit", "unit"), Column("policy")]
    columns += [Column(title, "number", right=True) for title in ("mean", "noise", "data", "together")]
    return Table([*columns, Column("", "text")], list(_rows(results, kpis)))


def _rows(results: Results, kpis: Sequence[str]) -> Iterator[Sequence[str | Cell | Number]]:
    inputs = results.manifest.inputs or {}
    first = results.policies[0]
    for kpi in kpis:
        known = (inputs["policies"].get(policy, {}).get(kpi) for policy in results.policies)
        if not any(parts and parts["together"] for parts in known):
            continue  # the same value in every replication
        for policy in results.policies:
            parts = inputs["policies"].get(policy, {}).get(kpi)
            yield _row(results, kpi, policy, results.estimate(policy, kpi).mean, parts)
        for policy in results.policies[1:]:
            parts = inputs["differences"].get(policy, {}).get(kpi)
            mean = results.difference(policy, first, kpi).mean
            yield _row(results, kpi, f"{policy} − {first}", mean, parts, sign=True)


def _row(
    results: Results, kpi: str, who: str, mean: float | None, parts: dict[str, float] | None, sign: bool = False
) -> Sequence[str | Cell | Number]:
    how = unit(kpi, results.manifest.labels)
    if mean is None or parts is None:
        return kpi, how.of_difference if sign else how.name, who, *[Number("–")] * 4, NO_MARK
    noise, data, together = (parts[name] * how.factor for name in ("noise", "data", "together"))
    places = _places(together)
    said: tuple[str, Tone] = ("", "")
    if sign and abs(mean) * how.factor > noise:
        said = HOLDS if abs(mean) * how.factor > together else TOO_FEW
    numbers = [Number(written(mean * how.factor, places, sign=sign))]
    numbers += [Number(f"± {written(half, places)}") for half in (noise, data, together)]
    return kpi, how.of_difference if sign else how.name, who, *numbers, Cell(*said)


def _places(width: float) -> int:
    """Decimals at which an interval has two digits."""
    places = 0
    while places < 6 and 0 < width * 10**places < 10:
        places += 1
    return places
