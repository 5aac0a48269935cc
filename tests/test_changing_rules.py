"""Rules that come, change and go while calls are under way: what each begins with, and whom it counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests.test_limits import NOON, ask, at, gate

from entrepot.errors import RateLimited
from entrepot.limits import Limiter, Meter, Subjects, admit, affordable_nusd, tightest
from entrepot.rules import Rule
from entrepot.windows import Now


def test_rules_are_found_by_subject_and_model() -> None:
    rules = [
        Rule(id="1", subject="key", subject_id="k", requests_per_minute=1),
        Rule(id="2", subject="key", subject_id="k", model="m", requests_per_minute=2),
        Rule(id="3", subject="organisation", subject_id="o", requests_per_minute=3),
        Rule(id="4", subject="key", subject_id="other", requests_per_minute=4),
        Rule(id="5", subject="model", subject_id="m", requests_per_minute=5),
    ]
    limiter = Limiter(rules, at(0))
    subjects: Any = [("organisation", "o"), ("member", "x"), ("key", "k"), ("model", "m")]
    assert [found.rule.id for found in limiter.gates(subjects, "m")] == ["3", "1", "2", "5"]
    assert [found.rule.id for found in limiter.gates(subjects[:3], "n")] == ["3", "1"]


def test_a_changed_rule_keeps_what_was_taken() -> None:
    rule = Rule(id="1", subject="key", subject_id="k", tokens_per_minute=100, day_nusd=50)
    limiter = Limiter([rule], at(0))
    for added in limiter:
        added.seed(at(0), lambda since: {"requests": 0, "tokens": 0, "nusd": 0})
    running = admit(limiter.gates([("key", "k")], "m"), ask(tokens=90, nusd=40), at(0))
    raised = Rule(id="1", subject="key", subject_id="k", tokens_per_minute=200, day_nusd=50, concurrency=1)
    assert limiter.change([raised], at(1)) == []
    gates = limiter.gates([("key", "k")], "m")
    with pytest.raises(RateLimited, match="under way"):
        admit(gates, ask(tokens=1, nusd=1), at(1))
    left = tightest(gates, "tokens", at(1))
    assert left is not None
    assert (left.limit, left.remaining) == (200, 110)
    running.correct(ask(tokens=0, nusd=20))
    assert affordable_nusd(gates, at(1)) == 30
    assert [found.running for found in gates] == [0]
    admit(gates, ask(tokens=200, nusd=30), at(1))


def test_a_bound_that_is_new_begins_with_what_was_used() -> None:
    rule = Rule(id="1", subject="key", subject_id="k", day_nusd=50)
    limiter = Limiter([], at(0))
    (added,) = limiter.change([rule], at(0))
    added.seed(at(0), lambda since: {"requests": 7, "tokens": 70, "nusd": 20})
    admit([added], ask(nusd=10), at(1))
    changed = Rule(id="1", subject="key", subject_id="k", day_nusd=50, tokens_per_day=100)
    (again,) = limiter.change([changed], at(2))
    again.seed(at(2), lambda since: {"requests": 8, "tokens": 80, "nusd": 30})
    assert again is added
    assert {bound.field: bound.left(at(2)).used for bound in again.bounds} == {"tokens_per_day": 80, "day_nusd": 30}
    assert limiter.change([changed], at(3)) == []


def test_a_rule_begins_with_what_its_subject_has_used() -> None:
    limited = gate(requests_per_minute=5, tokens_per_day=100, month_nusd=50)
    asked: list[datetime] = []

    def used(since: datetime) -> dict[Meter, int]:
        asked.append(since)
        return {"requests": 4, "tokens": 70, "nusd": 30}

    limited.seed(at(0), used)
    assert asked == [NOON - timedelta(minutes=1), NOON.replace(hour=0), datetime(2026, 11, 1, tzinfo=UTC)]
    assert [bound.left(at(0)).remaining for bound in limited.bounds] == [1, 30, 20]
    assert [bound.left(at(0)).held for bound in limited.bounds] == [0, 0, 0]


def test_new_rules_are_told_and_known_ones_follow() -> None:
    first = Rule(id="r1", subject="key", subject_id="k", day_nusd=5)
    second = Rule(id="r2", subject="key", subject_id="k", day_nusd=5)
    limiter = Limiter([first], at(0))
    for known in limiter:
        known.seed(at(0), lambda since: {"requests": 0, "tokens": 0, "nusd": 0})
    more = msgspec.structs.replace(first, day_nusd=9, week_nusd=7)
    assert [unseeded.rule for unseeded in limiter.change([more, second], at(0))] == [more, second]
    changed, _ = limiter.gates([("key", "k")], "any")
    assert [(bound.field, bound.left(at(0)).remaining) for bound in changed.bounds] == [
        ("day_nusd", 9),
        ("week_nusd", 7),
    ]


def bounds_of(limiter: Limiter, now: Now) -> dict[str, tuple[int, int]]:
    """What is used of each bound, and what of that is held."""
    lefts = {bound.field: bound.left(now) for gate in limiter for bound in gate.bounds}
    return {field: (left.used, left.held) for field, left in lefts.items()}


def test_a_rule_that_comes_later_counts_the_calls_under_way() -> None:
    limiter = Limiter([], at(0))
    subjects: Subjects = [("key", "k"), ("model", "m")]
    running = [limiter.admit(subjects, "m", ask(tokens=10, nusd=5), at(seconds)) for seconds in (0, 70)]
    limiter.admit([("key", "other")], "m", ask(), at(70))
    limiter.dismiss(limiter.admit(subjects, "m", ask(), at(70)), ask())
    rates: dict[str, Any] = dict.fromkeys(("requests_per_minute", "tokens_per_minute", "tokens_per_day"), 100)
    put = Rule(id="1", subject="key", subject_id="k", concurrency=2, day_nusd=100, **rates)
    for added in limiter.change([put], at(80)):
        added.seed(at(80), lambda since: {"requests": 1, "tokens": 30, "nusd": 7})
    assert bounds_of(limiter, at(80)) == {
        "requests_per_minute": (2, 0),  # the one under way that began within it, and one on record
        "tokens_per_minute": (40, 0),
        "tokens_per_day": (50, 20),
        "day_nusd": (17, 10),
    }
    with pytest.raises(RateLimited, match="2 calls under way"):
        limiter.admit(subjects, "m", ask(), at(80))
    for admission in running:
        limiter.dismiss(admission, ask(tokens=1, nusd=1))
    assert bounds_of(limiter, at(80)) == {
        "requests_per_minute": (2, 0),
        "tokens_per_minute": (31, 0),
        "tokens_per_day": (32, 0),
        "day_nusd": (9, 0),
    }
    limiter.admit(subjects, "m", ask(), at(80))
    assert bounds_of(limiter, at(130))["tokens_per_minute"] == (10 + 30 + 0, 0)  # what began at 70 is over


def test_a_bound_that_comes_later_takes_of_each_call_once() -> None:
    limiter = Limiter([], at(0))
    subjects: Subjects = [("organisation", "o")]
    rules = [Rule(id="1", subject="organisation", subject_id="o", model="m", total_nusd=50)]
    calls = [limiter.admit(subjects, model, ask(nusd=5), at(0)) for model in ("m", "n")]
    for more in ({}, {"day_nusd": 50}, {"day_nusd": 60}):
        limiter.change([msgspec.structs.replace(rules[0], **more)], at(1))
    assert bounds_of(limiter, at(1)) == {"day_nusd": (5, 5), "total_nusd": (5, 5)}
    assert [gate.running for gate in limiter] == [1]
    for call in calls:
        limiter.dismiss(call, ask(nusd=3))
    assert bounds_of(limiter, at(1)) == {"day_nusd": (3, 0), "total_nusd": (3, 0)}
    assert [gate.running for gate in limiter] == [0]


def test_a_call_of_yesterday_is_not_todays() -> None:
    limiter = Limiter([], at(0))
    limiter.admit([("key", "k")], "m", ask(nusd=5), at(0))
    limiter.change([Rule(id="1", subject="key", subject_id="k", day_nusd=9, month_nusd=9)], at(12 * 3600))
    assert bounds_of(limiter, at(12 * 3600)) == {"day_nusd": (0, 0), "month_nusd": (5, 5)}
