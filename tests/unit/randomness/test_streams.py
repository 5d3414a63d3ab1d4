"""Streams: numbers depend on seed, replication and name, and on nothing else."""

import subprocess
import sys
from itertools import product

import pytest

from simulator.randomness.streams import Streams

KNOWN = [387, 209, 150, 780, 827]


def draws(streams, *name):
    return streams.stream(*name).integers(0, 2**63, 4).tolist()


def test_a_stream_does_not_depend_on_the_others_that_were_handed_out():
    alone = draws(Streams(1), "lead_time", "pottery")
    busy = Streams(1)
    for k in range(50):
        busy.stream("lead_time", f"supplier {k}").random(1000)
    assert draws(busy, "lead_time", "pottery") == alone


def test_seed_replication_and_every_part_of_the_name_make_another_stream():
    seen = set()
    for seed, replication in product((0, 1, 2**53), (0, 1, 10**6)):
        for name in (("a",), ("b",), ("a", "b"), ("ab",), ("a", ""), ("", "a"), ("ä",), ("a/b",)):
            seen.add(tuple(draws(Streams(seed, replication), *name)))
    assert len(seen) == 9 * 8


def test_a_stream_is_handed_out_once():
    streams = Streams(1)
    streams.stream("patience", "web")
    with pytest.raises(ValueError, match="handed out before"):
        streams.stream("patience", "web")
    assert streams.keyed("patience", "web").random() == Streams(1).stream("patience", "web").random()


def test_the_numbers_of_a_name_are_these_on_every_machine_in_every_process():
    assert Streams(7, 3).stream("lead_time", "pottery", "mug").integers(0, 1000, 5).tolist() == KNOWN
    code = (
        "from simulator.randomness.streams import Streams;"
        "print(Streams(7, 3).stream('lead_time', 'pottery', 'mug').integers(0, 1000, 5).tolist())"
    )
    for seed in ("0", "1", "random"):
        found = subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert found.stdout.strip() == str(KNOWN)
