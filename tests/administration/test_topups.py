"""Events of payment services: which tell of money, and what the log says of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.administration.conftest import Office

from entrepot.administration import topups
from entrepot.errors import InvalidRequest


def event(**fields: Any) -> bytes:
    base = {"id": "evt_1", "type": "topup", "organisation_id": "org_1", "amount_cents": 100, "currency": "usd"}
    return json.dumps(base | fields).encode()


def test_a_topup_is_in_the_log_of_who_got_it(office: Office) -> None:
    id = office.home.owner.organisation_id
    assert topups.take(office.desk, event(organisation_id=id)) == {"received": True, "booked": True}
    (entry,) = office.entries()
    assert (entry.actor, entry.action, entry.subject) == ("topup", "wallet.topup", f"organisation:{id}")
    assert entry.after is not None
    assert entry.after["amount_usd"] == "1"


def test_more_fields_do_not_matter() -> None:
    found = topups.read(event(currency="USD", created=5, livemode=True))
    assert found is not None
    assert (found.id, found.amount_cents) == ("evt_1", 100)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"id": "a b", "type": "x"}', b'{"type": "topup"}', b"[" * 100_000]
)
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        topups.read(body)


def test_a_session_that_names_nobody_names_an_unknown_one() -> None:
    session = {"id": "cs_1", "payment_status": "paid", "amount_total": 5, "currency": "usd"}
    found = topups.read(event(type="checkout.session.completed", data={"object": session}))
    assert found is not None
    assert found.organisation_id == ""
