"""Files appear whole, know when they were edited, and a folder has one writer."""

import errno
import os
import signal
import subprocess
import sys

import pytest

from simulator.experiment.storage import files
from simulator.experiment.storage.files import make_folder, sealed, sweep, unsealed, write_whole
from simulator.experiment.storage.lock import LOCK, OWNER, FolderInUse, locked
from simulator.foundation.errors import UserError
from simulator.foundation.signals import Terminated, terminable, unbroken


def test_a_sealed_file_opens_as_it_was(tmp_path):
    content = {"n": 1, "x": 0.1 + 0.2, "name": "Größe, 棚\n", "empty": {}, "null": None}
    path = tmp_path / "a.json"
    write_whole({path: sealed(content)})
    assert unsealed(path, path.read_bytes()) == content
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("where", [0, 20, 100, -2])
def test_any_changed_byte_is_noticed_and_the_file_named(tmp_path, where):
    text = bytearray(sealed({"kpi": "fill_rate", "value": 0.95}))
    text[where] ^= 1
    with pytest.raises(UserError, match=r"a\.json: was edited or damaged"):
        unsealed(tmp_path / "a.json", bytes(text))


@pytest.mark.parametrize("text", [b"", b"{}", b"\0" * 200, b"[1, 2]"])
def test_a_file_without_a_seal_is_refused(tmp_path, text):
    with pytest.raises(UserError, match="was edited or damaged"):
        unsealed(tmp_path / "a.json", text)


def test_a_sealed_file_never_holds_nan():
    with pytest.raises(ValueError, match="not JSON compliant"):
        sealed({"value": float("nan")})


def test_a_full_disk_leaves_no_torn_file(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_text("old")

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(UserError, match=r"a\.json: cannot write: No space left on device \(finished replications"):
        write_whole({path: b"new"})
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(("durable", "flushed"), [(True, 3), (False, 0)])
def test_what_can_be_made_again_is_not_flushed_to_the_disk(durable, flushed, tmp_path, monkeypatch):
    handles = []
    monkeypatch.setattr(files.os, "fsync", handles.append)
    write_whole({tmp_path / "a.svg": b"a", tmp_path / "b.svg": b"b"}, durable=durable)
    assert sorted((p.name, p.read_bytes()) for p in tmp_path.iterdir()) == [("a.svg", b"a"), ("b.svg", b"b")]
    assert len(handles) == flushed  # two files and their folder


def test_a_signal_waits_until_the_file_is_there(tmp_path, monkeypatch):
    flush = os.fsync

    def interrupted(handle):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        flush(handle)

    monkeypatch.setattr(files.os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole({tmp_path / "a.json": b"new"})
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"new"]


def test_sigterm_is_told_from_ctrl_c():
    with pytest.raises(Terminated), terminable():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert Terminated.exit_code == 143
    with pytest.raises(KeyboardInterrupt), terminable(), unbroken():
        signal.raise_signal(signal.SIGINT)


def test_unfinished_files_of_a_killed_process_are_swept(tmp_path):
    (tmp_path / ".000001.json.part").write_text("half")
    (tmp_path / "000001.json").write_text("whole")
    sweep(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["000001.json"]


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/nothing/here", "x" * 300])
def test_a_folder_that_cannot_be_is_said_in_one_line(tmp_path, place):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot make the folder") as caught:
        make_folder(tmp_path / place)
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_refused(tmp_path):
    (tmp_path / "shut").mkdir(mode=0o555)
    with pytest.raises(UserError, match="Permission denied"):
        make_folder(tmp_path / "shut")


HOLD = """
import sys, time
from pathlib import Path
from simulator.experiment.storage.lock import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_told_who_the_first_one_is_and_a_dead_ones_lock_is_free(tmp_path):
    first = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE)
    with first.stdout:
        assert first.stdout.readline() == b"locked\n"
        with pytest.raises(FolderInUse, match=f"process {first.pid} on .* is writing here") as caught, locked(tmp_path):
            pass
        assert caught.value.exit_code == 75
        first.kill()
        first.wait()
    assert (tmp_path / LOCK).exists()
    with locked(tmp_path):
        assert f"process {os.getpid()} on " in (tmp_path / OWNER).read_text()
    assert list(tmp_path.iterdir()) == []
