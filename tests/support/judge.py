"""What must hold of a home's books after whatever happened, read from its file by nobody's code but this."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import apsw
from tests.support.caller import Outcome
from tests.support.truth_upstream import INPUT_TOKENS, Truth

TOKEN_NUSD = 1_000_000  # with a price of 1000 dollars for a million input tokens; an output token costs two
ACCOUNTS = ("wallet", "reserved", "revenue", "cost", "payable", "grants", "funding", "losses")
STREAM_TOKENS = 4  # by which the hub's own count of a torn answer may differ: the text's last token, and the pieces


class Books:
    """The ledger and the rows of one home."""

    def __init__(self, home: Path) -> None:
        self._connection = apsw.Connection(str(home / "entrepot.db"), flags=apsw.SQLITE_OPEN_READONLY)
        self._connection.set_busy_timeout(5000)
        self.entries = self._read("SELECT * FROM ledger ORDER BY seq")
        self.rows = {row["request_id"]: row for row in self._read("SELECT * FROM exchanges")}
        self.open = self._read("SELECT * FROM reservations")
        self.intact = self._connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        self._connection.close()

    def _read(self, statement: str) -> list[dict[str, Any]]:
        cursor = self._connection.execute(statement)
        rows = []
        for row in cursor:
            rows.append(dict(zip([column[0] for column in cursor.get_description()], row, strict=True)))
        return rows

    def check(self, *, at_rest: bool = True) -> None:
        """Postings add up, each exchange is closed once, and every row says what its entries say."""
        assert self.intact
        assert all(sum(entry[f"{account}_nusd"] for account in ACCOUNTS) == 0 for entry in self.entries)
        closed: dict[str, list[dict[str, Any]]] = {}
        owed: dict[str, int] = {}
        for entry in self.entries:
            reference = entry["reference"]
            owed[reference] = owed.get(reference, 0) + entry["payable_nusd"]
            if entry["kind"] not in ("reserve", "attempt"):
                closed.setdefault(reference, []).append(entry)
        assert all(len(entries) == 1 for entries in closed.values())
        if at_rest:
            assert self.open == []
            assert sum(entry["reserved_nusd"] for entry in self.entries) == 0
            assert {entry["reference"] for entry in self.entries if entry["kind"] == "reserve"} == set(closed)
        for reference, (entry,) in closed.items():
            row = self.rows[reference]
            assert (row["charge_nusd"] or 0) == entry["revenue_nusd"], row
            assert (row["debt_nusd"] or 0) == owed[reference], row
        assert sum(owed.values()) == sum(row["debt_nusd"] or 0 for row in self.rows.values())
        charged = {id for id, row in self.rows.items() if row["charge_nusd"]}
        assert charged <= set(closed)

    def check_outcomes(self, outcomes: Iterable[Outcome], truths: Iterable[Truth]) -> int:
        """Whoever got a whole answer is charged exactly what the upstream says, others for no more than it sent."""
        truth = {each.id: each for each in truths}
        whole = 0
        for outcome in outcomes:
            row = self.rows.get(outcome.request_id)
            charge = row["charge_nusd"] or 0 if row else 0
            if outcome.whole:
                whole += 1
                assert row is not None, "what was delivered is missing"
                assert truth[outcome.order.id].finished
                assert charge == (INPUT_TOKENS + 2 * outcome.order.words) * TOKEN_NUSD
            elif row is not None and row["ttft_ms"] is None:
                assert charge == 0
            elif row is not None and row["estimated"] and outcome.order.id in truth:
                most = row["input_tokens"] + 2 * (truth[outcome.order.id].sent_words + STREAM_TOKENS)
                assert charge <= most * TOKEN_NUSD
        return whole
