"""The responses that clients asked to be kept: by key, in chains, and no longer or larger than they may be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any

import msgspec

from entrepot.store.queries import Run
from entrepot.store.records import StoredResponse

Rows = list[dict[str, Any]]

_MOST_AT_ONCE = 500  # rows that one pass removes: others wait for the writer meanwhile


class Responses:
    """Stored responses of a store whose `write` and `read` are given. A key never sees another's."""

    def __init__(
        self, write: Callable[[Callable[[Run], Any]], Future[Any]], read: Callable[[str, Mapping[str, Any]], Rows]
    ) -> None:
        self._write = write
        self._read = read
        self._limits_bytes: dict[str, int] = {}  # of keys that have grown since the last pass

    def keep(self, stored: StoredResponse, item_ids: Iterable[str], *, limit_bytes: int) -> Future[None]:
        """Done once it is committed. `limit_bytes` is what its key may keep in all; the oldest give way, later.

        Raises StoreUnavailable.
        """
        size = len(stored.input.encode()) + len(stored.response.encode())
        ids = {"key_id": stored.key_id, "response_id": stored.id, "ids": _array(item_ids)}

        def work(run: Run) -> None:
            run("insert_response", msgspec.structs.asdict(stored) | {"bytes": size})
            run("insert_response_items", ids)
            self._limits_bytes[stored.key_id] = limit_bytes

        return self._write(work)

    def find(self, key_id: str, id: str, now_ms: int) -> StoredResponse | None:
        """None for one that is unknown, expired or another key's."""
        rows = self._read("response", {"key_id": key_id, "id": id, "now_ms": now_ms})
        return _stored(rows[0]) if rows else None

    def chain(self, key_id: str, id: str, now_ms: int) -> list[StoredResponse]:
        """The response and all it was built on, oldest first; empty when it, or any of these, is there no more."""
        rows = self._read("response_chain", {"key_id": key_id, "id": id, "now_ms": now_ms})
        return [_stored(row) for row in rows] if rows and rows[0]["previous_id"] is None else []

    def of_items(self, key_id: str, item_ids: Iterable[str], now_ms: int) -> list[StoredResponse]:
        """The responses that have these items in their output."""
        rows = self._read("responses_of_items", {"key_id": key_id, "ids": _array(item_ids), "now_ms": now_ms})
        return [_stored(row) for row in rows]

    def delete(self, key_id: str, id: str, now_ms: int) -> Future[bool]:
        """Whether there was one. What was built on it can be read still, and not be continued."""
        parameters = {"key_id": key_id, "id": id, "now_ms": now_ms}
        return self._write(lambda run: bool(run("delete_response", parameters)))

    def prune(self, run: Run, now_ms: int) -> bool:
        """Remove some of what has expired, what was a removed key's, and what keys have no room for.

        Whether there may be more of it.
        """
        passes = [
            len(run("delete_expired_responses", {"now_ms": now_ms, "limit": _MOST_AT_ONCE})),
            len(run("delete_orphaned_responses", {"limit": _MOST_AT_ONCE})),
        ]
        for key_id, limit_bytes in list(self._limits_bytes.items()):
            excess = {"key_id": key_id, "limit_bytes": limit_bytes, "limit": _MOST_AT_ONCE}
            passes.append(len(run("delete_excess_responses", excess)))
            if passes[-1] < _MOST_AT_ONCE:
                del self._limits_bytes[key_id]
        return max(passes) == _MOST_AT_ONCE


def _array(values: Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()


def _stored(row: dict[str, Any]) -> StoredResponse:
    return msgspec.convert(row, StoredResponse)
