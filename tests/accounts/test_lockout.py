"""Waits after failed attempts: when they begin, how they grow, and that many at once gain nothing."""

from __future__ import annotations

import pytest

from entrepot.accounts import lockout as module
from entrepot.accounts.lockout import FORGET_S, FREE_ATTEMPTS, LONGEST_WAIT_S, Lockout, Subject
from entrepot.errors import RateLimited

ACCOUNT: Subject = ("account", "a@b")
ADDRESS: Subject = ("address", "192.0.2.1")


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lockout(clock: Clock) -> Lockout:
    return Lockout(clock)


def wait_s(lockout: Lockout, *subjects: Subject) -> float:
    """How long the next attempt must wait; it has been made when that is 0."""
    try:
        lockout.begin(*subjects)
    except RateLimited as error:
        return error.retry_after_s or 0.0
    return 0.0


def test_the_first_attempts_are_free_and_then_the_waits_double(lockout: Lockout, clock: Clock) -> None:
    for _ in range(FREE_ATTEMPTS["account"]):
        assert wait_s(lockout, ACCOUNT) == 0
    waits = []
    for _ in range(12):
        waits.append(wait_s(lockout, ACCOUNT))
        clock.now_s += waits[-1]
        assert wait_s(lockout, ACCOUNT) == 0
    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == LONGEST_WAIT_S


def test_attempts_during_a_wait_do_not_make_it_longer(lockout: Lockout) -> None:
    while not (first := wait_s(lockout, ACCOUNT)):
        pass
    assert [wait_s(lockout, ACCOUNT) for _ in range(50)] == [first] * 50


def test_many_at_once_get_no_further_than_one_after_another(lockout: Lockout) -> None:
    """None of them has failed yet: each counts from its beginning."""
    admitted = [wait_s(lockout, ACCOUNT) == 0 for _ in range(100)]
    assert sum(admitted) == FREE_ATTEMPTS["account"]


def test_who_must_wait_is_told_so(lockout: Lockout) -> None:
    while not wait_s(lockout, ACCOUNT):
        pass
    with pytest.raises(RateLimited) as refused:
        lockout.begin(ACCOUNT)
    assert refused.value.code == "too_many_attempts"


def test_success_frees_the_account_and_gives_the_address_one_back(lockout: Lockout) -> None:
    for number in range(FREE_ATTEMPTS["address"] - 1):
        lockout.begin(("account", str(number)), ADDRESS)
    for _ in range(3):
        lockout.begin(ACCOUNT, ADDRESS)
        lockout.succeed(ACCOUNT, ADDRESS)
    lockout.begin(ACCOUNT, ADDRESS)
    assert wait_s(lockout, ("account", "another"), ADDRESS) > 0
    assert wait_s(lockout, ACCOUNT) == 0


def test_an_address_is_stopped_whatever_accounts_it_tries(lockout: Lockout) -> None:
    admitted = [wait_s(lockout, ("account", str(number)), ADDRESS) == 0 for number in range(100)]
    assert sum(admitted) == FREE_ATTEMPTS["address"]


def test_an_account_is_stopped_from_wherever_it_is_tried(lockout: Lockout) -> None:
    admitted = [wait_s(lockout, ACCOUNT, ("address", str(number))) == 0 for number in range(100)]
    assert sum(admitted) == FREE_ATTEMPTS["account"]


def test_what_must_wait_counts_against_nobody(lockout: Lockout) -> None:
    while not wait_s(lockout, ACCOUNT):
        pass
    for _ in range(100):
        assert wait_s(lockout, ACCOUNT, ADDRESS) > 0
    assert wait_s(lockout, ADDRESS) == 0


def test_failures_are_forgotten_after_a_day(lockout: Lockout, clock: Clock) -> None:
    while not wait_s(lockout, ACCOUNT):
        pass
    clock.now_s += FORGET_S
    assert [wait_s(lockout, ACCOUNT) for _ in range(5)] == [0] * 5


def test_memory_is_bounded(lockout: Lockout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SUBJECTS", 10)
    for number in range(100):
        lockout.begin(("account", str(number)))
    assert len(lockout._failures) == 10
