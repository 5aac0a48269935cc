"""The dialects in which a client of the bench asks: the names that differ, and what of a stream counts."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

STAMP = re.compile(rb"t=(\d{18})")


class Dialect(msgspec.Struct, frozen=True, kw_only=True):
    """`stamp` finds the time that an event carries, once in each event that counts; `end` closes a stream."""

    name: str
    path: str
    turns_field: str = "messages"
    limit_field: str = "max_tokens"
    fields: Mapping[str, object] = {}
    stamp: re.Pattern[bytes] = STAMP
    end: bytes


CHAT = Dialect(name="chat", path="/v1/chat/completions", end=b"[DONE]")
MESSAGES = Dialect(name="messages", path="/v1/messages", end=b'"message_stop"')
RESPONSES = Dialect(
    name="responses",
    path="/v1/responses",
    turns_field="input",
    limit_field="max_output_tokens",
    # As Codex asks: keeping answers is another service than translating them.
    fields={"store": False},
    # Its closing events repeat the whole text, with every time in it.
    stamp=re.compile(rb'"delta": ?"t=(\d{18})'),
    end=b'"response.completed"',
)
