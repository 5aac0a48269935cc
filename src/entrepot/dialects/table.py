"""The dialects by name, each with the same functions: what the exchange asks of any of them.

A conversation's `Dialect` can be translated into every other; embeddings are a `Form` that only passes through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from entrepot import tokens
from entrepot.catalog import ImageTokens, Offer
from entrepot.catalog.records import Kind
from entrepot.conversation import Event, Request, Response, Usage
from entrepot.dialects import anthropic_messages, openai_chat, openai_embeddings, openai_responses
from entrepot.dialects.carrying import Emitted
from entrepot.dialects.counting import Counting
from entrepot.dialects.fields import RawFields
from entrepot.dialects.openai_chat import ErrorBody, Tapped
from entrepot.dialects.taps import Tap
from entrepot.errors import EntrepotError

Body = Mapping[str, Any]


class Reader(Protocol):
    """An upstream's stream on its way to neutral events."""

    @property
    def usage_known(self) -> bool: ...

    def feed(self, data: bytes) -> list[Event]: ...

    def close(self) -> list[Event]: ...


class Writer(Protocol):
    """Neutral events on their way to the client."""

    def write(self, event: Event) -> bytes: ...


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """How requests for models of one `kind` are read, relayed and refused.

    `path` is where an upstream of the form is called, below its base URL. `has_schema` says that the models' own
    request schemas describe it. `count(request, rule)` takes the rule by which images cost the model tokens;
    `exceeds(request, limit_tokens, rule)` gives the tokens that are too many, or None.
    `passed_headers` are the client's that an upstream of the same form needs to read the body as it is meant.
    `no_money_status` is that of a refusal for want of money.
    """

    name: str
    path: str
    kind: Kind = "chat"
    has_schema: bool = False
    no_money_status: int = 429
    passed_headers: tuple[bytes, ...] = ()
    output_fields: tuple[str, ...] = ()
    field_names: Mapping[str, str]
    parse_request: Callable[[Body], Any]
    emit_relayed: Callable[[RawFields, Body, Offer], bytes]
    tap_response: Callable[[bytes], Tapped]
    emit_error: Callable[[EntrepotError, str], bytes]
    read_error: Callable[[bytes], ErrorBody]
    emit_usage: Callable[[Usage], dict[str, Any]]
    count: Callable[[Any, ImageTokens | None], int] = tokens.count_request
    exceeds: Callable[[Any, int, ImageTokens | None], int | None] = tokens.exceeds


class Dialect(Form, frozen=True, kw_only=True):
    """A form of conversation.

    `answer_id` makes another dialect's id of an answer one of this. `tap(body, limit_bytes)` and
    `writer(request, body, request_id)` take the client's body for what it asks of the answer's form; `stream_error`
    takes the tap or writer that the broken stream went through.
    """

    answer_id: Callable[[str], str] = str
    emit_request: Callable[[Request, Offer], Emitted]
    parse_response: Callable[[bytes], Response]
    emit_response: Callable[[Response, Request, Body], bytes]
    tap: Callable[[Body, int], Tap]
    reader: Callable[[int], Reader]
    writer: Callable[[Request, Body, str], Writer]
    stream_error: Callable[[EntrepotError, str, Any], bytes]
    counting: Counting | None = None


CHAT = Dialect(
    name=openai_chat.NAME,
    path=openai_chat.PATH,
    output_fields=("max_completion_tokens", "max_tokens"),
    has_schema=True,
    field_names=openai_chat.FIELD_NAMES,
    parse_request=openai_chat.parse_request,
    emit_request=lambda request, offer: openai_chat.emit_request(
        request, offer.upstream_model, output_limit=offer.output_limit
    ),
    emit_relayed=lambda fields, body, offer: openai_chat.emit_relayed(
        fields, body, offer.upstream_model, output_limit=offer.output_limit
    ),
    parse_response=openai_chat.parse_response,
    emit_response=lambda response, request, body: openai_chat.emit_response(response, request),
    tap_response=openai_chat.tap_response,
    tap=lambda body, limit_bytes: openai_chat.StreamTap(
        include_usage=bool((body.get("stream_options") or {}).get("include_usage")), limit_bytes=limit_bytes
    ),
    reader=lambda limit_bytes: openai_chat.StreamReader(limit_bytes=limit_bytes),
    writer=lambda request, body, request_id: openai_chat.StreamWriter(
        include_usage=request.include_usage, custom_tools=[tool.name for tool in request.tools if tool.custom]
    ),
    emit_error=openai_chat.emit_error,
    stream_error=lambda error, request_id, written: openai_chat.emit_stream_error(error, request_id),
    read_error=openai_chat.read_error,
    emit_usage=openai_chat.emit_usage,
)

MESSAGES = Dialect(
    name=anthropic_messages.NAME,
    path=anthropic_messages.PATH,
    no_money_status=402,  # billing_error: platform.claude.com/docs/en/api/errors
    output_fields=("max_tokens",),
    passed_headers=(b"anthropic-beta",),
    field_names=anthropic_messages.FIELD_NAMES,
    answer_id=anthropic_messages.message_id,
    parse_request=anthropic_messages.parse_request,
    emit_request=lambda request, offer: anthropic_messages.emit_request(request, offer.upstream_model),
    emit_relayed=lambda fields, body, offer: anthropic_messages.emit_relayed(fields, body, offer.upstream_model),
    parse_response=anthropic_messages.parse_response,
    emit_response=lambda response, request, body: anthropic_messages.emit_response(response, request),
    tap_response=anthropic_messages.tap_response,
    tap=lambda body, limit_bytes: anthropic_messages.StreamTap(limit_bytes=limit_bytes),
    reader=lambda limit_bytes: anthropic_messages.StreamReader(limit_bytes=limit_bytes),
    writer=lambda request, body, request_id: anthropic_messages.StreamWriter(request_id=request_id),
    emit_error=anthropic_messages.emit_error,
    stream_error=lambda error, request_id, written: anthropic_messages.emit_stream_error(error, request_id),
    counting=anthropic_messages.COUNTING,
    read_error=anthropic_messages.read_error,
    emit_usage=anthropic_messages.emit_usage,
)

RESPONSES = Dialect(
    name=openai_responses.NAME,
    path=openai_responses.PATH,
    output_fields=("max_output_tokens",),
    field_names=openai_responses.FIELD_NAMES,
    answer_id=openai_responses.response_id,
    parse_request=openai_responses.parse_request,
    emit_request=lambda request, offer: openai_responses.emit_request(request, offer.upstream_model),
    emit_relayed=lambda fields, body, offer: openai_responses.emit_relayed(fields, body, offer.upstream_model),
    parse_response=openai_responses.parse_response,
    emit_response=lambda response, request, body: openai_responses.emit_response(response, request, echo=body),
    tap_response=openai_responses.tap_response,
    tap=lambda body, limit_bytes: openai_responses.StreamTap(limit_bytes=limit_bytes),
    reader=lambda limit_bytes: openai_responses.StreamReader(limit_bytes=limit_bytes),
    writer=lambda request, body, request_id: openai_responses.StreamWriter(echo=body),
    emit_error=openai_responses.emit_error,
    stream_error=lambda error, request_id, written: openai_responses.emit_stream_error(
        error, request_id, sequence_number=written.sequence_number
    ),
    counting=openai_responses.COUNTING,
    read_error=openai_responses.read_error,
    emit_usage=openai_responses.emit_usage,
    exceeds=openai_responses.exceeds,
)

EMBEDDINGS = Form(
    name=openai_embeddings.NAME,
    path=openai_embeddings.PATH,
    kind="embedding",
    has_schema=True,
    field_names=openai_embeddings.FIELD_NAMES,
    parse_request=openai_embeddings.parse_request,
    emit_relayed=lambda fields, body, offer: openai_embeddings.emit_relayed(fields, body, offer.upstream_model),
    tap_response=openai_embeddings.tap_response,
    emit_error=openai_embeddings.emit_error,
    read_error=openai_embeddings.read_error,
    emit_usage=openai_embeddings.emit_usage,
    count=lambda request, rule: openai_embeddings.count_request(request),
    exceeds=lambda request, limit_tokens, rule: openai_embeddings.exceeds(request, limit_tokens),
)

DIALECTS: Mapping[str, Dialect] = {dialect.name: dialect for dialect in (CHAT, MESSAGES, RESPONSES)}
