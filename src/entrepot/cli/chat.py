"""`entrepot chat`: talk to a model in the terminal, through this hub or any OpenAI-compatible URL."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Annotated, Any

import msgspec
import typer

from entrepot.cli.options import Config, Home, load
from entrepot.errors import Unauthenticated, UpstreamError, UpstreamUnreachable
from entrepot.pages.clients import DEFAULT_MODEL


def command(
    prompt: Annotated[list[str] | None, typer.Argument(help="What to say; without it, a conversation.")] = None,
    model: Annotated[str, typer.Option("--model", "-m", help="Model id or alias.")] = DEFAULT_MODEL,
    system: Annotated[str | None, typer.Option("--system", "-s", help="System prompt.")] = None,
    url: Annotated[str | None, typer.Option("--url", help="Base URL; else ENTREPOT_BASE_URL, else this hub.")] = None,
    key: Annotated[str | None, typer.Option("--key", help="API key; else ENTREPOT_API_KEY.")] = None,
    home: Home = None,
    config: Config = None,
) -> None:
    """Stream a model's answer; with no prompt on a terminal, keep talking until Ctrl-D."""
    settings = load(home, config)
    token = key or os.environ.get("ENTREPOT_API_KEY")
    if not token:
        raise Unauthenticated("no key: give --key or set ENTREPOT_API_KEY (make one with `entrepot keys create`)")
    base_url = url or os.environ.get("ENTREPOT_BASE_URL") or f"{settings.url}/v1"
    messages: list[dict[str, str]] = [{"role": "system", "content": system}] if system else []
    for text in _turns(prompt):
        messages.append({"role": "user", "content": text})
        answer = ""
        for piece in stream(base_url, token, {"model": model, "messages": messages, "stream": True}):
            answer += piece
            print(piece, end="", flush=True)
        print()
        messages.append({"role": "assistant", "content": answer})


def _turns(prompt: list[str] | None) -> Iterator[str]:
    if prompt:
        yield " ".join(prompt)
    elif not sys.stdin.isatty():
        yield sys.stdin.read()
    else:
        while True:
            try:
                text = input("› ").strip()
            except (EOFError, KeyboardInterrupt):
                print()
                return
            if text:
                yield text


class _Delta(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    error: Any = None


def stream(base_url: str, token: str, body: dict[str, Any]) -> Iterator[str]:
    """The answer's text as it arrives. Raises Unauthenticated or UpstreamError with the server's message."""
    ended = False
    for data in _events(base_url, token, body):
        if data == b"[DONE]":
            return
        for choice in _chunk(data).choices or ():
            ended = ended or choice.finish_reason is not None
            if choice.delta is not None and choice.delta.content:
                yield choice.delta.content
    if not ended:
        raise UpstreamError("the answer stopped before its end")


def _events(base_url: str, token: str, body: dict[str, Any]) -> Iterator[bytes]:
    import http.client
    from urllib.parse import urlsplit

    from entrepot.dialects import sse

    url = urlsplit(base_url.rstrip("/"))
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    splitter = sse.Splitter()
    try:
        with closing(kind(url.hostname or "", url.port)) as connection:
            connection.request("POST", f"{url.path}/chat/completions", msgspec.json.encode(body), headers)
            response = connection.getresponse()
            if response.status != 200:
                raise _failure(response.status, response.read())
            while piece := response.read1():
                yield from filter(None, map(sse.data_of, splitter.feed(piece)))
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise UpstreamUnreachable(f"{base_url} cannot be reached ({type(error).__name__})") from None


def _chunk(data: bytes) -> _Chunk:
    from entrepot.dialects.openai_chat import read_error

    try:
        chunk = msgspec.json.decode(data, type=_Chunk)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UpstreamError("the answer is not a chat completion stream") from None
    if chunk.error is not None:
        raise UpstreamError(read_error(data).message)
    return chunk


def _failure(status: int, body: bytes) -> Unauthenticated | UpstreamError:
    from entrepot.dialects.openai_chat import read_error

    message = read_error(body).message
    return Unauthenticated(message) if status in (401, 403) else UpstreamError(f"{status}: {message}")
