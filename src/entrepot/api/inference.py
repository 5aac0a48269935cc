"""The hot routes: plain ASGI, served from a dict in front of the framework."""

from __future__ import annotations

from entrepot import compacting, pipeline, turns
from entrepot.api import openrouter
from entrepot.dialects.table import CHAT, EMBEDDINGS, MESSAGES, RESPONSES
from entrepot.edge import Client
from entrepot.hub import Hub
from entrepot.pipeline import Route


async def chat_completions(hub: Hub, client: Client) -> None:
    """POST Chat Completions: OpenAI's request and answer, streamed when `stream` is true."""
    await pipeline.run(hub, client, Route(form=CHAT))


async def chat_completions_body_key(hub: Hub, client: Client) -> None:
    """As `chat_completions`; the key may also be the body's `key`, and the model its `model_id`."""
    await pipeline.run(hub, client, Route(form=CHAT, key_in_body=True))


async def openrouter_completions(hub: Hub, client: Client) -> None:
    """As `chat_completions`, as OpenRouter's clients know it: usage told always, its errors, and 402 for no money."""
    await pipeline.run(hub, client, _OPENROUTER)


async def messages(hub: Hub, client: Client) -> None:
    """POST Messages: Anthropic's request and answer, for every model of the hub."""
    await pipeline.run(hub, client, Route(form=MESSAGES))


async def count_tokens(hub: Hub, client: Client) -> None:
    """POST Messages' count_tokens: how many input tokens the same request would have."""
    await pipeline.run(hub, client, Route(form=MESSAGES, counting=True))


async def responses(hub: Hub, client: Client) -> None:
    """POST Responses: OpenAI's request and answer, kept in the hub's own store unless `store` is false."""
    await pipeline.run(hub, client, Route(form=RESPONSES, prepare=turns.begin))


async def compact(hub: Hub, client: Client) -> None:
    """POST a conversation as Responses takes it: the user's messages and a summary of all else come back."""
    await pipeline.run(hub, client, Route(form=RESPONSES, prepare=compacting.begin))


async def input_tokens(hub: Hub, client: Client) -> None:
    """POST Responses' input_tokens: how many input tokens the same request would have."""
    await pipeline.run(hub, client, Route(form=RESPONSES, counting=True, prepare=turns.put_in_front))


async def embeddings(hub: Hub, client: Client) -> None:
    """POST Embeddings: OpenAI's request and answer."""
    await pipeline.run(hub, client, Route(form=EMBEDDINGS))


_OPENROUTER = Route(
    form=CHAT,
    tells_sides=True,
    no_money_status=402,
    emit_error=openrouter.emit_error,
    emit_stream_error=openrouter.emit_stream_error,
)

ROUTES = {
    "/v1/chat/completions": chat_completions,
    "/chat/completions": chat_completions,
    "/api/v1/chat/completions": openrouter_completions,
    "/api/ai/chat/completions": chat_completions,
    "/api/v7/llm/chat/completions": chat_completions_body_key,
    "/api/v7/llm/v1/chat/completions": chat_completions_body_key,
    "/v1/messages": messages,
    "/messages": messages,
    "/api/v7/llm/v1/messages": messages,
    "/v1/messages/count_tokens": count_tokens,
    "/messages/count_tokens": count_tokens,
    "/api/v7/llm/v1/messages/count_tokens": count_tokens,
    "/v1/responses": responses,
    "/responses": responses,
    "/v1/responses/compact": compact,
    "/responses/compact": compact,
    "/v1/responses/input_tokens": input_tokens,
    "/responses/input_tokens": input_tokens,
    "/v1/embeddings": embeddings,
    "/embeddings": embeddings,
    "/api/v7/llm/v1/embeddings": embeddings,
}
