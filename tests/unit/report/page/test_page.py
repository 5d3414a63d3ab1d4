"""The page: its numbers are those of the tables, nothing is loaded, sections appear when there is something to show."""

import csv
import re
from html import unescape
from html.parser import HTMLParser

import pytest

from simulator.experiment.results.results import open_results
from simulator.experiment.run import run
from simulator.experiment.statistics.measured import Labels
from simulator.experiment.studies.stress import stress
from simulator.foundation.errors import UserError
from simulator.kpis.series.promises import PROMISE_EDGES
from simulator.kpis.series.series import EXITS
from simulator.report.cards.kpi_tables import cells
from simulator.report.drawing.plot import NARROW, svg
from simulator.report.page.page import page, sections, view_of
from simulator.report.page.write import write_report
from simulator.report.sections.leaving import exit_name
from simulator.report.text.numbers import unit
from simulator.report.text.view import ReportView
from simulator.scenario.loader import load

SHORT = ["clock.horizon=120 d", "clock.warm_up=20 d", "experiment.replications=3"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A short run of the steady shop with its report."""
    results = run(load("scenarios/steady-shop.yaml", SHORT), out=tmp_path_factory.mktemp("results"))
    return results, write_report(results)


class Tables(HTMLParser):
    """Rows of all tables: the texts of their cells."""

    def __init__(self):
        super().__init__()
        self.rows, self.open, self.skipped = [], False, 0

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
            self.open = True
        self.skipped += tag == "small"

    def handle_endtag(self, tag):
        if tag in ("th", "td"):
            self.open = False
        self.skipped -= tag == "small"

    def handle_data(self, data):
        if self.open and not self.skipped:
            self.rows[-1][-1] += data


def rows_of(html):
    parser = Tables()
    parser.feed(html)
    return [[cell.strip() for cell in row] for row in parser.rows]


def test_the_numbers_on_the_page_are_the_numbers_in_the_summary(shop):
    results, written = shop
    with (results.folder / "summary.csv").open() as file:
        summary = {(row["policy"], row["kpi"]): row for row in csv.DictReader(file)}
    seen = {row[0]: row[1:] for row in rows_of(written.page.read_text()) if len(row) == 4}
    compared = 0
    for key in results.kpis:
        if all(summary[p, key]["mean"] for p in results.policies):
            shown = [cell.removesuffix(" ★") for cell in seen[key]]
            factor = unit(key, Labels("EUR")).factor
            for policy, text in zip(results.policies, shown, strict=True):
                mean = float(summary[policy, key]["mean"]) * factor
                number = text.split(" ")[0].replace(",", "")
                places = len(number.partition(".")[2])
                assert float(number) == pytest.approx(round(mean, places), abs=10**-places), (key, policy)
                if "±" in text:
                    half = float(summary[policy, key]["half_width"]) * factor
                    assert float(text.split("± ")[1].replace(",", "")) == pytest.approx(half, abs=10**-places)
                    compared += 1
    assert compared > 60


def test_differences_on_the_page_are_those_of_the_file(shop):
    results, written = shop
    with (results.folder / "differences.csv").open() as file:
        saved = {(row["policy"], row["kpi"]): float(row["mean"] or "nan") for row in csv.DictReader(file)}
    rows = [r for r in rows_of(written.page.read_text()) if len(r) == 3 and r[0] in results.kpis]
    assert len(rows) > 4
    for key, *shown in rows:
        for policy, text in zip(results.policies[1:], shown, strict=True):
            number = text.split(" ")[0].replace(",", "")
            places = len(number.partition(".")[2])
            assert float(number) == pytest.approx(saved[policy, key] * unit(key, Labels("EUR")).factor, abs=10**-places)


def test_the_page_is_complete_in_itself_and_small(shop):
    text = shop[1].page.read_text()
    assert not re.search(r"""(src|href)=["'](?!#|data:)""", text)
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    assert "http://www.w3.org" in text or "http" not in re.sub(r"<pre.*?</pre>", "", text, flags=re.S)
    assert len(text) < 3_000_000
    assert text.count("<h1") == 1


def test_every_figure_is_a_file_for_slides(shop):
    results, written = shop
    names = {path.stem for path in (results.folder / "plots").glob("*.svg")}
    assert {"tradeoff", "backlog-over-time", "demand-and-supply-1", "waits", "exits", "money"} <= names
    assert written.plots == len(names)
    on_the_page = set(re.findall(r'<figure[^>]* id="f-([^"]+)"', written.page.read_text()))
    assert on_the_page == names


def test_the_report_of_a_result_is_the_same_whenever_it_is_written(shop):
    results, written = shop
    before = written.page.read_bytes()
    write_report(open_results(results.folder))
    assert written.page.read_bytes() == before


def test_exits_add_up_to_demand_on_the_page(shop):
    rows = rows_of(shop[1].page.read_text())
    last = next(k for k, row in enumerate(rows) if row[0] == "demanded")
    first = next(k for k, row in enumerate(rows) if row[0] == "delivered from stock")
    for column in (1, 2, 3):
        parts = [float(row[column].replace(",", "")) for row in rows[first:last]]
        assert sum(parts) == pytest.approx(float(rows[last][column].replace(",", "")), abs=len(parts))


def test_words_of_the_user_are_text_and_never_markup(tmp_path):
    scenario = load(
        "scenarios/steady-shop.yaml",
        [*SHORT, "title=<script>alert(1)</script>", "experiment.replications=2", "clock.horizon=40 d"],
    )
    text = write_report(run(scenario, out=tmp_path, policies=["lean"])).page.read_text()
    assert "<script>alert" not in text
    assert "<script>alert(1)</script>" in unescape(text)


def test_results_without_series_have_a_report_without_curves(shop):
    view = ReportView(shop[0], None)
    found = {section.key for section in sections(view)}
    assert {"scorecard", "trade-off", "differences", "stock", "money", "method"} <= found
    assert not found & {"over-time", "demand-and-supply", "waits"}
    assert "<h2" in page(view, sections(view))


def test_one_policy_and_one_replication_have_a_report_too(tmp_path):
    results = run(load("scenarios/textbook/base-stock.yaml", ["clock.horizon=300 d"]), replications=1, out=tmp_path)
    found = {section.key for section in sections(view_of(results))}
    assert "over-time" in found
    assert "differences" not in found
    assert write_report(results).page.exists()


def test_results_that_are_not_saved_have_no_report():
    results = run(load("scenarios/textbook/base-stock.yaml", ["clock.horizon=300 d"]), replications=1)
    with pytest.raises(UserError, match="needs saved results"):
        write_report(results)


def test_cells_of_a_row_have_the_same_decimals(shop):
    results = shop[0]
    found = cells([results.estimate(p, "fill_rate") for p in results.policies], 100)
    assert len({len(c.split(" ")[0].partition(".")[2]) for c in found}) == 1


def keys_of(results):
    view = view_of(results)
    return {section.key: section for section in sections(view)}, view


def test_promised_days_have_a_ladder_and_a_calibration(tmp_path):
    scenario = load("scenarios/kinds/standard.yaml", ["clock.horizon=200 d"])
    results = run(scenario, replications=2, out=tmp_path, policies=["dated", "careful", "silent"])
    found, view = keys_of(results)
    names = [figure.key for figure in found["promises"].figures]
    assert names == ["promise-first", "promise-last", "calibration"]
    for figure in found["promises"].figures:
        drawn = svg(figure.draw(NARROW), figure.title)
        assert ">dated</text>" in drawn
    late = 100 * results.estimate("dated", "promise_late_share").mean
    share = view.curves.mean("dated", "promise.first")
    missed = 100 * share[PROMISE_EDGES.searchsorted(0.0) + 1 :].sum() / share.sum()
    assert missed == pytest.approx(late, abs=3)


def test_the_answer_s_footing_is_listed_events_notes_and_graded_defaults(tmp_path):
    notes = "sources={customers.web.patience: <our guess> (grade D)}"
    results = run(load("scenarios/flash-sale.yaml", [notes, "clock.horizon=130 d"]), replications=1, out=tmp_path)
    found, _ = keys_of(results)
    events, said, *_ = found["assumptions"].tables
    assert [row[0] for row in events.rows] == ["influencer", "Easter holiday"]
    assert said.rows[0][0] == "customers.web.patience"
    assert "mean 20 d" in said.rows[0][1]
    standard = run(load("scenarios/kinds/standard.yaml", ["clock.horizon=60 d"]), replications=1, out=tmp_path)
    graded = keys_of(standard)[0]["assumptions"].tables[-1]
    rows = {row[0]: row for row in graded.rows}
    assert tuple(rows["customers.all.impatience.no_date"][1:4]) == ("2", "default", "D")


def test_a_stress_test_of_the_same_scenario_tells_what_the_backlog_comes_from(tmp_path):
    scenario = load("scenarios/supplier-delay.yaml", ["clock.horizon=150 d", "policies.single.window={kind: none}"])
    results = run(scenario, replications=2, out=tmp_path, policies=["single"])
    assert "causes" not in keys_of(results)[0]
    stress(load("scenarios/supplier-delay.yaml", ["clock.horizon=160 d"]), ["single"], replications=2, out=tmp_path)
    assert "causes" not in keys_of(results)[0], "another scenario"
    found = stress(scenario, ["single"], replications=2, out=tmp_path)
    section = keys_of(results)[0]["causes"]
    (share,) = [s for s in found.shares if s.cause == "ordinary"]
    (row,) = [r for r in section.tables[0].rows if r[0] == "ordinary"]
    assert float(row[1].split(" ")[0].replace(",", "")) == pytest.approx(share.last.mean, abs=1)
    assert ">ordinary</text>" in svg(section.figures[0].draw(NARROW), "")


def test_every_way_to_end_has_words():
    assert [name for name in EXITS if exit_name(name) == name.replace("_", " ")] == []


def test_titles_of_policies_stand_beside_their_names(tmp_path):
    titles = {"policies.lean.title": "as <little> as now", "policies.safe.title": "", "experiment.replications": 2} | {
        "policies.weekly.title": ""
    }
    results = run(load("scenarios/steady-shop.yaml", SHORT).edit(titles), out=tmp_path)
    text = page(view := view_of(results), sections(view))
    assert [view.title_of(policy) for policy in results.policies] == ["as <little> as now", "", ""]
    assert "lean <small>as &lt;little&gt; as now</small></button>" in text
    assert '<th scope="col">lean<span class="title">as &lt;little&gt; as now</span></th>' in text
    assert '<th scope="col">safe</th>' in text
