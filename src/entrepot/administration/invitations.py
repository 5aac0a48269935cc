"""Invitations: the hub sends no mail, so whoever invites passes the token on."""

from __future__ import annotations

from entrepot.accounts import Invitation, Member, Role, passwords, tokens
from entrepot.accounts.callers import Caller, caller_by_session
from entrepot.accounts.records import Acceptance, InvitationSpec, invitation_object, member_object, normal_email
from entrepot.administration import members
from entrepot.administration.desk import Desk
from entrepot.administration.power import require_power_to_give
from entrepot.errors import NotFound
from entrepot.keys import new_id
from entrepot.store import accounts, sign_ins
from entrepot.store.queries import Run


def pending(desk: Desk, caller: Caller) -> list[Invitation]:
    """Those not accepted yet, oldest first, expired ones included."""
    return accounts.invitations(desk.store.read, caller.organisation_id)


def invite(desk: Desk, caller: Caller, spec: InvitationSpec) -> tuple[Invitation, str]:
    """With its token, which is never seen again. An older one to the same address stands no longer.

    Raises Forbidden for a role beyond the caller's, Conflict when the address is a member's.
    """
    caller.require_power_over(spec.role)
    require_power_to_give(desk.store.read, caller, spec.role)
    invitation, token = drawn_up(desk, caller.organisation_id, spec.email, spec.role)

    def work(run: Run) -> None:
        members.require_free(run, caller.organisation_id, invitation.email)
        file(run, desk, invitation, token)
        shown = invitation_object(invitation)
        desk.log(run, caller, "invitation.create", f"invitation:{invitation.id}", after=shown)

    desk.commit(work)
    return invitation, token


def withdraw(desk: Desk, caller: Caller, id: str) -> None:
    """Raises NotFound, or Forbidden for that of an owner."""

    def work(run: Run) -> None:
        for found in accounts.invitations(run, caller.organisation_id):
            if found.id == id:
                caller.require_power_over(found.role)
                accounts.delete_invitation(run, found)
                desk.log(run, caller, "invitation.delete", f"invitation:{id}", before=invitation_object(found))
                return
        raise NotFound("There is no invitation with this id.", code="invitation_not_found", param="id")

    desk.commit(work)


def accept(desk: Desk, acceptance: Acceptance) -> Member:
    """The member that the invited person has become. Raises NotFound when the token is used, expired or made up."""
    digest = tokens.digest(acceptance.token, "invitation", desk.pepper)
    _require(accounts.invitation_by_digest(desk.store.read, digest, desk.now_ms))  # before work is put into a hash
    hashed = passwords.hashed(acceptance.password)

    def work(run: Run) -> Member:
        invitation = _require(accounts.invitation_by_digest(run, digest, desk.now_ms))
        members.require_free(run, invitation.organisation_id, invitation.email)
        member = Member(
            id=f"mem_{new_id(desk.random)}",
            organisation_id=invitation.organisation_id,
            name=acceptance.name,
            role=invitation.role,
            created_at_ms=desk.now_ms,
            email=invitation.email,
            has_password=True,
        )
        accounts.insert_member(run, member)
        accounts.delete_invitation(run, invitation)
        sign_ins.set_password(run, member.id, hashed)
        by = caller_by_session(member, house=False)
        desk.log(run, by, "invitation.accept", f"member:{member.id}", after=member_object(member))
        return member

    return desk.commit(work)


def drawn_up(desk: Desk, organisation_id: str, email: str, role: Role) -> tuple[Invitation, str]:
    """An invitation and its token, not filed yet."""
    invitation = Invitation(
        id=f"inv_{new_id(desk.random)}",
        organisation_id=organisation_id,
        email=normal_email(email),
        role=role,
        created_at_ms=desk.now_ms,
        expires_at_ms=desk.now_ms + desk.settings.invitation_s * 1000,
    )
    return invitation, tokens.mint("invitation", desk.random)


def file(run: Run, desk: Desk, invitation: Invitation, token: str) -> None:
    accounts.insert_invitation(run, invitation, tokens.digest(token, "invitation", desk.pepper))


def _require(invitation: Invitation | None) -> Invitation:
    if invitation is None:
        raise NotFound("The invitation is used, withdrawn or expired.", code="link_not_found", param="token")
    return invitation
