"""The order of attempts, and which failures allow another one."""

from __future__ import annotations

import pytest

from entrepot import errors, routing
from entrepot.errors import EntrepotError


@pytest.mark.parametrize(
    ("upstreams", "resting", "order"),
    [
        ("a", "", "aaa"),
        ("ab", "", "aba"),
        ("abc", "", "abc"),
        ("abcd", "", "abc"),
        ("ab", "a", "bab"),
        ("abcd", "ab", "cda"),
        ("ab", "ab", "aba"),
        ("a", "a", "aaa"),
    ],
)
def test_a_plan_begins_with_who_may_be_called_and_goes_around(upstreams: str, resting: str, order: str) -> None:
    assert "".join(routing.plan(upstreams, lambda name: 5.0 if name in resting else 0.0)) == order


#                                                              another   same
RETRIED: list[tuple[EntrepotError, bool, bool]] = [
    (errors.UpstreamUnreachable("x"), True, True),
    (errors.UpstreamError("x"), True, True),
    (errors.UpstreamBroken("x"), True, True),
    (errors.UpstreamOverloaded("x"), True, True),
    (errors.UpstreamTimeout("x"), True, False),
    (errors.UpstreamRateLimited("x"), True, False),
    (errors.UpstreamCredentialRefused("x"), True, False),
    (errors.UpstreamRefusal("x", status=400), False, False),
    (errors.InvalidRequest("x"), False, False),
    (errors.NoUpstream("x"), False, False),
    (errors.Internal("x"), False, False),
]


@pytest.mark.parametrize(("error", "another", "same"), RETRIED, ids=lambda value: type(value).__name__)
def test_who_is_to_blame_decides_about_a_retry(error: EntrepotError, another: bool, same: bool) -> None:
    assert routing.may_retry(error, same_upstream=False, retries=0, in_flight=1) is another
    assert routing.may_retry(error, same_upstream=True, retries=0, in_flight=1) is same


@pytest.mark.parametrize(
    ("retries", "in_flight", "allowed"),
    [(0, 0, True), (2, 1, True), (3, 1, False), (3, 15, False), (3, 16, True), (19, 100, True), (20, 100, False)],
)
def test_retries_stay_within_a_fifth_of_the_load_and_at_least_three(
    retries: int, in_flight: int, allowed: bool
) -> None:
    error = errors.UpstreamError("x")
    assert routing.may_retry(error, same_upstream=False, retries=retries, in_flight=in_flight) is allowed


def test_a_failed_connection_is_outside_the_budget() -> None:
    assert routing.may_retry(errors.UpstreamUnreachable("x"), same_upstream=True, retries=1000, in_flight=1)


def test_only_the_same_upstream_is_given_a_pause() -> None:
    assert routing.backoff_s(1, same_upstream=False) == 0
    assert 0 < routing.backoff_s(1, same_upstream=True) < routing.backoff_s(2, same_upstream=True)
