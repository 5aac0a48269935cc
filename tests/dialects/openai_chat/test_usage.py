"""Usage as upstreams report it: believed, mended or not believed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.conversation import Usage
from entrepot.dialects.openai_chat.usage import MOST_TOKENS, emit_usage, parse_usage


def reported(prompt: Any = 11, completion: Any = 7, total: Any = None, **more: Any) -> dict[str, Any]:
    total = {} if total is None else {"total_tokens": total}
    return {"prompt_tokens": prompt, "completion_tokens": completion, **total, **more}


BELIEVED = [
    (reported(), Usage(input_tokens=11, output_tokens=7)),
    (reported(0, 0, 0), Usage()),
    (reported(MOST_TOKENS, MOST_TOKENS), Usage(input_tokens=MOST_TOKENS, output_tokens=MOST_TOKENS)),
    (reported(total="many"), Usage(input_tokens=11, output_tokens=7)),
    # details
    (
        reported(prompt_tokens_details={"cached_tokens": 4, "cache_write_tokens": 2, "audio_tokens": 3}),
        Usage(input_tokens=11, output_tokens=7, cached_tokens=4, cache_write_tokens=2, audio_input_tokens=3),
    ),
    (
        reported(total=18, completion_tokens_details={"reasoning_tokens": 5, "audio_tokens": 1}),
        Usage(input_tokens=11, output_tokens=7, reasoning_tokens=5, audio_output_tokens=1),
    ),
    (
        reported(prompt_cache_hit_tokens=4, prompt_cache_miss_tokens=7),
        Usage(input_tokens=11, output_tokens=7, cached_tokens=4),
    ),
    (
        reported(prompt_tokens_details={"cached_tokens": 0}, prompt_cache_hit_tokens=4),
        Usage(input_tokens=11, output_tokens=7, cached_tokens=4),
    ),
    # reasoning outside the completion: the total says so
    (
        reported(11, 7, 38, completion_tokens_details={"reasoning_tokens": 20}),
        Usage(input_tokens=11, output_tokens=27, reasoning_tokens=20),
    ),
    # parts that are larger than the whole
    (
        reported(prompt_tokens_details={"cached_tokens": 99, "cache_write_tokens": 99, "audio_tokens": 99}),
        Usage(input_tokens=11, output_tokens=7, cached_tokens=11, audio_input_tokens=11),
    ),
    (
        reported(completion_tokens_details={"reasoning_tokens": 99, "audio_tokens": 99}),
        Usage(input_tokens=11, output_tokens=7, reasoning_tokens=7, audio_output_tokens=7),
    ),
    # details that are none
    (reported(prompt_tokens_details=None, completion_tokens_details=[]), Usage(input_tokens=11, output_tokens=7)),
    (
        reported(prompt_tokens_details={"cached_tokens": -1}, completion_tokens_details={"reasoning_tokens": "9"}),
        Usage(input_tokens=11, output_tokens=7),
    ),
]


@pytest.mark.parametrize(("value", "usage"), BELIEVED)
def test_what_is_believed(value: dict[str, Any], usage: Usage) -> None:
    assert parse_usage(value) == usage


GARBAGE = [-1, 1 << 63, MOST_TOKENS + 1, 7.0, 7.5, "7", None, True, [], {}]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_a_count_that_is_none_makes_the_whole_unbelievable(garbage: Any) -> None:
    assert parse_usage(reported(prompt=garbage)) is None
    assert parse_usage(reported(completion=garbage)) is None


@pytest.mark.parametrize("value", [None, {}, [], "7", 7, {"total_tokens": 7}, {"prompt_tokens": 7}])
def test_what_is_no_usage_is_none(value: Any) -> None:
    assert parse_usage(value) is None


counts = st.integers(-2, 1 << 41) | st.sampled_from(GARBAGE)
tables = st.dictionaries(
    st.sampled_from(["cached_tokens", "cache_write_tokens", "audio_tokens", "reasoning_tokens"]), counts
)


@given(counts, counts, counts, tables, tables)
def test_whatever_is_reported_parts_stay_inside_the_whole(p: Any, c: Any, t: Any, inputs: Any, outputs: Any) -> None:
    usage = parse_usage(reported(p, c, t, prompt_tokens_details=inputs, completion_tokens_details=outputs))
    if usage is None:
        return
    assert 0 <= usage.cached_tokens + usage.cache_write_tokens <= usage.input_tokens
    assert 0 <= usage.audio_input_tokens <= usage.input_tokens
    assert 0 <= usage.reasoning_tokens <= usage.output_tokens
    assert 0 <= usage.audio_output_tokens <= usage.output_tokens
    assert usage.output_tokens <= 2 * MOST_TOKENS
    assert not usage.estimated


def test_what_is_written_is_read() -> None:
    usage = Usage(
        input_tokens=11,
        output_tokens=27,
        cached_tokens=4,
        reasoning_tokens=20,
        audio_input_tokens=3,
        audio_output_tokens=1,
    )
    assert parse_usage(emit_usage(usage)) == usage
    assert emit_usage(usage)["total_tokens"] == 38
