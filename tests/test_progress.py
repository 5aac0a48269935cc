"""How far an answer has come: counted as it grows, and never more than what the whole holds."""

from __future__ import annotations

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import rows

from entrepot import progress, tokens
from entrepot.conversation import Usage
from entrepot.exchange import Exchange
from entrepot.progress import Progress
from entrepot.store import ExchangeRow


class Growing:
    """What Progress reads of an exchange."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.delivered = False
        self.input_counts = 0

    def estimate_input(self) -> int:
        self.input_counts += 1
        return 10

    def row(self, usage: Usage) -> ExchangeRow:
        return rows.row(usage=usage)


def amounts(usage: Usage) -> tuple[int | None, int | None]:
    return usage.input_tokens + 2 * usage.output_tokens, usage.output_tokens


def progress_of(exchange: Growing) -> Progress:
    return Progress(cast(Exchange, cast(Any, exchange)), amounts)


def test_nothing_is_told_before_the_first_byte() -> None:
    assert progress_of(Growing()).row() is None


def test_what_came_since_is_added() -> None:
    exchange = Growing()
    exchange.delivered = True
    so_far = progress_of(exchange)
    told = []
    for words in ("Once upon", " a time", "", " there was"):
        exchange.texts.append(words)
        row = so_far.row()
        assert row is not None
        assert row.usage.estimated
        assert row.charge_nusd == 10 + 2 * row.usage.output_tokens
        assert row.debt_nusd == row.usage.output_tokens
        told.append(row.usage.output_tokens)
    assert told == [2, 4, 4, 6]
    assert exchange.input_counts == 1


@given(st.lists(st.text(alphabet="ab é日\n.", max_size=12), max_size=12))
def test_the_count_of_the_pieces_is_nearly_that_of_the_whole(pieces: list[str]) -> None:
    exchange = Growing()
    exchange.delivered = True
    so_far, row = progress_of(exchange), None
    for piece in pieces:
        exchange.texts.append(piece)
        row = so_far.row()
    if row is not None:
        whole = tokens.count("".join(pieces))
        assert whole <= row.usage.output_tokens <= whole + len(pieces)


def test_a_text_without_spaces_is_not_counted_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []

    def counting(text: str) -> int:
        counted.append(len(text))
        return len(text)

    monkeypatch.setattr(tokens, "count", counting)
    exchange = Growing()
    exchange.delivered = True
    so_far = progress_of(exchange)
    for _ in range(50):
        exchange.texts.append("港" * 500)
        so_far.row()
    assert max(counted) <= progress.LONGEST_TAIL_CHARS + 500
