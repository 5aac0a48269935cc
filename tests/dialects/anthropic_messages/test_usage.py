"""Usage: cached input beside or inside the count, folded from a stream, believed or not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from entrepot.conversation import Usage
from entrepot.dialects.anthropic_messages.usage import MOST_TOKENS, Tally, emit_final_usage, emit_usage, parse_usage

FULL = Usage(input_tokens=125, output_tokens=42, cached_tokens=100, cache_write_tokens=5, reasoning_tokens=7)
KEPT = {"cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 2}}
WIRE = {
    "input_tokens": 20,
    "cache_creation_input_tokens": 5,
    "cache_read_input_tokens": 100,
    "output_tokens": 42,
    "output_tokens_details": {"thinking_tokens": 7},
}


def test_cached_input_stands_beside_the_input_on_the_wire() -> None:
    assert emit_final_usage(FULL) == WIRE | {"server_tool_use": None}
    assert emit_usage(FULL).items() >= WIRE.items()
    assert parse_usage(emit_usage(FULL)) == msgspec.structs.replace(FULL, tier="standard")


def test_what_is_kept_for_an_hour_is_part_of_what_is_written_to_the_cache() -> None:
    kept = msgspec.structs.replace(FULL, cache_write_1h_tokens=2)
    assert parse_usage(WIRE | KEPT) == kept
    assert emit_usage(kept)["cache_creation"] == KEPT["cache_creation"]
    assert emit_usage(Usage(input_tokens=3))["cache_creation"] is None
    assert parse_usage(WIRE | {"cache_creation": {"ephemeral_1h_input_tokens": 9}}) == msgspec.structs.replace(
        FULL, cache_write_1h_tokens=5
    )


def test_a_stream_tells_at_its_start_how_long_the_cache_keeps() -> None:
    tally = Tally()
    tally.start(WIRE | KEPT)
    tally.update({"output_tokens": 42})
    assert tally.final == msgspec.structs.replace(FULL, cache_write_1h_tokens=2)


def test_more_cached_than_input_is_never_a_negative_count() -> None:
    assert emit_final_usage(Usage(input_tokens=1, cached_tokens=5))["input_tokens"] == 0


@pytest.mark.parametrize(
    ("value", "usage"),
    [
        (WIRE, FULL),
        ({"input_tokens": 3, "output_tokens": 0}, Usage(input_tokens=3)),
        (
            {"input_tokens": 3, "output_tokens": 2, "cache_read_input_tokens": None, "output_tokens_details": None},
            Usage(input_tokens=3, output_tokens=2),
        ),
        (
            {"input_tokens": 0, "cache_read_input_tokens": 9, "output_tokens": 1},
            Usage(input_tokens=9, cached_tokens=9, output_tokens=1),
        ),
        (
            {"input_tokens": 3, "output_tokens": 2, "output_tokens_details": {"thinking_tokens": 5}},
            Usage(input_tokens=3, output_tokens=2, reasoning_tokens=2),
        ),
        ({"input_tokens": 0, "output_tokens": 5}, None),
        ({"input_tokens": 3}, None),
        ({"output_tokens": 3}, None),
        ({"input_tokens": -3, "output_tokens": 2}, None),
        ({"input_tokens": 3, "output_tokens": 2.5}, None),
        ({"input_tokens": 3, "output_tokens": True}, None),
        ({"input_tokens": MOST_TOKENS + 1, "output_tokens": 1}, None),
        ({}, None),
        (None, None),
        ([], None),
    ],
)
def test_what_can_be_believed(value: Any, usage: Usage | None) -> None:
    assert parse_usage(value) == usage


@pytest.mark.parametrize(
    ("start", "updates", "final"),
    [
        (WIRE | {"output_tokens": 1}, [{"output_tokens": 42}], FULL),
        ({"input_tokens": 0, "output_tokens": 0}, [WIRE], FULL),
        (WIRE, [{"input_tokens": 0, "output_tokens": 42}], FULL),
        (WIRE | {"input_tokens": 1}, [{"input_tokens": 20, "output_tokens": 42}], FULL),
        ({"input_tokens": 125}, [WIRE], FULL),
        (WIRE | {"output_tokens": 1}, [{"output_tokens": 10}, {"output_tokens": 42}], FULL),
        (WIRE, [None], None),
        (WIRE, [], None),
        (None, [{"output_tokens": 4}], None),
    ],
)
def test_counts_of_a_stream_replace_each_other(start: Any, updates: list[Any], final: Usage | None) -> None:
    tally = Tally()
    tally.start(start)
    for update in updates:
        tally.update(update)
    assert tally.final == final


def test_the_input_is_known_from_the_start() -> None:
    tally = Tally()
    tally.start({"input_tokens": 5, "cache_read_input_tokens": 2, "output_tokens": 1})
    assert tally.known == Usage(input_tokens=7, cached_tokens=2, output_tokens=1)
