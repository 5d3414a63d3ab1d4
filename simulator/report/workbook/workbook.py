"""Makes the workbook of whatever was measured, and writes it."""

from __future__ import annotations

import os
from functools import singledispatch
from pathlib import Path
from typing import Any

from simulator.experiment.results.backlog_outlook import BacklogOutlook
from simulator.experiment.results.results import Results
from simulator.experiment.studies.factorial import Factorial
from simulator.experiment.studies.recommend import Recommendation
from simulator.experiment.studies.search_result import Optimum
from simulator.experiment.studies.stress import Stress
from simulator.experiment.studies.sweep import Sweep
from simulator.report.workbook.other_books import outlook_book
from simulator.report.workbook.run_book import run_book
from simulator.report.workbook.sheet import Book
from simulator.report.workbook.study_books import (
    factorial_book,
    optimum_book,
    recommendation_book,
    stress_book,
    sweep_book,
)
from simulator.report.workbook.write import save_book

Measured = Results | Sweep | Factorial | Optimum | Recommendation | Stress | BacklogOutlook


@singledispatch
def book_of(made: Any) -> Book:
    """The workbook of a run, a sweep, a factorial experiment, a search, a recommendation or a stress test."""
    raise TypeError(f"no workbook is made of {type(made).__name__}")


book_of.register(Book)(lambda book: book)
book_of.register(Results)(run_book)
book_of.register(Sweep)(sweep_book)
book_of.register(Factorial)(factorial_book)
book_of.register(Optimum)(optimum_book)
book_of.register(Recommendation)(recommendation_book)
book_of.register(Stress)(stress_book)
book_of.register(BacklogOutlook)(outlook_book)


def write_workbook(made: Measured, path: str | os.PathLike[str]) -> Path:
    """Write what was measured as a workbook for spreadsheets: a cover, and one sheet for each table.

    Numbers and dates are native; numbers have sixteen digits. The same results give the same bytes.

    Args:
        made: what `run`, `sweep`, `factorial`, `optimise`, `recommend`, `outlook` or `stress` returned, or
            `open_results`.
        path: the file, which must end in `.xlsx`; it is replaced if it is there already.

    >>> import simulator, tempfile
    >>> made = simulator.run("textbook/base-stock", 2)
    >>> simulator.write_workbook(made, f"{tempfile.mkdtemp()}/results.xlsx").name
    'results.xlsx'

    Raises:
        UserError: the extra `xlsx` is not installed, or the file cannot be written.
        TypeError: `made` is something else.
    """
    place = Path(path)
    save_book(book_of(made), place, "path")
    return place
