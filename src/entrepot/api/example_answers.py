"""What comes back for the shortest example of a model's page: the very answer that a test key gets."""

from __future__ import annotations

from datetime import datetime

import msgspec

from entrepot.catalog import Catalogue, Model
from entrepot.dialects.table import CHAT
from entrepot.pages.examples import examples
from entrepot.providers.sandbox import MODELS, SandboxAnswer, Steering

IDLE_TIMEOUT_S = 10
COST = {"cost": 0, "cost_details": {}, "estimated": False}
"""What a receipt adds to the usage of a call that cost nothing."""


async def example_answer(catalogue: Catalogue, model: Model, at: datetime) -> str | None:
    """Indented JSON, the same all day long; None for embeddings, whose vectors are no reading matter, and for models
    that are made to fail or to be slow."""
    if model.kind != "chat" or model.id in MODELS:
        return None
    body = examples(catalogue, model)["minimal"]
    answer = SandboxAnswer(
        CHAT.parse_request(body),
        Steering(),
        dialect=CHAT,
        body=body,
        image_tokens=model.image_tokens,
        created_s=int(at.replace(hour=0, minute=0, second=0).timestamp()),
        idle_timeout_s=IDLE_TIMEOUT_S,
    )
    told = msgspec.json.decode(await answer.body())
    told["usage"] |= COST
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()
