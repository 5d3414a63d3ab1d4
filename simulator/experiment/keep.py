"""Single orders of a replication, kept as a Parquet file for whoever wants to look closer."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from simulator.experiment.files import PART, make_folder, put_whole, told
from simulator.foundation.errors import UserError
from simulator.record.run import Run
from simulator.scenario.identity import slug

FOLDER = "orders"


def order_file(folder: Path, policy: str, replication: int) -> Path:
    """Where the orders of one replication of a policy lie in a results folder."""
    return folder / FOLDER / f"{slug(policy)}-{replication:06d}.parquet"


def check_parquet() -> None:
    """Raises UserError where Parquet files cannot be written."""
    try:
        import duckdb  # noqa: F401
    except ImportError:
        raise UserError("--keep orders needs the extra `pip install 'backorder-simulator[trace]'`") from None


def keep_orders(run: Run, folder: Path) -> None:
    """One row an order: number, segment, the columns of `Run.orders()`; days, units, empty where it never was."""
    import duckdb

    columns = {"order": np.arange(len(run.demand.times)), "segment": _names(run), **run.orders()}
    path = order_file(folder, run.policy, run.replication)
    make_folder(path.parent)
    part = path.with_name(f".{path.name}{PART}")
    chosen = ", ".join(
        f"CASE WHEN isnan({name}) THEN NULL ELSE {name} END AS {name}" if column.dtype == np.float64 else f'"{name}"'
        for name, column in columns.items()
    )
    with told(path, "write"), duckdb.connect(config={"threads": 1}) as database:
        database.register("columns", columns)
        target = str(part).replace("'", "''")
        database.execute(f"COPY (SELECT {chosen} FROM columns) TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
    put_whole(part, path)


def _names(run: Run) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    names = np.array([segment.name for segment in run.world.segments] or [""], dtype=object)
    found: np.ndarray[tuple[int], np.dtype[np.object_]] = names[run.demand.segments.astype(np.int64)]
    return found
