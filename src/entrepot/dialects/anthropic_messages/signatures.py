"""Signatures of thinking blocks, and what stands in for one where the thinking is not Anthropic's.

A client replays a thinking block with its signature, and needs one in every block. Reasoning of other
vendors gets a signature of the hub's own making, which carries what its vendor wants replayed; the
vendor of the next turn sees it again in its own form, and Anthropic, which would refuse it, never does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from entrepot.conversation import Reasoning

OWN = "entrepot:"
"""Begins every signature that the hub has made: then the item's id, a colon and the encrypted content."""


def sign(*, signature: str | None, encrypted: str | None, id: str | None) -> str:
    """The signature to show a client: Anthropic's own where there is one."""
    return signature or f"{OWN}{id or ''}:{encrypted or ''}"


def read_signed(text: str, signature: str | None) -> Reasoning:
    """The reasoning that a replayed thinking block stands for."""
    if not (signature or "").startswith(OWN):
        return Reasoning(text=text, signature=signature or None)
    id, _, encrypted = (signature or "").removeprefix(OWN).partition(":")
    return Reasoning(text=text, encrypted=encrypted or None, id=id or None)


def is_foreign(block: Any) -> bool:
    """Whether a block is thinking that Anthropic would refuse, because the hub signed it."""
    if not isinstance(block, Mapping) or block.get("type") != "thinking":
        return False
    signature = block.get("signature")
    return isinstance(signature, str) and signature.startswith(OWN)
