"""`entrepot keys`: make and manage keys in the store of a home, beside a running hub or without one."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from entrepot.cli import output
from entrepot.cli.options import Config, Home, Json, load
from entrepot.errors import InvalidRequest, NotFound
from entrepot.keys import CALL_SCOPES, SCOPES, Key, KeyPatch, KeySpec, issue, key_object, patched, rotate

if TYPE_CHECKING:
    from entrepot.home import Home as OpenHome

app = typer.Typer(help="API keys: create, list, show, disable, enable, rotate, delete.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The key's id or its prefix (ep-live-<id>).")]
Name = Annotated[str, typer.Option("--name", help="What the key is for.")]
Mode = Annotated[str, typer.Option("--mode", help="live or test; a test key never spends.")]
ScopeList = Annotated[list[str] | None, typer.Option("--scope", help=f"{', '.join(SCOPES)}; repeat for several.")]
ModelList = Annotated[list[str] | None, typer.Option("--model", help="Allow only this model; repeat for several.")]
Expires = Annotated[str | None, typer.Option("--expires", help="30d, 12h, or a time such as 2027-01-01.")]

_AGE = re.compile(r"(\d{1,5})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@app.command()
def create(
    name: Name = "unnamed",
    mode: Mode = "test",
    scope: ScopeList = None,
    model: ModelList = None,
    expires: Expires = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make a key and print its token, which is shown only now."""
    spec = _spec(
        {
            "name": name,
            "mode": mode,
            "scopes": scope or list(CALL_SCOPES),
            "models": model or None,
            "expires_at": _time(expires),
        }
    )
    with _opened(home, config) as opened:
        key, token = issue(spec, opened.owner.organisation_id, opened.pepper, now_ms=_now_ms(), random=os.urandom)
        opened.store.insert_key(key)
    _print_token(key, token, as_json)


@app.command("list")
def list_keys(home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """List all keys."""
    with _opened(home, config) as opened:
        keys = [key_object(key) for key in opened.store.all_keys()]
    output.table(keys, ("prefix", "name", "mode", "scopes", "models", "expires_at", "disabled"), as_json)


@app.command()
def show(id: Id, home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Show one key."""
    with _opened(home, config) as opened:
        output.record(key_object(_find(opened, id)), as_json)


@app.command()
def disable(id: Id, home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Refuse a key until it is enabled again; a running hub follows within a second."""
    _change(id, KeyPatch(disabled=True), home, config, as_json)


@app.command()
def enable(id: Id, home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Accept a disabled key again."""
    _change(id, KeyPatch(disabled=False), home, config, as_json)


@app.command("rotate")
def rotate_key(
    id: Id,
    grace: Annotated[str, typer.Option("--grace", help="How long the old token keeps working: 24h, 7d, 0.")] = "0",
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Give a key a new token and print it, only now."""
    grace_s = 0 if grace == "0" else round(_age(grace).total_seconds())
    with _opened(home, config) as opened:
        key = _find(opened, id)
        key, token = rotate(key, opened.pepper, now_ms=_now_ms(), grace_s=grace_s, random=os.urandom)
        opened.store.update_key(key)
    _print_token(key, token, as_json)


@app.command()
def delete(id: Id, home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Forget a key; what it used stays in the records."""
    with _opened(home, config) as opened:
        key = _find(opened, id)
        opened.store.delete_key(key.id)
    output.record({"id": key.id, "deleted": True}, as_json)


@contextmanager
def _opened(home: str | None, config: str | None) -> Iterator[OpenHome]:
    from entrepot.home import open_home

    opened = open_home(load(home, config).home)
    try:
        yield opened
    finally:
        opened.store.close()


def _find(opened: OpenHome, wanted: str) -> Key:
    key_id = wanted.rpartition("-")[2]
    for key in opened.store.all_keys():
        if key.id == key_id:
            return key
    raise NotFound(f"There is no key {wanted!r}.", code="key_not_found")


def _change(wanted: str, patch: KeyPatch, home: str | None, config: str | None, as_json: bool) -> None:
    with _opened(home, config) as opened:
        key = patched(_find(opened, wanted), patch)
        opened.store.update_key(key)
    output.record(key_object(key), as_json)


def _spec(values: dict[str, Any]) -> KeySpec:
    try:
        # By way of JSON, as over HTTP: an argument may hold bytes that are no text and that no store takes.
        return msgspec.json.decode(msgspec.json.encode(values), type=KeySpec)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise InvalidRequest(str(error)) from None


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    if _AGE.fullmatch(text):
        return datetime.now(UTC) + _age(text)
    try:
        time_ = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidRequest(f"--expires: {text!r} is neither an age such as 30d nor a time.") from None
    return time_ if time_.tzinfo else time_.replace(tzinfo=UTC)


def _age(text: str) -> timedelta:
    match = _AGE.fullmatch(text)
    if match is None:
        raise InvalidRequest(f"{text!r} is not an age such as 30m, 12h or 7d.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _print_token(key: Key, token: str, as_json: bool) -> None:
    if as_json:
        output.record(key_object(key) | {"key": token}, as_json)
    else:
        print(f"{token}\n\nKey {key.prefix} ({key.name}). The token is not shown again.")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
