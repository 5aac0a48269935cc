"""What may be said of organisations and members, and what is shown of them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from entrepot.accounts import Invitation, Member, Organisation
from entrepot.accounts import records as module
from entrepot.accounts.records import invitation_object, member_object, normal_email, organisation_object

REQUESTS = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, module.Spec)]
STORED = {
    *("id", "organisation_id", "house", "created_at_ms", "expires_at_ms", "removed_at_ms", "has_password"),
    *("digest", "password_hash", "payment", "credit_nusd", "actor", "bounds", "scopes"),
}


def decode(type_: type[Any], **values: Any) -> Any:
    return msgspec.json.decode(msgspec.json.encode(values), type=type_)


@pytest.mark.parametrize("type_", REQUESTS, ids=lambda type_: type_.__name__)
def test_no_request_can_set_what_is_not_its_own(type_: type[msgspec.Struct]) -> None:
    """Mass assignment: a field of the record that the request does not have is refused, not ignored."""
    for name in STORED - set(type_.__struct_fields__):
        with pytest.raises(msgspec.ValidationError, match="unknown field"):
            decode(type_, **{name: "x"})


@pytest.mark.parametrize("email", ["a@b", "A.B+c@Example.com", "ü@ñ.test", "a" * 64 + "@" + "b" * 189])
def test_an_address_is_taken(email: str) -> None:
    assert decode(module.InvitationSpec, email=email).email == email


@pytest.mark.parametrize(
    "email", ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\n", "\0@b", "a@b\x7f", "a" * 65 + "@b", "a@" + "b" * 190]
)
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(module.InvitationSpec, email=email)


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 257])
def test_a_password_is_neither_short_nor_endless(password: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        decode(module.Redemption, token="t", password=password)


def test_addresses_are_compared_without_case_or_space() -> None:
    assert normal_email("  A.B@Example.COM ") == "a.b@example.com"


def test_objects_name_themselves_and_show_times() -> None:
    organisation = Organisation(id="org_1", name="One", created_at_ms=1_790_000_000_000, house=True)
    member = Member(id="mem_1", organisation_id="org_1", name="A", role="owner", created_at_ms=0, email="a@b")
    invitation = Invitation(
        id="inv_1", organisation_id="org_1", email="a@b", role="viewer", created_at_ms=0, expires_at_ms=60_000
    )
    assert organisation_object(organisation) == {
        "id": "org_1",
        "object": "organisation",
        "name": "One",
        "house": True,
        "created_at": "2026-09-21T14:13:20Z",
    }
    assert member_object(member)["object"] == "member"
    assert (member_object(member)["email"], member_object(member)["has_password"]) == ("a@b", False)
    assert invitation_object(invitation)["object"] == "invitation"
    assert invitation_object(invitation)["expires_at"] == "1970-01-01T00:01:00Z"
