"""Clients of the hub and how each is told of it: variables for a shell, or a file of its own."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping

import msgspec

from entrepot.pages.literals import quoted
from entrepot.pages.snippets import KEY_VARIABLE

DEFAULT_MODEL = "gpt-4.1-mini"

Variables = dict[str, str | None]
"""Values by name; None stands for the key."""


class Aim(msgspec.Struct, frozen=True):
    """The hub's address, without a slash at the end, and the model that is wanted of it."""

    url: str
    model: str | None

    @property
    def some_model(self) -> str:
        return self.model or DEFAULT_MODEL


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """What a client reads: variables, perhaps a file, and the command that makes it use the file.

    `name` is what people call it. `start` begins it once the variables are set; `embeds` says that it calls
    embedding models, too.
    """

    name: str
    start: str = ""
    embeds: bool = False
    variables: Callable[[Aim], Variables]
    file: Callable[[Aim], str] | None = None
    path: str = ""
    command: str = ""


# Clients ------------------------------------------------------------------------------------------


def _openai(aim: Aim) -> Variables:
    return {"OPENAI_BASE_URL": f"{aim.url}/v1", "OPENAI_API_KEY": None}


def _openai_by_its_old_name(aim: Aim) -> Variables:
    return {"OPENAI_API_BASE": f"{aim.url}/v1", "OPENAI_API_KEY": None}


def _anthropic(aim: Aim) -> Variables:
    return {"ANTHROPIC_BASE_URL": aim.url, "ANTHROPIC_API_KEY": None}


def _claude_code(aim: Aim) -> Variables:
    """The other vendor's key is taken away: with two different ones the hub refuses the call."""
    variables: Variables = {"ANTHROPIC_BASE_URL": aim.url, "ANTHROPIC_AUTH_TOKEN": None, "ANTHROPIC_API_KEY": ""}
    if aim.model:
        variables |= {"ANTHROPIC_MODEL": aim.model, "ANTHROPIC_DEFAULT_HAIKU_MODEL": aim.model}
    return variables


def _aider(aim: Aim) -> Variables:
    return _openai_by_its_old_name(aim) | ({"AIDER_MODEL": f"openai/{aim.model}"} if aim.model else {})


def _own_key(aim: Aim) -> Variables:
    return {KEY_VARIABLE: None}


def _opencode(aim: Aim) -> Variables:
    provider = {
        "npm": "@ai-sdk/openai-compatible",
        "name": "Entrepôt",
        "options": {"baseURL": f"{aim.url}/v1", "apiKey": f"{{env:{KEY_VARIABLE}}}"},
        "models": {aim.some_model: {}},
    }
    chosen = f"entrepot/{aim.some_model}"
    content = {"model": chosen, "small_model": chosen, "provider": {"entrepot": provider}}
    return {KEY_VARIABLE: None, "OPENCODE_CONFIG_CONTENT": msgspec.json.encode(content).decode()}


def _codex_file(aim: Aim) -> str:
    return f"""\
model = {quoted(aim.some_model)}
model_provider = "entrepot"

[model_providers.entrepot]
name = "Entrepôt"
base_url = {quoted(f"{aim.url}/v1")}
env_key = "{KEY_VARIABLE}"
wire_api = "responses"
"""


def _continue_file(aim: Aim) -> str:
    return f"""\
name: Entrepôt
version: 0.0.1
schema: v1
models:
  - name: {quoted(aim.some_model)}
    provider: openai
    model: {quoted(aim.some_model)}
    apiBase: {quoted(f"{aim.url}/v1")}
    apiKey: ${{{{ secrets.{KEY_VARIABLE} }}}}
    roles: [chat, edit, apply]
    capabilities: [tool_use]
"""


CLIENTS: Mapping[str, Client] = {
    "aider": Client(name="Aider", start="aider", variables=_aider),
    "anthropic": Client(name="Anthropic's SDKs", variables=_anthropic),
    "claude-code": Client(name="Claude Code", start="claude", variables=_claude_code),
    "codex": Client(
        name="Codex",
        variables=_own_key,
        file=_codex_file,
        path="~/.codex/entrepot.config.toml",
        command="codex --profile entrepot",
    ),
    "continue": Client(
        name="Continue",
        variables=_own_key,
        file=_continue_file,
        path="~/.continue/entrepot.yaml",
        command="cn --config ~/.continue/entrepot.yaml",
    ),
    "langchain": Client(
        name="LangChain", embeds=True, variables=lambda aim: _openai_by_its_old_name(aim) | _anthropic(aim)
    ),
    "llamaindex": Client(name="LlamaIndex", embeds=True, variables=_openai_by_its_old_name),
    "openai": Client(name="OpenAI's SDKs", embeds=True, variables=_openai),
    "opencode": Client(name="OpenCode", start="opencode", variables=_opencode),
    "pydantic-ai": Client(name="Pydantic AI", variables=lambda aim: _openai(aim) | _anthropic(aim)),
    "vercel": Client(
        name="Vercel AI SDK",
        variables=lambda aim: _openai(aim) | _anthropic(aim) | {"ANTHROPIC_BASE_URL": f"{aim.url}/v1"},
    ),
}


# Shells -------------------------------------------------------------------------------------------


class Shell(msgspec.Struct, frozen=True):
    """How a shell sets a variable, quotes text, and names the value of a variable."""

    assignment: str
    quote: Callable[[str], str]
    value_of: str


def _fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _powershell(text: str) -> str:
    """It takes typographic quotes for quotes, too."""
    return "'" + re.sub("['‘’‚‛]", r"\g<0>\g<0>", text) + "'"


SHELLS: Mapping[str, Shell] = {
    "sh": Shell("export {name}={value}", shlex.quote, '"${name}"'),
    "fish": Shell("set -gx {name} {value}", _fish, '"${name}"'),
    "powershell": Shell("$env:{name} = {value}", _powershell, "$env:{name}"),
}


def lines(client: Client, aim: Aim, key: str | None, shell: Shell) -> list[str]:
    """One assignment for each variable; without a key, by the value of the hub's own variable."""
    the_key = shell.value_of.format(name=KEY_VARIABLE) if key is None else shell.quote(key)
    variables = client.variables(aim).items()
    return [
        shell.assignment.format(name=name, value=the_key if value is None else shell.quote(value))
        for name, value in variables
    ]
