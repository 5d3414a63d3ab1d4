"""The answer in words: what is said first, and what is not said."""

from simulator.experiment.results.results import Results
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.replication import Replication
from simulator.report.sections.answer import answer
from simulator.report.text.view import ReportView


def told(results, *policies, **values):
    return answer(ReportView(results(policies) if policies else results(), None))


def test_the_leader_by_contribution_is_named_with_its_lead_and_what_else_differs(results):
    (first, second) = told(results)
    assert first == (
        "`buffered` earns 1,600 EUR (6.8 %) more than `lean`, in every replication: "
        "95.0 % of units ship at once instead of 91.0 %, and the mean wait falls from 3.0 d to 2.2 d."
    )
    assert second == "On contribution, `buffered` is better than every other policy."


def test_a_difference_that_is_not_there_is_not_claimed(results):
    made = results(("lean", "careful"))

    class Unsure:
        """The same results with a contribution that luck alone decides."""

        def __getattr__(self, name):
            return getattr(made, name)

        def difference(self, a, b, key, together=1):
            return made.difference(a, b, "operating_cost" if key in ("contribution", "fill_rate") else key, together)

    (said,) = answer(ReportView(Unsure(), None))
    assert said.startswith("No significant difference in contribution between `careful` and `lean`: its 95 % interval ")
    assert " interval runs from -" in said


def test_one_policy_is_described_and_not_compared(results):
    said = told(results, "lean")
    assert said[0].startswith("Fill rate 91.00 %")
    assert not any("than" in s for s in said)


def test_one_replication_cannot_tell(results):
    assert answer(ReportView(results(replications=1), None)) == [
        "One replication has no interval, so differences cannot be judged; try --replications 10."
    ]


def test_more_gains_than_fit_into_the_headline_follow_in_a_second_sentence():
    values = {
        "a": {"fill_rate": 0.71, "lost_at_checkout": 0.02, "cancellation_rate": 0.15, "wait_mean": 4.0},
        "b": {"fill_rate": 0.84, "lost_at_checkout": 0.01, "cancellation_rate": 0.08, "wait_mean": 2.1},
    }
    money = {
        "a": {"operating_cost": 900.0, "contribution": 100.0},
        "b": {"operating_cost": 1000.0, "contribution": 300.0},
    }
    manifest = Manifest("shop", "run", "f" * 64, 7, ("a", "b"), 0.95, currency="EUR")
    runs = [Replication(k, {p: {**values[p], **money[p]} for p in values}) for k in range(2)]
    headline, more = answer(ReportView(Results(manifest, "", runs, None), None))
    assert headline == (
        "`b` earns 200 EUR (200 %) more than `a`, in every replication: "
        "84 % of units ship at once instead of 71 %, and cancellations halve (15 % to 8 %)."
    )
    assert more == (
        "In addition, 1.0 % of units are lost at checkout instead of 2.0 %, "
        "and the mean wait halves from 4.0 d to 2.1 d, but operating cost rises from 900 EUR to 1,000 EUR."
    )
