"""The shapes of what Codex 0.169.0 sends, in texts of our own, with the outcome of each."""

from __future__ import annotations

from typing import Any

from tests.support.claude_code_requests import Body, Case
from tests.support.media import PNG_BASE64

SEARCH = {"type": "web_search", "external_web_access": False}
SCRIPT = {"type": "grammar", "syntax": "lark", "definition": "start: SOURCE\nSOURCE: /[\\s\\S]+/\n"}


def function(name: str, **properties: str) -> Body:
    """Optional arguments, but for the first one."""
    return {
        "type": "function",
        "name": name,
        "description": f"Serves to {name.replace('_', ' ')}.",
        "strict": False,
        "parameters": {
            "type": "object",
            "properties": {key: {"type": kind} for key, kind in properties.items()},
            "required": list(properties)[:1],
            "additionalProperties": False,
        },
    }


EXEC = function("exec_command", cmd="string", tty="boolean", yield_time_ms="number")
SPAWN = function("spawn_agent", message="string", fork_context="boolean")
CREW = {"type": "namespace", "name": "multi_agent_v1", "description": "A crew.", "tools": [SPAWN]}
WORKSHOP = {
    "type": "namespace",
    "name": "functions",
    "description": "",
    "tools": [{"type": "custom", "name": "exec", "description": "Runs a script.", "format": SCRIPT}, EXEC],
}


def message(role: str, *parts: Body | str, **fields: Any) -> Body:
    kind = "output_text" if role == "assistant" else "input_text"
    content = [{"type": kind, "text": part} if isinstance(part, str) else part for part in parts]
    return {"type": "message", "id": f"msg_{role}", "role": role, "content": content, **fields}


SURROUNDINGS = message("user", "<environment_context>\n  <shell>bash</shell>\n</environment_context>")


def call(call_id: str, command: str) -> Body:
    arguments = f'{{"cmd": "{command}"}}'
    fields = {"call_id": call_id, "name": "exec_command", "arguments": arguments}
    return {"type": "function_call", "status": "completed", "id": f"fc_{call_id}", **fields}


def output(call_id: str, text: str) -> Body:
    return {"type": "function_call_output", "id": f"fco_{call_id}", "call_id": call_id, "output": text}


def codex(*items: Body, **fields: Any) -> Body:
    body = {
        "input": [message("developer", "You help in a workshop.", "Take care."), SURROUNDINGS, *items],
        "tools": [EXEC, CREW, SEARCH],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "reasoning": {"summary": "auto"},
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "0",
        "client_metadata": {"session_id": "0"},
    }
    return {name: value for name, value in (body | fields).items() if value is not None}


def elsewhere(chat: str, messages: str) -> dict[str, str]:
    return {"openai_chat": chat, "anthropic_messages": messages, "openai_responses": ""}


LEFT_OUT = "client_metadata, tools[type=web_search], reasoning.summary"
PICTURE = {"type": "input_image", "image_url": f"data:image/png;base64,{PNG_BASE64}", "detail": "high"}
THOUGHT = {
    "type": "reasoning",
    "id": "rs_1",
    "summary": [{"type": "summary_text", "text": "A name."}],
    "content": None,
    "encrypted_content": None,
}
NAME = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
    "additionalProperties": False,
}

CASES = {
    "orders of the developer": Case(
        codex(message("user", "Say hello")), "hello", elsewhere(LEFT_OUT, f"{LEFT_OUT}, prompt_cache_key")
    ),
    "parallel results out of order": Case(
        codex(
            message("user", "Look twice"),
            call("call_1", "ls"),
            call("call_2", "pwd"),
            output("call_2", "harbour"),
            output("call_1", "boats"),
        ),
        r"harbour\sboats|boats\sharbour",
        elsewhere(LEFT_OUT, f"{LEFT_OUT}, prompt_cache_key"),
    ),
    "a tool in a namespace": Case(
        codex(message("user", 'Call multi_agent_v1__spawn_agent with "a look around"')),
        ("multi_agent_v1__spawn_agent", {"message": "a look around"}),
        elsewhere(LEFT_OUT, f"{LEFT_OUT}, prompt_cache_key"),
    ),
    "tools that the input adds": Case(
        codex(
            message("user", 'Call exec with "text(1)"'),
            {"type": "additional_tools", "id": "at_1", "role": "developer", "tools": [WORKSHOP]},
            tools=None,
            reasoning={"effort": "low", "context": "all_turns"},
            text={"verbosity": "low"},
        ),
        ("functions__exec", {"input": "text(1)"}),
        elsewhere(
            "client_metadata, reasoning.context, tools[].format",
            "client_metadata, reasoning.context, tools[].format, prompt_cache_key, text.verbosity",
        ),
    ),
    "a picture, a schema and thinking without content": Case(
        codex(
            message("user", '<image name="a" path="/a.png">', PICTURE, "</image>", "The name is `Ada`"),
            THOUGHT,
            message("assistant", "Noted.", status="completed"),
            message("developer", "<model_switch>\nAnother model goes on.\n</model_switch>"),
            message("user", "Fill in the name `Ada`"),
            text={"format": {"type": "json_schema", "name": "codex_output_schema", "schema": NAME, "strict": True}},
        ),
        r'\{"name":"Ada"\}',
        elsewhere(
            f"{LEFT_OUT}, messages[].reasoning",
            f"{LEFT_OUT}, prompt_cache_key, messages[].detail, messages[].reasoning",
        ),
    ),
}
