"""Vouchers: shown once, redeemed once, worth nothing when late or withdrawn."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests.administration.conftest import Office

from entrepot.administration import vouchers
from entrepot.administration.once import ANEW, Ask, fingerprint
from entrepot.administration.vouchers import CodeSpec, VouchersSpec
from entrepot.errors import Conflict, EntrepotError, Forbidden, NotFound
from entrepot.store import checks


def make(office: Office, ask: Ask = ANEW, **fields: Any) -> list[dict[str, Any]]:
    spec = VouchersSpec(**{"amount_usd": "5"} | fields)
    data: list[dict[str, Any]] = vouchers.make(office.desk, office.operator(), spec, ask)["data"]
    return data


def redeem(office: Office, code: str, organisation_id: str | None = None) -> dict[str, Any]:
    caller = office.operator(organisation_id)
    return vouchers.redeem(office.desk, caller, caller.organisation_id, CodeSpec(code=code)).value


def test_a_code_is_shown_once_and_never_stored(office: Office) -> None:
    made = make(office, count=3, note="fair")
    assert len({each["code"] for each in made}) == 3
    assert all(re.fullmatch("EP(-[0-9A-HJKMNP-TV-Z]{5}){4}", each["code"]) for each in made)
    raw = b"".join(path.read_bytes() for path in office.home.path.iterdir())
    listed = str([vouchers.voucher_object(each) for each in vouchers.listed(office.desk, office.operator())])
    for each in made:
        assert each["code"].encode() not in raw
        assert each["code"].replace("-", "").encode() not in raw
        assert each["code"] not in listed + str(office.entries())
        assert each["id"] in listed


@pytest.mark.parametrize(
    "typed", [str, str.lower, lambda code: code.replace("-", " "), lambda code: f" {code.replace('-', '')} "]
)
def test_it_is_read_as_people_type_it(office: Office, typed: Any) -> None:
    (made,) = make(office)
    assert redeem(office, typed(made["code"]))["amount_usd"] == "5"


def test_letters_that_look_like_digits_are_read_as_those(office: Office) -> None:
    office.desk = msgspec.structs.replace(office.desk, random=lambda count: bytes([0, 1] * count)[:count])
    (made,) = make(office)
    assert made["code"] == "EP-01010-10101-01010-10101"
    assert redeem(office, "ep-oIolo-10101-01010-1O1O1")["amount_usd"] == "5"


def test_it_fills_the_wallet_of_who_redeems_it_once(office: Office) -> None:
    (made,) = make(office, note="fair")
    other = office.organisation()
    entry = redeem(office, made["code"], other)
    assert (entry["id"], entry["type"], entry["note"], entry["organisation_id"]) == (
        made["id"], "voucher", "fair", other,
    )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        redeem(office, made["code"])
    assert refused.value.code == "voucher_redeemed"
    (voucher,) = vouchers.listed(office.desk, office.operator())
    assert (voucher.redeemed_by, voucher.redeemed_at_ms) == (other, office.desk.now_ms)
    assert office.home.store.report(lambda run: checks.differences(run, running=False)) == []


def test_at_the_same_time_one_wins(office: Office) -> None:
    (made,) = make(office)

    def attempt(_: int) -> bool:
        try:
            return bool(redeem(office, made["code"]))
        except EntrepotError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(16))) == 1
    assert [entry.wallet_nusd for entry in office.home.store.journal.entries()] == [5_000_000_000]


def test_it_ends_in_time(office: Office) -> None:
    made = make(office, count=2, expires_at=datetime.now(UTC) + timedelta(hours=1))
    office.pass_time(3590)
    redeem(office, made[0]["code"])
    office.pass_time(20)
    with pytest.raises(Conflict) as refused:
        redeem(office, made[1]["code"])
    assert refused.value.code == "voucher_expired"


def test_what_is_withdrawn_is_unknown(office: Office) -> None:
    used, unused = make(office, count=2)
    redeem(office, used["code"])
    vouchers.withdraw(office.desk, office.operator(), unused["id"])
    with pytest.raises(NotFound):
        redeem(office, unused["code"])
    with pytest.raises(NotFound):
        vouchers.withdraw(office.desk, office.operator(), unused["id"])
    with pytest.raises(Conflict):
        vouchers.withdraw(office.desk, office.operator(), used["id"])
    actions = [entry.action for entry in office.entries()]
    assert actions == ["voucher.create", "voucher.create", "voucher.redeem", "voucher.withdraw"]


def test_only_who_runs_the_hub_makes_sees_and_withdraws_them(office: Office) -> None:
    (made,) = make(office)
    outsider = office.as_member(office.member("owner", organisation_id=office.organisation()))
    for act in (
        lambda: vouchers.make(office.desk, outsider, VouchersSpec(amount_usd="1")),
        lambda: vouchers.listed(office.desk, outsider),
        lambda: vouchers.withdraw(office.desk, outsider, made["id"]),
        lambda: vouchers.make(office.desk, office.as_key(mode="test"), VouchersSpec(amount_usd="1")),
    ):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(Forbidden):
        vouchers.redeem(office.desk, office.as_key(mode="test"), "org", CodeSpec(code=made["code"]))


def test_the_same_request_gets_the_same_codes_again(office: Office) -> None:
    ask = Ask("order-1", fingerprint(b"body"))
    first, again = make(office, ask, count=2), make(office, ask, count=2)
    assert first == again
    assert len(vouchers.listed(office.desk, office.operator())) == 2
    other = make(office, Ask("order-2", fingerprint(b"body")), count=2)
    assert not {each["code"] for each in first} & {each["code"] for each in other}
    raw = b"".join(path.read_bytes() for path in office.home.path.iterdir())
    assert not [each for each in first if each["code"].encode() in raw]
