"""Seeds that the compiled library computes: the same bits as numpy's."""

import copy
import pickle
from itertools import product

import numpy as np
import pytest

from simulator.foundation.compiled.library import compiled_library
from simulator.randomness import seeds
from simulator.randomness.seeds import Seeds
from simulator.randomness.streams import Streams

WORDS = ((0, 0), (1, 0), (0, 2**32 - 1), (2**32 - 1, 2**32 - 1), (123456789, 3234567890))


def numpys(seed, replication, *words):
    sequence = np.random.SeedSequence(seed, spawn_key=(replication, *words))
    return np.random.Generator(np.random.PCG64(sequence))


@pytest.mark.parametrize("compiled", [True, False])
def test_a_generator_has_the_bits_of_numpys_seed_sequence(compiled, monkeypatch):
    if compiled and compiled_library() is None:
        pytest.skip("the library was not built")
    if not compiled:
        monkeypatch.setattr(seeds, "function_of", lambda name, arguments: None)
    for seed, replication in product((0, 1, 2**32 - 1, 2**32, 2**63 + 11, 2**127 + 5, 2**160 + 9), (0, 7, 2**32 + 3)):
        mine = Seeds(seed, replication)
        for words in WORDS:
            expected = numpys(seed, replication, *words).bit_generator.state
            assert mine.generator(*words).bit_generator.state == expected


def test_many_words_have_the_bits_of_numpys_seed_sequence():
    mine = Seeds(20261130, 4)
    for low, high in np.random.default_rng(1).integers(0, 2**32, (2000, 2)).tolist():
        assert mine.generator(low, high).random() == numpys(20261130, 4, low, high).random()


def test_a_generator_keeps_its_numbers_when_another_one_is_made():
    streams = Streams(1)
    first = streams.keyed("a")
    streams.keyed("b").random(10)
    assert np.array_equal(first.random(5), Streams(1).keyed("a").random(5))


def test_a_stream_can_spawn_others_as_libraries_do():
    mine = Streams(5, 2).stream("design", "sobol")
    assert mine.spawn(1)[0].random() == Streams(5, 2).stream("design", "sobol").spawn(1)[0].random()
    assert mine.random() == Streams(5, 2).keyed("design", "sobol").random()
    again = Streams(5, 2).stream("design", "sobol")
    assert [g.random() for g in again.spawn(2)] == [g.random() for g in numpys_of(again).spawn(2)]
    words = again.bit_generator.seed_seq.generate_state(8)
    assert np.array_equal(words, numpys_of(again).bit_generator.seed_seq.generate_state(8))


def numpys_of(rng):
    """The generator of the same sequence, which numpy makes."""
    sequence = rng.bit_generator.seed_seq._make()
    return np.random.Generator(np.random.PCG64(sequence))


def test_a_stream_is_copied_and_sent_to_other_processes_with_its_place_and_its_sequence():
    mine = Streams(5, 2).stream("design", "sobol")
    mine.random(3)
    sent, copied = pickle.loads(pickle.dumps(mine)), copy.deepcopy(mine)
    Streams(5, 2).stream("another")
    numbers = mine.random(4)
    assert np.array_equal(sent.random(4), numbers)
    assert np.array_equal(copied.random(4), numbers)
    assert sent.spawn(1)[0].random() == mine.spawn(1)[0].random()
    sent = pickle.loads(pickle.dumps(mine))
    assert sent.spawn(1)[0].random() == mine.spawn(1)[0].random(), "the second that it spawns"
