"""Counting tokens with o200k_base, the tokenizer of the GPT-4o and GPT-4.1 families.

The ranks take 64 MB and a tenth of a second to load, so they load on first use. The tokenizer holds
the interpreter's lock while it counts, so long texts go through it in slices and other threads
run in between.
"""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterable, Iterator
from functools import cache
from typing import assert_never

import msgspec
from rs_bpe.bpe import openai

from entrepot import images
from entrepot.catalog import ImageTokens
from entrepot.conversation import (
    Audio,
    Document,
    Image,
    Part,
    Reasoning,
    Refusal,
    Request,
    Text,
    ToolCall,
    ToolReference,
    ToolResult,
)

# OpenAI's chat counting rule, as its cookbook publishes it.
MESSAGE_TOKENS = 3
NAME_TOKENS = 1
PRIMING_TOKENS = 3

SLICE_CHARS = 16 * 1024  # at most 64 KiB of UTF-8, some 1.6 ms
SAMPLES = 48
SAMPLE_CHARS = 1024
SAFE_ERRORS = 4  # standard errors between the estimate and the limit before an estimate is believed

# One space between two words always begins a token, so a text cut there counts as if it were whole.
_SEAM = re.compile(r"(?<=\S) (?=\S)")
_SEAM_CHARS = 256


@cache
def _tokenizer() -> openai.Tokenizer:
    return openai.o200k_base()


def load() -> None:
    """Load the ranks now, where a first request must not wait for them."""
    _tokenizer()


def count(text: str) -> int:
    """Tokens of a text."""
    if len(text) <= SLICE_CHARS:
        return int(_tokenizer().count(text))
    return sum(_tokenizer().count(piece) for piece in _slices(text))


def encode(text: str) -> list[int]:
    return [token for piece in _slices(text) for token in _tokenizer().encode(piece)]


def split(text: str) -> list[str]:
    """The text cut at its token boundaries; tokens that cut a character stay together."""
    return pieces(encode(text))


def pieces(tokens: Iterable[int]) -> list[str]:
    """The text of each token, those that share a character joined; a half character at the end is dropped.

    Only for what `encode` made: the tokenizer takes the process down with it on any other number.
    """
    found, pending = [], []
    for token in tokens:
        pending.append(token)
        piece = _tokenizer().decode(pending)
        if piece is not None:
            found.append(piece)
            pending = []
    return found


def _slices(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > SLICE_CHARS:
        end = start + SLICE_CHARS
        seam = _SEAM.search(text, end - _SEAM_CHARS, end)
        end = seam.start() if seam else end
        yield text[start:end]
        start = end
    yield text[start:]


def count_request(request: Request, rule: ImageTokens | None = None) -> int:
    """Input tokens of a request by OpenAI's chat rule; `rule` says what images cost the model.

    Tools and the answer's schema count as their JSON text, files and audio by rules of thumb.
    """
    return _fixed_tokens(request, rule) + sum(map(count, _texts(request)))


def exceeds(content: Request | Iterable[str], limit_tokens: int, rule: ImageTokens | None = None) -> int | None:
    """The exact token count when it is over the limit, None when the content surely or almost surely fits.

    A token is at least one byte and a character at most four, so short texts need no counting. Long
    ones are judged by samples taken evenly, and counted whole only when the samples leave a doubt.
    """
    fixed = _fixed_tokens(content, rule) if isinstance(content, Request) else 0
    texts = list(_texts(content) if isinstance(content, Request) else content)
    room = limit_tokens - fixed
    if _surely_fits(texts, room) or _likely_fits("".join(texts), room):
        return None
    total = fixed + sum(map(count, texts))
    return total if total > limit_tokens else None


def _surely_fits(texts: list[str], room_tokens: int) -> bool:
    if sum(map(len, texts)) > room_tokens:
        return False
    return sum(len(text) if text.isascii() else len(text.encode()) for text in texts) <= room_tokens


def _likely_fits(text: str, room_tokens: int) -> bool:
    if len(text) < 2 * SAMPLES * SAMPLE_CHARS:
        return False
    stride = (len(text) - SAMPLE_CHARS) / (SAMPLES - 1)
    starts = (round(number * stride) for number in range(SAMPLES))
    rates = [_tokenizer().count(text[start : start + SAMPLE_CHARS]) / SAMPLE_CHARS for start in starts]
    error = statistics.stdev(rates) / SAMPLES**0.5
    return bool((statistics.fmean(rates) + SAFE_ERRORS * error) * len(text) <= room_tokens)


def _fixed_tokens(request: Request, rule: ImageTokens | None) -> int:
    """What a request costs beside its texts."""
    names = sum(1 for message in request.messages if message.name)
    framing = PRIMING_TOKENS + MESSAGE_TOKENS * len(request.messages) + NAME_TOKENS * names
    return framing + sum(_media_tokens(part, rule) for message in request.messages for part in message.parts)


def _media_tokens(part: Part, rule: ImageTokens | None) -> int:
    if isinstance(part, Image):
        return images.image_tokens(part, rule)
    if isinstance(part, Audio):
        return images.audio_tokens(part)
    if isinstance(part, Document):
        return images.document_tokens(part)
    if isinstance(part, ToolResult):
        return sum(_media_tokens(inner, rule) for inner in part.parts)
    return 0


def _texts(request: Request) -> Iterator[str]:
    for message in request.messages:
        yield message.role
        if message.name:
            yield message.name
        for part in message.parts:
            yield from _part_texts(part)
    for tool in request.tools:
        yield _json({"name": tool.name, "description": tool.description, "parameters": tool.parameters})
    if request.output_format and request.output_format.schema is not None:
        yield _json(request.output_format.schema)


def _part_texts(part: Part) -> Iterator[str]:
    if isinstance(part, Text | Refusal | Reasoning):
        yield part.text
    elif isinstance(part, ToolCall):
        yield part.name
        yield part.arguments
    elif isinstance(part, ToolResult):
        for inner in part.parts:
            yield from _part_texts(inner)
    elif isinstance(part, ToolReference):
        yield part.name
    elif isinstance(part, Image | Audio | Document):
        return
    else:
        assert_never(part)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
