"""`entrepot logs`: single calls, filtered."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from tests.cli.conftest import Entrepot
from tests.cli.test_usage import row

from entrepot.home import open_home


@pytest.fixture(autouse=True)
def _used(entrepot: Entrepot, tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    for each in (row(1), row(2, status=500), row(3, age_days=10), row(4, key_id="key2")):
        home.store.record(msgspec.structs.replace(each, organisation_id=home.owner.organisation_id))
    home.store.close()


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ((), 4),
        (("--failed",), 1),
        (("--days", "5"), 3),
        (("--key", "ep-live-key2"), 1),
        (("--model", "m"), 4),
        (("--model", "n"), 0),
        (("--limit", "2"), 2),
    ],
)
def test_calls_are_listed_and_filtered(entrepot: Entrepot, arguments: tuple[str, ...], count: int) -> None:
    assert len(entrepot("logs", *arguments, "--json").json) == count


def test_people_see_a_table(entrepot: Entrepot) -> None:
    assert "req_2" in entrepot("logs").out
    assert entrepot("logs", "--organisation", "org_0").code == 3
