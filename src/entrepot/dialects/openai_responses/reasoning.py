"""Reasoning items, and the seal that carries other vendors' reasoning through a client and back.

Clients replay `encrypted_content` unread, and some (Codex) nothing else of an item. What Anthropic's models
need replayed, or a model whose reasoning is open, is sealed in there by the hub; the seal is opened when the
item comes back, so that a vendor only ever sees again what it made itself. It hides nothing from the client.
"""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.conversation import Reasoning
from entrepot.dialects.openai_responses import seals
from entrepot.dialects.shapes import Value

_BETWEEN_PARTS = "\n\n"


class _Sealed(msgspec.Struct, omit_defaults=True):
    text: str = ""
    signature: str | None = None
    redacted: str | None = None


def parse_reasoning(item: Value) -> Reasoning:
    encrypted, id = item["encrypted_content"].text_or_none(), item["id"].text_or_none()
    unsealed = _unseal(encrypted)
    if unsealed is not None:
        return unsealed
    texts = [part["text"].text() for part in item["content"]] or [part["text"].text() for part in item["summary"]]
    return Reasoning(text=_BETWEEN_PARTS.join(texts), encrypted=encrypted or None, id=id)


def emit_reasoning(reasoning: Reasoning, id: str) -> dict[str, Any]:
    """The item for OpenAI, which takes back what it has encrypted itself and nothing else."""
    summary = [{"type": "summary_text", "text": reasoning.text}] if reasoning.text else []
    return {"type": "reasoning", "id": id, "summary": summary, "encrypted_content": reasoning.encrypted}


def encrypted_content(reasoning: Reasoning, *, asked: bool) -> str | None:
    """What a client shall replay. Open reasoning, which needs no signature, is sealed where `asked` for."""
    if reasoning.encrypted:
        return reasoning.encrypted
    if not (reasoning.signature or reasoning.redacted or (asked and reasoning.text)):
        return None
    return seals.seal(_Sealed(reasoning.text, reasoning.signature, reasoning.redacted))


def is_sealed(item: Any) -> bool:
    """Whether an input item is reasoning that the hub sealed, which no vendor can read."""
    if not isinstance(item, dict) or item.get("type") != "reasoning":
        return False
    return seals.is_sealed(item.get("encrypted_content"))


def _unseal(encrypted: str | None) -> Reasoning | None:
    if encrypted is None or not seals.is_sealed(encrypted):
        return None
    sealed = seals.unseal(encrypted, _Sealed) or _Sealed()  # of a damaged one nothing can be replayed
    return Reasoning(text=sealed.text, signature=sealed.signature, redacted=sealed.redacted)
