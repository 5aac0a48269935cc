"""Organisations: who sees which, who makes and renames them."""

from __future__ import annotations

import pytest
from tests.administration.conftest import Office

from entrepot.accounts.records import OrganisationPatch, OrganisationSpec
from entrepot.administration import invitations, members, organisations
from entrepot.errors import Forbidden, NotFound

SPEC = OrganisationSpec(name="Quay", owner_email=" First@Quay.test")


def test_a_new_organisation_waits_for_its_owner(office: Office) -> None:
    made, invitation, token = organisations.create(office.desk, office.operator(), SPEC)
    assert (made.name, made.house, invitation.organisation_id) == ("Quay", False, made.id)
    assert (invitation.email, invitation.role) == ("first@quay.test", "owner")
    assert members.listed(office.desk, office.operator(made.id)) == []
    assert invitations.pending(office.desk, office.operator(made.id)) == [invitation]
    assert office.entries()[-1].action == "organisation.create"
    assert token not in str(office.entries())


def test_managers_of_the_house_see_all_organisations_and_others_their_own(office: Office) -> None:
    other = office.organisation()
    outsider = office.member("owner", email="o@other.test", organisation_id=other)
    for role, seen in (("admin", 2), ("developer", 1), ("billing", 1)):
        caller = office.as_member(office.member(role))  # type: ignore[arg-type]
        assert len(organisations.visible(office.desk, caller)) == seen
    assert [each.id for each in organisations.visible(office.desk, office.as_member(outsider))] == [other]
    assert len(organisations.visible(office.desk, office.as_key())) == 2


def test_only_managers_of_the_house_make_organisations(office: Office) -> None:
    other = office.organisation()
    outsider = office.as_member(office.member("owner", email="o@other.test", organisation_id=other))
    for caller in (outsider, office.as_member(office.member("developer"))):
        with pytest.raises(Forbidden) as refused:
            organisations.create(office.desk, caller, SPEC)
        assert refused.value.code == "role_missing"
    organisations.create(office.desk, office.as_key(), SPEC)
    with pytest.raises(Forbidden) as refused:
        organisations.create(office.desk, office.as_key(models=("gpt-4.1",)), SPEC)
    assert refused.value.code == "beyond_maker"


def test_an_organisation_can_be_renamed_from_within(office: Office) -> None:
    other = office.organisation()
    outsider = office.as_member(office.member("owner", email="o@other.test", organisation_id=other))
    assert organisations.change(office.desk, outsider, other, OrganisationPatch(name="New")).name == "New"
    assert organisations.find(office.desk.store.read, outsider, other).name == "New"
    house = office.home.owner.organisation_id
    with pytest.raises(NotFound) as unknown:
        organisations.change(office.desk, outsider, house, OrganisationPatch(name="Mine"))
    assert unknown.value.code == "organisation_not_found"
    with pytest.raises(NotFound):
        organisations.find(office.desk.store.read, outsider, house)
