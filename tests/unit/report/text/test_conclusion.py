"""What is said in sentences."""

from simulator.experiment.results.results import Results
from simulator.experiment.statistics.verdicts import best
from simulator.experiment.statistics.waitless import is_waitless
from simulator.experiment.storage.manifest import Manifest
from simulator.experiment.storage.replication import Replication
from simulator.report.sections.answer import answer
from simulator.report.terminal.scorecard import scorecard, scorecard_csv
from simulator.report.text.conclusion import conclusion
from simulator.report.text.kpi_names import name_of
from simulator.report.text.levels import changed, each
from simulator.report.text.shown_kpis import select_kpis
from simulator.report.text.view import ReportView


def said(results, *kpis):
    return conclusion(results, select_kpis(kpis))


def test_two_policies_one_better(results):
    assert said(results(["lean", "buffered"]), "fill_rate") == [
        "On fill rate, `buffered` beats `lean` by 4 points in every replication: 95.0 % instead of 91.0 %."
    ]


def test_the_first_interval_says_what_it_is(results):
    results = results(["lean"])
    assert said(results, "fill_rate", "wait_mean") == [
        "Fill rate 91.00 % (95 % interval 90.54 to 91.44).",
        "Mean wait 3.00 d (2.77 to 3.23).",
    ]


def test_of_three_the_best_is_compared_with_the_next(results):
    (sentence,) = said(results(), "fill_rate")
    assert sentence.startswith("On fill rate, `buffered` is best, 3 points ahead of `careful`")


def test_what_cannot_be_told_apart_is_said_so(results):
    assert said(results(["lean", "careful"]), "operating_cost") == [
        "On operating cost, `lean` and `careful` do not differ significantly (123,457 EUR and 123,457 EUR)."
    ]
    assert said(results(), "operating_cost") == [
        "On operating cost, no policy is significantly better than all others."
    ]


def test_the_least_cost_of_whoever_sells_less_is_no_recommendation():
    manifest = Manifest("shop", "run", "f" * 64, 7, ("open", "shut"), 0.95, currency="EUR")
    runs = [
        Replication(
            k,
            {
                "open": {"total_cost": 900.0 + k, "operating_cost": 400.0 + k, "contribution": 300.0 + k},
                "shut": {"total_cost": 500.0 + 2 * k, "operating_cost": 200.0 + 2 * k, "contribution": 100.0 + k * k},
            },
        )
        for k in range(4)
    ]
    (sentence,) = said(Results(manifest, "", runs, None), "total_cost")
    assert sentence.startswith("On total cost, `shut` beats `open` by 39")
    assert sentence.endswith("However, `shut` earns less than `open`: goods that are not sold cost nothing.")
    (sentence,) = said(Results(manifest, "", runs, None), "operating_cost")
    assert sentence.endswith(
        "However, `shut` earns less than `open`: goods that are not sold cost nothing to hold and ship."
    )


def test_equal_policies_are_the_same(results):
    assert said(results(), "cancellation_rate") == ["On cancellations, all policies are the same (2.00 %)."]
    assert said(results(["lean", "careful"]), "cancellation_rate") == [
        "On cancellations, both policies are the same (2.00 %)."
    ]


def test_every_kpi_that_was_asked_for_has_a_sentence(results):
    """Also one for which neither direction is better, and one without a value for some policy or for all."""
    asked = ("on_hand_mean", "wait_backordered", "otif_requested", "fill_rate", "wait_mean", "cancellation_rate")
    made = results()
    found = said(made, *asked, "operating_cost", "contribution")
    assert len(found) == 8
    assert (
        "Mean stock on hand is 400 units with `lean`, 490 units with `careful` and 760 units with `buffered`." in found
    )
    assert (
        "Wait backordered is 4.0 d with `lean` and 4.0 d with `careful`; it has no value with `buffered`: "
        "nobody had to wait." in found
    )
    assert (
        "Otif requested has no value with `lean`, `careful` and `buffered`: no segment names a date (`need_by`)."
        in found
    )
    assert len(said(results(["lean"]), *asked)) == 6
    assert said(results(replications=1), "on_hand_mean")[-1].startswith("One replication has no interval")
    assert len(said(results(replications=1), "on_hand_mean")) == 2


def test_names_in_the_plural_have_their_verb_and_rounding_errors_no_decimals():
    values = {"lean": (40.0, 9.8, 1.0), "safe": (47.0, 9.8 + 1e-14, 2.0)}
    names = ("purchases", "refund_days", "notices_per_order")
    runs = [Replication(k, {p: dict(zip(names, row, strict=True)) for p, row in values.items()}) for k in range(2)]
    made = Results(Manifest("shop", "run", "f" * 64, 7, ("lean", "safe"), 0.95, currency="EUR"), "", runs, None)
    assert each(made, "purchases") == "Purchases are 40 purchases with `lean` and 47 purchases with `safe`."
    assert each(made, "refund_days") == "Refund days are 9.8 d with `lean` and 9.8 d with `safe`."
    assert each(made, "notices_per_order").startswith("Notices per order are 1.0 messages with `lean`")


def shop_with_refusals():
    manifest = Manifest("shop", "run", "f" * 64, 7, ("open", "strict", "slow"), 0.95, currency="EUR")
    values = {"open": (0.8, 0.05, 2.0), "strict": (0.801, 0.199, 0.0), "slow": (0.7, 0.05, 3.0)}
    runs = [
        Replication(
            k,
            {
                p: {
                    "fill_rate": f,
                    "lost_at_checkout": r,
                    "wait_mean": w + 0.001 * k * (w > 0),
                    "cancellation_rate": w / 100,
                }
                for p, (f, r, w) in values.items()
            },
        )
        for k in range(3)
    ]
    return Results(manifest, "", runs, None)


def test_a_policy_without_backorders_does_not_win_by_having_no_waits():
    made = shop_with_refusals()
    reason = "`strict` has no waits because it takes no backorders; 19.9 % of units were refused."
    assert said(made, "wait_mean") == [
        "On mean wait, `open` beats `slow` by 1 d in every replication: 2.0 d instead of 3.0 d.",
        reason,
    ]
    assert said(made, "cancellation_rate")[-1] == reason
    assert said(made, "fill_rate")[-1] != reason
    assert (best(made, "wait_mean"), best(made, "lost_at_checkout")) == ("open", None)
    card = scorecard(made, select_kpis(["wait_mean", "fill_rate"]), width=120)
    (waits,) = (line for line in card.splitlines() if line.strip().startswith("wait_mean") and "no backorders" in line)
    assert "better" not in waits
    assert reason in card
    assert "no backorders" in scorecard_csv(made, select_kpis(["wait_mean"]))


def test_a_policy_without_backorders_does_not_win_by_keeping_promises_that_it_did_not_make():
    """Orders that are refused do not break promises, so who takes only what is in stock has almost none."""
    values = {"open": (0.8, 0.05, 0.9), "strict": (0.801, 0.199, 1.0), "slow": (0.7, 0.05, 0.7)}
    names = ("fill_rate", "lost_at_checkout", "otif_first_promise")
    runs = [
        Replication(k, {p: dict(zip(names, (f, r, o - 0.001 * k), strict=True)) for p, (f, r, o) in values.items()})
        for k in range(3)
    ]
    made = Results(Manifest("shop", "run", "f" * 64, 7, tuple(values), 0.95, currency="EUR"), "", runs, None)
    first, reason = said(made, "otif_first_promise")
    assert first.startswith("On deliveries in full by the first promise, `open` beats `slow` by")
    assert reason == "`strict` has no waits because it takes no backorders; 19.9 % of units were refused."
    assert best(made, "otif_first_promise") == "open"
    assert "of the orders taken" in changed(made, "otif_first_promise", "open", "slow")


def test_policies_that_all_take_no_backorders_are_compared_by_the_orders_that_they_took():
    names = ("fill_rate", "lost_at_checkout", "otif_requested", "wait_mean")
    values = {"quick": (0.8, 0.2, 0.9, 0.0), "slow": (0.8, 0.2, 0.7, 0.0)}
    runs = [Replication(k, {p: dict(zip(names, row, strict=True)) for p, row in values.items()}) for k in range(2)]
    made = Results(Manifest("shop", "run", "f" * 64, 7, tuple(values), 0.95, currency="EUR"), "", runs, None)
    assert (best(made, "otif_requested"), best(made, "wait_mean")) == ("quick", None)


def test_a_policy_that_refuses_nothing_may_win_by_short_waits():
    assert not is_waitless([1.0, 1.0], [0.0, 0.0]), "ample stock"
    assert not is_waitless([0.8], [0.1]), "some units are backordered"
    assert is_waitless([0.8, 1.0], [0.2, 0.0])


def test_halving_and_doubling_are_said():
    manifest = Manifest("shop", "run", "f" * 64, 7, ("a", "b"), 0.95, currency="EUR")
    values = {"a": (0.71, 0.15, 4.0), "b": (0.84, 0.077, 8.1)}
    runs = [
        Replication(
            k,
            {p: dict(zip(("fill_rate", "cancellation_rate", "wait_mean"), v, strict=True)) for p, v in values.items()},
        )
        for k in range(2)
    ]
    made = Results(manifest, "", runs, None)
    assert changed(made, "fill_rate", "b", "a") == "84 % of units ship at once instead of 71 %"
    assert changed(made, "cancellation_rate", "b", "a") == "cancellations halve (15 % to 8 %)"
    assert changed(made, "wait_mean", "b", "a") == "the mean wait doubles from 4.0 d to 8.1 d"
    assert changed(made, "wait_mean", "a", "b") == "the mean wait halves from 8.1 d to 4.0 d"


def test_where_customers_remember_the_lifetime_value_is_in_short():
    manifest = Manifest("shop", "run", "f" * 64, 7, ("a", "b"), 0.95, currency="EUR")
    values = {"a": (100.0, -50.0, 50.0), "b": (90.0, 0.0, 90.0)}
    names = ("contribution", "lifetime_value_change", "contribution_with_ltv")
    runs = [Replication(k, {p: dict(zip(names, v, strict=True)) for p, v in values.items()}) for k in range(2)]
    found = said(Results(manifest, "", runs, None))
    assert found == [
        "On contribution, `a` beats `b` by 10 EUR in every replication: 100 EUR instead of 90 EUR.",
        "On contribution with lifetime value, `b` beats `a` by 40 EUR in every replication: 90 EUR instead of 50 EUR.",
    ]
    headline, second = answer(ReportView(Results(manifest, "", runs, None), None))
    assert headline == "`b` earns 40 EUR (80 %) more, lifetime value included, than `a`, in every replication."
    assert second == "Within the run alone, `a` would be ahead: `b` earns 10 EUR less."


def test_a_kpi_of_a_segment_is_told_in_words():
    assert name_of("wait_p95_by_segment[web]") == name_of("wait_p95") + " of web"
