"""Fields that OpenAI's document requires and its imitators leave out: filled in with null, nothing else touched.

Strict clients refuse a body without `choices[].logprobs`, `message.refusal` or `logprobs.refusal`.
"""

from __future__ import annotations

import msgspec

RawFields = dict[str, msgspec.Raw]

_NULL = msgspec.Raw(b"null")
_fields = msgspec.json.Decoder(RawFields)
_choices = msgspec.json.Decoder(list[RawFields])


def completed(body: bytes, *, stream: bool = False) -> bytes:
    """The body of a completion, or of a chunk, with what it lacks; the same bytes when it lacks nothing."""
    fields = _fields.decode(body)
    choices = _choices.decode(fields.get("choices", b"[]"))
    lacking = [_complete(choice, stream=stream) for choice in choices]
    if not any(lacking):
        return body
    fields["choices"] = msgspec.Raw(msgspec.json.encode(choices))
    return msgspec.json.encode(fields)


def _complete(choice: RawFields, *, stream: bool) -> bool:
    """Fill in what the choice lacks; whether anything was."""
    lacking = 0
    if not stream:
        lacking += _default(choice, "logprobs")
        lacking += _default_inside(choice, "message", "refusal")
    if choice.get("logprobs", _NULL) != _NULL:
        lacking += _default_inside(choice, "logprobs", "refusal")
    return lacking > 0


def _default(fields: RawFields, name: str) -> bool:
    return fields.setdefault(name, _NULL) is _NULL


def _default_inside(fields: RawFields, name: str, inner: str) -> bool:
    table = _fields.decode(fields.get(name, b"{}"))
    if inner in table:
        return False
    fields[name] = msgspec.Raw(msgspec.json.encode(table | {inner: _NULL}))
    return True
