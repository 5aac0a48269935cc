"""Invitations: made, accepted once and in time, withdrawn, and no way to more than the inviter has."""

from __future__ import annotations

import pytest
from tests.administration.conftest import PASSWORD, Office

from entrepot.accounts.records import Acceptance, InvitationSpec
from entrepot.administration import invitations, members, signing_in
from entrepot.errors import Conflict, Forbidden, NotFound

SPEC = InvitationSpec(email=" New@House.test", role="viewer")


def acceptance(token: str) -> Acceptance:
    return Acceptance(token=token, name="Anna", password=PASSWORD)


def test_an_invitation_becomes_a_member(office: Office) -> None:
    invitation, token = invitations.invite(office.desk, office.operator(), SPEC)
    member = invitations.accept(office.desk, acceptance(token))
    assert (member.name, member.email, member.role, member.has_password) == ("Anna", "new@house.test", "viewer", True)
    assert member in members.listed(office.desk, office.operator())
    assert invitations.pending(office.desk, office.operator()) == []
    assert [(each.actor, each.action, each.subject) for each in office.entries()] == [
        ("operator", "invitation.create", f"invitation:{invitation.id}"),
        (f"member:{member.id}", "invitation.accept", f"member:{member.id}"),
    ]


def test_an_invitation_is_accepted_once(office: Office) -> None:
    _, token = invitations.invite(office.desk, office.operator(), SPEC)
    invitations.accept(office.desk, acceptance(token))
    with pytest.raises(NotFound) as used:
        invitations.accept(office.desk, acceptance(token))
    assert used.value.code == "link_not_found"


def test_an_invitation_expires(office: Office) -> None:
    _, token = invitations.invite(office.desk, office.operator(), SPEC)
    office.pass_time(office.desk.settings.invitation_s)
    with pytest.raises(NotFound):
        invitations.accept(office.desk, acceptance(token))


def test_a_newer_invitation_replaces_the_older(office: Office) -> None:
    _, old = invitations.invite(office.desk, office.operator(), SPEC)
    newer, new = invitations.invite(office.desk, office.operator(), InvitationSpec(email="new@house.test"))
    assert invitations.pending(office.desk, office.operator()) == [newer]
    with pytest.raises(NotFound):
        invitations.accept(office.desk, acceptance(old))
    assert invitations.accept(office.desk, acceptance(new)).role == "developer"


def test_an_invitation_can_be_withdrawn(office: Office) -> None:
    invitation, token = invitations.invite(office.desk, office.operator(), SPEC)
    invitations.withdraw(office.desk, office.operator(), invitation.id)
    with pytest.raises(NotFound):
        invitations.accept(office.desk, acceptance(token))
    with pytest.raises(NotFound) as unknown:
        invitations.withdraw(office.desk, office.operator(), invitation.id)
    assert unknown.value.code == "invitation_not_found"


def test_a_member_is_not_invited_again(office: Office) -> None:
    office.member("viewer", email="new@house.test")
    with pytest.raises(Conflict) as taken:
        invitations.invite(office.desk, office.operator(), SPEC)
    assert (taken.value.code, taken.value.param) == ("already_exists", "email")


def test_an_address_can_belong_to_several_organisations(office: Office) -> None:
    office.member("viewer", email="new@house.test")
    other = office.organisation()
    assert office.member("admin", email="new@house.test", organisation_id=other).organisation_id == other


def test_nobody_invites_beyond_themselves(office: Office) -> None:
    admin, limited = office.as_member(office.member("admin")), office.as_key(mode="test")
    with pytest.raises(Forbidden) as refused:
        invitations.invite(office.desk, admin, InvitationSpec(email="a@b.test", role="owner"))
    assert refused.value.code == "role_missing"
    with pytest.raises(Forbidden) as refused:
        invitations.invite(office.desk, limited, InvitationSpec(email="a@b.test", role="developer"))
    assert refused.value.code == "beyond_maker"
    owners, _ = invitations.invite(office.desk, office.operator(), InvitationSpec(email="a@b.test", role="owner"))
    with pytest.raises(Forbidden):
        invitations.withdraw(office.desk, admin, owners.id)


def test_a_token_for_something_else_is_none(office: Office) -> None:
    member = office.member("viewer")
    tokens = [members.link(office.desk, office.operator(), member.id, "reset")]
    tokens.append(signing_in.begin_session(office.desk, member.id)[1])
    tokens.append(tokens[0].replace("reset", "invitation"))
    for token in tokens:
        with pytest.raises(NotFound):
            invitations.accept(office.desk, acceptance(token))
