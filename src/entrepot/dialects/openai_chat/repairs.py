"""Fields that OpenAI's document requires and llama.cpp leaves out of its chunks: filled in with null.

Strict clients refuse `logprobs` without `refusal`. Nothing else is touched.
"""

from __future__ import annotations

import msgspec

RawFields = dict[str, msgspec.Raw]

_NULL = msgspec.Raw(b"null")
_fields = msgspec.json.Decoder(RawFields)
_choices = msgspec.json.Decoder(list[RawFields])


def completed(chunk: bytes) -> bytes:
    """The chunk with `refusal` in each of its `logprobs`; the same bytes when none lacks it, or has another shape."""
    try:
        return _completed(chunk)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return chunk


def _completed(chunk: bytes) -> bytes:
    fields = _fields.decode(chunk)
    choices = _choices.decode(fields.get("choices", b"[]"))
    lacking = [_complete(choice) for choice in choices]
    if not any(lacking):
        return chunk
    fields["choices"] = msgspec.Raw(msgspec.json.encode(choices))
    return msgspec.json.encode(fields)


def _complete(choice: RawFields) -> bool:
    """Fill in what the choice lacks; whether anything was."""
    logprobs = choice.get("logprobs", _NULL)
    table = {} if logprobs == _NULL else _fields.decode(logprobs)
    if not table or "refusal" in table:
        return False
    choice["logprobs"] = msgspec.Raw(msgspec.json.encode(table | {"refusal": _NULL}))
    return True
