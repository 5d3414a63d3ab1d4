"""Single orders of a replication, saved as a Parquet file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simulator.experiment.storage.files import PART, make_subfolder, os_errors_reported, put_whole
from simulator.foundation.errors import UserError
from simulator.randomness.orderbook import Ints
from simulator.record.run import Run
from simulator.scenario.identity import slug

if TYPE_CHECKING:
    import duckdb

FOLDER = "orders"
SLICE = 131_072
"""Number of orders whose columns are in memory at once."""
FORMAT = "(FORMAT parquet, COMPRESSION zstd)"


def order_file(folder: Path, policy: str, replication: int) -> Path:
    """The path of the orders of one replication of a policy in a results folder."""
    return folder / FOLDER / f"{slug(policy)}-{replication:06d}.parquet"


def check_parquet() -> None:
    """Raise UserError if Parquet files cannot be written."""
    try:
        import duckdb  # noqa: F401
    except ImportError:
        raise UserError("--keep orders needs the extra `pip install 'backorder-simulator[trace]'`") from None


def keep_orders(run: Run, folder: Path) -> None:
    """Write one row per order: number, segment, and the columns of `Run.orders()`; empty if it never happened.

    Where orders were open at the start, `name` has their numbers in the user's books.

    Columns are computed and written for a slice of the orders at a time, so that memory does not grow with their
    number; the slices are then merged into one file.
    """
    import duckdb

    path = order_file(folder, run.policy, run.replication)
    make_subfolder(path.parent)
    part = path.with_name(f".{path.name}{PART}")
    starts = range(0, max(len(run.demand.times), 1), SLICE)
    slices = [path.with_name(f".{path.name}.{k}{PART}") for k in range(len(starts))] if len(starts) > 1 else [part]
    with os_errors_reported(path, "write"), duckdb.connect(config={"threads": 1}) as database:
        for first, target in zip(starts, slices, strict=True):
            _write_slice(database, run, first, target)
        if len(slices) > 1:
            files = ", ".join(map(_quoted, slices))
            database.execute(f"COPY (SELECT * FROM read_parquet([{files}])) TO {_quoted(part)} {FORMAT}")
            for target in slices:
                target.unlink()
    put_whole(part, path)


def _write_slice(database: duckdb.DuckDBPyConnection, run: Run, first: int, target: Path) -> None:
    found = run.orders(first, min(first + SLICE, len(run.demand.times)))
    numbers = np.arange(first, first + len(found["placed"]))
    columns = {"order": numbers, **_open(run, numbers), "segment": _names(run, numbers), **found}
    chosen = ", ".join(
        f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END AS {name}" if column.dtype == np.float64 else f'"{name}"'
        for name, column in columns.items()
    )
    database.register("columns", columns)
    database.execute(f"COPY (SELECT {chosen} FROM columns) TO {_quoted(target)} {FORMAT}")
    database.unregister("columns")


def _quoted(path: Path) -> str:
    """A path as an SQL string."""
    return "'" + str(path).replace("'", "''") + "'"


def _open(run: Run, numbers: Ints) -> dict[str, np.ndarray[tuple[int], np.dtype[np.object_]]]:
    """The numbers in the user's books of orders that were open at the start, None for others; {} where none were."""
    if not run.opening.count:
        return {}
    known = run.opening.orders
    return {"name": np.array([known[k] if k < len(known) else None for k in numbers.tolist()], dtype=object)}


def _names(run: Run, numbers: Ints) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    names = np.array([segment.name for segment in run.world.segments] or [""], dtype=object)
    found: np.ndarray[tuple[int], np.dtype[np.object_]] = names[run.demand.segments[numbers].astype(np.int64)]
    return found
