"""Texts with tones on a terminal: width, wrapping, cutting, colour."""

import pytest

from simulator.report.cards.card import Card, Cell, Column, Line, Table
from simulator.report.cards.spans import beside, cells, cut, narrowed, painted, plain, wrapped
from simulator.report.cards.terminal import on_terminal


def texts(lines):
    return [plain(spans) for spans in lines]


@pytest.mark.parametrize(("text", "width"), [("", 0), ("± 0.2", 5), ("注文", 4), ("e\u0301te\u0301", 3), ("ｶﾅ", 2)])
def test_wide_characters_take_two_cells_and_accents_none(text, width):
    assert cells(text) == width


def test_lines_break_between_words_and_long_words_anywhere():
    assert texts(wrapped([Cell("to be or not to be")], 6)) == ["to be", "or not", "to be"]
    assert texts(wrapped([Cell("  to be")], 5)) == ["  to", "be"]
    assert texts(wrapped([Cell("a abcdefgh b")], 4)) == ["a", "abcd", "efgh", "b"]
    assert texts(wrapped([Cell("注文注文")], 5)) == ["注文", "注文"]
    assert texts(wrapped([], 5)) == [""]


def test_a_tone_goes_on_where_its_line_is_broken():
    lines = wrapped([Cell("plain "), Cell("green words", "good"), Cell(" end")], 8)
    green = [[Cell("green", "good")], [Cell("words", "good")]]
    assert [list(spans) for spans in lines] == [[Cell("plain")], *green, [Cell("end")]]
    assert "\x1b[32mwords\x1b[0m" in "\n".join(painted(spans, colour=True) for spans in lines)
    assert "\x1b" not in "\n".join(painted(spans, colour=False) for spans in lines)


def test_a_line_that_is_not_wrapped_ends_in_an_ellipsis():
    assert plain(cut([Cell("abcdef")], 4)) == "abc…"
    assert plain(cut([Cell("abcd")], 4)) == "abcd"
    source = Line([Cell("12 │ " + "x" * 100)], wraps=False)
    assert on_terminal(Card([source]), 60).splitlines()[-1] == "12 │ " + "x" * 54 + "…"


def test_the_column_of_sentences_gives_way_and_names_are_never_cut():
    assert narrowed([10, 40, 30], [False, True, True], 60) == [10, 25, 25]
    assert narrowed([10, 40], [False, False], 20) == [10, 40]
    rows = beside([[Cell("name")], [Cell("a long sentence")]], [4, 6], [False, True], 2)
    assert [painted(spans, colour=False) for spans in rows] == ["name  a long", "      senten", "      ce"]
    table = Table([Column("key"), Column("meaning", "text")], [["fill_rate", "share of units " * 8]])
    lines = on_terminal(Card([table]), 60).splitlines()
    assert max(map(len, lines)) <= 60
    assert [line[:11].strip() for line in lines if line.strip()] == ["key", "fill_rate", "", ""]
