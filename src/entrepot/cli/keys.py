"""`entrepot keys`: make and manage keys in the store of a home, beside a running hub or without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from entrepot.cli import output
from entrepot.cli.bounds import Bounds, print_bounded, with_bounds
from entrepot.cli.office import Office, OrganisationId, checked, opened
from entrepot.cli.options import Config, Expires, Home, Json
from entrepot.cli.times import age, time_option
from entrepot.errors import NotFound
from entrepot.keys import CALL_SCOPES, SCOPES, Key, KeyPatch, KeySpec, key_id_of, key_object

if TYPE_CHECKING:
    from entrepot.accounts.callers import Caller

app = typer.Typer(help="API keys: create, list, show, edit, disable, enable, rotate, delete.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="The key's id or its prefix (ep-live-<id>).")]
Name = Annotated[str, typer.Option("--name", help="What the key is for.")]
Mode = Annotated[str, typer.Option("--mode", help="live or test; a test key never spends.")]
ScopeList = Annotated[list[str] | None, typer.Option("--scope", help=f"{', '.join(SCOPES)}; repeat for several.")]
ModelList = Annotated[list[str] | None, typer.Option("--model", help="Allow only this model; repeat for several.")]
MemberId = Annotated[str | None, typer.Option("--member", help="Id of the member it belongs to.")]
Project = Annotated[str | None, typer.Option("--project", help="A label to tell keys and their usage apart by.")]


@app.command()
@with_bounds
def create(
    bounds: Bounds,
    name: Name = "unnamed",
    mode: Mode = "test",
    scope: ScopeList = None,
    model: ModelList = None,
    expires: Expires = None,
    member: MemberId = None,
    project: Project = None,
    organisation: OrganisationId = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Make a key and print its token, which is shown only now."""
    from entrepot.administration import keys

    spec = checked(
        {
            "name": name,
            "mode": mode,
            "scopes": scope or list(CALL_SCOPES),
            "models": model or None,
            "expires_at": time_option(expires),
            "member_id": member,
            "project": project,
            **bounds,
        },
        KeySpec,
    )
    with opened(home, config) as office:
        key, token = keys.create(office.desk, office.operator(organisation), spec)
        shown = _shown(office, key)
    _print_token(shown, token, as_json)


@app.command("list")
def list_keys(
    organisation: OrganisationId = None, home: Home = None, config: Config = None, as_json: Json = False
) -> None:
    """List all keys, or those of one organisation."""
    with opened(home, config) as office:
        keys = office.desk.store.all_keys()
        rows = [_shown(office, key) for key in keys if organisation in (None, key.organisation_id)]
    output.table(rows, ("prefix", "name", "mode", "scopes", "models", "project", "expires_at", "disabled"), as_json)


@app.command()
def show(id: Id, home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Show one key."""
    with opened(home, config) as office:
        print_bounded(_shown(office, _find(office, id)), as_json)


@app.command()
@with_bounds
def edit(
    id: Id,
    bounds: Bounds,
    name: Annotated[str | None, typer.Option("--name", help="What the key is for.")] = None,
    scope: ScopeList = None,
    model: ModelList = None,
    expires: Expires = None,
    project: Project = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Change what is given; the rest stays. A running hub follows within a second."""
    fields = {"name": name, "scopes": scope, "models": model, "expires_at": time_option(expires), "project": project}
    _change(id, checked({**fields, **bounds}, KeyPatch), home, config, as_json)


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
    from entrepot.administration import keys

    grace_s = 0 if grace == "0" else round(age(grace).total_seconds())
    with opened(home, config) as office:
        key, token = keys.renew(office.desk, _operator(office, id), id, grace_s=grace_s)
        shown = _shown(office, key)
    _print_token(shown, token, as_json)


@app.command()
def delete(id: Id, home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Forget a key; what it used stays in the records."""
    from entrepot.administration import keys

    with opened(home, config) as office:
        key = keys.delete(office.desk, _operator(office, id), id)
    output.record({"id": key.id, "deleted": True}, as_json)


def _find(office: Office, wanted: str) -> Key:
    key_id = key_id_of(wanted)
    for key in office.desk.store.all_keys():
        if key.id == key_id:
            return key
    raise NotFound(f"There is no key {wanted!r}.", code="key_not_found")


def _operator(office: Office, wanted: str) -> Caller:
    return office.operator(_find(office, wanted).organisation_id)


def _change(wanted: str, patch: KeyPatch, home: str | None, config: str | None, as_json: bool) -> None:
    from entrepot.administration import keys

    with opened(home, config) as office:
        key = keys.change(office.desk, _operator(office, wanted), wanted, patch)
        print_bounded(_shown(office, key), as_json)


def _shown(office: Office, key: Key) -> dict[str, Any]:
    """A key with its limits and its budget, and how it stands with them by the records."""
    from entrepot.administration.rules import of_key
    from entrepot.cli.rules import standing_of
    from entrepot.rules import bounds_object

    rule = of_key(office.desk.store.read, key.id)
    stands = standing_of(office, rule) if rule is not None else {}
    return key_object(key) | bounds_object(rule) | {"standing": stands}


def _print_token(key: dict[str, Any], token: str, as_json: bool) -> None:
    if as_json:
        output.record(key | {"key": token}, as_json)
    else:
        print(f"{token}\n\nKey {key['prefix']} ({key['name']}). The token is not shown again.")
