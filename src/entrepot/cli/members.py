"""`entrepot members`: the people of an organisation, their invitations, and links to set a password with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from entrepot.cli import output
from entrepot.cli.office import Office, OrganisationId, checked, opened
from entrepot.cli.options import Config, Home, Json
from entrepot.errors import NotFound

if TYPE_CHECKING:
    from entrepot.accounts.callers import Caller

app = typer.Typer(
    help="Members: list, show, change, remove; invite, invitations, withdraw; welcome, reset.", no_args_is_help=True
)

Id = Annotated[str, typer.Argument(help="The member's id.")]
_ROLES = "owner, admin, developer, viewer or billing."


@app.command("list")
def list_members(
    organisation: OrganisationId = None, home: Home = None, config: Config = None, as_json: Json = False
) -> None:
    """List the members of an organisation."""
    from entrepot.accounts.records import member_object
    from entrepot.administration import members

    with opened(home, config) as office:
        found = members.listed(office.desk, office.operator(organisation))
    output.table([member_object(each) for each in found], ("id", "name", "email", "role", "has_password"), as_json)


@app.command()
def show(id: Id, home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Show one member."""
    from entrepot.accounts.records import member_object
    from entrepot.administration import members

    with opened(home, config) as office:
        output.record(member_object(members.find(office.desk.store.read, _operator(office, id), id)), as_json)


@app.command()
def change(
    id: Id,
    name: Annotated[str | None, typer.Option("--name", help="Another name.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="Another e-mail address.")] = None,
    role: Annotated[str | None, typer.Option("--role", help=f"Another role: {_ROLES}")] = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Change a member; keys that a new role does not allow are disabled."""
    from entrepot.accounts.records import MemberPatch, member_object
    from entrepot.administration import members

    patch = checked({"name": name, "email": email, "role": role}, MemberPatch)
    with opened(home, config) as office:
        member = members.change(office.desk, _operator(office, id), id, patch)
    output.record(member_object(member), as_json)


@app.command()
def remove(id: Id, home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Remove a member: its sessions are over and its keys disabled."""
    from entrepot.administration import members

    with opened(home, config) as office:
        member = members.remove(office.desk, _operator(office, id), id)
    output.record({"id": member.id, "deleted": True}, as_json)


@app.command()
def invite(
    email: Annotated[str, typer.Argument(help="E-mail address of whom to invite.")],
    role: Annotated[str, typer.Option("--role", help=_ROLES)] = "developer",
    organisation: OrganisationId = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Invite someone and print the link to pass on, which is shown only now."""
    from entrepot.accounts.records import InvitationSpec, invitation_object
    from entrepot.administration import invitations

    spec = checked({"email": email, "role": role}, InvitationSpec)
    with opened(home, config) as office:
        invitation, token = invitations.invite(office.desk, office.operator(organisation), spec)
        url = f"{office.url}/invitation#{token}"
    output.record(invitation_object(invitation) | {"url": url}, as_json)


@app.command("invitations")
def list_invitations(
    organisation: OrganisationId = None, home: Home = None, config: Config = None, as_json: Json = False
) -> None:
    """List invitations that have not been accepted."""
    from entrepot.accounts.records import invitation_object
    from entrepot.administration import invitations

    with opened(home, config) as office:
        found = invitations.pending(office.desk, office.operator(organisation))
    output.table([invitation_object(each) for each in found], ("id", "email", "role", "expires_at"), as_json)


@app.command()
def withdraw(
    id: Annotated[str, typer.Argument(help="The invitation's id.")],
    organisation: OrganisationId = None,
    home: Home = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Withdraw an invitation."""
    from entrepot.administration import invitations

    with opened(home, config) as office:
        invitations.withdraw(office.desk, office.operator(organisation), id)
    output.record({"id": id, "deleted": True}, as_json)


@app.command()
def welcome(home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Print a new link for the first owner to set e-mail address and password with, once and within a day."""
    with opened(home, config) as office:
        _link(office, office.home.owner.id, "welcome", as_json)


@app.command()
def reset(id: Id, home: Home = None, config: Config = None, as_json: Json = False) -> None:
    """Print a link for a member to set a new password with, once and within a day."""
    with opened(home, config) as office:
        _link(office, id, "reset", as_json)


def _link(office: Office, id: str, purpose: str, as_json: bool) -> None:
    from entrepot.administration import members

    token = members.link(office.desk, _operator(office, id), id, "welcome" if purpose == "welcome" else "reset")
    output.record({"id": id, "url": f"{office.url}/{purpose}#{token}"}, as_json)


def _operator(office: Office, member_id: str) -> Caller:
    from entrepot.store import accounts

    member = accounts.member(office.desk.store.read, member_id)
    if member is None:
        raise NotFound(f"There is no member {member_id!r}.", code="member_not_found")
    return office.operator(member.organisation_id)
