"""G1: the FTC's rule as a state machine, day by day."""

from simulator.policies.consent import LEGAL, Question, Stand, answered, question, stand_of


def test_an_order_without_a_date_is_due_in_thirty_days_and_one_with_a_date_on_it():
    assert stand_of(0, None) == Stand(30)
    assert stand_of(10, None) == Stand(40)
    assert stand_of(0, 12.5) == Stand(12.5)


def test_a_definite_date_within_thirty_days_of_the_missed_one_counts_silence_as_consent():
    """Order on day 0, due on day 30; a notice on day 28 names day 55: silence keeps it open."""
    asked = question(stand_of(0, None), 55)
    assert asked == Question(False, 55, "consent", 30)
    assert answered(stand_of(0, None), asked, "silence") == Stand(55, asked=True)


def test_a_renewed_notice_without_a_date_and_silence_cancels_on_the_day_that_was_due():
    """The second notice, on day 52, has no date: silence cancels on day 55."""
    asked = question(Stand(55, asked=True), None)
    assert asked == Question(True, None, "cancel", 55)
    assert answered(Stand(55, asked=True), asked, "silence") is None


def test_express_consent_to_an_indefinite_delay_ends_the_notices():
    asked = question(Stand(55, asked=True), None)
    assert answered(Stand(55, asked=True), asked, "consent") == Stand(55, asked=True, free=True)


def test_a_first_notice_that_names_a_later_or_no_date_needs_express_consent():
    """Else the order is cancelled 30 days after the missed day, unless it was shipped by then."""
    for date in (60.1, None):
        asked = question(stand_of(0, None), date)
        assert (asked.silence, asked.until) == ("cancel", 30 + LEGAL)
        assert answered(stand_of(0, None), asked, "silence") is None
    assert answered(stand_of(0, None), question(stand_of(0, None), 70), "consent") == Stand(70, asked=True)


def test_a_renewed_notice_needs_express_consent_even_to_a_near_date():
    asked = question(Stand(55, asked=True), 60)
    assert asked == Question(True, 60, "cancel", 55)
    assert answered(Stand(55, asked=True), asked, "consent") == Stand(60, asked=True)


def test_whoever_says_cancel_is_out():
    for stand in (stand_of(0, None), Stand(55, asked=True)):
        for date in (40, None):
            assert answered(stand, question(stand, date), "cancel") is None
