"""Saved results from strangers: whatever a file holds, a command ends in words, and reads and writes nothing outside.

A few hundred mutations of a real manifest, journal, series file and baseline, each with a valid checksum where it has
one: anybody can compute it.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import tempfile
from pathlib import Path

import pytest

from simulator.cli.main import main
from tests.unit.cli.test_verbs import TINY

HOSTILE = [
    *(None, True, -1, 0, 1.5, 2**63, 10**400, 1e308, float("nan"), "", "../../x", "/etc/passwd", "a\x00b"),
    *("x" * 5000, "\x1b[31m\u202e\u200b", "\ud800", "<b>|", [], {}, [[[[]]]], ["a"] * 3, {"a": {"b": 1}}),
]
"""What is put in the place of each value."""
NOT_JSON = [b"", b"{", b"null", b"[]", b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe\x00", b"\n" * 1000]
CHOSEN = 80


@pytest.fixture(scope="module")
def saved():
    """A folder with tiny.yaml, two runs and a baseline."""
    with tempfile.TemporaryDirectory() as folder:
        home, before = Path(folder), Path.cwd()
        os.chdir(home)
        (home / "tiny.yaml").write_text(TINY)
        for arguments in (("run", "--no-report"), ("run", "--no-report", "--seed", "8"), ("check", "--update")):
            with pytest.raises(SystemExit) as left:
                main([arguments[0], "tiny.yaml", "--quiet", *arguments[1:]])
            assert left.value.code == 0
        yield home
        os.chdir(before)


@pytest.fixture
def told(capsys):
    """Run a command; returns its status and what it wrote, which are words whatever happened."""

    def tell(*arguments):
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert left.value.code in (0, 1, 2), err
        assert "Traceback" not in err
        assert not {"\x1b", "\u202e", "\u200b"} & set(out + err)
        assert all(len(line) < 1000 for line in err.splitlines())
        assert left.value.code == 0 or err
        return left.value.code, out + err

    return tell


def paths(value, path=()):
    """The path of every value; of lists, and of mappings further in, the first three."""
    yield path
    if isinstance(value, dict | list):
        keys = [key for key in value if key != "checksum"] if isinstance(value, dict) else range(len(value))
        for key in keys if len(path) < 2 and isinstance(value, dict) else keys[:3]:
            yield from paths(value[key], (*path, key))


def changed(content, path, value):
    """A copy with another value at the path."""
    if not path:
        return value
    copy = json.loads(json.dumps(content))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return copy


def with_checksum(content, secret="", line=False):
    """A JSON object whose checksum is right."""
    if not isinstance(content, dict):
        return json.dumps(content).encode()
    body = json.dumps({k: v for k, v in content.items() if k != "checksum"}, indent=None if line else 1)[1:].encode()
    seal = hashlib.sha256(secret.encode() + body).hexdigest().encode()
    return (b'{"checksum": "%b", %b\n' if line else b'{\n "checksum": "%b",%b\n') % (seal, body)


def mutations(run):
    """(file, content) of a results folder: values replaced with a valid checksum, and text that is not JSON."""
    manifest = json.loads((run / "manifest.json").read_text())
    first, *others = (run / "replications.jsonl").read_bytes().splitlines(keepends=True)
    series, items = (json.loads((run / f"{name}/000000.json").read_text()) for name in ("series", "items"))

    def line(content):
        return with_checksum(content, manifest["fingerprint"], line=True) + b"".join(others)

    whole = [
        ("manifest.json", manifest, with_checksum),
        ("replications.jsonl", json.loads(first), line),
        ("series/000000.json", series, with_checksum),
        ("items/000000.json", items, with_checksum),
    ]
    for file, content, seal in whole:
        for path in paths(content):
            for value in HOSTILE:
                yield file, seal(changed(content, path, value))
        yield file, seal({**content, "new": 1})
    for file in [file for file, _, _ in whole] + ["scenario.yaml", "timing.json", "kpis.csv"]:
        text = (run / file).read_bytes()
        for content in [*NOT_JSON, text[: len(text) // 2], b"\xef\xbb\xbf" + text, text.replace(b"\n", b"\r\n")]:
            yield file, content


def test_whatever_a_results_folder_holds_commands_end_in_words(saved, told):
    one, other = sorted((saved / "results/tiny").glob("run-*"))
    seed = json.loads((one / "manifest.json").read_text())["seed"]
    copy = saved / "copy"
    shutil.copytree(one, copy)
    found = list(mutations(one))
    assert len(found) > 1000
    statuses = []
    for number, (file, content) in enumerate(random.Random(7).sample(found, CHOSEN)):
        (one / file).write_bytes(content)
        statuses.append(told("compare", one, other)[0])
        if number % 5 == 0:
            assert told("results", "results")[0] == 0
        if number % 20 == 0:
            told("run", "tiny.yaml", "--quiet", "--no-report", "--seed", seed)
            told("report", one)
        shutil.rmtree(one)
        shutil.copytree(copy, one)
    assert {0, 2} <= set(statuses)
    assert sorted(path.name for path in saved.iterdir()) == ["copy", "results", "tiny.yaml"]


@pytest.mark.parametrize(
    ("file", "path", "value", "said"),
    [
        ("replications.jsonl", ("values", "lean", "fill_rate_lines"), 1e308, "replication 0 is not valid"),
        ("replications.jsonl", ("values", "rich", "sales"), 10**400, "replication 0 is not valid"),
        ("replications.jsonl", ("settled", "lean"), True, "replication 0 is not valid"),
        ("manifest.json", ("currency",), "\ud800", "is not a valid JSON object"),
        ("manifest.json", ("versions", "numpy"), "\udfff", "is not a valid JSON object"),
    ],
)
def test_values_that_nothing_can_be_done_with_are_refused(file, path, value, said, saved, told):
    one, other = sorted((saved / "results/tiny").glob("run-*"))
    good = (one / file).read_bytes()
    content = json.loads(good.splitlines()[0]) if file.endswith("jsonl") else json.loads(good)
    spoilt = changed(content, path, value)
    secret = json.loads((one / "manifest.json").read_text())["fingerprint"]
    rest = b"".join(good.splitlines(keepends=True)[1:])
    line = file.endswith("jsonl")
    (one / file).write_bytes(with_checksum(spoilt, secret, line=True) + rest if line else with_checksum(spoilt))
    outcomes = told("compare", one, other), told("report", one)
    (one / file).write_bytes(good)
    for status, words in outcomes:
        assert status == 2
        assert said in words


def test_whatever_a_baseline_holds_check_ends_in_words_and_can_replace_it(saved, told):
    path = saved / "results/baselines/tiny.json"
    good = path.read_bytes()
    content = json.loads(good)
    found = [json.dumps(changed(content, place, value)).encode() for place in paths(content) for value in HOSTILE]
    for text in [*random.Random(7).sample(found, 20), *NOT_JSON]:
        path.write_bytes(text)
        told("check", "tiny.yaml", "--quiet")
    path.write_bytes(b"null")
    status, said = told("check", "tiny.yaml", "--quiet")
    assert status == 2
    assert said == "results/baselines/tiny.json: is not a valid JSON object; remove it and run the same command again\n"
    assert told("check", "tiny.yaml", "--quiet", "--update")[0] == 0
    assert path.read_bytes() == good


@pytest.mark.parametrize("name", ["../../../secret", "/etc/passwd", "series/000000.json", ".lock"])
def test_a_manifest_names_files_of_its_own_folder_only(name, saved, told):
    one, other = sorted((saved / "results/tiny").glob("run-*"))
    path = one / "manifest.json"
    good = path.read_bytes()
    content = json.loads(good)
    path.write_bytes(with_checksum({**content, "files": {**content["files"], name: "0" * 64}}))
    status, said = told("compare", one, other)
    path.write_bytes(good)
    assert status == 2
    assert f"manifest.json: not a manifest of this version: 'files.{name}" in said


@pytest.mark.parametrize(
    "name",
    [
        "manifest.json",
        "replications.jsonl",
        "series",
        "series/000000.json",
        "items",
        "items/000000.json",
        "kpis.csv",
        "report.html",
        "plots",
    ],
)
def test_links_in_a_results_folder_are_refused_and_what_they_lead_to_is_untouched(name, saved, told, tmp_path):
    one, other = sorted((saved / "results/tiny").glob("run-*"))
    copy = tmp_path / "copy"
    shutil.copytree(one, copy)
    (outside := tmp_path / "outside").mkdir()
    (outside / "secret").write_text("secret")
    place = one / name
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.symlink_to(outside if name in ("series", "items", "plots") else outside / "secret")
    seed = json.loads((copy / "manifest.json").read_text())["seed"]
    for command in (("compare", one, other), ("report", one), ("run", "tiny.yaml", "--quiet", "--seed", seed)):
        status, said = told(*command)
        assert status == 2
        assert f"{name}: is a link, which could lead out of the results folder" in said
    shutil.rmtree(one)
    shutil.copytree(copy, one)
    assert {path.name: path.read_text() for path in outside.iterdir()} == {"secret": "secret"}


def test_links_are_not_followed_by_commands_that_look_for_results(saved, told, tmp_path):
    one, _ = sorted((saved / "results/tiny").glob("run-*"))
    shutil.copytree(one, tmp_path / "private/run-00000000")
    (link := saved / "results/linked").symlink_to(tmp_path / "private")
    found = json.loads(told("results", "--json")[1])
    link.unlink()
    assert [result["results"] for result in found if "linked" in result["results"]] == []


def test_files_that_never_end_are_not_waited_for(saved, told):
    one, other = sorted((saved / "results/tiny").glob("run-*"))
    timing = (one / "timing.json").read_bytes()
    (one / "timing.json").unlink()
    os.mkfifo(one / "timing.json")
    (stress := one.parent / "stress-00000000").mkdir()
    os.mkfifo(stress / "stress.json")
    os.mkfifo(stress / "scenario.yaml")
    assert told("results")[0] == 0
    assert "timing.json: is neither a file nor a folder" in told("compare", one, other)[1]
    (one / "timing.json").unlink()
    (one / "timing.json").write_bytes(timing)
    assert told("report", one)[0] == 0
    shutil.rmtree(stress)
