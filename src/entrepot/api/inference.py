"""The hot routes: plain ASGI, served from a dict in front of the framework."""

from __future__ import annotations

from entrepot import pipeline
from entrepot.edge import Client
from entrepot.hub import Hub


async def chat_completions(hub: Hub, client: Client) -> None:
    """POST Chat Completions: OpenAI's request and answer, streamed when `stream` is true."""
    await pipeline.run(hub, client)


async def chat_completions_body_key(hub: Hub, client: Client) -> None:
    """As `chat_completions`; the key may also be the body's `key`, and the model its `model_id`."""
    await pipeline.run(hub, client, key_in_body=True)


ROUTES = {
    "/v1/chat/completions": chat_completions,
    "/chat/completions": chat_completions,
    "/api/ai/chat/completions": chat_completions,
    "/api/v7/llm/chat/completions": chat_completions_body_key,
    "/api/v7/llm/v1/chat/completions": chat_completions_body_key,
}
