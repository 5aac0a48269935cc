"""How far an answer under way has come: counted as it grows, beside the event loop, for the journal of progress."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from entrepot import tokens
from entrepot.conversation import Usage
from entrepot.exchange import Exchange
from entrepot.store import ExchangeRow

LONGEST_TAIL_CHARS = 2000  # a text without spaces is counted in pieces of this length

Amounts = Callable[[Usage], tuple[int | None, int | None]]
"""What a usage costs the client, and what is owed for it."""


class Progress:
    """One streamed answer. Each text is read once, whatever the answer's length."""

    def __init__(self, exchange: Exchange, amounts: Amounts) -> None:
        self._exchange = exchange
        self._amounts = amounts
        self._input_tokens: int | None = None
        self._pieces = 0
        self._tokens = 0
        self._tail = ""

    def row(self) -> ExchangeRow | None:
        """The exchange as it is by now; None while nothing is delivered. Slow: call it on another thread."""
        exchange = self._exchange
        if not exchange.delivered:
            return None
        if self._input_tokens is None:
            self._input_tokens = exchange.estimate_input()
        usage = Usage(input_tokens=self._input_tokens, output_tokens=self._output_tokens(), estimated=True)
        charge_nusd, debt_nusd = self._amounts(usage)
        return replace(exchange.row(usage), charge_nusd=charge_nusd, debt_nusd=debt_nusd)

    def _output_tokens(self) -> int:
        """Tokens do not reach over a space into the next word: what ends before the last one is counted for good."""
        new = self._exchange.texts[self._pieces :]
        self._pieces += len(new)
        text = self._tail + "".join(new)
        cut = text.rfind(" ")
        if cut < 0 and len(text) > LONGEST_TAIL_CHARS:
            cut = len(text)
        if cut > 0:
            self._tokens += tokens.count(text[:cut])
            text = text[cut:]
        self._tail = text
        return self._tokens + tokens.count(text)
