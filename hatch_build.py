"""Builds the kernel of the compiled lane: for a wheel, for the editable install, and for `make kernel`.

A wheel also gets the examples.

Without a C compiler the wheel is a pure one and SimPy plays, with the same results. Nothing is compiled at run time.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "simulator" / "kernel"
EXAMPLES = Path(__file__).parent / "scenarios"
NAME = "kernel.dll" if sys.platform == "win32" else "kernel.so"
# No -ffast-math, and no fused multiply-add: sums and products must have the bits that Python's have.
FLAGS = ["-std=c11", "-O2", "-ffp-contract=off", "-fvisibility=hidden", "-shared"]
WITHOUT = (
    "No C compiler, so no compiled lane: SimPy plays every replication, with the same results, several times slower"
)


def fingerprint(folder: Path = FOLDER) -> int:
    """A number for the sources, which the library repeats: `border.py` loads no library of other sources."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.[ch]")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return int.from_bytes(digest.digest()[:7], "big")


def compile_kernel(target: Path, folder: Path = FOLDER, extra: Sequence[str] = ()) -> str:
    """Compiles the sources of a folder into a library; returns what went wrong, '' for nothing."""
    compiler = shlex.split(os.environ.get("CC", "cc"))
    sources = [str(path) for path in sorted(folder.glob("*.c"))]
    flags = [*FLAGS, f"-DSOURCES={fingerprint(folder)}LL", *_of_platform(), *extra]
    part = target.with_name(target.name + ".part")  # a library in use must not be written to
    for together in (["-flto"], []):  # functions of one file inside those of another; not every compiler can
        try:
            made = subprocess.run(
                [*compiler, *together, *flags, "-o", str(part), *sources, "-lm"],
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            return str(error)
        if made.returncode == 0:
            break
    if made.returncode:
        part.unlink(missing_ok=True)
        return made.stderr.strip() or f"{compiler[0]} failed"
    part.replace(target)
    return ""


def _of_platform() -> list[str]:
    if sys.platform == "win32":
        return ["-static-libgcc"]
    flags = ["-fPIC"]
    if sys.platform == "darwin":
        given = shlex.split(os.environ.get("ARCHFLAGS", ""))
        both = ["-arch", "x86_64", "-arch", "arm64"] if sysconfig.get_platform().endswith("universal2") else []
        flags += given or both
    return flags


def examples() -> dict[str, str]:
    """Where the examples and their data go in a wheel; data that no example reads stays behind."""
    scenarios = sorted(EXAMPLES.rglob("*.yaml"))
    texts = "".join(path.read_text(encoding="utf-8") for path in scenarios)
    beside = sorted(path for folder in EXAMPLES.rglob("data") for path in folder.iterdir() if path.is_file())
    data = [path for path in beside if path.name == "README.md" or path.name in texts]
    return {str(path): f"simulator/{path.relative_to(EXAMPLES.parent).as_posix()}" for path in (*scenarios, *data)}


def tag() -> str:
    """The tag of a wheel with the library, which is the same for all Pythons of a platform."""
    platform = os.environ.get("BACKORDER_PLATFORM") or sysconfig.get_platform()
    return f"py3-none-{platform.replace('-', '_').replace('.', '_')}"


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # `make kernel` needs no build backend
    pass
else:

    class KernelHook(BuildHookInterface):  # type: ignore[type-arg]
        """Compiles into the source tree for an editable install, else into the wheel."""

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            if self.target_name != "wheel":
                return
            editable = version == "editable"
            if not editable:
                build_data["force_include"] |= examples()
            self.temporary = tempfile.TemporaryDirectory()
            target = FOLDER / NAME if editable else Path(self.temporary.name) / NAME
            if problem := compile_kernel(target):
                self.app.display_warning(f"{WITHOUT} ({problem.splitlines()[-1]})")
            elif not editable:
                build_data["force_include"][str(target)] = f"simulator/kernel/{NAME}"
                build_data["pure_python"], build_data["tag"] = False, tag()

        def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
            if self.target_name == "wheel":
                self.temporary.cleanup()


if __name__ == "__main__":
    if problem := compile_kernel(FOLDER / NAME):
        print(f"{WITHOUT} ({problem.splitlines()[-1]})")
