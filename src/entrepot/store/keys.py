"""Statements on keys. `run` is a transaction's, or a store's `read`."""

from __future__ import annotations

from typing import Any

import msgspec

from entrepot.keys import Key
from entrepot.store.queries import Run


def of_organisation(run: Run, organisation_id: str) -> list[Key]:
    """Oldest first."""
    return [key_of(row) for row in run("keys_of_organisation", {"organisation_id": organisation_id})]


def insert(run: Run, key: Key) -> None:
    run("insert_key", key_parameters(key))


def update(run: Run, key: Key) -> None:
    run("update_key", key_parameters(key))


def delete(run: Run, key: Key) -> None:
    run("delete_key", {"id": key.id})


def key_of(row: dict[str, Any]) -> Key:
    scopes = tuple(row.pop("scopes").split())
    models = row.pop("models")
    allowed = None if models is None else tuple(msgspec.json.decode(models))
    ancestors = tuple(row.pop("ancestors").split())
    found = row | {"scopes": scopes, "models": allowed, "ancestors": ancestors}
    return msgspec.convert(found, Key, strict=False)


def key_parameters(key: Key) -> dict[str, Any]:
    models = None if key.models is None else msgspec.json.encode(key.models).decode()
    words = {"scopes": " ".join(key.scopes), "ancestors": " ".join(key.ancestors)}
    return msgspec.structs.asdict(key) | words | {"models": models}
