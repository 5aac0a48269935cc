"""`entrepot usage`: what was used, from the store of a home."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest
from tests.cli.conftest import Entrepot
from tests.support import rows

from entrepot.conversation import Usage
from entrepot.store import ExchangeRow, Store

DAY_MS = 86_400_000


def row(number: int, *, key_id: str = "key1", age_days: int = 0, status: int = 200) -> ExchangeRow:
    at_ms = time.time_ns() // 1_000_000 - age_days * DAY_MS - 1000
    usage = Usage(input_tokens=1000, output_tokens=7)
    return rows.row(f"req_{number}", started_at_ms=at_ms, key_id=key_id, status=status, usage=usage)


@pytest.fixture(autouse=True)
def _used(entrepot: Entrepot, tmp_path: Path) -> None:
    assert entrepot("usage", "--json").json == []
    store = Store(tmp_path / "home" / "entrepot.db")
    for each in (row(1), row(2, status=500), row(3, age_days=10), row(4, key_id="key2")):
        store.record(each)
    store.close()


def test_usage_is_summed_by_model_key_and_mode(entrepot: Entrepot) -> None:
    rows = entrepot("usage", "--json").json
    assert [(each["key_id"], each["requests"], each["failed"], each["input_tokens"]) for each in rows] == [
        ("key1", 3, 1, 3000),
        ("key2", 1, 0, 1000),
    ]
    table = entrepot("usage").out
    assert "3,000" in table
    assert "–" in table


def test_days_and_key_narrow_it_down(entrepot: Entrepot) -> None:
    assert [each["requests"] for each in entrepot("usage", "--json", "--days", "5").json] == [2, 1]
    assert [each["requests"] for each in entrepot("usage", "--json", "--key", "ep-live-key2").json] == [1]
    assert entrepot("usage", "--json", "--key", "nobody").json == []


def test_usage_is_grouped_and_says_the_cost(entrepot: Entrepot, tmp_path: Path) -> None:
    store = Store(tmp_path / "home" / "entrepot.db")
    store.record(msgspec.structs.replace(row(5, key_id="key3"), charge_nusd=25_000_000))
    store.close()
    rows = entrepot("usage", "--by", "model", "--by", "mode", "--json").json
    assert [(each["model"], each["mode"], each["requests"], each["cost_usd"]) for each in rows] == [
        ("m", "live", 5, "0.025"),
    ]
    assert "key_id" not in rows[0]
    assert "0.025" in entrepot("usage").out
    assert entrepot("usage", "--by", "colour").code == 2
