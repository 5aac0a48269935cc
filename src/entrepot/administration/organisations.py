"""Organisations: each is seen by its own, all of them by who runs the hub."""

from __future__ import annotations

import msgspec

from entrepot.accounts import Invitation, Organisation
from entrepot.accounts.callers import Caller
from entrepot.accounts.records import OrganisationPatch, OrganisationSpec, organisation_object
from entrepot.administration import invitations
from entrepot.administration.desk import Desk
from entrepot.administration.power import require_power_to_give
from entrepot.errors import Forbidden, NotFound
from entrepot.keys import new_id
from entrepot.store import accounts
from entrepot.store.queries import Run


def visible(desk: Desk, caller: Caller) -> list[Organisation]:
    """Oldest first."""
    found = accounts.organisations(desk.store.read)
    return [each for each in found if caller.runs_the_hub or each.id == caller.organisation_id]


def find(run: Run, caller: Caller, id: str) -> Organisation:
    """Raises NotFound, for one that the caller may not see as well."""
    found = accounts.organisation(run, id)
    if found is None or not (caller.runs_the_hub or found.id == caller.organisation_id):
        raise NotFound("There is no organisation with this id.", code="organisation_not_found", param="id")
    return found


def create(desk: Desk, caller: Caller, spec: OrganisationSpec) -> tuple[Organisation, Invitation, str]:
    """The organisation, and its first owner's invitation with its token. Raises Forbidden but for who runs the hub."""
    if not caller.runs_the_hub:
        raise Forbidden("Only those who run the hub make organisations.", code="role_missing")
    require_power_to_give(desk.store.read, caller, "admin")
    organisation = Organisation(id=f"org_{new_id(desk.random)}", name=spec.name, created_at_ms=desk.now_ms)
    invitation, token = invitations.drawn_up(desk, organisation.id, spec.owner_email, "owner")

    def work(run: Run) -> None:
        accounts.insert_organisation(run, organisation)
        invitations.file(run, desk, invitation, token)
        shown = organisation_object(organisation)
        desk.log(run, caller, "organisation.create", f"organisation:{organisation.id}", after=shown)

    desk.commit(work)
    return organisation, invitation, token


def change(desk: Desk, caller: Caller, id: str, patch: OrganisationPatch) -> Organisation:
    """Raises NotFound."""

    def work(run: Run) -> Organisation:
        found = find(run, caller, id)
        changed = msgspec.structs.replace(found, name=patch.name)
        accounts.update_organisation(run, changed)
        before, after = organisation_object(found), organisation_object(changed)
        desk.log(run, caller, "organisation.change", f"organisation:{id}", before=before, after=after)
        return changed

    return desk.commit(work)


def assign(desk: Desk, caller: Caller, plan: str | None) -> None:
    """Put the caller's organisation on a plan, which the settings must have, or on none of its own."""
    id = caller.organisation_id

    def work(run: Run) -> None:
        before = accounts.plan(run, id)
        accounts.set_plan(run, id, plan)
        desk.log(run, caller, "organisation.plan", f"organisation:{id}", before={"plan": before}, after={"plan": plan})

    desk.commit(work)
