"""Signed webhooks: which signatures hold, and when a hub refuses to start."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Any

import pytest

from entrepot.errors import ConfigurationError, InvalidRequest
from entrepot.settings import Settings, Wallet
from entrepot.webhooks import TOLERANCE_S, Webhooks, load, sign, verify

BODY = b'{"id": "evt_1"}'
SECRET = b"whsec_canary"
NOW = 1_800_000_000


def mac(secret: bytes, time: int, body: bytes = BODY) -> str:
    return hmac.new(secret, f"{time}.".encode() + body, hashlib.sha256).hexdigest()


def refused(header: str, body: bytes = BODY, now_s: float = NOW) -> str:
    with pytest.raises(InvalidRequest) as error:
        verify(body, header, SECRET, now_s)
    assert error.value.code == "invalid_signature"
    return error.value.message


def test_a_signature_is_of_time_and_body() -> None:
    assert sign(BODY, SECRET, NOW) == f"t={NOW},v1={mac(SECRET, NOW)}"
    verify(BODY, sign(BODY, SECRET, NOW), SECRET, NOW)


def test_one_of_several_may_fit_and_others_are_passed_over() -> None:
    verify(BODY, f"t={NOW},v1={mac(b'old', NOW)}, v1={mac(SECRET, NOW)},v0=x,e=y", SECRET, NOW)


@pytest.mark.parametrize("seconds", [-TOLERANCE_S, 0, TOLERANCE_S])
def test_clocks_may_differ_a_little(seconds: int) -> None:
    verify(BODY, sign(BODY, SECRET, NOW + seconds), SECRET, NOW)


@pytest.mark.parametrize("seconds", [-TOLERANCE_S - 1, TOLERANCE_S + 1])
def test_an_old_signature_is_refused(seconds: int) -> None:
    assert "too old" in refused(sign(BODY, SECRET, NOW + seconds))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1",
        f"v1={mac(SECRET, NOW)}",
        f"t={NOW},t={NOW},v1={mac(SECRET, NOW)}",
        f"t=-{NOW},v1={mac(SECRET, NOW)}",
        f"t=,v1={mac(SECRET, NOW)}",
        f"t={NOW}.0,v1={mac(SECRET, NOW)}",
        f"t={NOW},v0={mac(SECRET, NOW)}",
        f"t={NOW},v1=",
        f"t={NOW},v1={mac(SECRET, NOW)[:-1]}",
        f"t={NOW},v1={mac(SECRET, NOW).upper()}",
        f"t={NOW},v1=é",
        f"t={NOW},v1={mac(b'', NOW)}",
        f"t={NOW + 1},v1={mac(SECRET, NOW)}",
    ],
)
def test_what_is_no_signature_of_the_body_is_refused(header: str) -> None:
    refused(header)


def test_a_changed_body_is_refused() -> None:
    refused(sign(BODY, SECRET, NOW), BODY + b" ")


# Settings -----------------------------------------------------------------------------------------


def loaded(tmp_path: Path, environ: dict[str, str] | None = None, **wallet: Any) -> Webhooks:
    return load(Settings(home=tmp_path, wallet=Wallet(**wallet), environ=environ or {}), tmp_path)


def test_nothing_is_switched_on_by_itself(tmp_path: Path) -> None:
    assert loaded(tmp_path, {"ENTREPOT_WALLET_WEBHOOK_SECRET": "x"}) == Webhooks()


def test_secrets_come_from_a_file_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-file\n")
    environ = {"ENTREPOT_WALLET_WEBHOOK_SECRET": "from-environment", "ENTREPOT_WALLET_NOTICE_SECRET": "n"}
    assert loaded(tmp_path, environ, topups=True).topup_secret == b"from-environment"
    assert loaded(tmp_path, environ, topups=True, webhook_secret_file="secret").topup_secret == b"from-file"
    found = loaded(tmp_path, environ, notice_url="https://ops.test/hook?x=1", notice_below_usd="2.5")
    assert found.notices is not None
    assert (found.notices.secret, found.notices.threshold_nusd, found.secrets) == (b"n", 2_500_000_000, ("n",))
    assert "'n'" not in repr(found) + repr(found.notices)


@pytest.mark.parametrize(
    ("wallet", "environ", "said"),
    [
        ({"topups": True}, {}, "ENTREPOT_WALLET_WEBHOOK_SECRET"),
        ({"topups": True}, {"ENTREPOT_WALLET_WEBHOOK_SECRET": " \n"}, "not empty"),
        ({"topups": True, "webhook_secret_file": "empty"}, {"ENTREPOT_WALLET_WEBHOOK_SECRET": "x"}, "not empty"),
        ({"topups": True, "webhook_secret_file": "missing"}, {}, "cannot be read"),
        ({"notice_url": "https://ops.test/"}, {}, "ENTREPOT_WALLET_NOTICE_SECRET"),
        ({"notice_url": "https://:80/"}, {"ENTREPOT_WALLET_NOTICE_SECRET": "x"}, "nothing can be at"),
        ({"notice_url": "https://a:99999/"}, {"ENTREPOT_WALLET_NOTICE_SECRET": "x"}, "nothing can be at"),
    ],
)
def test_what_cannot_work_is_refused(
    tmp_path: Path, wallet: dict[str, Any], environ: dict[str, str], said: str
) -> None:
    (tmp_path / "empty").write_text("\n")
    with pytest.raises(ConfigurationError, match=said):
        loaded(tmp_path, environ, **wallet)
