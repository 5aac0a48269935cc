"""Rules as clients set them and as they are shown."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from entrepot.rules import BudgetSpec, LimitsSpec, Rule, RuleSpec, beyond, bounds_object, changed, rule_object

RULE = Rule(id="r", subject="key", subject_id="k", requests_per_minute=5, tokens_per_day=9, day_nusd=10**9)


def test_what_is_left_out_of_a_change_stays() -> None:
    assert changed(RULE, UNSET, UNSET) == RULE
    rule = changed(RULE, LimitsSpec(requests_per_minute=None, concurrency=2), BudgetSpec(month_usd="0.5"))
    assert rule.bounds == {"tokens_per_day": 9, "concurrency": 2, "day_nusd": 10**9, "month_nusd": 5 * 10**8}
    assert changed(RULE, None, UNSET).bounds == {"day_nusd": 10**9}
    assert changed(RULE, UNSET, None).bounds == {"requests_per_minute": 5, "tokens_per_day": 9}
    assert changed(RULE, None, None).bounds == {}


def test_a_rule_is_shown_as_it_is_set() -> None:
    shown = rule_object(RULE)
    assert (shown["object"], shown["subject"], shown["subject_id"], shown["model"]) == ("rule", "key", "k", None)
    spec = msgspec.convert({name: shown[name] for name in RuleSpec.__struct_fields__}, RuleSpec)
    assert changed(Rule(id="r", subject="key", subject_id="k"), spec.limits, spec.budget) == RULE
    assert set(bounds_object(None)["limits"].values()) == set(bounds_object(None)["budget"].values()) == {None}


@pytest.mark.parametrize(
    "spec",
    [
        {"limits": {"requests_per_minute": -1}},
        {"limits": {"requests_per_minute": 1.5}},
        {"limits": {"requests_per_minute": "1"}},
        {"limits": {"requests_per_minute": 10**16}},
        {"limits": {"rpm": 1}},
        {"budget": {"day_usd": 1}},
        {"budget": {"day_usd": "-1"}},
        {"budget": {"day_usd": "1e3"}},
        {"budget": {"day_usd": "NaN"}},
        {"budget": {"day_usd": "0.0000000001"}},
        {"budget": {"day_usd": "1\n"}},
        {"budget": {"day_usd": "9999999999"}},
        {"budget": {"year_usd": "1"}},
        {"subject": "everybody"},
        {"subject_id": ""},
    ],
)
def test_nonsense_is_refused(spec: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"subject": "key", "subject_id": "k"} | spec, RuleSpec)


def test_what_goes_beyond_is_named() -> None:
    own = {"requests_per_minute": 5, "day_nusd": 10}
    assert beyond({"requests_per_minute": 5, "day_nusd": 9, "concurrency": 99}, own) is None
    assert beyond({"requests_per_minute": 6, "day_nusd": 9}, own) == "requests_per_minute"
    assert beyond({"requests_per_minute": 5}, own) == "day_nusd"
