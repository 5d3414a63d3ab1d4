"""The border to the kernel: the structures of kernel.h as ctypes, and the library, where it was built."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.foundation.compiled.library import LIBRARY, compiled_library

ABI = 1
"""Raised with every change of kernel.h that the sizes of the structures do not show."""
TABLES = (
    "backordered",
    "refused",
    "fills",
    "holds",
    "parcels",
    "picks",
    "cancelled",
    "returned",
    "adjusted",
    "purchases",
    "withdrawn",
    "receipts",
    "shipped",
)
"""Tables of the ledger that the kernel writes, by their number in kernel.h."""
EXTRA = len(TABLES)
"""Number of the table of transits that are filled in after the play: row in `parcels`, order, parcel."""
ENDED, LEFT = EXTRA + 1, EXTRA + 2
"""Numbers of the tables of waits of counted orders that were filled, and cancelled: days, units; of summed plays."""

memory = ctypes.pythonapi.PyMemoryView_FromMemory  # an array of ctypes would need a new type for every length
memory.argtypes, memory.restype = [ctypes.c_void_p, ctypes.c_ssize_t, ctypes.c_int], ctypes.py_object
WRITABLE = 0x200

More = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64)
Lengthen = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64, ctypes.c_double)
PerParcel = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64, ctypes.c_int64)
RankOfOrder = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64)
Decide = ctypes.CFUNCTYPE(
    ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_double, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64
)
Buying = Decide
Call = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64, ctypes.c_double)

FLOATS = ("horizon", "window", "share", "hold", "reauth_days", "fails", "counted_from")
INTS = (
    *("shelves", "terms", "segments", "areas", "gates", "vendors", "sources", "streams", "events", "groups", "plans"),
    *("alarms", "orders", "order_of_service", "direct", "ships", "most_parcels", "policy_holds", "holding"),
    *("outside", "built", "started", "opening", "tracked", "sums", "keeps_parcels", "keeps_picks", "dues"),
)
ARRAYS = {
    **dict.fromkeys(("on_hand", "position", "limit", "trigger", "s", "S", "Q"), "i8"),
    **dict.fromkeys(("rule", "withdraws", "history", "critical"), "i4"),
    "embargo": "f8",
    "source_ptr": "i8",
    "source_vendor": "i4",
    "source_share": "f8",
    "constant_draw": "f8",
    **dict.fromkeys(("minimum", "vendor_gate", "vendor_number"), "i8"),
    "order_delay": "f8",
    **dict.fromkeys(("fifo", "ruled"), "i4"),
    **dict.fromkeys(("reserve", "segment", "priority"), "i8"),
    **dict.fromkeys(("splits_lines", "splits_orders", "asks_ships"), "i4"),
    "least": "f8",
    **dict.fromkeys(("area", "carrier_gate"), "i8"),
    "delivery_time": "f8",
    **dict.fromkeys(("area_gate", "workers"), "i8"),
    "takes_time": "i4",
    "constant": "f8",
    **dict.fromkeys(("span_ptr", "op_ptr"), "i8"),
    **dict.fromkeys(("span_start", "span_end"), "f8"),
    **dict.fromkeys(("ends_last", "op_kind"), "i4"),
    "op_target": "i8",
    **dict.fromkeys(("first", "period", "day"), "f8"),
    **dict.fromkeys(("day_ptr", "group_ptr", "group_shelf"), "i8"),
    "plan_period": "f8",
    "alarm_time": "f8",
    **dict.fromkeys(("alarm_shelf", "alarm_limit"), "i8"),
    "entry_time": "f8",
    "entry_phase": "i8",
    "opening_number": "i8",
    **dict.fromkeys(("times", "patience", "need_by"), "f8"),
    "order_terms": "i4",
    **dict.fromkeys(("line_ptr", "item", "quantity", "transit_ptr", "pick_ptr"), "i4"),
    **dict.fromkeys(("transit", "pick", "recall_at"), "f8"),
    "recall_units": "i4",
    "card": "f8",
    **dict.fromkeys(("backordered_of", "refused_of", "instant_of", "cancelled_of", "open_of"), "i4"),
    "due": "f8",
    **dict.fromkeys(("delivered_by", "given_up_by"), "i4"),
    "under": "f8",
    "sent": "i8",
    **dict.fromkeys(("stream_at", "buys"), "i8"),
}
"""Type of the elements by name."""
CALLS = {
    "more": More,
    "lengthen": Lengthen,
    "pick_time": PerParcel,
    "transit_time": PerParcel,
    "rank": RankOfOrder,
    "decide": Decide,
    "effect": Call,
    "plan": Call,
    "wake": Call,
    "buy_outside": Buying,
    "withdraw_outside": Buying,
}


class KernelWorld(ctypes.Structure):
    """What is played: numbers, arrays that Python owns, and functions that the kernel calls."""

    _fields_ = [
        *((name, ctypes.c_double) for name in FLOATS),
        *((name, ctypes.c_int64) for name in INTS),
        *((name, ctypes.c_void_p) for name in ARRAYS),
        *CALLS.items(),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, object] = {}
        """Arrays and functions by name, which must live as long as the structure."""

    def fill(self, **columns: ArrayLike | None) -> None:
        """Sets numbers, and arrays in the form that the kernel reads; None leaves an array out."""
        for name, value in columns.items():
            if name not in ARRAYS:
                setattr(self, name, value)
            elif value is not None:
                array = np.ascontiguousarray(value, dtype=ARRAYS[name])
                self.kept[name] = array
                setattr(self, name, array.__array_interface__["data"][0])  # faster than array.ctypes


class KernelFacts(ctypes.Structure):
    """What happened: rows of the ledger that the kernel owns until `forget`."""

    _fields_ = [
        ("rows", ctypes.c_void_p * (LEFT + 1)),
        ("filled", ctypes.c_int64 * (LEFT + 1)),
        ("room", ctypes.c_int64 * (LEFT + 1)),
        ("on_hand", ctypes.c_void_p),
        ("on_order", ctypes.c_void_p),
        ("backordered", ctypes.c_void_p),
        ("play", ctypes.c_void_p),
    ]

    def rows_of(self, table: int, first: int = 0) -> memoryview:
        """The bytes of a table from number `first` of its doubles on; valid until the kernel writes again."""
        if self.filled[table] == first:
            return memoryview(b"")
        found: memoryview = memory(self.rows[table] + first * 8, (self.filled[table] - first) * 8, WRITABLE)
        return found

    def empty(self) -> None:
        """Makes room for the facts of another play in the same memory."""
        self.filled[:] = [0] * (LEFT + 1)

    def levels(self, name: str, shelves: int) -> list[int]:
        """A level of every shelf at the end, units."""
        return list((ctypes.c_int64 * shelves).from_address(getattr(self, name)))


@cache
def library(path: Path = LIBRARY) -> ctypes.CDLL | None:
    """The kernel; None where it was not built, or was built from other sources than those beside it."""
    found = compiled_library(path)
    if found is None:
        return None
    try:
        for name in ("abi", "world_size", "facts_size"):
            getattr(found, name).restype = ctypes.c_int64
        built = (found.abi(), found.world_size(), found.facts_size())
        found.play.argtypes = [ctypes.POINTER(KernelWorld), ctypes.POINTER(KernelFacts)]
        found.forget.argtypes = [ctypes.POINTER(KernelFacts)]
        found.forget_rows.argtypes = [ctypes.POINTER(KernelFacts), ctypes.c_int64]
        found.schedule.argtypes = [ctypes.c_void_p, ctypes.c_double, ctypes.c_int64, ctypes.c_int64]
        found.receive.argtypes = [ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64, ctypes.c_int64]
    except AttributeError:
        return None
    here = (ABI, ctypes.sizeof(KernelWorld), ctypes.sizeof(KernelFacts))
    return found if built == here else None


def pointers(counts: Sequence[int] | NDArray[np.integer[Any]], dtype: type[np.integer[Any]] = np.int64) -> NDArray[Any]:
    """Where the part of each object begins in a flat array, and where the last one ends."""
    found = np.zeros(len(counts) + 1, dtype=dtype)
    np.cumsum(counts, out=found[1:])
    return found
