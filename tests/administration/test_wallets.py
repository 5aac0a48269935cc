"""What the operator does to wallets at the command line, and what the store then says of them."""

from __future__ import annotations

import pytest
from tests.administration.conftest import Office

from entrepot.administration import wallets
from entrepot.administration.wallets import CorrectionSpec, GrantSpec, RefundSpec, TermsPatch
from entrepot.errors import InvalidRequest, NotFound


def stored(office: Office, organisation_id: str | None = None) -> dict[str, object]:
    return wallets.stored_wallet(office.desk.store.read, organisation_id or office.home.owner.organisation_id)


def test_the_operator_acts_for_any_organisation(office: Office) -> None:
    other = office.organisation()
    wallets.grant(office.desk, office.operator(other), GrantSpec(amount_usd="2"))
    wallets.grant(office.desk, office.operator(), GrantSpec(amount_usd="3", organisation_id=other))
    assert (stored(office, other)["balance_usd"], stored(office)["balance_usd"]) == ("5", "0")


def test_terms_change_as_far_as_they_are_given(office: Office) -> None:
    def after(**patch: object) -> object:
        wallets.change_terms(office.desk, office.operator(), TermsPatch(**patch))  # type: ignore[arg-type]
        return stored(office)["terms"]

    assert after(credit_usd="5") == {"payment": "postpaid", "credit_usd": "5"}
    assert after(payment="postpaid") == {"payment": "postpaid", "credit_usd": "5"}
    assert after(payment="prepaid") == {"payment": "prepaid", "credit_usd": None}
    assert after(payment="postpaid", credit_usd="0") == {"payment": "postpaid", "credit_usd": "0"}
    (first, *_) = office.entries(action="wallet.terms")
    assert (first.before, first.after) == ({"credit_usd": None}, {"credit_usd": "5"})


def test_a_correction_may_take_a_prepaid_wallet_below_zero(office: Office) -> None:
    wallets.change_terms(office.desk, office.operator(), TermsPatch(payment="prepaid"))
    wallets.correct(office.desk, office.operator(), CorrectionSpec(amount_usd="-0.000000001", note="dust"))
    found = stored(office)
    assert (found["balance_usd"], found["available_usd"]) == ("-0.000000001", "0")


def test_a_refund_says_what_it_gives_back(office: Office) -> None:
    with pytest.raises(InvalidRequest):
        wallets.refund(office.desk, office.operator(), RefundSpec())
    with pytest.raises(NotFound):
        wallets.refund(office.desk, office.operator(), RefundSpec(request_id="req_0"))
    made = wallets.refund(office.desk, office.operator(), RefundSpec(amount_usd="1", note="goodwill")).value
    assert (made["type"], made["amount_usd"], made["actor"]) == ("refund", "1", "operator")
