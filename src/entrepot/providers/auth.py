"""Upstream credentials: from an environment variable or a file of the operator's, never from a request."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from entrepot.catalog import Provider


class Credential(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """The key to send, or the reason why there is none. Its repr never shows the key."""

    key: str | None = None
    missing: str | None = None

    def __repr__(self) -> str:
        return f"Credential(key={'…' if self.key else None}, missing={self.missing!r})"


NONE_NEEDED = Credential()


def credential(provider: Provider, environ: Mapping[str, str], directory: Path) -> Credential:
    """The provider's key. A relative `api_key_file` is taken from `directory`."""
    if provider.auth == "none" or not (provider.api_key_env or provider.api_key_file):
        return NONE_NEEDED
    if provider.api_key_file:
        path = directory / Path(provider.api_key_file).expanduser()
        try:
            key = path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            return Credential(missing=f"the file {path} cannot be read ({type(error).__name__})")
        return Credential(key=key) if _is_sendable(key) else Credential(missing=f"the file {path} holds no usable key")
    key = environ.get(provider.api_key_env or "", "").strip()
    return Credential(key=key) if _is_sendable(key) else Credential(missing=f"set {provider.api_key_env}")


def headers(provider: Provider, credential: Credential, dialect: str = "openai_chat") -> list[tuple[str, str]]:
    """Header lines that carry the credential and whatever else the dialect and the provider's row ask for."""
    needed = {"anthropic-version": "2023-06-01"} if dialect == "anthropic_messages" else {}
    lines = list((needed | provider.headers).items())
    if credential.key is not None:
        name, value = ("authorization", f"Bearer {credential.key}")
        if provider.auth in ("x-api-key", "api-key"):
            name, value = provider.auth, credential.key
        lines.append((name, value))
    return lines


def _is_sendable(key: str) -> bool:
    return bool(key) and key.isascii() and key.isprintable()
