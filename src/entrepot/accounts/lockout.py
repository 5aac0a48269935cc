"""Waits after failed attempts to sign in, by account and by address, growing with each further failure. Pure.

An attempt counts as failed from its beginning until it has succeeded: of many at once no more get through than one
after another. Whether the account exists plays no part, so that the waits tell nothing of it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from entrepot.errors import RateLimited

FREE_ATTEMPTS = {"account": 5, "address": 20}
LONGEST_WAIT_S = 900.0
FORGET_S = 86_400.0
MOST_SUBJECTS = 10_000

Subject = tuple[str, str]
"""What is counted, `account` or `address`, and which."""


class _Failures:
    __slots__ = ("count", "last_s")

    def __init__(self) -> None:
        self.count = 0
        self.last_s = 0.0


class Lockout:
    """The failures of the last day, in memory. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: OrderedDict[Subject, _Failures] = OrderedDict()  # the longest unseen first

    def begin(self, *subjects: Subject) -> None:
        """Count an attempt against all subjects. Raises RateLimited, and counts nothing, when one must wait."""
        now_s = self._clock()
        wait_s = max(self._wait_s(subject, now_s) for subject in subjects)
        if wait_s > 0:
            message = "There were too many failed attempts. Wait before the next one."
            raise RateLimited(message, code="too_many_attempts", retry_after_s=wait_s)
        for subject in subjects:
            failures = self._failures.setdefault(subject, _Failures())
            failures.count += 1
            failures.last_s = now_s
            self._failures.move_to_end(subject)
        while len(self._failures) > MOST_SUBJECTS:
            self._failures.popitem(last=False)

    def succeed(self, *subjects: Subject) -> None:
        """The attempt was none of a stranger: the account starts anew, the address has this one back."""
        for subject in subjects:
            failures = self._failures.get(subject)
            if failures is not None:
                failures.count = 0 if subject[0] == "account" else max(0, failures.count - 1)

    def _wait_s(self, subject: Subject, now_s: float) -> float:
        failures = self._failures.get(subject)
        if failures is None:
            return 0.0
        passed_s = now_s - failures.last_s
        if passed_s >= FORGET_S:
            del self._failures[subject]
            return 0.0
        beyond = failures.count - FREE_ATTEMPTS[subject[0]]
        return 0.0 if beyond < 0 else min(2.0 ** min(beyond, 20), LONGEST_WAIT_S) - passed_s
