"""One card, written to a terminal, to Markdown, and cell by cell."""

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from simulator.experiment.statistics.intervals import Estimate
from simulator.report.cards.card import BEST, Card, Cell, Column, Heading, Line, Number, Table, line, notes
from simulator.report.cards.kpi_tables import cells
from simulator.report.cards.markdown import as_markdown
from simulator.report.cards.terminal import on_terminal

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
CARD = Card([line(), TABLE, Heading("More"), *notes(["a note"])], "A shop", ["2 replications", "seed 1"])


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
    text = on_terminal(Card([many]), 60)
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


HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "a|b",
    "`<script>alert(1)</script>``",
    "`` ` `` `<b>x</b>`",
    "\\`<b>x</b>`",
    "[click](javascript:alert(1))",
    "![](http://tracker)",
    "[`x`](http://tracker)",
    "&lt;b&gt; &#60;b>",
    "<http://tracker>",
    "line\nbreak\r\n\n<b>",
    "back\\",
    "\\|",
]


def parsed(text):
    """Inline tokens that are HTML, links or images; the numbers of cells of all rows."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    inner = [child for token in tokens for child in token.children or ()]
    live = [t.type for t in [*tokens, *inner] if t.type in ("html_inline", "html_block", "link_open", "image")]
    rows, cells = [], 0
    for token in tokens:
        if token.type in ("td_open", "th_open"):
            cells += 1
        if token.type == "tr_close":
            rows, cells = [*rows, cells], 0
    return live, rows


@given(
    st.one_of(
        st.sampled_from(HOSTILE),
        st.text(st.sampled_from("`<>|[]()!\\&;#b \n\u202e"), max_size=25),
        st.tuples(st.sampled_from(HOSTILE), st.sampled_from(HOSTILE)).map("".join),
    )
)
def test_names_in_markdown_are_neither_html_nor_links_and_break_no_table(name):
    columns = [Column("KPI", "kpi"), Column(name), Column(name, "number")]
    table = Table(columns, [[name, name, Number("1", "± 0.5", Cell(BEST, "best"))], [f"fill_rate[{name}]", name, "–"]])
    card = Card([line(f"`{name}` is ahead of `{name}`"), table, Heading(name), *notes([name])], name, [name])
    live, rows = parsed(as_markdown(card))
    assert live == []
    assert rows == [3, 3, 3]


@given(
    st.text(st.characters(codec="utf-8"), max_size=10),
    st.sampled_from("\x1b\x07\x9b\r\n\u202e\u2066\u200b\u2060\xad\ufeff"),
)
def test_on_a_terminal_names_can_neither_move_the_cursor_nor_turn_or_hide_text(name, unseen):
    said = f"{name}{unseen}31m"
    table = Table(
        [Column(said), Column(said, "kpi"), Column(said, "number")], [[said, Cell(said, "strong"), Number("1")]]
    )
    card = Card([line(said), table, Heading(said), *notes([said])], said, [said])
    for text in (on_terminal(card, 100), as_markdown(card)):
        assert unseen not in text.replace("\n", "")
        assert f"{ord(unseen):02x}31m" in text


def test_a_table_of_names_that_is_too_wide_is_split_and_nothing_is_cut():
    titles = ["order", "item", "supplier", "promised", "covered by", "urgency"]
    row = ["SO-10391", "oak-desk", "joinery-of-the-north", "Wed 19 March", "new from joinery (90 %)", "no date"]
    text = on_terminal(Card([Table([Column(title) for title in titles], [row], keys=2)]), 60)
    assert all(cell in text for cell in row)
    assert text.count("SO-10391") == text.count("oak-desk") > 1
    assert max(map(len, text.splitlines())) <= 60


def test_a_line_that_does_not_wrap_is_cut_at_the_edge():
    source = Line([Cell("12 │ " + "x" * 100)], wraps=False)
    assert on_terminal(Card([source]), 60).splitlines() == ["12 │ " + "x" * 54 + "…"]
