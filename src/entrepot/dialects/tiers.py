"""The tier that an upstream says it has served: every provider's word for it, and the hub's."""

from __future__ import annotations

from typing import Any

from entrepot.conversation import Tier

_SERVED: dict[str, Tier] = {
    "default": "standard",
    "standard": "standard",  # Anthropic
    "on_demand": "standard",  # Groq
    "scale": "standard",  # bought beforehand
    "priority": "priority",
    "fast": "priority",
    "flex": "batch",  # at the prices of a batch: platform.openai.com/docs/guides/flex-processing
    "batch": "batch",
}
_NAMES: dict[Tier | None, str] = {"priority": "priority", "batch": "flex"}


def read_tier(name: Any) -> Tier | None:
    """None where the upstream names none, or one that is not known."""
    return _SERVED.get(name) if isinstance(name, str) else None


def openai_name(tier: Tier | None) -> str:
    """As Chat Completions and Responses tell of it."""
    return _NAMES.get(tier, "default")
