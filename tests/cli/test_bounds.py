"""The options for limits and budgets, as the commands pass them on and show them."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from entrepot.cli.bounds import OPTIONS, Bounds, flat, with_bounds
from entrepot.errors import InvalidRequest
from entrepot.rules import BUDGETS, LIMITS, BudgetSpec, LimitsSpec


def passed_on(**options: Any) -> Bounds:
    found: list[Bounds] = []

    def command(bounds: Bounds) -> None:
        found.append(bounds)

    names = {option.replace("-", "_") for option, *_ in OPTIONS}
    with_bounds(command)(**dict.fromkeys(names) | options)
    return found[0]


def test_there_is_an_option_for_each_bound() -> None:
    fields = [field for _, _, field, _ in OPTIONS]
    assert fields == [*LimitsSpec.__struct_fields__, *BudgetSpec.__struct_fields__]
    assert len(fields) == len(LIMITS) + len(BUDGETS)


def test_what_is_given_is_passed_on() -> None:
    assert passed_on() == {}
    assert passed_on(rpm="5", tpd="none", budget_day="2.50", budget_total="none") == {
        "limits": {"requests_per_minute": 5, "tokens_per_day": None},
        "budget": {"day_usd": "2.50", "total_usd": None},
    }


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "", "٣"])
def test_a_limit_is_a_whole_number(text: str) -> None:
    with pytest.raises(InvalidRequest, match="--concurrency"):
        passed_on(concurrency=text)


def test_the_commands_own_parameters_stay() -> None:
    def command(subject: str, bounds: Bounds, model: str = "m") -> None: ...

    names = list(inspect.signature(with_bounds(command)).parameters)
    assert names[0] == "subject"
    assert {"model", "rpm", "budget_week"} <= set(names)
    assert "bounds" not in names


def test_bounds_are_shown_with_what_is_left() -> None:
    shown = {
        "id": "r",
        "limits": {"requests_per_minute": 5, "tokens_per_minute": None, "concurrency": 2},
        "budget": {"day_usd": "1"},
        "standing": {"requests_per_minute": {"used": 1, "left": 4}, "day_usd": {"left": "0.5"}},
    }
    assert flat(shown) == {
        "id": "r",
        "requests_per_minute": "5 (4 left)",
        "concurrency": 2,
        "day_usd": "1 (0.5 left)",
    }
