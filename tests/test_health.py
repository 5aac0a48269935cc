"""When an offer rests, for how long, and what wakes it."""

from __future__ import annotations

import pytest

from entrepot import errors
from entrepot.catalog import Offer
from entrepot.dialects.table import CHAT
from entrepot.errors import EntrepotError
from entrepot.health import DEFAULT_RATE_LIMIT_REST_S, FAILURES_IN_A_ROW, LONGEST_REST_S, REST_S, Health, Standing
from entrepot.providers.registry import Upstream


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def upstream(provider: str = "a", model: str = "m") -> Upstream:
    return Upstream(offer=Offer(provider=provider, upstream_model=model), form=CHAT, url="", headers=[], secrets=())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(clock)


def fail(health: Health, times: int, error: EntrepotError | None = None) -> None:
    for _ in range(times):
        health.failed(upstream(), error or errors.UpstreamError("x"))


def test_failures_in_a_row_put_an_offer_to_rest(health: Health, clock: Clock) -> None:
    fail(health, FAILURES_IN_A_ROW - 1)
    assert health.wait_s(upstream()) == 0
    fail(health, 1)
    assert health.wait_s(upstream()) == REST_S
    clock.now_s += REST_S - 1
    assert health.wait_s(upstream()) == 1
    clock.now_s += 2
    assert health.wait_s(upstream()) == 0


def test_one_success_begins_the_row_anew(health: Health) -> None:
    fail(health, FAILURES_IN_A_ROW - 1)
    health.succeeded(upstream())
    fail(health, FAILURES_IN_A_ROW - 1)
    assert health.wait_s(upstream()) == 0


def test_a_success_ends_a_rest(health: Health) -> None:
    fail(health, FAILURES_IN_A_ROW)
    health.succeeded(upstream())
    assert health.wait_s(upstream()) == 0


def test_rests_grow_with_the_row_up_to_a_limit(health: Health) -> None:
    rests = []
    for _ in range(12):
        fail(health, FAILURES_IN_A_ROW)
        rests.append(health.wait_s(upstream()))
    assert rests[:3] == [REST_S, 2 * REST_S, 3 * REST_S]
    assert rests[-1] == LONGEST_REST_S


@pytest.mark.parametrize(("said_s", "rest_s"), [(12.0, 12.0), (None, DEFAULT_RATE_LIMIT_REST_S)])
def test_a_rate_limit_rests_as_long_as_the_upstream_says(health: Health, said_s: float | None, rest_s: float) -> None:
    fail(health, 1, errors.UpstreamRateLimited("x", retry_after_s=said_s))
    assert health.wait_s(upstream()) == rest_s


def test_rate_limits_are_no_failures(health: Health, clock: Clock) -> None:
    fail(health, FAILURES_IN_A_ROW, errors.UpstreamRateLimited("x", retry_after_s=1.0))
    clock.now_s += 2
    fail(health, 1)
    assert health.wait_s(upstream()) == 0


@pytest.mark.parametrize(
    "error", [errors.InvalidRequest("x"), errors.UpstreamRefusal("x", status=400), errors.Internal("x")]
)
def test_what_the_caller_or_the_hub_did_does_not_count(health: Health, error: EntrepotError) -> None:
    fail(health, 10 * FAILURES_IN_A_ROW, error)
    assert health.wait_s(upstream()) == 0


def test_offers_rest_one_by_one(health: Health) -> None:
    fail(health, FAILURES_IN_A_ROW)
    assert health.wait_s(upstream(model="other")) == 0
    assert health.wait_s(upstream(provider="b")) == 0


# As it is shown -----------------------------------------------------------------------------------


def test_an_offer_is_open_while_it_rests_and_then_half_open_until_it_answers(health: Health, clock: Clock) -> None:
    assert health.standing("a", "m") == Standing(state="closed", failures=0)
    fail(health, FAILURES_IN_A_ROW - 1)
    assert health.standing("a", "m") == Standing(state="closed", failures=FAILURES_IN_A_ROW - 1)
    fail(health, 1)
    clock.now_s += 10
    assert health.standing("a", "m") == Standing(state="open", failures=5, since_s=10, rests_s=REST_S - 10)
    clock.now_s += REST_S
    assert health.standing("a", "m") == Standing(state="half_open", failures=5, since_s=10)
    health.succeeded(upstream())
    assert health.standing("a", "m") == Standing(state="closed", failures=0)


def test_a_rest_that_is_prolonged_is_the_same_rest(health: Health, clock: Clock) -> None:
    fail(health, 1, errors.UpstreamRateLimited("x", retry_after_s=10.0))
    clock.now_s += 4
    fail(health, 1, errors.UpstreamRateLimited("x", retry_after_s=10.0))
    assert health.standing("a", "m") == Standing(state="open", failures=0, since_s=4, rests_s=10)
