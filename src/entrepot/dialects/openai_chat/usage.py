"""The `usage` object of Chat Completions, read with suspicion and written in full."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from entrepot.conversation import Usage
from entrepot.dialects.tiers import read_tier

# Larger counts are garbage: no context is this long, and sums of them stay inside 64 bits.
MOST_TOKENS = 1 << 40


def emit_usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_tokens,
            "audio_tokens": usage.audio_input_tokens,
        },
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "audio_tokens": usage.audio_output_tokens,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
        **({"estimated": True} if usage.estimated else {}),
    }


def parse_usage(value: Any, tier: Any = None) -> Usage | None:
    """What an upstream reported, or None when it reported nothing that can be believed. `tier` stands beside it.

    Some servers count reasoning outside `completion_tokens`; it is inside after parsing. DeepSeek names
    cached tokens `prompt_cache_hit_tokens`.
    """
    report = _read(value)
    if report is None:
        return None
    prompt, completion = report.prompt_tokens, report.completion_tokens
    inputs, outputs = report.prompt_tokens_details or _NONE, report.completion_tokens_details or _NONE
    cached = inputs.cached_tokens or report.prompt_cache_hit_tokens or 0
    reasoning = outputs.reasoning_tokens or 0
    if reasoning and report.total_tokens == prompt + completion + reasoning:
        completion += reasoning
    return Usage(
        input_tokens=prompt,
        output_tokens=completion,
        cached_tokens=min(cached, prompt),
        cache_write_tokens=min(inputs.cache_write_tokens or 0, max(prompt - cached, 0)),
        reasoning_tokens=min(reasoning, completion),
        audio_input_tokens=min(inputs.audio_tokens or 0, prompt),
        image_input_tokens=min(inputs.image_tokens or 0, prompt),
        audio_output_tokens=min(outputs.audio_tokens or 0, completion),
        tier=read_tier(tier),
    )


_Count = Annotated[int, msgspec.Meta(ge=0, le=MOST_TOKENS)]


class _Details(msgspec.Struct):
    cached_tokens: _Count | None = None
    cache_write_tokens: _Count | None = None
    reasoning_tokens: _Count | None = None
    audio_tokens: _Count | None = None
    image_tokens: _Count | None = None


class _Report(msgspec.Struct):
    prompt_tokens: _Count
    completion_tokens: _Count
    total_tokens: _Count | None = None
    prompt_cache_hit_tokens: _Count | None = None
    prompt_tokens_details: _Details | None = None
    completion_tokens_details: _Details | None = None


_NONE = _Details()


def _read(value: Any) -> _Report | None:
    try:
        return msgspec.convert(value, _Report)
    except msgspec.ValidationError:
        if not isinstance(value, dict):
            return None
    details = {name: _counts(each) for name, each in value.items() if isinstance(each, dict)}
    try:
        return msgspec.convert(_counts(value) | details, _Report)
    except msgspec.ValidationError:
        return None


def _counts(value: dict[str, Any]) -> dict[str, int]:
    """What of it are counts of tokens; True is an int to isinstance."""
    return {name: each for name, each in value.items() if type(each) is int and 0 <= each <= MOST_TOKENS}


class Reported:
    """The usage that a stream reports: the last one that can be believed.

    With several choices llama.cpp sends one chunk of usage for each: their output adds up, their input is
    the same. A report repeated in the same numbers is one report, unless `per_choice` is sure of it.
    """

    def __init__(self, *, per_choice: bool = False) -> None:
        self._per_choice = per_choice
        self._apart: list[Usage] = []
        self.usage: Usage | None = None

    def add(self, value: Any, tier: Any, *, is_apart: bool, choices: int) -> None:
        """`is_apart`: the chunk held nothing else; `choices`: how many have been seen."""
        usage = parse_usage(value, tier)
        if usage is None:
            return
        if is_apart and choices > 1:
            usage = self._summed(usage)
        self.usage = usage

    @property
    def is_sum(self) -> bool:
        """Whether no single report tells it all."""
        return len(self._apart) > 1

    def _summed(self, usage: Usage) -> Usage:
        if self._apart and self._apart[0].input_tokens != usage.input_tokens:
            self._apart.clear()
        if self._per_choice or usage not in self._apart:
            self._apart.append(usage)
        return msgspec.structs.replace(
            self._apart[0],
            output_tokens=sum(each.output_tokens for each in self._apart),
            reasoning_tokens=sum(each.reasoning_tokens for each in self._apart),
            audio_output_tokens=sum(each.audio_output_tokens for each in self._apart),
        )
