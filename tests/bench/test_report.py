"""Ratios, differences to the direct call, goals, and the tables made of them."""

from __future__ import annotations

import pytest
from bench.report import GOALS, Goal, Result, Run, markdown, number


def bench_run() -> Run:
    results = [
        Result("direct", {"p50_ms_1": [1.0, 5.0, 2.0]}),
        Result("hub", {"p50_ms_1": [1.5, 6.5, 2.6], "cpu_us_per_call": [180.0, 200.0, 900.0]}, errors=3),
        Result("smg", {"cpu_us_per_call": [100.0]}),
        Result("LiteLLM", absent="npm is not on PATH"),
    ]
    return Run(started_at="2026-11-20", command="python -m bench", plan="full", cores=2, results=results)


def test_a_ratio_is_of_medians_and_needs_both_sides() -> None:
    run = bench_run()
    assert run.ratio("hub", "smg", "cpu_us_per_call") == 2.0
    assert run.ratio("hub", "LiteLLM", "cpu_us_per_call") is None
    assert run.ratio("hub", "smg", "p50_ms_1") is None


def test_a_share_of_its_own_is_the_median_of_the_rounds_ratios() -> None:
    run = bench_run()
    run.result("hub").add({"cpu_us_per_messages_call": 270.0})
    run.result("hub").add({"cpu_us_per_messages_call": 400.0})
    run.result("hub").add({"cpu_us_per_messages_call": 900.0})
    assert run.share("hub", "cpu_us_per_messages_call", "cpu_us_per_call") == 1.5
    assert run.share("smg", "cpu_us_per_messages_call", "cpu_us_per_call") is None


def test_what_is_added_is_the_median_of_the_rounds_differences() -> None:
    assert bench_run().added("hub", "p50_ms_1") == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("value", "at_least", "verdict"),
    [
        (1.0, False, "met"),
        (1.1, False, "missed"),
        (1.1, True, "met"),
        (0.9, True, "missed"),
        (None, False, "not measured"),
    ],
)
def test_a_goal_is_met_up_to_its_bound(value: float | None, at_least: bool, verdict: str) -> None:
    assert Goal("any", 1.0, lambda _: value, at_least=at_least).verdict(bench_run()) == verdict


def test_the_tables_name_every_goal_the_failures_and_who_is_absent() -> None:
    text = markdown(bench_run())
    assert all(goal.title in text for goal in GOALS)
    first_ratio = next(line for line in text.splitlines() if "processor time per call " in line)
    assert [cell.strip() for cell in first_ratio.split("|")[2:-1]] == ["2.00 ×"]
    assert "- LiteLLM: absent: npm is not on PATH" in text
    failures = next(line for line in text.splitlines() if "failed calls" in line)
    assert [cell.strip() for cell in failures.split("|")[2:-1]] == ["0", "3", "0"]


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0.0251, "0.025"), (1.234, "1.23"), (56.78, "56.8"), (1234.5, "1,234")]
)
def test_numbers_have_three_figures(value: float | None, text: str) -> None:
    assert number(value) == text
