"""Months, and what a statement adds up to."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from entrepot.errors import InvalidRequest
from entrepot.statements import ModelUse, Movement, Period, Statement
from entrepot.statements.records import MeterUse


def made(**fields: object) -> Statement:
    """A statement with one movement and one use, whose texts are hostile."""
    use = ModelUse(
        model="<b>m</b>",
        key_id="k1",
        key_name="=cmd()",
        requests=2000,
        input_tokens=3000,
        cached_tokens=0,
        cache_write_tokens=0,
        output_tokens=7,
        reasoning_tokens=0,
        charge_nusd=250_000_001,
        lines=(
            MeterUse(meter="cached_input", units=3000, nusd=250_000_000),
            MeterUse(meter="other", units=None, nusd=1),
        ),
    )
    movement = Movement(
        kind="grant", reference="grant_1", at_ms=0, amount_nusd=10**9, actor="operator", note='"@x", <img src=x>'
    )
    base = {
        "organisation_id": "org_1",
        "organisation": "A & <B>",
        "period": Period.of("2026-11"),
        "made_at_ms": 0,
        "opening_nusd": -5,
        "closing_nusd": 749_999_994,
        "movements": (movement,),
        "usage": (use,),
    }
    return Statement(**base | fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("month", "first", "after"),
    [("2026-11", (2026, 11), (2026, 12)), ("2026-12", (2026, 12), (2027, 1)), ("2028-02", (2028, 2), (2028, 3))],
)
def test_a_month_reaches_to_the_next(month: str, first: tuple[int, int], after: tuple[int, int]) -> None:
    period = Period.of(month)
    ends = [datetime.fromtimestamp(ms / 1000, UTC) for ms in (period.from_ms, period.until_ms)]
    assert ends == [datetime(*first, 1, tzinfo=UTC), datetime(*after, 1, tzinfo=UTC)]


@pytest.mark.parametrize("text", ["2026-00", "2026-13", "1999-01", "2026-1", "2026-11-01", "", "٢٠٢٦-11", "2026-11\n"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequest):
        Period.of(text)
