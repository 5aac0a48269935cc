"""Requests: read into the neutral form, or prepared for an upstream of the same dialect.

`store` and `previous_response_id` are the hub's own: it keeps the answers, and puts the items of earlier turns
before `input` ahead of all that stands here. What an upstream would keep in its own store is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from entrepot import tokens
from entrepot.catalog import ImageTokens
from entrepot.conversation import Message, OutputFormat, ReasoningEffort, Request, Text
from entrepot.dialects.fields import RawFields, encode, raw
from entrepot.dialects.foreign import Foreign
from entrepot.dialects.openai_responses import compaction
from entrepot.dialects.openai_responses.items import parse_input
from entrepot.dialects.openai_responses.reasoning import is_sealed
from entrepot.dialects.openai_responses.tools import offered, parse_choice, parse_tools
from entrepot.dialects.shapes import Value
from entrepot.errors import InvalidRequest

Body = Mapping[str, Any]

LOGPROBS = "message.output_text.logprobs"
ENCRYPTED = "reasoning.encrypted_content"
"""Values of `include`. The others ask for more of what hosted tools found."""

_OWN = frozenset(("key", "model_id", "previous_response_id"))
_CARRIED = _OWN | frozenset((
    "model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "text", "reasoning", "include",
    "max_output_tokens", "temperature", "top_p", "top_logprobs", "frequency_penalty", "presence_penalty",
    "service_tier", "user", "safety_identifier", "prompt_cache_key", "metadata", "stream", "stream_options", "store",
    "background", "conversation",
))  # fmt: skip
# The answer is the same without them: what the client tells of itself (Codex), where prompts are cached, and a
# limit on tools that only an upstream of this dialect runs.
_HINTS = frozenset((
    "client_metadata", "max_tool_calls", "prompt_cache_options", "prompt_cache_retention",
))  # fmt: skip
_DEFAULTS: Body = {"truncation": "disabled"}  # values that ask for nothing


def parse_request(body: Body) -> Request:
    """The neutral form. Raises InvalidRequest where a shape is wrong or an upstream's own store is asked for."""
    root, foreign = Value(body), Foreign()
    refuse_upstream_state(root.table())
    for name, value in root.table().items():
        if name not in _CARRIED and value is not None and value != _DEFAULTS.get(name):
            foreign.keep(name, value, hint=name in _HINTS)
    choice, (tools, server_tools) = parse_choice(root["tool_choice"], parse_tools(offered(root), foreign))
    included = _included(root["include"], foreign)
    effort, summary = _reasoning(root["reasoning"], foreign)
    _note_padding(root["stream_options"], foreign)
    top_logprobs = root["top_logprobs"].integer_or_none() or 0
    stream = bool(root["stream"].flag_or_none())
    return Request(
        model=root["model"].text(),
        messages=(*_instructions(root["instructions"]), *parse_input(root["input"], foreign)),
        tools=tools,
        server_tools=server_tools,
        tool_choice=choice,
        parallel_tool_calls=root["parallel_tool_calls"].flag_or_none(),
        output_format=_output_format(root["text"]["format"] if root["text"].raw else Value(None)),
        max_output_tokens=root["max_output_tokens"].integer_or_none(),
        temperature=root["temperature"].number_or_none(),
        top_p=root["top_p"].number_or_none(),
        frequency_penalty=root["frequency_penalty"].number_or_none(),
        presence_penalty=root["presence_penalty"].number_or_none(),
        logprobs=LOGPROBS in included or top_logprobs > 0,
        top_logprobs=top_logprobs,
        reasoning_effort=effort,
        reasoning_summary=summary,
        verbosity=root["text"]["verbosity"].text_or_none() if root["text"].raw else None,
        service_tier=root["service_tier"].text_or_none(),
        user=_user(root, foreign),
        cache_key=root["prompt_cache_key"].text_or_none(),
        metadata=_metadata(root["metadata"]),
        stream=stream,
        include_usage=stream,
        foreign=foreign.fields,
        hints=frozenset(foreign.hints),
    )


def exceeds(request: Request, limit_tokens: int, rule: ImageTokens | None) -> int | None:
    """As `tokens.exceeds`; what is too long is not where the upstream is asked to leave out the oldest of it."""
    return None if request.foreign.get("truncation") == "auto" else tokens.exceeds(request, limit_tokens, rule)


def refuse_upstream_state(body: Body) -> None:
    """Raises InvalidRequest for what would run or be kept outside the hub's sight."""
    for name in ("background", "conversation"):
        if body.get(name):
            raise InvalidRequest(f"'{name}' is not supported by this hub.", param=name, code="unsupported_parameter")


def _instructions(instructions: Value) -> Iterator[Message]:
    text = instructions.text_or_none()
    if text is not None:
        yield Message(role="system", parts=(Text(text=text),))


def _included(include: Value, foreign: Foreign) -> frozenset[str]:
    included = frozenset(value.text() for value in include)
    further = sorted(included - {LOGPROBS, ENCRYPTED})
    if further:
        foreign.keep("include", further, hint=True)
    return included


def _reasoning(reasoning: Value, foreign: Foreign) -> tuple[ReasoningEffort | None, str | None]:
    for name, value in reasoning.table_or_none().items():
        if name not in ("effort", "summary", "generate_summary") and value not in (None, "auto", "standard"):
            # Which earlier reasoning the model sees again: that of another vendor it never sees.
            foreign.keep(f"reasoning.{name}", value, hint=name == "context")
    if reasoning.raw is None:
        return None, None
    summary = reasoning["summary"].text_or_none() or reasoning["generate_summary"].text_or_none()
    effort = reasoning["effort"].text_or_none()
    if effort is not None and effort not in get_args(ReasoningEffort):
        raise reasoning["effort"].unknown()
    return effort, summary  # type: ignore[return-value]  # one of them


def _output_format(form: Value) -> OutputFormat:
    if form.raw is None:
        return OutputFormat(kind="text")
    match form["type"].text():
        case "text" | "json_object" as kind:
            return OutputFormat(kind=kind)
        case "json_schema":
            return OutputFormat(
                kind="json_schema",
                name=form["name"].text(),
                schema=_described(form["schema"].table(), form["description"].text_or_none()),
                strict=form["strict"].flag_or_none(),
            )
        case _:
            raise form["type"].unknown()


def _described(schema: Body, description: str | None) -> Body:
    """The schema's own keyword holds what this dialect says beside it."""
    return {"description": description, **schema} if description else schema


def _user(root: Value, foreign: Foreign) -> str | None:
    """Both names mean the end user; where they differ, the newer one counts."""
    safety_identifier, user = root["safety_identifier"].text_or_none(), root["user"].text_or_none()
    if safety_identifier and user and user != safety_identifier:
        foreign.keep("user", user, hint=True)
    return safety_identifier or user


def _metadata(metadata: Value) -> Mapping[str, str] | None:
    return {name: metadata[name].text() for name in metadata.table_or_none()} or None


def _note_padding(options: Value, foreign: Foreign) -> None:
    asked = {name: value for name, value in options.table_or_none().items() if value}
    if asked:
        foreign.keep("stream_options", asked, hint=True)


def emit_relayed(fields: RawFields, body: Body, upstream_model: str) -> bytes:
    """The client's own body with the model's upstream name in it, for an upstream that is to keep nothing.

    Reasoning that the hub has sealed is taken out of `input`, a compaction opened; every other field keeps the bytes
    it came with. Raises InvalidRequest as `parse_request` does.
    """
    refuse_upstream_state(body)
    relayed = {name: value for name, value in fields.items() if name not in _OWN}
    relayed |= {"model": raw(upstream_model), "store": raw(False)}
    items = body.get("input")
    if isinstance(items, list) and any(is_sealed(item) or compaction.is_own(item) for item in items):
        relayed["input"] = raw(
            [
                compaction.opened(item) if compaction.is_own(item.raw) else item.raw
                for item in Value(items, "input")
                if not is_sealed(item.raw)
            ]
        )
    return encode(relayed)
