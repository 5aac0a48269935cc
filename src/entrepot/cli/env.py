"""`entrepot env`: how a client is told of this hub, as lines for a shell or as a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeVar

import typer

from entrepot.cli.options import Config, Home, load
from entrepot.errors import InvalidRequest, NotFound
from entrepot.pages.clients import CLIENTS, SHELLS, Aim, lines
from entrepot.pages.snippets import KEY_VARIABLE

Known = TypeVar("Known")


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


def _pick(table: Mapping[str, Known], name: str, what: str) -> Known:
    if name not in table:
        raise NotFound(f"No {what} {name!r}; there are {', '.join(table)}.")
    return table[name]
