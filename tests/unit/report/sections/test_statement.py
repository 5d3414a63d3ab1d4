"""The statement of money adds up line by line; a picture splits what comes later."""

from pathlib import Path

import pytest

import simulator
from simulator.experiment.results.results import Results
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.replication import Replication
from simulator.report.drawing.plot import WIDE, svg
from simulator.report.sections.money import money
from simulator.report.sections.statement import lifetime, statement
from simulator.report.text.view import ReportView

TRUST = Path(__file__).parents[4] / "scenarios" / "money" / "trust.yaml"


def amounts(table):
    return [(title, [float(cell.replace(",", "")) for cell in cells]) for title, *cells in table.plain]


def adds_up(rows):
    """Whether every sum is that of the lines above it, those above earlier sums included."""
    so_far = [0.0] * len(rows[0][1])
    for title, values in rows:
        if title.startswith("= "):
            assert values == pytest.approx(so_far, abs=1e-6), title
        else:
            so_far = [a + b for a, b in zip(so_far, values, strict=True)]


@pytest.fixture(scope="module")
def trust():
    return simulator.run(simulator.load(TRUST).edit({"clock.horizon": "200 d"}), replications=3)


def test_revenue_is_net_of_refunds_and_every_sum_is_that_of_its_lines(trust):
    view = ReportView(trust, None)
    rows = amounts(statement(view))
    titles = [title for title, _ in rows]
    assert titles[:3] == ["Orders before refunds", "Refunds", "= Revenue"]
    assert titles[-3:] == ["= Contribution", "Lifetime value change", "= Contribution with lifetime value"]
    assert "Other costs" not in titles, "every part of the total cost has a KPI"
    adds_up(rows)
    found = dict(rows)
    for title, key in (("= Revenue", "revenue"), ("= Contribution", "contribution")):
        assert found[title] == pytest.approx([view.value(p, key) for p in view.policies], abs=0.1)


def test_costs_without_a_kpi_are_other_costs():
    manifest = Manifest("shop", "run", "f" * 64, 7, ("a",), 0.95, currency="EUR")
    kpis = {"revenue": 100.0, "refunds": 0.0, "salvage": 0.0, "purchase_cost": 60.0, "contribution": 35.0}
    rows = amounts(statement(ReportView(Results(manifest, "", [Replication(0, {"a": kpis})], None), None)))
    assert rows == [("Revenue", [100]), ("Purchase cost", [-60]), ("Other costs", [-5]), ("= Contribution", [35])]


def test_a_picture_splits_contribution_and_lifetime_value(trust):
    view = ReportView(trust, None)
    figure = lifetime(view)
    assert "difference to lean" in figure.title
    drawn = svg(figure.draw(WIDE), figure.title)
    assert all(row in drawn for row in ("within the run", "later orders", "together"))
    section = money(view)
    assert section.figures[0].key == "lifetime-value"
    assert any(text.startswith("On contribution with lifetime value,") for text in section.paragraphs)


def test_without_memory_there_is_no_lifetime_value(results):
    assert lifetime(ReportView(results(), None)) is None
