"""Output to the terminal: its width, its colour, and one way to print results for people or programs."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from typing import Any

import click

from simulator.foundation.errors import visible
from simulator.report.cards.card import Card

WIDTH = 100
"""Columns of output that does not go to a terminal."""


def width() -> int:
    """Columns to fill: the terminal's, or 100 if there is none; the variable COLUMNS overrides both."""
    return shutil.get_terminal_size((WIDTH, 24)).columns if is_terminal() or "COLUMNS" in os.environ else WIDTH


def in_colour() -> bool:
    """Whether to use colour: only on a terminal, and not if NO_COLOR is set."""
    return is_terminal() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def is_terminal() -> bool:
    """Whether stdout is a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def show(as_json: bool, plain: Callable[[], Any], card: Callable[[], Card], *lines: str) -> None:
    """Print one JSON object, or the card, followed by the lines."""
    if as_json:
        click.echo(json.dumps(plain(), allow_nan=False))
        return
    print_card(card())
    for line in lines:
        say(line)


def print_card(card: Card) -> None:
    """Print a card for the width and the colours of the terminal."""
    from simulator.report.cards.terminal import on_terminal  # with rich, which takes as long to import as all verbs

    click.echo(on_terminal(card, width(), in_colour()), color=True)


def say(text: str) -> None:
    """Print one line for people: characters that a terminal would obey or hide are shown as escapes."""
    click.echo(visible(text))
