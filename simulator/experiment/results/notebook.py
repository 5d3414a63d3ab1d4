"""The view of results in a notebook: one self-contained HTML table."""

from __future__ import annotations

from html import escape

from simulator.experiment.results.tables import short
from simulator.experiment.statistics.intervals import Estimate
from simulator.experiment.statistics.measured import Labels, Measured, unit_of
from simulator.experiment.statistics.verdicts import BETTER, HIGHER, LOWER, WORSE, best, judged
from simulator.experiment.storage.manifest import Manifest
from simulator.kpis.kpi import KPIS, OF_UNITS

SIGNS = {BETTER: ("▲", "#1a7f37"), WORSE: ("▼", "#b42318"), HIGHER: ("↑", "inherit"), LOWER: ("↓", "inherit")}
STAR = '<b style="color:#1a7f37" title="better than every other policy">★</b>'
_BOX = "max-height:32em;overflow:auto"
_CELL = 'style="text-align:right;white-space:nowrap"'
_NAME = 'style="text-align:left"'


def as_html(results: Measured, manifest: Manifest) -> str:
    """KPIs in rows, policies in columns: mean ± half-width, differences from the first policy, and the best."""
    heads = "".join(f"<th {_CELL}>{escape(policy)}</th>" for policy in results.policies)
    rows: list[str] = []
    group = ""
    for key in results.kpis:
        row = {policy: results.estimate(policy, key) for policy in results.policies}
        if all(e.mean is None for e in row.values()):
            continue
        known = KPIS.get(key.split("[")[0])
        if known is not None and known.group != group:
            group = known.group
            rows.append(f'<tr><th colspan="{len(row) + 2}" {_NAME}>{escape(group)}</th></tr>')
        rows.append(_row(results, manifest.labels, key, row))
    n = results.replications
    frame = f"{n} replication{'s' * (n != 1)}, seed {manifest.seed}, {manifest.confidence * 100:g} % intervals"
    legend = (
        " ▲▼ significantly better or worse than the first policy, adjusted for all comparisons; "
        "★ better than every other."
    )
    title = escape(manifest.title or manifest.scenario)
    return (
        f'<div style="{_BOX}"><table><caption style="text-align:left"><b>{title}</b><br>{frame}.'
        f"{legend if len(results.policies) > 1 else ''}</caption>"
        f"<thead><tr><th></th>{heads}<th></th></tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _row(results: Measured, labels: Labels, key: str, row: dict[str, Estimate]) -> str:
    definition = KPIS[key.split("[")[0]].definition if key.split("[")[0] in KPIS else ""
    winner = best(results, key)
    differences = judged(results, results.policies[0], key)
    cells = []
    for policy, e in row.items():
        _, word = differences.get(policy, (None, ""))
        sign, colour = SIGNS.get(word, ("", ""))
        mark = f' <span style="color:{colour}">{sign}</span>' if sign else ""
        cells.append(f"<td {_CELL}>{escape(short(e))}{mark}{STAR if policy == winner else ''}</td>")
    unit = unit_of(key)
    unit = labels.currency if unit == "currency" else unit
    if unit in OF_UNITS and (goods := labels.goods(key)):
        unit = goods if unit == "units" else f"{goods}-days"
    name = f'<td {_NAME} title="{escape(definition, quote=True)}">{escape(key)}</td>'
    return f"<tr>{name}{''.join(cells)}<td {_NAME}>{escape(unit)}</td></tr>"
