"""Calls of models, what is stored of them, what they would cost, and their code."""

from __future__ import annotations

from collections.abc import Mapping

from entrepot.api import inference, responses
from entrepot.api.answers.accounts import Deleted
from entrepot.api.answers.dialects import (
    ChatCompletion,
    Compaction,
    EmbeddingList,
    Message,
    MessageTokens,
    ModelResponse,
    ResponseItemList,
    ResponseTokens,
)
from entrepot.api.answers.house import SnippetList
from entrepot.api.answers.models import EstimateList
from entrepot.api.estimate import EstimateSpec
from entrepot.api.operations.operation import TEXT, Area, Operation
from entrepot.api.operations.query import choice, several
from entrepot.api.permissions import below
from entrepot.api.snippets import SnippetSpec

EVENTS = "text/event-stream"
STEERED = ("x-client-request-id", "x-entrepot-meta", "x-entrepot-sandbox")
INCLUDE = {"include": several(TEXT), "include[]": several(TEXT)}

KINDS: Mapping[str, Operation] = {
    "/chat/completions": Operation(request="ChatRequest", answer=ChatCompletion, media=(EVENTS,), headers=STEERED),
    "/embeddings": Operation(request="EmbeddingsRequest", answer=EmbeddingList, headers=STEERED),
    "/messages": Operation(
        request="MessagesRequest", answer=Message, media=(EVENTS,), headers=("anthropic-version", *STEERED)
    ),
    "/messages/count_tokens": Operation(
        request="MessagesCountRequest", answer=MessageTokens, headers=("anthropic-version",)
    ),
    "/responses": Operation(request="ResponsesRequest", answer=ModelResponse, media=(EVENTS,), headers=STEERED),
    "/responses/compact": Operation(request="ResponsesRequest", answer=Compaction, headers=STEERED),
    "/responses/input_tokens": Operation(request="ResponsesRequest", answer=ResponseTokens),
}
"""By how the paths end."""

WITH_KEY = Operation(request="ChatRequestWithKey", answer=ChatCompletion, media=(EVENTS,), headers=STEERED)
STORED: Area = {
    ("GET", "/responses/{id}"): Operation(
        answer=ModelResponse,
        query={"stream": choice("true", "false"), "starting_after": {"type": "integer", "minimum": 0}} | INCLUDE,
        media=(EVENTS,),
    ),
    ("DELETE", "/responses/{id}"): Operation(answer=Deleted),
    ("GET", "/responses/{id}/input_items"): Operation(
        answer=ResponseItemList,
        query={
            "limit": {
                "type": "integer",
                "minimum": 1,
                "maximum": responses.MOST_ITEMS,
                "default": responses.DEFAULT_ITEMS,
            },
            "order": choice("asc", "desc", default="desc"),
            "after": TEXT,
        }
        | INCLUDE,
    ),
    ("POST", "/responses/{id}/cancel"): Operation(),
}

CALLS: Area = {
    **{
        ("POST", path): WITH_KEY
        if hot is inference.chat_completions_body_key
        else next(KINDS[end] for end in sorted(KINDS, key=len, reverse=True) if path.endswith(end))
        for path, hot in inference.ROUTES.items()
    },
    **below(responses.PREFIXES, STORED),
    ("POST", "/v1/estimate"): Operation(request=EstimateSpec, answer=EstimateList),
    ("POST", "/v1/snippets"): Operation(request=SnippetSpec, answer=SnippetList),
}
