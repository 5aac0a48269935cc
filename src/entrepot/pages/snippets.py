"""A call of the hub as code: one generator for every protocol, language and body.

Code is written for the reader to keep: the key comes from the environment, failures are not passed over.
"""

from __future__ import annotations

import keyword
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

import msgspec

from entrepot.pages.literals import JAVASCRIPT, JSON, PHP, PYTHON, literal, php_text, quoted

KEY_VARIABLE = "ENTREPOT_API_KEY"
ANTHROPIC_VERSION = "2023-06-01"
TIMEOUT_S = 600

Protocol = Literal["openai_chat", "openai_responses", "anthropic_messages", "openai_embeddings"]
Language = Literal[
    "curl",
    "python_requests",
    "python_openai",
    "python_anthropic",
    "javascript_fetch",
    "javascript_openai",
    "php",
    "json",
]
LANGUAGES: tuple[Language, ...] = get_args(Language)
LABELS: Mapping[Language, str] = {
    "curl": "cURL",
    "python_requests": "Python (requests)",
    "python_openai": "Python (openai)",
    "python_anthropic": "Python (anthropic)",
    "javascript_fetch": "JavaScript (fetch)",
    "javascript_openai": "JavaScript (openai)",
    "php": "PHP",
    "json": "JSON",
}
SYNTAX: Mapping[Language, str] = {
    "curl": "sh",
    "python_requests": "python",
    "python_openai": "python",
    "python_anthropic": "python",
    "javascript_fetch": "js",
    "javascript_openai": "js",
    "php": "php",
    "json": "json",
}
"""The name by which Markdown and editors know each language."""

Path = tuple[str | int, ...]


class Wire(msgspec.Struct, frozen=True, kw_only=True):
    """How a protocol is called. `answer` leads to what one wants of a plain answer; empty: to all of it.

    `method` is the SDK's; `said` and `piece` are what Python's and JavaScript's SDK programs print of an answer, and of
    each event of a stream. `arguments` are the fields that the Python SDK knows, separated by spaces;
    Anthropic's has none for sampling.
    """

    path: str
    answer: Path = ()
    headers: tuple[tuple[str, str], ...] = ()
    method: str
    python_said: str
    python_piece: str = ""
    javascript_said: str = ""
    javascript_piece: str = ""
    arguments: str


WIRES: Mapping[Protocol, Wire] = {
    "openai_chat": Wire(
        path="/v1/chat/completions",
        answer=("choices", 0, "message", "content"),
        method="chat.completions.create",
        python_said="answer.choices[0].message.content",
        python_piece='event.choices[0].delta.content or "" if event.choices else ""',
        javascript_said="answer.choices[0].message.content",
        javascript_piece='event.choices[0]?.delta.content ?? ""',
        arguments="""audio frequency_penalty logit_bias logprobs max_completion_tokens max_tokens messages metadata
            modalities model n parallel_tool_calls prediction presence_penalty prompt_cache_key reasoning_effort
            response_format safety_identifier seed service_tier stop store stream stream_options temperature tool_choice
            tools top_logprobs top_p user verbosity web_search_options""",
    ),
    "openai_responses": Wire(
        path="/v1/responses",
        method="responses.create",
        python_said="answer.output_text",
        python_piece='event.delta if event.type == "response.output_text.delta" else ""',
        javascript_said="answer.output_text",
        javascript_piece='event.type === "response.output_text.delta" ? event.delta : ""',
        arguments="""include input instructions max_output_tokens max_tool_calls metadata model parallel_tool_calls
            previous_response_id prompt_cache_key reasoning safety_identifier service_tier store stream stream_options
            temperature text tool_choice tools top_logprobs top_p truncation user""",
    ),
    "anthropic_messages": Wire(
        path="/v1/messages",
        headers=(("anthropic-version", ANTHROPIC_VERSION),),
        method="messages.create",
        python_said='"".join(block.text for block in answer.content if block.type == "text")',
        python_piece=(
            'event.delta.text if event.type == "content_block_delta" and event.delta.type == "text_delta" else ""'
        ),
        arguments="""max_tokens messages metadata model output_config service_tier stop_sequences stream system
            thinking tool_choice tools""",
    ),
    "openai_embeddings": Wire(
        path="/v1/embeddings",
        answer=("data", 0, "embedding"),
        method="embeddings.create",
        python_said="answer.data[0].embedding",
        javascript_said="answer.data[0].embedding",
        arguments="dimensions encoding_format input model user",
    ),
}


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request to the hub at `url`, which has no slash at the end."""

    url: str
    protocol: Protocol
    body: Mapping[str, Any]

    @property
    def wire(self) -> Wire:
        return WIRES[self.protocol]

    @property
    def address(self) -> str:
        return self.url + self.wire.path

    @property
    def streams(self) -> bool:
        return bool(self.body.get("stream") and self.wire.python_piece)


def languages(protocol: Protocol) -> tuple[Language, ...]:
    """Those that speak the protocol: the vendors' SDKs speak their own only."""
    theirs = ("python_openai", "javascript_openai") if protocol == "anthropic_messages" else ("python_anthropic",)
    return tuple(language for language in LANGUAGES if language not in theirs)


def snippet(call: Call, language: Language) -> str:
    """The call as a program, or as the bare body; it ends with a line break. Raises KeyError for a foreign SDK."""
    if language not in languages(call.protocol):
        raise KeyError(language)
    return _WRITERS[language](call)


def _curl(call: Call) -> str:
    lines = [
        f"curl {'--no-buffer ' if call.streams else ''}--fail-with-body {shlex.quote(call.address)}",
        f'-H "Authorization: Bearer ${KEY_VARIABLE}"',
        "-H 'Content-Type: application/json'",
        *(f"-H '{name}: {value}'" for name, value in call.wire.headers),
        f"-d {shlex.quote(literal(call.body, JSON))}",
    ]
    return " \\\n  ".join(lines) + "\n"


def _python_requests(call: Call) -> str:
    headers = [
        f'"Authorization": f"Bearer {{os.environ[\'{KEY_VARIABLE}\']}}"',
        *(f"{quoted(name)}: {quoted(value)}" for name, value in call.wire.headers),
    ]
    streaming = "    stream=True,\n" if call.streams else ""
    path = _indexed(call.wire.answer, quoted)
    shown = f"print(response.json(){path})\n"
    if call.streams:
        shown = "for line in response.iter_lines():\n    print(line.decode())\n"
    return (
        f"import os\n\nimport requests\n\nresponse = requests.post(\n    {quoted(call.address)},\n"
        f"    headers={{{', '.join(headers)}}},\n    json={literal(call.body, PYTHON, 1)},\n{streaming}"
        f"    timeout={TIMEOUT_S},\n)\nresponse.raise_for_status()\n{shown}"
    )


def _python_sdk(call: Call, client: str, base_url: str) -> str:
    wire = call.wire
    shown = f"print({wire.python_said})\n"
    if call.streams:
        shown = f'for event in answer:\n    print({wire.python_piece}, end="")\n'
    return (
        f"import os\n\nfrom {client.lower()} import {client}\n\n"
        f'client = {client}(base_url={quoted(base_url)}, api_key=os.environ["{KEY_VARIABLE}"])\n'
        f"answer = client.{wire.method}(\n{_arguments(call)})\n{shown}"
    )


def _arguments(call: Call) -> str:
    """The body as arguments; what the SDK has no argument for goes into its `extra_body`."""
    known = {name: value for name, value in call.body.items() if _is_argument(name, call.wire)}
    extra = {name: value for name, value in call.body.items() if name not in known}
    if extra:
        known["extra_body"] = extra
    return "".join(f"    {name}={literal(value, PYTHON, 1)},\n" for name, value in known.items())


def _is_argument(name: str, wire: Wire) -> bool:
    return name in wire.arguments.split() and not keyword.iskeyword(name)


def _javascript_fetch(call: Call) -> str:
    headers = [
        f"    Authorization: `Bearer ${{process.env.{KEY_VARIABLE}}}`,",
        '    "Content-Type": "application/json",',
        *(f"    {quoted(name)}: {quoted(value)}," for name, value in call.wire.headers),
    ]
    wanted = f"answer{_dotted(call.wire.answer)}" if call.wire.answer else "JSON.stringify(answer, null, 2)"
    shown = f"const answer = await response.json();\nconsole.log({wanted});\n"
    if call.streams:
        shown = (
            "for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {\n"
            "  process.stdout.write(piece);\n}\n"
        )
    return (
        f'const response = await fetch({quoted(call.address)}, {{\n  method: "POST",\n  headers: {{\n'
        + "\n".join(headers)
        + f"\n  }},\n  body: JSON.stringify({literal(call.body, JAVASCRIPT, 1)}),\n}});\n"
        f"if (!response.ok) throw new Error(await response.text());\n{shown}"
    )


def _javascript_openai(call: Call) -> str:
    wire = call.wire
    shown = f"console.log({wire.javascript_said});\n"
    if call.streams:
        shown = f"for await (const event of answer) process.stdout.write({wire.javascript_piece});\n"
    return (
        'import OpenAI from "openai";\n\n'
        f"const client = new OpenAI({{ baseURL: {quoted(call.url + '/v1')}, "
        f"apiKey: process.env.{KEY_VARIABLE} }});\n"
        f"const answer = await client.{wire.method}({literal(call.body, JAVASCRIPT)});\n{shown}"
    )


def _php(call: Call) -> str:
    headers = [
        f"        'Authorization: Bearer ' . getenv('{KEY_VARIABLE}'),",
        "        'Content-Type: application/json',",
        *(f"        {php_text(f'{name}: {value}')}," for name, value in call.wire.headers),
    ]
    returned = "" if call.streams else "    CURLOPT_RETURNTRANSFER => true,\n"
    refusal = php_text("The hub refused the call.") if call.streams else "$answer"
    shown = f"print_r(json_decode($answer, true){_indexed(call.wire.answer, php_text)});\necho PHP_EOL;\n"
    return (
        f"<?php\n\n$curl = curl_init({php_text(call.address)});\ncurl_setopt_array($curl, [\n{returned}"
        "    CURLOPT_HTTPHEADER => [\n"
        + "\n".join(headers)
        + f"\n    ],\n    CURLOPT_POSTFIELDS => json_encode({literal(call.body, PHP, 1)}),\n]);\n"
        "$answer = curl_exec($curl);\n"
        "if ($answer === false) {\n    throw new RuntimeException(curl_error($curl));\n}\n"
        "if (curl_getinfo($curl, CURLINFO_RESPONSE_CODE) >= 400) {\n"
        f"    throw new RuntimeException({refusal});\n}}\n" + ("" if call.streams else shown)
    )


def _indexed(path: Path, quote: Callable[[str], str]) -> str:
    return "".join(f"[{step if isinstance(step, int) else quote(step)}]" for step in path)


def _dotted(path: Path) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


_WRITERS: Mapping[Language, Callable[[Call], str]] = {
    "curl": _curl,
    "python_requests": _python_requests,
    "python_openai": lambda call: _python_sdk(call, "OpenAI", f"{call.url}/v1"),
    "python_anthropic": lambda call: _python_sdk(call, "Anthropic", call.url),
    "javascript_fetch": _javascript_fetch,
    "javascript_openai": _javascript_openai,
    "php": _php,
    "json": lambda call: literal(call.body, JSON) + "\n",
}
