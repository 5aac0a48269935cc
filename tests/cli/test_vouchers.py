"""`entrepot vouchers`: made, listed, redeemed and withdrawn without a running hub."""

from __future__ import annotations

from tests.cli.conftest import Entrepot


def test_a_voucher_lives_once(entrepot: Entrepot) -> None:
    made = entrepot("vouchers", "create", "5", "--count", "2", "--expires", "30d", "--note", "fair", "--json").json
    assert len(made) == 2
    listed = entrepot("vouchers", "list", "--json").json
    assert {each["id"] for each in listed} == {each["id"] for each in made}
    assert made[0]["code"] not in str(listed)
    assert entrepot("vouchers", "redeem", made[0]["code"].lower(), "--json").json["amount_usd"] == "5"
    again = entrepot("vouchers", "redeem", made[0]["code"])
    assert (again.code, "redeemed" in again.err) == (2, True)
    assert entrepot("vouchers", "withdraw", made[1]["id"], "--json").json["deleted"]
    assert entrepot("vouchers", "redeem", made[1]["code"]).code == 3
    assert entrepot("wallet", "show", "--json").json["balance_usd"] == "5"
    assert entrepot("ledger", "verify").code == 0


def test_codes_are_shown_to_people_too(entrepot: Entrepot) -> None:
    assert "EP-" in entrepot("vouchers", "create", "5").out
    assert "EP-" not in entrepot("vouchers", "list").out


def test_what_makes_no_sense_is_refused(entrepot: Entrepot) -> None:
    assert entrepot("vouchers", "create", "0").code == 2
    assert entrepot("vouchers", "create", "1", "--expires", "soon").code == 2
    assert entrepot("vouchers", "create", "1", "--expires", "2020-01-01").code == 2
