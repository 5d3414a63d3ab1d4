"""Whatever a scenario or data file holds: a scenario, or problems with place, key and remedy; never a traceback."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from simulator.foundation.errors import UserError
from simulator.scenario.loader import load, load_text, validate
from tests.pace import within

SMALL = """\
name: small
clock: {start: 2025-01-06, horizon: 100 d, warm_up: 10 d}
items:
  mug:   {price: 12, unit_cost: 5, demand: 2 / d}
  plate: {price: 18, unit_cost: 8}
customers:
  web:
    arrivals: {kind: poisson, rate: 2 / d}
    basket: {kind: bundle, items: {mug: 1, plate: 1}}
warehouse:
  stock: {mug: 10, plate: 5}
suppliers:
  pottery:
    items: [mug, plate]
    lead_time: {kind: gamma, mean: 5 d, cv: 0.5}
    closures: [{from: 2025-02-01, to: 2025-02-10}]
carriers:
  parcel: {transit: 2 d}
events:
  - {kind: demand_spike, name: promo, customers: web, at: 50 d, lasts: 5 d, factor: 2}
costs: {holding: 25 % / y}
policies:
  lean: {replenishment: {kind: s_S, s: 10, S: 20}}
experiment: {replications: 3}
"""


@pytest.fixture(autouse=True)
def _quick():
    with within(2):
        yield


def problems_of(text: str, **more: object) -> list[str]:
    with pytest.raises(UserError) as caught:
        load_text(text, file="f.yaml", **more)
    lines = str(caught.value).splitlines()
    assert 0 < len(lines) <= 21
    assert "Traceback" not in str(caught.value)
    return lines


def test_the_small_file_is_good():
    assert load_text(SMALL).warnings == ()


# id: (what is replaced, by what, where the problem is, what the message holds)
CHANGED = {
    "Y01 duplicate key": ("price: 12,", "price: 12, price: 13,", "4:22", ["duplicate key 'price'", "line 4"]),
    "Y01 duplicate section": ("experiment:", "items: {}\nexperiment:", "24:1", ["duplicate key 'items'", "line 3"]),
    "Y10 no": ("price: 12", "price: no", "4:18", ["items.mug.price", "'no' is not a number"]),
    "Y10 time": ("price: 12", "price: 1:30", "4:18", ["'1:30' is not a number"]),
    "Y10 underscore": ("mug: 10", "mug: 1_000", "11:16", ["'1_000' is not a whole number"]),
    "Y10 truth": ("name: small", "name: true", "1:7", ["true", "quote"]),
    "Y10 number as name": ("name: small", "name: 2025", "1:7", ["2025 is not text"]),
    "Y16 section": ("suppliers:", "supliers:", "12:1", ["'supliers'", "did you mean 'suppliers'?", "allowed: "]),
    "Y16 kind": ("kind: poisson", "kind: poison", "8:22", ["arrivals.kind", "did you mean 'poisson'?", "every"]),
    "Y16 kind key": ("{kind: poisson", "{knd: poisson", "8:15", ["`kind:` is missing", "did you mean 'kind'?"]),
    "Y16 decision": ("kind: s_S", "knd: s_S", "23:25", ["replenishment", "did you mean 'kind'?"]),
    "Y17 stock at the top": ("experiment:", "stock: {}\nexperiment:", "24:1", ["belongs at warehouse.stock"]),
    "Y17 key of another kind": ("s: 10, S: 20", "s: 10, S: 20, R: 7 d", "23:51", ["kind R_S and R_s_S"]),
    "V01 price": ("price: 12", "price: -12", "4:18", ["items.mug.price: -12", "at least 0"]),
    "V01 rate": ("rate: 2 / d", "rate: -2 / d", "8:37", ["'-2 / d'", "at least 0"]),
    "V01 horizon": ("horizon: 100 d", "horizon: -100 d", "2:37", ["clock.horizon: '-100 d'", "more than 0"]),
    "V01 lead time": ("{kind: gamma, mean: 5 d, cv: 0.5}", "-5 d", "15:16", ["lead_time", "negative"]),
    "V01 holding": ("holding: 25 % / y", "holding: 25 %", "21:18", ["25 % / y"]),
    "V02 nan": ("price: 12", "price: .nan", "4:18", ["nan is not finite"]),
    "V02 inf": ("price: 12", "price: .inf", "4:18", ["inf is not finite"]),
    "V02 huge": ("price: 12", "price: 1e308", "4:18", ["1e+308 is out of range"]),
    "V02 tiny": ("price: 12", "price: 1e-320", "4:18", ["out of range"]),
    "V03 half": ("mug: 10", "mug: 0.5", "11:16", ["0.5 is not a whole number"]),
    "V03 1e18": ("mug: 10", "mug: 1e18", "11:16", ["2^53"]),
    "V03 10**30": ("replications: 3", f"replications: {10**30}", "24:28", ["experiment.replications", "2^53"]),
    "V03 5000 digits": ("replications: 3", f"replications: {'9' * 5000}", "24:28", ["5000 digits"]),
    "V03 seed": ("replications: 3", "seed: -1", "24:20", ["experiment.seed: -1", "at least 0"]),
    "V04 share": ("factor: 2", "factor: 2, chance: 101 %", "20:96", ["chance: '101 %'", "at most 1"]),
    "V04 mixture": (
        "{kind: gamma, mean: 5 d, cv: 0.5}",
        "{kind: mixture, parts: [{share: 0.999, of: 5 d}]}",
        "15:16",
        ["sum to 0.999", "1e-9"],
    ),
    "V04 weights": (
        "{kind: bundle, items: {mug: 1, plate: 1}}",
        "{kind: weighted, items: {mug: 0, plate: 0}}",
        "9:13",
        ["weights are all 0"],
    ),
    "V06 event storm": ("rate: 2 / d", "rate: 900000 / s", "8:37", ["at most 1e+06"]),
    "V06 many orders": ("horizon: 100 d", "horizon: 1e9 d", "8:15", ["web.arrivals", "event storm", "2e+09 orders"]),
    "V09 horizon 0": ("horizon: 100 d", "horizon: 0", "2:37", ["0 is out of range"]),
    "V09 warm-up": ("warm_up: 10 d", "warm_up: 100 d", "2:8", ["warm_up (100 d)", "horizon (100 d)"]),
    "V13 unknown law": ("kind: gamma", "kind: gama", "15:23", ["did you mean 'gamma'?", "weibull"]),
    "V13 parameters": ("cv: 0.5", "sd: 0.5", "15:41", ["unknown key 'sd'", "kind, mean, cv"]),
    "V13 no parameter": (", cv: 0.5", "", "15:16", ["lead_time.cv: is missing"]),
    "V18 unit": ("transit: 2 d", "transit: 2 days", "18:21", ["'2 days' is not a duration", "14 d"]),
    "V18 digits of another script": ("horizon: 100 d", "horizon: \uff11\uff10\uff10 d", "2:37", ["is not a duration"]),
    "V18 Arabic digits": ("rate: 2 / d", "rate: \u0662 / d", "8:37", ["is not a rate: write 40 / d"]),
    "V18 rate": ("rate: 2 / d", "rate: 2 per day", "8:37", ["'2 per day' is not a rate"]),
    "V18 share as money": ("price: 12", "price: 12 EUR", "4:18", ["'12 EUR' is not a number without a unit"]),
    "V20 30 February": ("from: 2025-02-01", "from: 2024-02-30", "16:23", ["'2024-02-30' is not a date"]),
    "V20 backwards": ("to: 2025-02-10", "to: 2025-01-10", "16:16", ["`to` is before `from`"]),
    "V20 zone": ("start: 2025-01-06", "start: 2025-01-06T00:00Z", "2:16", ["clock.start", "time zone"]),
    "V20 no start": ("start: 2025-01-06, ", "", "16:23", ["dates need clock.start"]),
    "V20 before the start": (
        "start: 2025-01-06",
        "start: 2025-02-05",
        "16:23",
        ["'2025-02-01' is before clock.start, which is 2025-02-05"],
    ),
    "R01 item in a basket": ("{mug: 1, plate: 1}", "{mgu: 1, plate: 1}", "9:36", ["'mgu'", "did you mean 'mug'?"]),
    "R01 item in stock": ("stock: {mug", "stock: {mgu", "11:11", ["warehouse.stock.mgu", "did you mean 'mug'?"]),
    "R01 item of a supplier": ("[mug, plate]", "[mug, plates]", "14:18", ["'plates'", "did you mean 'plate'?"]),
    "R01 item of an event": (
        "factor: 2",
        "factor: 2, items: [mug, cup]",
        "20:101",
        ["events.0.items.1", "no item 'cup'"],
    ),
    "R01 segment": ("customers: web", "customers: wbe", "20:50", ["events.0.customers", "did you mean 'web'?"]),
    "R01 carrier": ("arrivals:", "carrier: parcle\n    arrivals:", "8:14", ["did you mean 'parcel'?"]),
    "R01 asked supplier": ("S: 20", "S: 20, supplier: poterry", "23:61", ["did you mean 'pottery'?"]),
    "R01 decision": (
        "{kind: s_S, s: 10, S: 20}",
        "{default: {kind: none}, mgu: {kind: none}}",
        "23:49",
        ["replenishment.mgu", "did you mean 'mug'?"],
    ),
    "R01 unsold item": ("[mug, plate]", "[mug]", "23:25", ["no supplier sells plate"]),
    "R01 undecided item": (
        "{kind: s_S, s: 10, S: 20}",
        "{mug: {kind: s_S, s: 10, S: 20}}",
        "23:25",
        ["no decision for plate", "default"],
    ),
    "R01 shares": ("S: 20", "S: 20, supplier: {pottery: 90 %}", "23:61", ["sum to 0.9"]),
    "R03 case": (
        "  plate: {",
        "  Mug: {price: 1, unit_cost: 1}\n  plate: {",
        "5:3",
        ["differs from 'mug' only in case"],
    ),
    "R03 blank": ("  plate: {", '  "mug ": {price: 1, unit_cost: 1}\n  plate: {', "5:3", ["duplicate key", "line 4"]),
    "R03 accents": (
        "  plate: {",
        '  caf\u00e9: {price: 1, unit_cost: 1}\n  "cafe\u0301": {price: 1, unit_cost: 1}\n  plate: {',
        "6:3",
        ["duplicate key", "line 5", "accents"],
    ),
    "R03 stream": ("price: 18", "stream: mug, price: 18", "5:19", ["share the random numbers of 'mug'"]),
    "R03 events": (
        "costs:",
        "  - {kind: outage, name: promo, carrier: parcel, at: 1 d, lasts: 1 d}\ncosts:",
        "21:26",
        ["2 events are named 'promo'"],
    ),
    "R04 empty name": ("  plate: {", "  '': {price: 1, unit_cost: 1}\n  plate: {", "5:3", ["name is empty"]),
    "R04 the word default": ("  plate: {", "  default: {price: 1, unit_cost: 1}\n  plate: {", "5:3", ["policies use"]),
    "R04 control character": ("name: small", 'name: "a\\0b"', "1:7", ["control character U+0000"]),
    "P01 s above S": ("s: 10, S: 20", "s: 30, S: 20", "23:25", ["s = 30 is above S = 20"]),
    "P01 Q": ("kind: s_S, s: 10, S: 20", "kind: s_Q, s: 10, Q: 0", "23:25", ["Q = 0", "at least 1"]),
    "P01 days without demand": ("S: 20", "S: 20 d", "23:47", ["days of cover", "items.plate.demand"]),
    "P05 negative patience": ("    basket:", "    patience: -1 d\n    basket:", "9:15", ["web.patience", "negative"]),
    "P08 overlap": (
        "to: 2025-02-10}",
        "to: 2025-02-10}, {from: 2025-02-09, to: 2025-02-20}",
        "16:52",
        ["closure of 'pottery'", "inside another"],
    ),
    "P08 recovery before the start": (
        "costs:",
        "  - {kind: outage, name: x, supplier: pottery, at: 9 d, until: 8 d}\ncosts:",
        "21:5",
        ["`until` is before `at`"],
    ),
    "C01 parent folder": (
        "{kind: gamma, mean: 5 d, cv: 0.5}",
        "{kind: empirical, file: ../x.csv, column: a}",
        "15:16",
        ["'../x.csv' lies outside the scenario folder"],
    ),
    "C01 absolute": (
        "{kind: gamma, mean: 5 d, cv: 0.5}",
        "{kind: empirical, file: /etc/passwd, column: a}",
        "15:16",
        ["'/etc/passwd' is absolute"],
    ),
    "C01 address": (
        "{kind: gamma, mean: 5 d, cv: 0.5}",
        "{kind: empirical, file: 'http://example.org/x.csv', column: a}",
        "15:16",
        ["not a path inside the scenario's folder"],
    ),
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_a_fault_is_named_with_line_and_column(change, tmp_path):
    old, new, place, fragments = change
    assert SMALL.count(old) >= 1
    lines = problems_of(SMALL.replace(old, new, 1), folder=tmp_path)
    found = [line for line in lines if line.startswith(f"f.yaml:{place}: ")]
    assert found, lines
    assert any(all(fragment in line for fragment in fragments) for line in found), found


EVERYTHING_WRONG = """\
name: bad
clock: {start: 2025-01-01T25:00, horizon: 100 d, warm_up: 60 d}
items: {mug: {price: -3, unit_cost: 1, colour: red}}
customers:
  web: {arrivals: {kind: poison, rate: 4 / d}, basket: {kind: single, itme: mug}, patience: 3 parsec, one_parcel: 120 %}
warehouse: {stock: {mugg: 3.5}}
suppliers: {p: {items: [mug], lead_time: .nan}}
policies: {a: {replenishment: {kind: s_S, s: 9, S: 4}}, b: {extends: c}}
"""


def test_everything_that_is_wrong_is_said_at_once():
    lines = problems_of(EVERYTHING_WRONG)
    said = ["hour must be", "-3", "'colour'", "'poison'", "'itme'", "'3 parsec'", "'120 %'", "no item 'mugg'", "3.5"]
    said += ["nan", "s = 9 is above S = 4", "no policy 'c'"]
    assert len(lines) == len(said)
    assert all(word in line for word, line in zip(said, lines, strict=True)), lines


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("- a\n- b\n", "f.yaml:1:1: expected a mapping of keys"),
        ("just text\n", "f.yaml:1:1: expected a mapping of keys"),
        ("# a comment\n", "f.yaml: the file is empty"),
        ("---\n", "f.yaml: the file is empty"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document"),
        ("a: 1\nb: \x07\n", "f.yaml:2:4: control or unprintable character U+0007 at byte 8"),
        ("name: x\nitems: &a\n  mug: *a\n", "f.yaml:3:8: *a is used inside its own definition"),
        ("a: *b\n", "f.yaml:1:4: no anchor &b"),
        ("a: [1, 2\nb: 3\n", "f.yaml:2:2: not YAML"),
        ("a:\n\tb: 3\n", "f.yaml:2:1: not YAML: a tab; indent with spaces"),
        ("a: @b\n", "f.yaml:1:4: not YAML"),
        ("[a]: 3\n", "f.yaml:1:1: a key must be plain text"),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", "f.yaml:1:1: %TAG"),
        ("<<: 5\n", "f.yaml:1:1: `<<` merges mappings"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_scenario_is_refused(text, start):
    assert problems_of(text)[0].startswith(start)


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch PWNED']",
        "!!python/object/new:os.system ['touch PWNED']",
        "!!python/name:os.system",
        "!!python/module:os",
        "!!binary aGVsbG8=",
        "!!timestamp 2024-02-30",
        "!!int 0b2",
        "!local x",
    ],
)
def test_tags_are_refused_and_nothing_is_executed(tag, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "f.yaml:1:7: the tag !" in problems_of(f"name: {tag}\n")[0]
    assert not (tmp_path / "PWNED").exists()


def test_nesting_is_bounded():
    assert "nested deeper than 50 levels" in problems_of("a: " + "[" * 3000)[0]
    assert "nested deeper than 50 levels" in problems_of("- " * 3000 + "a")[0]
    assert "nested deeper than 50 levels" in problems_of("{a: " * 100_000)[0]


def test_aliases_cannot_explode():
    leaves = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"a{k}: &a{k} [{','.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 11)
    )
    merges = "a0: &a0 {x: 1}\n" + "".join(f"a{k}: &a{k} {{<<: [*a{k - 1}, *a{k - 1}]}}\n" for k in range(1, 29))
    tracemalloc.start()
    try:
        assert "the aliases expand to more than 100,000" in problems_of(leaves)[0]
        problems_of(merges)
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text",
    ["events: [" + "1," * 400_000 + "]", "\n".join(f"k{k}: 1" for k in range(200_000)), "x: " + " " * 4_000_000 + "a"],
    ids=["list", "mapping", "blanks"],
)
def test_large_nonsense_is_refused_quickly(text):
    assert problems_of(text)


def test_a_long_text_where_a_number_is_due_is_refused_quickly():
    text = SMALL.replace("100 d", "'1" + " " * 1_000_000 + "x'")
    assert "is not a duration" in problems_of(text)[0]


def test_names_are_shown_as_given_and_on_one_line():
    for name in ("🍵", "مخزن", "x" * 300, "..", "a/b", "con", "-rf", "a,b", 'say "hi"', "=1+1", "two\nlines"):
        text = SMALL.replace("name: small", f"name: {name!r}" if "\n" not in name else 'name: "two\\nlines"')
        assert load_text(text).name == name
    line = problems_of(SMALL.replace("stock: {mug", 'stock: {"two\\nlines"'))[0]
    assert r"two\nlines" in line or r"two\x0alines" in line


# ------------------------------------------------------------------------------------------------ files
def only_problem(path: Path) -> str:
    scenario, problems = validate(path)
    assert scenario is None
    assert len(problems) == 1
    return str(problems[0])


@pytest.mark.parametrize("content", [b"", b"  \n\n", b"# nothing\n", b"\xef\xbb\xbf"], ids=repr)
def test_f01_an_empty_file_is_called_empty(content, tmp_path):
    (tmp_path / "a.yaml").write_bytes(content)
    assert only_problem(tmp_path / "a.yaml").endswith("a.yaml: the file is empty")


def test_f05_other_encodings_are_named_with_the_byte(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes("name: a\ntitle: Été\n".encode("latin-1"))
    assert "a.yaml:2:8: not UTF-8: byte 15 is 0xC9" in only_problem(path)
    path.write_bytes(SMALL.encode("utf-16"))
    assert "a.yaml:1:1: not UTF-8: byte 0 is 0xFF (it looks like UTF-16" in only_problem(path)
    path.write_bytes(SMALL.encode("utf-16-le"))
    assert "control or unprintable character U+0000 at byte 1" in only_problem(path)


def test_f06_byte_order_mark_and_crlf_make_no_difference(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert load(path) == load_text(SMALL)


def test_f08_what_cannot_be_read_is_said_in_words(tmp_path):
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    dangling = tmp_path / "dangling.yaml"
    dangling.symlink_to(tmp_path / "nowhere.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    assert only_problem(tmp_path).endswith("is a folder; expected a scenario file")
    assert only_problem(tmp_path / "missing.yaml").endswith("missing.yaml: no such file")
    assert only_problem(dangling).endswith("is a broken symbolic link")
    assert only_problem(loop).endswith("is a loop of symbolic links")
    assert only_problem(tmp_path / "pipe.yaml").endswith("is not a regular file")
    assert only_problem(tmp_path / ("x" * 300)).endswith("file name too long")
    assert only_problem(Path("a\0b")).endswith("is not a valid file name")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_f08_a_file_without_permission(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(SMALL)
    path.chmod(0)
    assert only_problem(path).endswith("permission denied")


def test_f09_a_large_file_is_refused_unread(tmp_path):
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    assert "too large (100.0 MB; a scenario file has at most 5 MB" in only_problem(path)


# -------------------------------------------------------------------------------------------- extends
def write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_y14_circles_of_files_are_printed(tmp_path):
    write(tmp_path, a="extends: a.yaml\n", b="extends: c.yaml\n", c="name: c\nextends: b.yaml\n")
    assert "a.yaml:1:10: extends: circular: " in only_problem(tmp_path / "a.yaml")
    assert "c.yaml:2:10: extends: circular: " in only_problem(tmp_path / "b.yaml")
    assert "b.yaml → c.yaml → b.yaml" in only_problem(tmp_path / "b.yaml")


def test_y14_chains_end_at_twenty(tmp_path):
    write(tmp_path, **{f"f{k}": f"extends: f{k + 1}.yaml\n" for k in range(200)})
    assert "a chain of more than 20 files" in only_problem(tmp_path / "f0.yaml")


@pytest.mark.parametrize(
    ("parent", "said"),
    [
        ("nowhere.yaml", "'nowhere.yaml': no such file"),
        ("https://example.org/base.yaml", "is a URL; expected a file in the scenario's folder"),
        ("/etc/passwd", "not a path relative to this file"),
        ("~/base.yaml", "not a path relative to this file"),
        ("../outside.yaml", "is outside the scenario file's folder; allow its folder with --data"),
        ("link.yaml", "is outside the scenario file's folder"),
        ("[a, b]", "expected the path of one parent file"),
        ("5", "expected the path of one parent file"),
    ],
)
def test_y14_parents_that_cannot_be(parent, said, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    write(tmp_path, outside="name: outside\n")
    (home / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    write(home, a=f"name: a\nextends: {parent}\n")
    problem = only_problem(home / "a.yaml")
    assert "a.yaml:2:10: extends: " in problem
    assert said in problem


def test_y14_circles_of_policies_are_printed():
    text = SMALL.replace("policies:\n", "policies:\n  a: {extends: b}\n  b: {extends: a}\n  c: {extends: lena}\n")
    lines = problems_of(text)
    assert lines[0] == "f.yaml:23:16: policies.a.extends: circular: a → b → a"
    assert "no policy 'lena' (did you mean 'lean'?)" in lines[1]
    assert len(lines) == 2


# ----------------------------------------------------------------------------------------- data files
TRACE = SMALL.replace("demand: 2 / d", "demand: 0.02 / d").replace(
    "    arrivals: {kind: poisson, rate: 2 / d}\n    basket: {kind: bundle, items: {mug: 1, plate: 1}}\n",
    "    arrivals: {kind: trace, file: o.csv, time: t, order: o, item: i, quantity: q}\n",
)
GOOD = "t,o,i,q\n2025-01-07,1,mug,2\n2025-01-08,2,plate,1\n"


def trace_problems(folder: Path, content: bytes | str) -> str:
    (folder / "o.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return "\n".join(problems_of(TRACE, folder=folder))


def test_recorded_orders_load(tmp_path):
    (tmp_path / "o.csv").write_text(GOOD)
    scenario = load_text(TRACE, folder=tmp_path)
    assert list(scenario.data_digests) == ["o.csv"]
    assert scenario.warnings == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "o.csv: empty"),
        ("t,o,i,q\n", "has a header but no rows"),
        (GOOD.replace(",", ";"), "cells are separated by commas"),
        (GOOD.replace("t,o,i,q", "t,o,i,qty"), "no column 'q' (did you mean 'qty'?); columns: t, o, i, qty"),
        (GOOD.replace("t,o,i,q", "t,o,i,t"), "o.csv:1: column 't' is given twice"),
        (GOOD + "2025-01-09,3,mug\n", "o.csv:4: 3 cells, but the header has 4"),
        (GOOD + "2025-01-09,3,mug,1,1\n", "o.csv:4: 5 cells, but the header has 4"),
        (GOOD + "\n2025-01-09,3,mug,1\n", "o.csv:4: 0 cells, but the header has 4"),
        (GOOD + '2025-01-09,3,"mug,1\n', "o.csv:4: unexpected end of data"),
        (GOOD + "2025-01-09,3,m\0g,1\n", "o.csv: NUL byte"),
        (GOOD + "2025-01-09,3," + "x" * 10_000_000 + ",1\n", "field larger than field limit"),
        (GOOD.encode("utf-16"), "o.csv:1: not UTF-8 at byte 0"),
        (
            GOOD.replace("plate", "Schüssel").encode("latin-1"),
            "o.csv:3: not UTF-8 at byte 43, which is 0xFC; save the file as CSV UTF-8",
        ),
        *(
            (GOOD.replace("2025-01-07", when), f"o.csv:2: column 't': {when!r} is not a date")
            for when in ("07.01.2025 08:30", "7/1/2025", "2025-13-07", "08:30", "07-01-2025", " 2025/1/7")
        ),
        (GOOD.replace("2025-01-08", "08.01.2025"), "o.csv:3: column 't': '08.01.2025' is not a date"),
        (GOOD.replace("2025-01-07", "soon"), "o.csv:2: column 't': 'soon' is not a date"),
        (GOOD.replace("2025-01-0", "soon "), "o.csv:2: column 't': 'soon 7' is not a number (and 1 more row)"),
        (GOOD.replace("2025-01-08", "2024-02-30"), "o.csv:3: column 't': '2024-02-30' is not a date"),
        (GOOD.replace("2025-01-08", "2025-01-08T00:00+01:00"), "o.csv:3: column 't'"),
        (GOOD.replace("plate,1", "plate,-1"), "o.csv:3: column 'q': '-1' is not a whole number >= 1"),
        (GOOD.replace("plate,1", "plate,1.5"), "o.csv:3: column 'q': '1.5' is not a whole number"),
        (
            GOOD.replace("plate,1", "plate,"),
            "o.csv:3: column 'q': is empty; every row needs a number (remove rows of totals)",
        ),
        (GOOD.replace("plate,1", "plate,nan"), "o.csv:3: column 'q': 'nan' is not a finite number"),
        (GOOD.replace("plate,1", "plate,1e400"), "o.csv:3: column 'q': '1e400' is not a finite number"),
        (GOOD.replace("plate,1", 'plate,"5,0"'), "o.csv:3: column 'q': '5,0' is not a number"),
        (
            GOOD.replace("plate", "plat"),
            "o.csv has the item 'plat' (did you mean 'plate'?), which is not among the items of the scenario: mug, ",
        ),
        (GOOD.replace("plate", "=HYPERLINK(1)"), "o.csv has the item '=HYPERLINK(1)', which is not among the items"),
    ],
    ids=lambda value: repr(value)[-40:] if isinstance(value, str) else "bytes",
)
def test_faults_of_a_data_file_are_named_with_row_and_column(content, said, tmp_path):
    found = trace_problems(tmp_path, content)
    assert said in found
    assert found.startswith(("f.yaml:8:15: customers.web.arrivals: ", "f.yaml:8:67: customers.web.arrivals.item: "))


def test_c01_data_files_stay_in_the_folder(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "o.csv").write_text(GOOD)
    (home / "o.csv").symlink_to(tmp_path / "o.csv")
    assert "lies outside the scenario folder (name other folders with --data" in problems_of(TRACE, folder=home)[0]
    assert load_text(TRACE, folder=home, data=[tmp_path])
    (home / "o.csv").unlink()
    (home / "o.csv").mkdir()
    assert "is not a regular file" in problems_of(TRACE, folder=home)[0]
    (home / "o.csv").rmdir()
    (home / "o.csv").symlink_to(home / "o.csv")
    assert "'o.csv': " in problems_of(TRACE, folder=home)[0]


def test_c02_a_file_that_only_calls_itself_gzip(tmp_path):
    (tmp_path / "o.csv.gz").write_bytes(b"\x1f\x8b\x08 not really")
    lines = problems_of(TRACE.replace("o.csv", "o.csv.gz"), folder=tmp_path)
    assert "o.csv.gz: not a gzip file" in lines[0]


def test_c05_recorded_orders_outside_the_run_are_counted(tmp_path):
    rows = "t,o,i,q\n2024-01-07,1,mug,2\n2025-01-08,2,plate,1\n2026-01-01,3,mug,1\n"
    (tmp_path / "o.csv").write_text(rows)
    said = "\n".join(str(problem) for problem in load_text(TRACE, folder=tmp_path).warnings)
    assert "left out: 1 recorded order at or after the horizon" in said
    assert "left out: 1 recorded line before clock.start" in said
    (tmp_path / "o.csv").write_text(rows + "2026-01-01,4,mug,1\n2024-01-07,1,plate,2\n")
    said = "\n".join(str(problem) for problem in load_text(TRACE, folder=tmp_path).warnings)
    assert "left out: 2 recorded orders at or after the horizon" in said
    assert "left out: 2 recorded lines before clock.start" in said


# --------------------------------------------------------------------------------------- good but odd
ODD = {
    "V05 rate 0": ("rate: 2 / d", "rate: 0 / d", None),
    "V02 minus zero": ("price: 12", "price: -0.0", None),
    "V05 nobody asks": ("{mug: 1, plate: 1}", "{mug: 1}", "5:3: warning: items.plate: no customer orders plate"),
    "V20 leap day": ("to: 2025-02-10", "to: 2028-02-29", None),
    "V20 DST night": ("to: 2025-02-10", "to: 2025-03-30T02:30", None),
    "P01 planned backlog": ("s: 10, S: 20", "s: -10, S: -5", None),
    "P04 overload": (
        "  stock:",
        "  picking: {workers: 1, time: 1 d}\n  stock:",
        "11:22: warning: warehouse.picking.workers: not stable",
    ),
    "P05 patience 0": ("    basket:", "    patience: 0\n    basket:", None),
    "P08 down for ever": (
        "costs:",
        "  - {kind: outage, name: x, carrier: parcel, at: 9 d}\ncosts:",
        "21:5: warning: events.1: never ends",
    ),
    "P08 never begins": ("at: 50 d", "at: 150 d", "20:5: warning: events.0: begins after"),
    "closure after the end": (
        "{from: 2025-02-01, to: 2025-02-10}",
        "{from: 2026-02-01, to: 2026-02-10}",
        "16:16: warning",
    ),
    "promotion without a sign": (
        "{kind: demand_spike, name: promo, customers: web, at: 50 d, lasts: 5 d, factor: 2}",
        "{kind: promotion, customers: web, items: mug, at: 50 d, lasts: 5 d, uplift: 300}",
        "20:81: warning: events.0.uplift: 300 means 30,000 % more orders; write 80 % as `80 %` or 0.8",
    ),
    "promotion of 2,000 %": (
        "{kind: demand_spike, name: promo, customers: web, at: 50 d, lasts: 5 d, factor: 2}",
        "{kind: promotion, customers: web, items: mug, at: 50 d, lasts: 5 d, uplift: 20}",
        None,
    ),
    "below cost": (
        "price: 12,",
        "price: 4,",
        "4:18: warning: items.mug.price: 4 is below the `unit_cost`, 5: every sale loses money",
    ),
    "at cost": ("price: 12,", "price: 5,", None),
    "no price": ("price: 12,", "price: 0,", None),
    "dear shelf": (
        "holding: 25 % / y",
        "holding: 25 / d",
        (
            "21:18: warning: costs.holding: holding a unit for one day costs more than buying it: "
            "mug (25 against 5), plate (25 "
        ),
    ),
    "dear shelf of one item": (
        "holding: 25 % / y",
        "holding: 6 / d",
        (
            "21:18: warning: costs.holding: holding a unit for one day costs more than buying it: "
            "mug (6 against 5); write "
        ),
    ),
    "shares of a day": (
        "holding: 25 % / y",
        "holding: 101 % / d",
        "21:18: warning: costs.holding: holding a unit for one day costs more",
    ),
    "the whole cost a day": (
        "holding: 25 % / y",
        "holding: 100 % / d",
        "21:18: warning: costs.holding: 36500% of the unit cost a year; 15 to 35 % are usual",
    ),
    "the whole cost a year": ("holding: 25 % / y", "holding: 100 % / y", None),
    "purchase after the end": (
        "    closures:",
        "    under_way: [{item: mug, units: 4, due: 100 d}]\n    closures:",
        "16:44: warning: suppliers.pottery.under_way.0.due: is at or after the horizon: the purchase never arrives",
    ),
    "long warm-up": ("warm_up: 10 d", "warm_up: 90 d", "2:53: warning: clock.warm_up: 90% of the horizon"),
    "never bought": ("kind: s_S, s: 10, S: 20", "kind: none", "23:25: warning: policies.lean.replenishment"),
    "V06 many orders": (
        "rate: 2 / d",
        "rate: 300000 / d",
        "8:15: warning: customers.web.arrivals: about 3.2e+07 orders",
    ),
}


@pytest.mark.parametrize("change", ODD.values(), ids=ODD)
def test_what_is_odd_runs_with_a_warning(change):
    old, new, warning = change
    assert old in SMALL
    said = [str(problem) for problem in load_text(SMALL.replace(old, new, 1), file="f.yaml").warnings]
    assert said == [] if warning is None else any(line.startswith(f"f.yaml:{warning}") for line in said), said


@pytest.mark.parametrize(
    ("date", "warning"),
    [
        ("release: 2025-04-16", "release: is at or after the horizon: the item never ships"),
        ("release: 99 d", None),
        ("season: {from: 100 d, to: 120 d}", "season.from: is at or after the horizon: the item never ships"),
        ("season: {from: 9 d, to: 120 d}", None),
    ],
)
def test_what_ships_only_after_the_end_is_warned_of(date, warning):
    text = SMALL.replace("price: 18,", f"{date}, price: 18,").replace(", plate: 5}", "}")
    said = [str(problem).split("items.plate.")[-1] for problem in load_text(text).warnings]
    assert said == ([warning] if warning else [])
