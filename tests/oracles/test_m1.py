"""M1, the reference model: pre-sampled orders replayed here give the reference's record of every order."""

from pathlib import Path

import numpy as np

import simulator
from simulator.world.simulate import simulate
from tests.benchmarks import m1
from tests.benchmarks.reference import m1_heapq, m1_naive
from tests.benchmarks.reference.m1_data import Data, same


def test_a_recorded_order_book_on_disk_gives_the_record_of_naive_simpy_bit_for_bit(tmp_path: Path) -> None:
    data = Data(days=60.0, seed=3)
    scenario = simulator.load(m1.on_disk(data, tmp_path))
    run = simulate(scenario, m1.POLICY, seed=9)
    run.audit()
    assert same(m1.record(run), m1_naive.run(data))


def test_a_year_of_m1_gives_the_record_of_the_heapq_loop_bit_for_bit() -> None:
    data = Data(days=365.0)
    run = simulate(m1.in_memory(data), m1.POLICY, seed=1)
    record = m1.record(run)
    assert same(record, m1_heapq.flat(data))
    waiting = np.asarray(record["first_shipped"]) > record["placed"]
    assert waiting.mean() > 0.2, "a model in which nobody waits would prove nothing"


def test_sums_in_place_of_records_give_the_same_numbers() -> None:
    from simulator.kpis.evaluate import evaluate
    from simulator.kpis.kpi import Undefined

    scenario = m1.in_memory(Data(days=120.0))
    kept = evaluate(simulate(scenario, m1.POLICY, seed=1))
    summed = evaluate(simulate(scenario, m1.POLICY, seed=1, records=False))
    assert kept.keys() == summed.keys()
    exact = ("fill_rate", "backlog_mean", "on_hand_mean", "on_order_mean", "lost_at_checkout", "open_share", "revenue")
    exact += ("purchases", "purchase_size", "lead_time_effective", "total_cost", "refunds", "days_of_supply")
    for name in exact:
        value = summed[name]
        assert not isinstance(value, Undefined), name
        assert np.isclose(value, kept[name], rtol=1e-12), name
    assert isinstance(summed["fill_rate_orders"], Undefined)
