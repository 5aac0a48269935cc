"""Price tables and typical calls against price lists written out here."""

from __future__ import annotations

from typing import Any

from entrepot import catalog
from entrepot.catalog import Model
from entrepot.pages.prices import price_tables, rate_usd, typical_calls

LONG = {"input_tokens": 50_000, "price": {"input": "2", "output": "6"}}


def model(**row: Any) -> Model:
    return catalog.load({"models": [{"id": "harbour"} | row]}).models["harbour"]


def test_every_rate_has_its_line_and_what_is_missing_says_whose_rate_applies() -> None:
    priced = model(price={"input": "1", "cached_input": "0.1", "output": "3"}, price_batch={"input": "0.5"})
    (table,) = price_tables(priced.price, "chat")
    told = {line.meter: (line.standard, line.batch, line.priority, line.as_meter) for line in table.lines}
    assert told == {
        "input": ("1", "0.5", None, None),
        "cached_input": ("0.1", None, None, None),
        "cache_write": (None, None, None, "input"),
        "output": ("3", None, None, None),
    }
    assert (rate_usd([table], "output"), rate_usd([table], "cache_write"), rate_usd([], "input")) == ("3", None, None)


def test_long_input_has_a_table_of_its_own() -> None:
    priced = model(price={"input": "1", "cached_input": "0.1", "output": "3"}, price_above=[LONG])
    tables = price_tables(priced.price, "chat")
    assert [table.above_input_tokens for table in tables] == [0, 50_000]
    assert [line.standard for line in tables[1].lines] == ["2", "0.1", None, "6"]


def test_an_unknown_price_has_no_table_and_no_call() -> None:
    assert price_tables(None, "chat") == ()
    assert typical_calls(model(), None) == ()


def test_typical_calls_cost_what_the_ledger_would_charge() -> None:
    priced = model(price={"input": "1", "cached_input": "0.1", "output": "3"}, price_above=[LONG])
    costs = {call.name: call.cost_usd for call in typical_calls(priced, priced.price)}
    assert costs == {
        "A question and its answer": "0.0014",  # 200 × 1 + 400 × 3
        "A summary of fifty pages": "0.033",  # 30,000 × 1 + 1,000 × 3
        "A step of a coding agent": "0.0227",  # 5,000 × 2 + 55,000 × 0.1 + 1,200 × 6
    }


def test_calls_that_do_not_fit_or_have_no_rate_are_left_out() -> None:
    small = model(context_tokens=8192, price={"input": "1", "output": "3"})
    assert [call.input_tokens for call in typical_calls(small, small.price)] == [200]
    halved = model(price={"input": "1"})
    assert typical_calls(halved, halved.price) == ()
    vectors = model(kind="embedding", context_tokens=8192, price={"input": "1"})
    assert [call.cost_usd for call in typical_calls(vectors, vectors.price)] == ["0.0006", "0.15", "150"]
