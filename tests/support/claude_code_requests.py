"""The shapes of what Claude Code 2.1.197 sends, in texts of our own, with the outcome of each."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from tests.support.media import PDF_BASE64, PNG_BASE64

Body = dict[str, Any]


class Case(NamedTuple):
    """A request, and what comes of it.

    `outcome` is what its answer says, as a pattern, or the call it makes: name and arguments. `dropped` names what
    is left out on the way to an upstream of another dialect.
    """

    body: Body
    outcome: str | tuple[str, Body]
    dropped: dict[str, str]


def schema(**properties: str) -> Body:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in properties.items()},
        "required": list(properties),
        "additionalProperties": False,
    }


def text(words: str, **fields: Any) -> Body:
    return {"type": "text", "text": words, **fields}


def use(call_id: str, name: str, **arguments: str) -> Body:
    return {"type": "tool_use", "id": call_id, "name": name, "input": arguments}


def result(call_id: str, content: Any, **fields: Any) -> Body:
    return {"tool_use_id": call_id, "type": "tool_result", "content": content, **fields}


def user(*blocks: Body) -> Body:
    return {"role": "user", "content": list(blocks)}


def assistant(*blocks: Body) -> Body:
    return {"role": "assistant", "content": list(blocks)}


EPHEMERAL = {"type": "ephemeral"}
TITLE = schema(title="string")
PNG = {"type": "base64", "media_type": "image/png", "data": PNG_BASE64}
PDF = {"type": "base64", "media_type": "application/pdf", "data": PDF_BASE64}
REMINDER = text("<system-reminder>\nThe date is today.\n</system-reminder>")
ORDERS = {"role": "system", "content": "These helpers are available: a librarian, a gardener."}
READ = {"name": "Read", "description": "Reads a file.", "input_schema": schema(file_path="string")}
BASH = {"name": "Bash", "description": "Runs a command line.", "input_schema": schema(command="string")}


def prompt(words: str) -> Body:
    return user(REMINDER, text(words, cache_control=EPHEMERAL))


def claude_code(*messages: Body, version: str = "a1b", **fields: Any) -> Body:
    body = {
        "messages": list(messages),
        "system": [
            text(f"x-anthropic-billing-header: cc_version=2.1.197.{version}; cc_entrypoint=sdk-cli;"),
            text("You help in a workshop.", cache_control=EPHEMERAL),
        ],
        "tools": [READ, BASH],
        "metadata": {"user_id": json.dumps({"device_id": "0" * 64, "session_id": "1"})},
        "max_tokens": 32000,
        "thinking": {"type": "adaptive"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015", "keep": "all"}]},
        "output_config": {"effort": "high"},
    }
    return {name: value for name, value in (body | fields).items() if value is not None}


def elsewhere(names: str) -> dict[str, str]:
    """Dropped by either dialect of OpenAI's; an upstream of its own dialect gets all."""
    return {"openai_chat": names, "openai_responses": names, "anthropic_messages": ""}


LEFT_OUT = "context_management, system[0], messages[].cache"
READING = (prompt("Have a look"), ORDERS, assistant(use("toolu_1", "Read", file_path="/a")))
IN_PARALLEL = assistant(use("toolu_1", "Read", file_path="/a"), use("toolu_2", "Bash", command="ls"))
SEARCHED = assistant(use("toolu_1", "Read", file_path="/tools"))
THOUGHT = {"type": "thinking", "thinking": "A name.", "signature": "c2lnbmF0dXJl"}

CASES = {
    "a system message amid the others": Case(claude_code(prompt("Say hello"), ORDERS), "hello", elsewhere(LEFT_OUT)),
    "a budget for thinking": Case(
        claude_code(prompt("Say hello"), thinking={"type": "enabled", "budget_tokens": 31999}, output_config=None),
        "hello",
        elsewhere(LEFT_OUT),
    ),
    "a helper that does not think": Case(
        claude_code(prompt("Say hello"), ORDERS, thinking=None, context_management=None),
        "hello",
        elsewhere("system[0], messages[].cache"),
    ),
    "a failed result": Case(
        claude_code(*READING, user(result("toolu_1", "No such file", is_error=True, cache_control=EPHEMERAL))),
        r"(Error:\s)?No such file",
        elsewhere(LEFT_OUT),
    ),
    "parallel results in the order of their ends": Case(
        claude_code(
            prompt("Look twice"),
            ORDERS,
            IN_PARALLEL,
            user(result("toolu_2", "harbour"), result("toolu_1", [text("boats")], cache_control=EPHEMERAL)),
        ),
        r"harbour\sboats|boats\sharbour",
        elsewhere(LEFT_OUT),
    ),
    "an image as a result": Case(
        claude_code(
            *READING,
            user(result("toolu_1", [{"type": "image", "source": PNG}], cache_control=EPHEMERAL)),
        ),
        r".*I see 1 image \(2 × 1\)\.",
        elsewhere(LEFT_OUT),
    ),
    "a document beside a result": Case(
        claude_code(
            *READING,
            user(result("toolu_1", "Read 1 page."), {"type": "document", "source": PDF, "cache_control": EPHEMERAL}),
        ),
        r".*I see 1 file\b.*",
        elsewhere(LEFT_OUT),
    ),
    "replayed thinking": Case(
        claude_code(
            prompt("My name is Ada"), ORDERS, assistant(THOUGHT, text("Noted.")), user(text("What is my name?"))
        ),
        r"Your name is Ada\.",
        elsewhere(f"{LEFT_OUT}, messages[].reasoning"),
    ),
    "a title in JSON": Case(
        claude_code(
            user(text('<session>\nfix it\n</session>\n\nWrite the title "Mending" for it.')),
            tools=[],
            thinking=None,
            context_management=None,
            output_config={"effort": "high", "format": {"type": "json_schema", "schema": TITLE}},
        ),
        r'\{"title":"Mending"\}',
        elsewhere("system[0], messages[].cache"),
    ),
    "tools found by search and loaded late": Case(
        claude_code(
            prompt("Find a tool"),
            SEARCHED,
            user(
                result("toolu_1", [{"type": "tool_reference", "tool_name": "mcp__harbour__tide"}]),
                text('Call mcp__harbour__tide with "Bergen"'),
            ),
            tools=[READ, {"name": "mcp__harbour__tide", "input_schema": schema(port="string"), "defer_loading": True}],
        ),
        ("mcp__harbour__tide", {"port": "Bergen"}),
        elsewhere(f"{LEFT_OUT}, tools[].deferred"),
    ),
    "a search that the vendor runs": Case(
        claude_code(
            user(text("Say hello")),
            tools=[{"type": "web_search_20250305", "name": "web_search", "max_uses": 8}],
            tool_choice={"type": "auto"},
            thinking=None,
            context_management=None,
        ),
        "hello",
        elsewhere("system[0], messages[].cache, tools[type=web_search_20250305]"),
    ),
}
