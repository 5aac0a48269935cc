"""Chat Completions requests: read into the neutral form, or prepared for an upstream of the same dialect.

Bodies have passed the model's request schema before they come here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from entrepot.conversation import (
    Audio,
    Document,
    Image,
    Message,
    OutputFormat,
    Part,
    Refusal,
    Request,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from entrepot.dialects.fields import RawFields, encode, raw
from entrepot.errors import InvalidRequest

Body = Mapping[str, Any]


def emit_relayed(fields: RawFields, body: Body, upstream_model: str) -> bytes:
    """The client's own body with the model's upstream name in it and, for streams, usage asked for.

    Every other field keeps the bytes it came with.
    """
    relayed = {name: value for name, value in fields.items() if name not in ("key", "model_id")}
    relayed["model"] = raw(upstream_model)
    if body.get("stream"):
        relayed["stream_options"] = raw({**(body.get("stream_options") or {}), "include_usage": True})
    return encode(relayed)


def parse_request(body: Body) -> Request:
    """The neutral form. Raises InvalidRequest where fields contradict each other."""
    response_format = body.get("response_format") or {"type": "text"}
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise InvalidRequest("'top_logprobs' needs 'logprobs' to be true.", param="top_logprobs")
    return Request(
        model=body["model"],
        messages=tuple(_message(message) for message in body["messages"]),
        tools=tuple(_tool(tool) for tool in body.get("tools") or ()) + _functions(body),
        tool_choice=_tool_choice(body),
        parallel_tool_calls=body.get("parallel_tool_calls"),
        output_format=_output_format(response_format),
        max_output_tokens=body.get("max_completion_tokens") or body.get("max_tokens"),
        temperature=body.get("temperature"),
        top_p=body.get("top_p"),
        top_k=body.get("top_k"),
        frequency_penalty=body.get("frequency_penalty"),
        presence_penalty=body.get("presence_penalty"),
        stop=_stop(body.get("stop")),
        seed=body.get("seed"),
        n=body.get("n") or 1,
        logprobs=bool(body.get("logprobs")),
        top_logprobs=body.get("top_logprobs") or 0,
        reasoning_effort=body.get("reasoning_effort"),
        stream=bool(body.get("stream")),
        include_usage=bool((body.get("stream_options") or {}).get("include_usage")),
    )


def _message(message: Body) -> Message:
    role = message["role"]
    if role in ("tool", "function"):
        call_id = message.get("tool_call_id") or message.get("name") or ""
        parts = tuple(part for part in _parts(message.get("content")) if isinstance(part, Text | Image | Document))
        return Message(role="tool", parts=(ToolResult(call_id=call_id, parts=parts),))
    parts_of_text = tuple(_parts(message.get("content")))
    refusal = (Refusal(text=message["refusal"]),) if message.get("refusal") else ()
    calls = tuple(_call(call) for call in message.get("tool_calls") or ())
    return Message(role=role, parts=(*parts_of_text, *refusal, *calls), name=message.get("name"))


def _parts(content: Any) -> Iterable[Part]:
    if isinstance(content, str):
        yield Text(text=content)
        return
    for part in content or ():
        match part["type"]:
            case "text":
                yield Text(text=part["text"])
            case "refusal":
                yield Refusal(text=part["refusal"])
            case "image_url":
                yield Image(url=part["image_url"]["url"], detail=part["image_url"].get("detail"))
            case "input_audio":
                yield Audio(data=part["input_audio"]["data"], format=part["input_audio"]["format"])
            case "file":
                file = part["file"]
                yield Document(url=file.get("file_data"), file_id=file.get("file_id"), filename=file.get("filename"))


def _call(call: Body) -> ToolCall:
    if call.get("type") == "custom":
        return ToolCall(id=call["id"], name=call["custom"]["name"], arguments=call["custom"]["input"], custom=True)
    return ToolCall(id=call["id"], name=call["function"]["name"], arguments=call["function"]["arguments"])


def _tool(tool: Body) -> Tool:
    if tool["type"] == "custom":
        return Tool(name=tool["custom"]["name"], description=tool["custom"].get("description") or "", custom=True)
    return _function(tool["function"])


def _functions(body: Body) -> tuple[Tool, ...]:
    return tuple(_function(function) for function in body.get("functions") or ())


def _function(function: Body) -> Tool:
    return Tool(
        name=function["name"],
        description=function.get("description") or "",
        parameters=function.get("parameters") or {},
        strict=function.get("strict"),
    )


def _tool_choice(body: Body) -> ToolChoice | None:
    choice = body.get("tool_choice") or body.get("function_call")
    if choice is None:
        return None
    if isinstance(choice, str):
        return ToolChoice(mode=choice)  # type: ignore[arg-type]  # the schema allows none, auto, required only
    if choice.get("type") == "allowed_tools":
        return ToolChoice(mode=choice["allowed_tools"]["mode"])
    named = choice.get("function") or choice.get("custom") or choice
    return ToolChoice(mode="tool", name=named["name"])


def _output_format(response_format: Body) -> OutputFormat:
    named = response_format.get("json_schema") or {}
    return OutputFormat(
        kind=response_format["type"],
        name=named.get("name"),
        schema=named.get("schema"),
        strict=named.get("strict"),
    )


def _stop(stop: str | list[str] | None) -> tuple[str, ...]:
    if stop is None:
        return ()
    return (stop,) if isinstance(stop, str) else tuple(stop)
