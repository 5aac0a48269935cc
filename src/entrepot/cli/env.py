"""`entrepot env`: how a client is told of this hub, as lines for a shell or as a file of its own."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping
from typing import Annotated, TypeVar

import msgspec
import typer

from entrepot.cli.chat import DEFAULT_MODEL
from entrepot.cli.options import Config, Home, load
from entrepot.errors import InvalidRequest, NotFound

Known = TypeVar("Known")


KEY_VARIABLE = "ENTREPOT_API_KEY"

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
    """What a client reads: variables, perhaps a file, and the command that makes it use the file."""

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
model = {_quoted(aim.some_model)}
model_provider = "entrepot"

[model_providers.entrepot]
name = "Entrepôt"
base_url = {_quoted(f"{aim.url}/v1")}
env_key = "{KEY_VARIABLE}"
wire_api = "responses"
"""


def _continue_file(aim: Aim) -> str:
    return f"""\
name: Entrepôt
version: 0.0.1
schema: v1
models:
  - name: {_quoted(aim.some_model)}
    provider: openai
    model: {_quoted(aim.some_model)}
    apiBase: {_quoted(f"{aim.url}/v1")}
    apiKey: ${{{{ secrets.{KEY_VARIABLE} }}}}
    roles: [chat, edit, apply]
    capabilities: [tool_use]
"""


def _quoted(text: str) -> str:
    """A string in double quotes: TOML and YAML read JSON's."""
    return msgspec.json.encode(text).decode()


CLIENTS: Mapping[str, Client] = {
    "aider": Client(variables=_aider),
    "anthropic": Client(variables=_anthropic),
    "claude-code": Client(variables=_claude_code),
    "codex": Client(
        variables=_own_key,
        file=_codex_file,
        path="~/.codex/entrepot.config.toml",
        command="codex --profile entrepot",
    ),
    "continue": Client(
        variables=_own_key,
        file=_continue_file,
        path="~/.continue/entrepot.yaml",
        command="cn --config ~/.continue/entrepot.yaml",
    ),
    "langchain": Client(variables=lambda aim: _openai_by_its_old_name(aim) | _anthropic(aim)),
    "llamaindex": Client(variables=_openai_by_its_old_name),
    "openai": Client(variables=_openai),
    "opencode": Client(variables=_opencode),
    "pydantic-ai": Client(variables=lambda aim: _openai(aim) | _anthropic(aim)),
    "vercel": Client(variables=lambda aim: _openai(aim) | _anthropic(aim) | {"ANTHROPIC_BASE_URL": f"{aim.url}/v1"}),
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


# The command --------------------------------------------------------------------------------------


def command(
    client: Annotated[str, typer.Argument(help=f"{', '.join(CLIENTS)}.")],
    key: Annotated[str | None, typer.Option("--key", help=f"API key; else the value of {KEY_VARIABLE}.")] = None,
    model: Annotated[str | None, typer.Option("--model", "-m", help="Model id or alias.")] = None,
    shell: Annotated[str, typer.Option("--shell", help=f"{', '.join(SHELLS)}.")] = "sh",
    file: Annotated[bool, typer.Option("--file", help="Print the client's own file instead.")] = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Print what points a client at this hub: eval "$(entrepot env claude-code --key ep-…)"."""
    known, written = _pick(CLIENTS, client, "client"), _pick(SHELLS, shell, "shell")
    for option, text in (("--key", key), ("--model", model)):
        if text is not None and not text.isprintable():
            raise InvalidRequest(f"{option}: there is a character in it that cannot be printed.")
    aim = Aim(load(home, config).url, model)
    if not file:
        print("\n".join(lines(known, aim, key, written)))
        if known.file:
            chosen = "" if model is None else f" --model {written.quote(model)}"
            print(f"# entrepot env {client}{chosen} --file > {known.path} && {known.command}")
    elif known.file:
        print(known.file(aim), end="")
    else:
        raise NotFound(f"{client} needs no file of its own.")


def lines(client: Client, aim: Aim, key: str | None, shell: Shell) -> list[str]:
    """One assignment for each variable; without a key, by the value of the hub's own variable."""
    the_key = shell.value_of.format(name=KEY_VARIABLE) if key is None else shell.quote(key)
    variables = client.variables(aim).items()
    return [
        shell.assignment.format(name=name, value=the_key if value is None else shell.quote(value))
        for name, value in variables
    ]


def _pick(table: Mapping[str, Known], name: str, what: str) -> Known:
    if name not in table:
        raise NotFound(f"No {what} {name!r}; there are {', '.join(table)}.")
    return table[name]
