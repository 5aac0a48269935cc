"""Between any two dialects: every claim of docs/reference/translation.md.

The page's tables are made from the dialects' own; `--update-goldens` writes them anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import msgspec
import pytest
from anthropic.types.message_create_params import MessageCreateParamsStreaming
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from openai.types.responses.response_create_params import ResponseCreateParamsStreaming

from entrepot.conversation import (
    Audio,
    Document,
    Image,
    Message,
    OutputFormat,
    Reasoning,
    Refusal,
    Request,
    ServerTool,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolReference,
    ToolResult,
)
from entrepot.dialects import anthropic_messages, openai_chat, openai_responses
from entrepot.dialects.carrying import NotCarried
from entrepot.errors import InvalidRequest

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "translation.md"

DIALECTS: dict[str, ModuleType] = {
    "Chat Completions": openai_chat,
    "Responses": openai_responses,
    "Messages": anthropic_messages,
}
DOCUMENTED: dict[str, Any] = {
    "Chat Completions": CompletionCreateParamsStreaming,
    "Responses": ResponseCreateParamsStreaming,
    "Messages": MessageCreateParamsStreaming,
}
# Messages makes something of its models' names: this one reasons by effort and still lets itself be tuned.
UPSTREAM_MODELS = {"Messages": "claude-sonnet-4-6"}
FIELDS = [field for field in Request.__struct_fields__ if field not in ("foreign", "hints")]
ALWAYS = ("include_usage",)
"""The hub always asks upstreams for usage."""


def is_carried(dialect: ModuleType, field: str) -> bool:
    return field in dialect.FIELD_NAMES and field not in dialect.CANNOT_CARRY


def emitted(name: str, request: Request) -> Any:
    return DIALECTS[name].emit_request(request, UPSTREAM_MODELS.get(name, "up"))


def through(name: str, request: Request) -> Request:
    """The request as an upstream of the dialect would read it, were it a hub."""
    reread = DIALECTS[name].parse_request(json.loads(emitted(name, request).body))
    assert isinstance(reread, Request)
    return reread


# The page -----------------------------------------------------------------------------------------


def fields_table() -> Iterator[str]:
    yield f"| Field | {' | '.join(DIALECTS)} |"
    yield "|---" * (len(DIALECTS) + 1) + "|"
    for field in FIELDS:
        if field not in ALWAYS:
            yield f"| {field} | {' | '.join(_fate(dialect, field) for dialect in DIALECTS.values())} |"


def _fate(dialect: ModuleType, field: str) -> str:
    name, verdict = dialect.FIELD_NAMES.get(field), dialect.CANNOT_CARRY.get(field)
    if verdict is None:
        return f"`{name}`"
    return f"{verdict}; sends `{name}`" if name else str(verdict)


def foreign_table() -> Iterator[str]:
    yield "| Dialect | Field | In another dialect |"
    yield "|---|---|---|"
    for name, dialect in DIALECTS.items():
        for field in sorted(get_type_hints(DOCUMENTED[name])):
            fate = _foreign_fate(dialect, field)
            if fate is not None:
                yield f"| {name} | `{field}` | {fate} |"


def messages_table() -> Iterator[str]:
    yield f"| | {' | '.join(DIALECTS)} |"
    yield "|---" * (len(DIALECTS) + 1) + "|"
    for kind, request in MESSAGES.items():
        yield f"| {kind} | {' | '.join(_message_fate(name, request) for name in DIALECTS)} |"


def _message_fate(name: str, request: Request) -> str:
    """By trial: refused, dropped, or read again as it was or as something else."""
    try:
        dropped = emitted(name, request).dropped
    except NotCarried:
        return "refused"
    if dropped:
        return "dropped"
    reread = through(name, request)
    is_kept = _plain(reread) == _plain(request)
    return "kept" if is_kept else "in another form"


def _plain(request: Request) -> bytes:
    """Messages and tools as text; an image's detail is `auto` where nothing is said."""
    return msgspec.json.encode((request.messages, request.tools)).replace(b'"detail":"auto"', b'"detail":null')


LEAST: dict[str, Any] = {
    "model": "m",
    "max_tokens": 5,
    "messages": [{"role": "user", "content": "hi"}],
    "input": "hi",
}


def _foreign_fate(dialect: ModuleType, field: str) -> str | None:
    """A value of no sensible type is refused where the field is read, and noted where it is foreign."""
    try:
        request = dialect.parse_request(_least(dialect) | {field: [[["odd"]]]})
    except InvalidRequest:
        return None
    if field not in request.foreign:
        return None
    return "dropped" if field in request.hints else "refused"


def _least(dialect: ModuleType) -> dict[str, Any]:
    names = {"openai_chat": ("model", "messages"), "openai_responses": ("model", "input")}
    return {name: LEAST[name] for name in names.get(dialect.NAME, ("model", "messages", "max_tokens"))}


TIDE = Tool(name="tide", description="Height.", parameters={"type": "object", "properties": {"a": {"type": "string"}}})
PDF = "data:application/pdf;base64,JVBERi0="
PNG = "data:image/png;base64,iVBORw0KGgo="
HI = Message(role="user", parts=(Text(text="hi"),))


def _user(*parts: Any, name: str | None = None) -> Request:
    return Request(model="asked", messages=(Message(role="user", parts=parts, name=name),))


def _assistant(*parts: Any) -> Request:
    return Request(model="asked", messages=(HI, Message(role="assistant", parts=parts), HI))


def _called(call: ToolCall, *parts: Any, is_error: bool = False) -> Request:
    result = ToolResult(call_id=call.id, parts=parts, is_error=is_error, custom=call.custom)
    messages = (HI, Message(role="assistant", parts=(call,)), Message(role="tool", parts=(result,)))
    return Request(model="asked", messages=messages)


CALL = ToolCall(id="call_1", name="tide", arguments='{"port":"Hamburg"}')
MESSAGES: dict[str, Request] = {
    "text": _user(Text(text="one"), Text(text="two")),
    "image, data URL": _user(Image(url=PNG, detail="auto")),
    "image, https URL": _user(Image(url="https://example.test/quay.png", detail="auto")),
    "image, `detail`": _user(Image(url=PNG, detail="low")),
    "PDF, data URL": _user(Document(url=PDF, filename="manifest.pdf")),
    "PDF, https URL": _user(Document(url="https://example.test/manifest.pdf")),
    "text file, data URL": _user(Document(url="data:text/plain;base64,Y2FyZ28=", filename="cargo.txt")),
    "file by the id of an upload": _user(Document(file_id="file-1")),
    "audio": _user(Audio(data="UklGRg==", format="wav")),
    "name of who speaks": _user(Text(text="hi"), name="anna"),
    "cache hint": _user(Text(text="hi", cache="1h")),
    "refusal": _assistant(Refusal(text="I will not.")),
    "thinking, open": _assistant(Reasoning(text="hm"), Text(text="ho")),
    "thinking, signed by Anthropic": _assistant(Reasoning(text="hm", signature="c2ln"), Text(text="ho")),
    "thinking, encrypted by OpenAI": _assistant(Reasoning(text="hm", encrypted="ZW5j", id="rs_1"), Text(text="ho")),
    "call of a function": _called(CALL, Text(text="3.1")),
    "call with arguments that are no JSON": _called(msgspec.structs.replace(CALL, arguments="{"), Text(text="3.1")),
    "call of a custom tool": _called(ToolCall(id="call_1", name="log", arguments="free", custom=True), Text(text="ok")),
    "failed result": _called(CALL, Text(text="no such port"), is_error=True),
    "image in a result": _called(CALL, Text(text="look"), Image(url=PNG, detail="auto")),
    "tool reference in a result": _called(CALL, ToolReference(name="tide")),
    "custom tool": Request(model="asked", messages=(HI,), tools=(Tool(name="log", custom=True),)),
    "tool that is loaded late": Request(
        model="asked", messages=(HI,), tools=(msgspec.structs.replace(TIDE, deferred=True),)
    ),
}

TABLES = {"fields": fields_table, "foreign": foreign_table, "messages": messages_table}


@pytest.mark.parametrize("name", TABLES)
def test_the_page_holds_the_table(name: str, request: pytest.FixtureRequest) -> None:
    block = re.compile(rf"(?<=<!-- {name} -->\n\n).*?(?=\n\n<!-- end -->)", re.DOTALL)
    table, page = "\n".join(TABLES[name]()), PAGE.read_text("utf-8")
    if request.config.getoption("--update-goldens"):
        page = block.sub(lambda _: table, page)
        PAGE.write_text(page, "utf-8")
    found = block.search(page)
    assert found is not None
    assert found.group() == table


@pytest.mark.parametrize("name", DIALECTS)
def test_every_field_has_a_name_or_a_verdict_in_every_dialect(name: str) -> None:
    dialect = DIALECTS[name]
    assert set(FIELDS) - set(ALWAYS) <= set(dialect.FIELD_NAMES) | set(dialect.CANNOT_CARRY)
    assert set(dialect.FIELD_NAMES) | set(dialect.CANNOT_CARRY) <= set(FIELDS)


# Single fields ------------------------------------------------------------------------------------

SEARCHES = {
    "Chat Completions": ServerTool(
        type="web_search_options", name="web_search", settings={"search_context_size": "low"}
    ),
    "Responses": ServerTool(type="web_search", name="web_search", settings={"search_context_size": "low"}),
    "Messages": ServerTool(type="web_search_20250305", name="web_search", settings={"max_uses": 8}),
}

# A value for each field, with the fields it cannot stand without.
SAMPLES: Mapping[str, dict[str, Any]] = {
    "tools": {"tools": (TIDE,)},
    "tool_choice": {"tool_choice": ToolChoice(mode="tool", name="tide"), "tools": (TIDE,)},
    "parallel_tool_calls": {
        "parallel_tool_calls": False,
        "tools": (TIDE,),
        "tool_choice": ToolChoice(mode="auto"),
    },
    "output_format": {"output_format": OutputFormat(kind="json_schema", name="answer", schema={"type": "object"})},
    "max_output_tokens": {"max_output_tokens": 2048},
    "temperature": {"temperature": 0.5},
    "top_p": {"top_p": 0.5},
    "top_k": {"top_k": 5},
    "frequency_penalty": {"frequency_penalty": 0.5},
    "presence_penalty": {"presence_penalty": -0.5},
    "stop": {"stop": ("END",)},
    "seed": {"seed": 7},
    "n": {"n": 2},
    "logprobs": {"logprobs": True},
    "top_logprobs": {"top_logprobs": 3, "logprobs": True},
    "logit_bias": {"logit_bias": {"5": -1}},
    "reasoning_effort": {"reasoning_effort": "medium"},
    "reasoning_budget_tokens": {"reasoning_budget_tokens": 10_000, "max_output_tokens": 20_000},
    "reasoning_summary": {"reasoning_summary": "auto", "reasoning_effort": "medium"},
    "verbosity": {"verbosity": "low"},
    "service_tier": {"service_tier": "default"},
    "user": {"user": "somebody"},
    "cache_key": {"cache_key": "harbour"},
    "metadata": {"metadata": {"ship": "Anna"}},
    "stream": {"stream": True},
}


def asked(**fields: Any) -> Request:
    return Request(model="asked", messages=(Message(role="user", parts=(Text(text="hi"),)),), **fields)


def test_every_field_has_a_sample() -> None:
    assert set(SAMPLES) == set(FIELDS) - {"model", "messages", "server_tools", *ALWAYS}


@pytest.mark.parametrize("field", SAMPLES)
@pytest.mark.parametrize("name", DIALECTS)
def test_each_field_fares_as_the_page_says(name: str, field: str) -> None:
    dialect, request = DIALECTS[name], asked(**SAMPLES[field])
    match dialect.CANNOT_CARRY.get(field):
        case "refused":
            with pytest.raises(NotCarried) as caught:
                emitted(name, request)
            assert caught.value.field in SAMPLES[field]
        case "dropped":
            assert field in emitted(name, request).dropped
            assert getattr(through(name, request), field) != getattr(request, field)
        case None:
            assert field not in emitted(name, request).dropped
            assert _same(dialect, field, through(name, request), request)


def _same(dialect: ModuleType, field: str, found: Request, request: Request) -> bool:
    if field == "output_format":  # Messages has neither name nor strictness
        assert found.output_format is not None
        return found.output_format.kind == "json_schema" and found.output_format.schema == {"type": "object"}
    if field == "reasoning_budget_tokens" and dialect.FIELD_NAMES[field] == dialect.FIELD_NAMES["reasoning_effort"]:
        return found.reasoning_effort == "medium"
    if field == "tools":
        return [(tool.name, tool.description, tool.parameters) for tool in found.tools] == [
            (tool.name, tool.description, tool.parameters) for tool in request.tools
        ]
    return bool(getattr(found, field) == getattr(request, field))


@pytest.mark.parametrize("name", DIALECTS)
def test_server_tools_are_carried_to_their_own_dialect(name: str) -> None:
    assert through(name, asked(server_tools=(SEARCHES[name],))).server_tools == (SEARCHES[name],)


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("source", ["Responses", "Messages"])
def test_search_that_is_merely_offered_is_dropped_elsewhere(name: str, source: str) -> None:
    if name != source:
        search = SEARCHES[source]
        assert f"tools[type={search.type}]" in emitted(name, asked(server_tools=(search,))).dropped


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("kind", ["mcp_of_another_vendor", "code_runner"])
def test_other_server_tools_are_refused_by_name(name: str, kind: str) -> None:
    with pytest.raises(NotCarried) as caught:
        emitted(name, asked(server_tools=(ServerTool(type=kind, name=kind),)))
    assert caught.value.param == f"tools[type={kind}]"
