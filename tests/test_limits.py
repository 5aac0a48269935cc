"""Limits and budgets over time: what fits, what does not and for how long, and what a call gives back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.errors import BudgetExhausted, RateLimited
from entrepot.limits import Ask, Gate, admit, affordable_nusd, tightest
from entrepot.rules import Rule
from entrepot.windows import MINUTE_S, Now

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday


def at(seconds: float) -> Now:
    return Now(1000.0 + seconds, NOON + timedelta(seconds=seconds))


def ask(tokens: int = 10, nusd: int = 5) -> Ask:
    return Ask(tokens=tokens, nusd=nusd)


def gate(**bounds: Any) -> Gate:
    return Gate(Rule(id="r", subject="key", subject_id="k", **bounds), at(0))


# Rates --------------------------------------------------------------------------------------------


def test_a_minutes_requests_hold_over_any_sixty_seconds() -> None:
    gates = [gate(requests_per_minute=3)]
    for seconds in (0, 30, 59):
        admit(gates, ask(), at(seconds))
    with pytest.raises(RateLimited) as caught:
        admit(gates, ask(), at(59.9))
    assert caught.value.retry_after_s == pytest.approx(1.0)  # never less than a second
    with pytest.raises(RateLimited) as caught:
        admit(gates, ask(), at(40 + 19.5))
    admit(gates, ask(), at(60))
    with pytest.raises(RateLimited) as caught:
        admit(gates, ask(), at(60))
    assert caught.value.retry_after_s == pytest.approx(30)


def test_tokens_are_reserved_and_then_corrected() -> None:
    gates = [gate(tokens_per_minute=100)]
    admission = admit(gates, ask(tokens=80), at(0))
    with pytest.raises(RateLimited, match="20 are left"):
        admit(gates, ask(tokens=21), at(1))
    admission.correct(ask(tokens=30))
    admit(gates, ask(tokens=70), at(1))
    with pytest.raises(RateLimited) as caught:
        admit(gates, ask(tokens=31), at(2))
    assert caught.value.retry_after_s == pytest.approx(59)  # the 30 of the first call give way, then the 70
    with pytest.raises(RateLimited) as caught:
        admit(gates, ask(tokens=30), at(2))
    assert caught.value.retry_after_s == pytest.approx(58)


def test_a_correction_after_the_minute_changes_nothing() -> None:
    gates = [gate(tokens_per_minute=100)]
    admission = admit(gates, ask(tokens=80), at(0))
    admit(gates, ask(tokens=100), at(MINUTE_S))
    admission.correct(ask(tokens=0))
    with pytest.raises(RateLimited):
        admit(gates, ask(tokens=1), at(MINUTE_S + 1))


def test_a_call_that_used_more_than_it_asked_for_counts_in_full() -> None:
    gates = [gate(tokens_per_minute=100)]
    admit(gates, ask(tokens=10), at(0)).correct(ask(tokens=150))
    with pytest.raises(RateLimited):
        admit(gates, ask(tokens=1), at(1))
    admit(gates, ask(tokens=100), at(MINUTE_S))


def test_a_call_larger_than_the_limit_is_not_told_to_wait() -> None:
    gates = [gate(tokens_per_minute=100)]
    admit(gates, ask(tokens=10), at(0))
    with pytest.raises(RateLimited, match="may use 101") as caught:
        admit(gates, ask(tokens=101), at(20))
    assert (caught.value.retry_after_s, caught.value.should_retry) == (None, False)
    with pytest.raises(BudgetExhausted) as refused:
        admit([gate(day_nusd=100)], ask(nusd=101), at(20))
    assert (refused.value.retry_after_s, refused.value.should_retry) == (None, False)


def test_days_follow_the_calendar() -> None:
    gates = [gate(requests_per_day=1)]
    admit(gates, ask(), at(0))
    with pytest.raises(RateLimited) as caught:
        admit(gates, ask(), at(3600))
    assert caught.value.retry_after_s == pytest.approx(11 * 3600)
    assert caught.value.should_retry is False  # an SDK waits a minute at most
    assert "2026-11-21T00:00:00Z" in caught.value.message
    admit(gates, ask(), at(12 * 3600))


def test_concurrency_counts_what_is_under_way() -> None:
    gates = [gate(concurrency=2)]
    first, _ = admit(gates, ask(), at(0)), admit(gates, ask(), at(0))
    with pytest.raises(RateLimited) as caught:
        admit(gates, ask(), at(0))
    assert (caught.value.status, caught.value.retry_after_s) == (429, 1.0)
    first.correct(ask())
    first.correct(ask())  # only the first time counts
    admit(gates, ask(), at(0))
    with pytest.raises(RateLimited):
        admit(gates, ask(), at(0))


def test_a_limit_of_zero_lets_nothing_through() -> None:
    for bounds in ({"requests_per_minute": 0}, {"tokens_per_day": 0}, {"concurrency": 0}):
        with pytest.raises(RateLimited):
            admit([gate(**bounds)], ask(), at(0))


# Budgets ------------------------------------------------------------------------------------------


def test_a_budget_holds_what_calls_may_cost_and_keeps_what_they_did() -> None:
    gates = [gate(day_nusd=100)]
    admission = admit(gates, ask(nusd=90), at(0))
    with pytest.raises(BudgetExhausted, match="under way") as caught:
        admit(gates, ask(nusd=11), at(1))
    assert (caught.value.status, caught.value.code, caught.value.retry_after_s) == (429, "insufficient_quota", 1.0)
    assert caught.value.should_retry
    assert affordable_nusd(gates, at(1)) == 100
    admission.correct(ask(nusd=40))
    assert affordable_nusd(gates, at(2)) == 60
    admit(gates, ask(nusd=60), at(2)).correct(ask(nusd=60))
    with pytest.raises(BudgetExhausted, match="anew at 2026-11-21T00:00:00Z") as caught:
        admit(gates, ask(nusd=1), at(3))
    assert caught.value.retry_after_s == pytest.approx(12 * 3600 - 3)
    assert caught.value.should_retry is False
    admit(gates, ask(nusd=0), at(3))  # what is free does not need a budget
    admit(gates, ask(nusd=100), at(12 * 3600))


def test_a_charge_falls_into_the_period_of_its_reservation() -> None:
    gates = [gate(day_nusd=100)]
    yesterdays = admit(gates, ask(nusd=90), at(0))
    admit(gates, ask(nusd=30), at(12 * 3600))
    yesterdays.correct(ask(nusd=10))
    (bound,) = gates[0].bounds
    left = bound.left(at(12 * 3600))
    assert (left.remaining, left.held, affordable_nusd(gates, at(12 * 3600))) == (70, 30, 100)


def test_a_clock_that_is_set_back_brings_no_budget_back() -> None:
    gates = [gate(day_nusd=100)]
    admit(gates, ask(nusd=100), at(12 * 3600))
    with pytest.raises(BudgetExhausted):
        admit(gates, ask(nusd=1), at(-24 * 3600))


def test_a_total_is_spent_for_good() -> None:
    gates = [gate(total_nusd=10)]
    admit(gates, ask(nusd=10), at(0)).correct(ask(nusd=10))
    with pytest.raises(BudgetExhausted, match="in total") as caught:
        admit(gates, ask(nusd=1), at(10**8))
    assert caught.value.retry_after_s is None


def test_what_calls_under_way_hold_is_told_of_budgets_only() -> None:
    limited = gate(requests_per_minute=5, day_nusd=100)
    admit([limited], ask(nusd=30), at(0))
    admit([limited], ask(nusd=20), at(0))
    assert [bound.left(at(0)).held for bound in limited.bounds] == [0, 50]


def test_a_bound_that_is_whole_needs_no_time() -> None:
    limited = gate(requests_per_minute=5, day_nusd=100)
    assert [bound.left(at(0)).reset_s for bound in limited.bounds] == [0, 0]
    assert [bound.limit for bound in limited.bounds] == [5, 100]
    exact = gate(tokens_per_day=10)
    admit([exact], ask(tokens=4), at(0))
    assert exact.bounds[0].window.free_in_s(at(0), 6, 10) == 0


def test_refusals_say_who_what_and_how_much() -> None:
    limited = gate(day_nusd=1_000_000_000)
    limited_member = Gate(Rule(id="r", subject="member", subject_id="mem_1", requests_per_day=0), at(0))
    with pytest.raises(RateLimited, match="The member mem_1 may use 0 requests a day, and the call may use 1"):
        admit([limited_member], ask(), at(0))
    held = admit([limited], ask(nusd=400_000_000), at(0))
    with pytest.raises(BudgetExhausted) as caught:
        admit([limited], ask(nusd=1_000_000_000), at(0))
    assert caught.value.message == (
        "The key may spend 1 USD a day: 0.6 USD are left, 0.4 USD are held for calls under way, "
        "and the call may cost 1 USD."
    )
    held.correct(ask(nusd=400_000_000))
    with pytest.raises(BudgetExhausted) as caught:
        admit([limited], ask(nusd=1_000_000_000), at(0))
    assert caught.value.message == (
        "The key may spend 1 USD a day: 0.6 USD are left, and the call may cost 1 USD. "
        "The budget begins anew at 2026-11-21T00:00:00Z."
    )


def test_nothing_fits_where_nothing_is_left_but_a_call_for_nothing() -> None:
    spent = gate(day_nusd=5)
    admit([spent], ask(nusd=5), at(0))
    admit([spent], ask(nusd=0), at(0))
    with pytest.raises(BudgetExhausted):
        admit([spent], ask(nusd=1), at(0))


# Several rules ------------------------------------------------------------------------------------


def test_what_does_not_fit_one_rule_is_taken_from_none() -> None:
    wide, narrow = gate(requests_per_minute=5, concurrency=5), gate(requests_per_minute=0)
    for _ in range(10):
        with pytest.raises(RateLimited):
            admit([wide, narrow], ask(), at(0))
    left = tightest([wide], "requests", at(0))
    assert left is not None
    assert (left.limit, left.remaining, wide.running) == (5, 5, 0)


def test_the_tightest_bound_is_told() -> None:
    gates = [gate(requests_per_minute=5), gate(requests_per_minute=3, requests_per_day=100)]
    admit(gates, ask(), at(0))
    left = tightest(gates, "requests", at(15))
    assert left is not None
    assert (left.limit, left.remaining) == (3, 2)
    assert left.reset_s == pytest.approx(45)
    assert tightest(gates, "tokens", at(0)) is None
    assert affordable_nusd(gates, at(0)) is None


# Any minute ---------------------------------------------------------------------------------------


PAUSES = st.integers(0, 30 * 1024).map(lambda ticks: ticks / 1024)
"""Seconds that add up without rounding, so that a minute ends at the same moment for the limit and for the test."""


@given(
    limit=st.integers(1, 20),
    calls=st.lists(st.tuples(PAUSES, st.integers(0, 15), st.integers(0, 15)), max_size=60),
)
def test_no_minute_ever_holds_more_than_its_limit(limit: int, calls: list[tuple[float, int, int]]) -> None:
    gates, now_s = [gate(tokens_per_minute=limit)], 0.0
    used: list[tuple[float, int]] = []
    for pause_s, asked, needed in calls:
        now_s += pause_s
        try:
            admission = admit(gates, ask(tokens=asked), at(now_s))
        except RateLimited:
            assert sum(tokens for moment, tokens in used if now_s - moment < MINUTE_S) + asked > limit or asked == 0
            continue
        admission.correct(ask(tokens=min(asked, needed)))
        used.append((now_s, min(asked, needed)))
        assert sum(tokens for moment, tokens in used if now_s - moment < MINUTE_S) <= limit


@given(
    limit=st.integers(1, 5),
    calls=st.lists(st.tuples(st.sampled_from([0.0, 0.001, 1.0, 29.999, 30.0, 59.999, 60.0]), st.floats(-1e6, 1e6))),
)
def test_no_span_of_a_minute_lets_more_requests_through(limit: int, calls: list[tuple[float, float]]) -> None:
    """At the edges of windows, and whatever the wall's clock does meanwhile. Who is told to wait can then go on."""
    gates, now = [gate(requests_per_minute=limit)], at(0)
    admitted: list[float] = []
    for pause_s, jump_s in calls:
        now = Now(now.monotonic_s + pause_s, NOON + timedelta(seconds=jump_s))
        within = [moment for moment in admitted if now.monotonic_s - moment < MINUTE_S]
        if len(within) < limit:
            admit(gates, ask(), now)
            admitted.append(now.monotonic_s)
            continue
        with pytest.raises(RateLimited) as caught:
            admit(gates, ask(), now)
        wait_s = caught.value.retry_after_s
        assert wait_s is not None
        assert max(1, within[0] + MINUTE_S - now.monotonic_s - 1e-6) <= wait_s <= MINUTE_S
