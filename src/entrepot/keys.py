"""API keys: their format, how they are stored, and who may call with one.

    ep-live-<id>-<secret><checksum>     ep-test-<id>-<secret><checksum>

The id is public and finds the key; the secret holds 190 random bits; the checksum (CRC-32) lets a
scanner or the hub refuse a mistyped key without looking it up. The store keeps only
HMAC-SHA-256(pepper, token), compared in constant time.
"""

from __future__ import annotations

import hmac
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, overload

import msgspec

from entrepot.errors import ConfigurationError, Forbidden, Unauthenticated
from entrepot.rules import Budget, BudgetSpec, Limits, LimitsSpec

Mode = Literal["live", "test"]
Scope = Literal["inference", "usage", "management"]
SCOPES: tuple[Scope, ...] = ("inference", "usage", "management")
CALL_SCOPES: tuple[Scope, ...] = ("inference", "usage")

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_LENGTH, _SECRET_LENGTH, _CHECKSUM_LENGTH = 12, 32, 6
_PEPPER_BYTES = 32

RandomBytes = Callable[[int], bytes]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
AwareTime = Annotated[datetime, msgspec.Meta(tz=True)]


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A key as the store knows it: never its secret. `models` None allows every model.

    `member_id` is whom it belongs to, `project` a label of the organisation's own. `ancestors` are the ids of
    the keys it was made through, the nearest first: whatever bounds one of them bounds its descendants, all together.
    After a rotation the old secret keeps working until `previous_until_ms` (Unix milliseconds).
    """

    id: str
    organisation_id: str
    name: str
    mode: Mode
    scopes: tuple[Scope, ...]
    models: tuple[str, ...] | None
    digest: bytes
    created_at_ms: int
    previous_digest: bytes | None = None
    previous_until_ms: int | None = None
    expires_at_ms: int | None = None
    disabled: bool = False
    member_id: str | None = None
    project: str | None = None
    ancestors: tuple[str, ...] = ()

    @property
    def parent_id(self) -> str | None:
        return self.ancestors[0] if self.ancestors else None

    @property
    def prefix(self) -> str:
        return f"ep-{self.mode}-{self.id}"

    def require(self, scope: Scope) -> None:
        if scope not in self.scopes:
            raise Forbidden(f"This key does not have the scope '{scope}'.", code="scope_missing")


def pepper(home: Path) -> bytes:
    """The server's pepper from `home`, made on first use and readable by the owner only."""
    path = home / "pepper"
    try:
        secret = path.read_bytes()
    except FileNotFoundError:
        secret = os.urandom(_PEPPER_BYTES)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
    if len(secret) != _PEPPER_BYTES:
        raise ConfigurationError(f"{path} is damaged: every key depends on it, restore it from a backup")
    return secret


def mint(mode: Mode, key_id: str, random: RandomBytes) -> str:
    """A new token for the key `key_id`."""
    body = f"ep-{mode}-{key_id}-{random_text(_SECRET_LENGTH, random)}"
    return body + _checksum(body)


def new_id(random: RandomBytes) -> str:
    return random_text(_ID_LENGTH, random)


def digest(token: str, pepper: bytes) -> bytes:
    return hmac.digest(pepper, token.encode(), "sha256")


class KeyRing:
    """The keys in memory. Replaced as a whole when the store's keys change."""

    def __init__(self, keys: Iterable[Key], pepper: bytes) -> None:
        self._keys: Mapping[str, Key] = {key.id: key for key in keys}
        self._hmac = hmac.new(pepper, digestmod="sha256")  # to copy: to begin one costs more than to finish it

    def authenticate(self, token: str, now_ms: int) -> Key:
        """The key of `token`. Raises Unauthenticated with code invalid_api_key, key_disabled or key_expired."""
        parts = token.split("-")
        key = self._keys.get(parts[2]) if len(parts) == 4 else None
        hashed = self._hmac.copy()
        hashed.update(token.encode())
        given = hashed.digest()
        known = hmac.compare_digest(key.digest if key else bytes(32), given)
        if key is not None and not known and key.previous_digest and now_ms < (key.previous_until_ms or 0):
            known = hmac.compare_digest(key.previous_digest, given)
        if key is None or not known:
            raise Unauthenticated("The API key is not known to this hub. Create one with `entrepot keys create`.")
        if key.disabled:
            raise Unauthenticated("This API key is disabled.", code="key_disabled")
        if key.expires_at_ms is not None and now_ms >= key.expires_at_ms:
            raise Unauthenticated("This API key has expired.", code="key_expired")
        return key


def random_text(length: int, random: RandomBytes) -> str:
    """Letters and digits, 5.95 random bits each."""
    # 256 is no multiple of 62: bytes from 248 up are dropped, or some letters would come up more often.
    text = ""
    while len(text) < length:
        text += "".join(_ALPHABET[byte % 62] for byte in random(length) if byte < 248)
    return text[:length]


def _checksum(body: str) -> str:
    value, text = zlib.crc32(body.encode()), ""
    for _ in range(_CHECKSUM_LENGTH):
        value, digit = divmod(value, 62)
        text = _ALPHABET[digit] + text
    return text


class KeySpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a new key shall be. `expires_at` is an ISO 8601 time with its zone."""

    name: Name
    mode: Mode = "test"
    scopes: tuple[Scope, ...] = CALL_SCOPES
    models: tuple[str, ...] | None = None
    expires_at: AwareTime | None = None
    member_id: str | None = None
    project: Name | None = None
    limits: LimitsSpec | None = None
    budget: BudgetSpec | None = None


class KeyPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shall change of a key; fields left out stay as they are."""

    name: Name | msgspec.UnsetType = msgspec.UNSET
    scopes: tuple[Scope, ...] | msgspec.UnsetType = msgspec.UNSET
    models: tuple[str, ...] | msgspec.UnsetType | None = msgspec.UNSET
    expires_at: AwareTime | msgspec.UnsetType | None = msgspec.UNSET
    disabled: bool | msgspec.UnsetType = msgspec.UNSET
    project: Name | msgspec.UnsetType | None = msgspec.UNSET
    limits: Limits = msgspec.UNSET
    budget: Budget = msgspec.UNSET


def issue(spec: KeySpec, organisation_id: str, pepper: bytes, *, now_ms: int, random: RandomBytes) -> tuple[Key, str]:
    """A new key and its token, which is never seen again."""
    key_id = new_id(random)
    token = mint(spec.mode, key_id, random)
    key = Key(
        id=key_id,
        organisation_id=organisation_id,
        name=spec.name,
        mode=spec.mode,
        scopes=tuple(dict.fromkeys(spec.scopes)),
        models=spec.models,
        digest=digest(token, pepper),
        created_at_ms=now_ms,
        expires_at_ms=_ms(spec.expires_at),
        member_id=spec.member_id,
        project=spec.project,
    )
    return key, token


def rotate(key: Key, pepper: bytes, *, now_ms: int, grace_s: int, random: RandomBytes) -> tuple[Key, str]:
    """The same key with a new token; the old one keeps working for `grace_s` seconds."""
    token = mint(key.mode, key.id, random)
    rotated = msgspec.structs.replace(
        key,
        digest=digest(token, pepper),
        previous_digest=key.digest if grace_s else None,
        previous_until_ms=now_ms + grace_s * 1000 if grace_s else None,
    )
    return rotated, token


def patched(key: Key, patch: KeyPatch) -> Key:
    """The key's own fields as the patch has them; limits and budget are those of a rule."""
    fields = msgspec.structs.asdict(patch).items()
    given = {name: value for name, value in fields if value is not msgspec.UNSET and name not in ("limits", "budget")}
    if "expires_at" in given:
        given["expires_at_ms"] = _ms(given.pop("expires_at"))
    return msgspec.structs.replace(key, **given)


def _ms(time: datetime | None) -> int | None:
    return None if time is None else round(time.timestamp() * 1000)


def key_object(key: Key) -> dict[str, Any]:
    """A key as the API and the command line show it: no secret, times in ISO 8601."""
    return {
        "id": key.id,
        "object": "key",
        "prefix": key.prefix,
        "name": key.name,
        "mode": key.mode,
        "scopes": key.scopes,
        "models": key.models,
        "member_id": key.member_id,
        "project": key.project,
        "parent_id": key.parent_id,
        "disabled": key.disabled,
        "created_at": iso(key.created_at_ms),
        "expires_at": iso(key.expires_at_ms),
    }


def key_id_of(wanted: str) -> str:
    """By the id itself or by the prefix, ep-live-<id>."""
    return wanted.rpartition("-")[2]


@overload
def iso(time_ms: int) -> str: ...
@overload
def iso(time_ms: int | None) -> str | None: ...
def iso(time_ms: int | None) -> str | None:
    """A time as the API shows it."""
    if time_ms is None:
        return None
    return datetime.fromtimestamp(time_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
