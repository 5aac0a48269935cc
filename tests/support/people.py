"""People of a running hub: made members as the hub makes them, calling with the cookie of a session."""

from __future__ import annotations

from typing import Any

from tests.support.asgi import Call
from tests.support.running import RunningHub

from entrepot.accounts import Member, Role
from entrepot.accounts.callers import Caller, operator
from entrepot.accounts.records import Acceptance, InvitationSpec, OrganisationSpec
from entrepot.administration import invitations, organisations, signing_in
from entrepot.administration.desk import Desk
from entrepot.store import accounts

PASSWORD = "correct horse battery"
COOKIE = "entrepot_session"


class Person:
    """A member who has signed in."""

    def __init__(self, hub: RunningHub, member: Member) -> None:
        self.hub = hub
        self.member = member
        self.token = ""
        self.sign_in()

    def sign_in(self) -> str:
        """Begin another session, without the work of a password."""
        self.token = signing_in.begin_session(desk_of(self.hub), self.member.id)[1]
        return self.token

    async def __call__(self, method: str, target: str, body: Any = b"", **headers: str) -> Call:
        """A call as a page of the hub's own makes it."""
        lines = {"cookie": f"{COOKIE}={self.token}", "sec_fetch_site": "same-origin"} | headers
        return await self.hub.call(method, target, body=body, **lines).run()


def desk_of(hub: RunningHub) -> Desk:
    return Desk(store=hub.home.store, pepper=hub.home.pepper)


def operator_of(hub: RunningHub, organisation_id: str | None = None) -> Caller:
    id = organisation_id or hub.home.owner.organisation_id
    organisation = accounts.organisation(hub.home.store.read, id)
    assert organisation is not None
    return operator(organisation)


def make_organisation(hub: RunningHub, name: str = "Other") -> str:
    """A further organisation's id. It has nobody in it."""
    spec = OrganisationSpec(name=name, owner_email=f"nobody@{name.lower()}.test")
    made, invitation, _ = organisations.create(desk_of(hub), operator_of(hub), spec)
    invitations.withdraw(desk_of(hub), operator_of(hub, made.id), invitation.id)
    return made.id


def join(hub: RunningHub, role: Role, *, email: str = "", name: str = "", organisation_id: str | None = None) -> Person:
    """A new member, invited, who has accepted and signed in."""
    email = email or f"{role}@{(organisation_id or 'house').lower()}.test"
    desk, caller = desk_of(hub), operator_of(hub, organisation_id)
    _, token = invitations.invite(desk, caller, InvitationSpec(email=email, role=role))
    acceptance = Acceptance(token=token, name=name or f"The {role}", password=PASSWORD)
    return Person(hub, invitations.accept(desk, acceptance))
