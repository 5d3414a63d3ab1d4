"""M1 in C through ctypes (compiled with gcc -O2 on first use)."""

import ctypes
import subprocess
import tempfile
from pathlib import Path

import numpy as np

_lib = None


def library():
    global _lib
    if _lib is None:
        so = Path(tempfile.mkdtemp()) / "m1.so"
        src = Path(__file__).with_name("m1.c")
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", str(so), str(src)], check=True)
        _lib = ctypes.CDLL(str(so)).m1
        _lib.restype = ctypes.c_longlong
    return _lib


def run(d):
    f = library()
    doubles = [np.empty(d.n) for _ in range(4)]
    ints = [np.empty(d.n, np.int64) for _ in range(2)]
    arrays = [d.gap, d.ptr, d.sku, d.qty, d.patience, d.partial.view(np.uint8), d.transit, d.s, d.S, d.lead]
    arrays = [np.ascontiguousarray(a) for a in arrays] + doubles + ints
    numbers = [ctypes.c_longlong(x) for x in (d.n, d.sku.size, d.skus, d.buys)]
    run.events = f(ctypes.c_double(d.days), *numbers, *[a.ctypes.data_as(ctypes.c_void_p) for a in arrays])
    return dict(zip(("placed", "first_shipped", "delivered", "cancelled", "immediate", "parcels"), doubles + ints))
