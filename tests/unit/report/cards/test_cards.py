"""One card, written to a terminal, to Markdown, and cell by cell."""

from simulator.experiment.statistics.intervals import Estimate
from simulator.report.cards.card import BEST, Card, Cell, Column, Heading, Number, Table, line, notes
from simulator.report.cards.kpi_tables import cells
from simulator.report.cards.markdown import as_markdown
from simulator.report.cards.terminal import on_terminal, rendered

TABLE = Table(
    [
        Column("KPI", "kpi"),
        Column("unit", "unit"),
        Column("lean", "number"),
        Column("safe", "number"),
    ],
    [
        [Cell("service", "strong")],
        ["fill_rate", "%", Number("91.0", "± 0.5"), Number("95.0", "(93.1–96.0)", Cell(BEST, "best"))],
        ["cost", "EUR", Number("1,000", "± 0", exact=True), Number("–")],
    ],
)
CARD = Card("A shop", ["2 replications", "seed 1"], [line(), TABLE, Heading("More"), *notes(["a note"])])


def test_on_a_terminal_numbers_are_aligned_and_rows_stand_below_their_heading():
    assert on_terminal(CARD, 80).splitlines() == [
        "A shop",
        "2 replications · seed 1",
        "",
        "                  lean         safe",
        "service",
        "  fill_rate  %     91.0 ± 0.5  95.0 (93.1–96.0) ★",
        "  cost       EUR  1,000 ± 0       –",
        "",
        "More",
        "  a note",
    ]


def test_columns_of_numbers_that_do_not_fit_move_below_with_the_names_repeated():
    many = Table([Column(), *(Column(f"policy-{k}", "number") for k in range(9))], [["cost", *[Number("1,000")] * 9]])
    text = rendered([many], 60)
    assert max(map(len, text.splitlines())) <= 60
    assert [name for k in range(9) if (name := f"policy-{k}") not in text] == []
    assert text.count("cost") == 2


def test_in_markdown_headings_of_rows_are_left_out_and_the_best_is_bold():
    assert as_markdown(CARD).splitlines() == [
        "# A shop",
        "",
        "2 replications · seed 1",
        "",
        "| KPI | unit | lean | safe |",
        "| --- | --- | --: | --: |",
        "| `fill_rate` | % | 91.0 ± 0.5 | **95.0 (93.1–96.0)** ★ |",
        "| `cost` | EUR | 1,000 | – |",
        "",
        "## More",
        "",
        "- a note",
    ]


def test_a_share_near_its_end_shows_both_ends_of_its_interval():
    assert cells([Estimate(0.99, 0.04, 3, bounds=(0.92, 1.0))], 100) == ["99.0 (92.0–100.0)"]
