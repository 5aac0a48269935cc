"""Chat Completions requests: read into the neutral form, or prepared for an upstream of the same dialect.

Bodies have usually passed the model's request schema before, but nothing here depends on it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from entrepot.catalog import OutputLimit
from entrepot.conversation import OutputFormat, ReasoningEffort, Request, ServerTool
from entrepot.dialects.fields import RawFields, encode, raw
from entrepot.dialects.openai_chat.messages import DECORATION, Foreign, parse_messages
from entrepot.dialects.openai_chat.tools import GRAMMAR, allowed, parse_choice, parse_tools
from entrepot.dialects.shapes import Value
from entrepot.errors import InvalidRequest

Body = Mapping[str, Any]

WEB_SEARCH = "web_search_options"
"""Chat Completions has no server tool but this field, which stands for one among the neutral server tools."""

_OWN = frozenset(("key", "model_id"))
"""Fields of the hub itself, which never leave it."""

_CARRIED = _OWN | frozenset((
    "model", "messages", "tools", "functions", "tool_choice", "function_call", "parallel_tool_calls", "response_format",
    "max_completion_tokens", "max_tokens", "temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty",
    "stop", "seed", "n", "logprobs", "top_logprobs", "logit_bias", "reasoning_effort", "verbosity", "service_tier",
    "safety_identifier", "user", "prompt_cache_key", "metadata", "stream", "stream_options", WEB_SEARCH,
))  # fmt: skip

# The answer is the same without them. `prediction`: OpenAI's guide calls it a way to lower latency; `store`: keeps
# a copy for distillation and evals; the cache fields are about price and speed; `user` beside a safety
# identifier is its deprecated twin; stream options shape the delivery, which is the hub's own.
_HINTS = frozenset(("prediction", "store", "prompt_cache_options", "prompt_cache_retention", "user", GRAMMAR))
_HINT_PREFIXES = (DECORATION, "stream_options.")
# Values that ask for nothing.
_DEFAULTS: Body = {"store": False, "modalities": ["text"]}


def emit_relayed(
    fields: RawFields, body: Body, upstream_model: str, *, output_limit: OutputLimit = "max_completion_tokens"
) -> bytes:
    """The client's own body with the model's upstream name in it and, for streams, usage asked for.

    Where the server's `output_limit` is the older name, a bound under the newer one goes by that: DeepSeek and
    Ollama ignore the newer one without a word. Every other field keeps the bytes it came with.
    """
    relayed = {name: value for name, value in fields.items() if name not in _OWN}
    relayed["model"] = raw(upstream_model)
    if output_limit == "max_tokens" and body.get("max_completion_tokens") is not None:
        relayed["max_tokens"] = relayed.pop("max_completion_tokens")
    if body.get("stream"):
        relayed["stream_options"] = raw({**(body.get("stream_options") or {}), "include_usage": True})
    return encode(relayed)


def parse_request(body: Body) -> Request:
    """The neutral form. Raises InvalidRequest where a shape is wrong or fields contradict each other."""
    root = Value(body)
    foreign = {name: value for name, value in root.table().items() if _is_foreign(name, value)}
    tools, server_tools = parse_tools(root, foreign)
    choice = parse_choice(root)
    top_logprobs, options = root["top_logprobs"].integer_or_none(), root["stream_options"].table_or_none()
    if top_logprobs is not None and not root["logprobs"].raw:
        raise InvalidRequest("'top_logprobs' needs 'logprobs' to be true.", param="top_logprobs")
    request = Request(
        model=root["model"].text(),
        messages=parse_messages(root["messages"], foreign),
        tools=allowed(tools, root),
        server_tools=(*server_tools, *_web_search(root[WEB_SEARCH])),
        tool_choice=choice,
        parallel_tool_calls=root["parallel_tool_calls"].flag_or_none(),
        output_format=_output_format(root["response_format"], foreign),
        max_output_tokens=root["max_completion_tokens"].integer_or_none() or root["max_tokens"].integer_or_none(),
        temperature=root["temperature"].number_or_none(),
        top_p=root["top_p"].number_or_none(),
        top_k=root["top_k"].integer_or_none(),
        frequency_penalty=root["frequency_penalty"].number_or_none(),
        presence_penalty=root["presence_penalty"].number_or_none(),
        stop=_stop(root["stop"]),
        seed=root["seed"].integer_or_none(),
        n=root["n"].integer_or_none() or 1,
        logprobs=bool(root["logprobs"].flag_or_none()),
        top_logprobs=top_logprobs or 0,
        logit_bias=_logit_bias(root["logit_bias"]),
        reasoning_effort=_effort(root["reasoning_effort"], foreign),
        verbosity=root["verbosity"].text_or_none(),
        service_tier=root["service_tier"].text_or_none(),
        user=_user(root, foreign),
        cache_key=root["prompt_cache_key"].text_or_none(),
        metadata=_metadata(root["metadata"]),
        stream=bool(root["stream"].flag_or_none()),
        include_usage=bool(options.get("include_usage")),
        foreign=foreign | _further(root["stream_options"], "include_usage"),
    )
    return _with_hints(request)


def _is_foreign(name: str, value: Any) -> bool:
    return name not in _CARRIED and value is not None and value != _DEFAULTS.get(name)


def _further(table: Value, *known: str) -> Foreign:
    return {
        f"{table.path}.{name}": raw
        for name, raw in table.table_or_none().items()
        if name not in known and raw is not None
    }


def _with_hints(request: Request) -> Request:
    hints = (name for name in request.foreign if name in _HINTS or name.startswith(_HINT_PREFIXES))
    return msgspec.structs.replace(request, hints=frozenset(hints))


def _web_search(options: Value) -> tuple[ServerTool, ...]:
    if options.raw is None:
        return ()
    return (ServerTool(type=WEB_SEARCH, name="web_search", settings=options.table()),)


def _output_format(response_format: Value, foreign: Foreign) -> OutputFormat | None:
    if response_format.raw is None:
        return OutputFormat(kind="text")
    match response_format["type"].text():
        case "text" | "json_object" as kind:
            return OutputFormat(kind=kind)
        case "json_schema":
            named = response_format["json_schema"]
            return OutputFormat(
                kind="json_schema",
                name=named["name"].text_or_none(),
                schema=_described(named["schema"].table_or_none(), named["description"].text_or_none()),
                strict=named["strict"].flag_or_none(),
            )
        case _:  # a grammar, say, of the server's own
            foreign[response_format.path] = response_format.raw
            return None


def _described(schema: Body, description: str | None) -> Body | None:
    """The schema's own keyword holds what this dialect says beside it."""
    return ({"description": description, **schema} if description else schema) or None


def _stop(stop: Value) -> tuple[str, ...]:
    return (stop.raw,) if isinstance(stop.raw, str) else tuple(text.text() for text in stop)


def _logit_bias(biases: Value) -> Mapping[str, float] | None:
    names = biases.table_or_none()
    return {name: biases[name].number_or_none() or 0 for name in names} or None


def _effort(effort: Value, foreign: Foreign) -> ReasoningEffort | None:
    text = effort.text_or_none()
    if text is None or text in get_args(ReasoningEffort):
        return text  # type: ignore[return-value]  # one of them
    foreign[effort.path] = text
    return None


def _user(root: Value, foreign: Foreign) -> str | None:
    """Both names mean the end user; where they differ, the newer one counts."""
    safety_identifier, user = root["safety_identifier"].text_or_none(), root["user"].text_or_none()
    if safety_identifier and user and user != safety_identifier:
        foreign["user"] = user
    return safety_identifier or user


def _metadata(metadata: Value) -> Mapping[str, str] | None:
    return {name: metadata[name].text() for name in metadata.table_or_none()} or None
