"""The workbook that `--xlsx FILE` asks for: checked before anything is simulated, written at the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def checked_workbook(path: Path | None) -> None:
    """Raise UserError if the workbook was asked for and cannot be written."""
    if path is not None:
        from simulator.report.workbook.write import check_workbook

        check_workbook(path)


def written_workbook(made: Any, path: Path | None) -> list[str]:
    """Write the workbook if it was asked for; the lines that name it."""
    if path is None:
        return []
    from simulator.report.workbook.workbook import book_of
    from simulator.report.workbook.write import save_book

    save_book(book_of(made), path)
    return [f"Workbook: {path}"]
