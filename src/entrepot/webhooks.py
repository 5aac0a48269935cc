"""Signed webhooks, in both directions, by Stripe's scheme (docs.stripe.com/webhooks). Pure but for reading secrets.

    t=<Unix seconds>,v1=<hex of HMAC-SHA-256 over "<t>.<raw body>">

Several `v1` may stand in one header while a secret is being replaced; one that fits is enough.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from entrepot.errors import ConfigurationError, InvalidRequest
from entrepot.money import nusd
from entrepot.settings import SECRET_VARIABLES, Settings, Wallet

HEADER = "x-entrepot-signature"
TOLERANCE_S = 300
TOPUP_SECRET, NOTICE_SECRET = SECRET_VARIABLES


class Notices(msgspec.Struct, frozen=True, kw_only=True):
    """Where notices of a low balance go, and when one is low."""

    url: str
    secret: bytes
    threshold_nusd: int

    def __repr__(self) -> str:
        return f"Notices({self.url})"


class Webhooks(msgspec.Struct, frozen=True, kw_only=True):
    """What is switched on; None is off."""

    topup_secret: bytes | None = None
    notices: Notices | None = None

    def __repr__(self) -> str:
        return "Webhooks()"

    @property
    def secrets(self) -> tuple[str, ...]:
        found = (self.topup_secret, self.notices.secret if self.notices else None)
        return tuple(secret.decode() for secret in found if secret)


def load(settings: Settings, directory: Path) -> Webhooks:
    """Raises ConfigurationError for a secret that is missing or empty where one is needed."""
    wallet, environ = settings.wallet, settings.environ
    topup_secret = None
    if wallet.topups:
        topup_secret = _secret(wallet.webhook_secret_file, "webhook_secret_file", TOPUP_SECRET, environ, directory)
    if not wallet.notice_url:
        return Webhooks(topup_secret=topup_secret)
    _require_url(wallet)
    secret = _secret(wallet.notice_secret_file, "notice_secret_file", NOTICE_SECRET, environ, directory)
    threshold_nusd = nusd(wallet.notice_below_usd)
    notices = Notices(url=wallet.notice_url, secret=secret, threshold_nusd=threshold_nusd)
    return Webhooks(topup_secret=topup_secret, notices=notices)


def sign(body: bytes, secret: bytes, at_s: int) -> str:
    """The header's value."""
    return f"t={at_s},v1={_mac(body, secret, str(at_s))}"


def verify(body: bytes, header: str, secret: bytes, now_s: float) -> None:
    """Raises InvalidRequest unless the header is a signature of the body that is not older than TOLERANCE_S."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    macs = [value for name, _, value in parts if name == "v1"]
    if len(times) != 1 or not (times[0].isascii() and times[0].isdigit() and len(times[0]) <= 12) or not macs:
        raise _refusal("There is no signature.")
    expected = _mac(body, secret, times[0]).encode()
    # All are compared, each in constant time: how long it takes says nothing of which one fits.
    fits = [hmac.compare_digest(mac.encode(errors="replace"), expected) for mac in macs]
    if not any(fits):
        raise _refusal("The signature does not fit the body.")
    if abs(now_s - int(times[0])) > TOLERANCE_S:
        raise _refusal("The signature is too old, or one of the clocks is wrong.")


def _mac(body: bytes, secret: bytes, time: str) -> str:
    return hmac.digest(secret, time.encode() + b"." + body, "sha256").hex()


def _refusal(message: str) -> InvalidRequest:
    return InvalidRequest(message, code="invalid_signature")


def _secret(path: str, name: str, variable: str, environ: Mapping[str, Any], directory: Path) -> bytes:
    try:
        text = (directory / path).expanduser().read_text("utf-8") if path else environ.get(variable, "")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"wallet.{name} cannot be read: {error}", path=("wallet", name)) from None
    secret: str = text.strip()
    if not secret:
        message = f"wallet.{name} or {variable} must give a secret that is not empty"
        raise ConfigurationError(message, path=("wallet", name))
    return secret.encode()


def _require_url(wallet: Wallet) -> None:
    try:
        reachable = bool(urlsplit(wallet.notice_url).hostname) and urlsplit(wallet.notice_url).port != 0
    except ValueError:
        reachable = False
    if not reachable:
        message = f"wallet.notice_url: nothing can be at {wallet.notice_url!r}"
        raise ConfigurationError(message, path=("wallet", "notice_url"))
