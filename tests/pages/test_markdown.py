"""Markdown: only what there is to say, and nothing that breaks out of its place."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from entrepot import catalog, tariff
from entrepot.pages.markdown import card_markdown, page_markdown
from entrepot.pages.page import Shelf, make_page
from entrepot.pages.records import Latency, ModelPage, Spread


def made(**row: Any) -> ModelPage:
    catalogue = catalog.load({"models": [row | {"id": "harbour"}]})
    at = datetime(2026, 11, 20, tzinfo=UTC)
    shelf = Shelf(catalogue=catalogue, tariff=tariff.load({}, catalogue), url="http://h", at=at)
    return make_page(shelf, catalogue.models["harbour"])


def test_sections_without_content_are_left_out() -> None:
    text = page_markdown(made())
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## At a glance",
        "## Prices",
        "## Supported parameters",
        "## Endpoints",
        "## Example requests",
        "## Request parameters",
        "## Use it with",
    ]
    assert "The price is unknown." in text
    assert "\n\n\n" not in text


def test_columns_without_content_are_left_out() -> None:
    text = page_markdown(made(price={"input": "1", "cached_input": "0.1", "cache_write": "2", "output": "3"}))
    assert "| Meter | Standard |\n| --- | --- |\n| Input | $1 |\n" in text


def test_a_cell_stays_a_cell() -> None:
    text = page_markdown(
        made(parameters={"dial": {"title": "Dial", "description": "up | down\n| x", "type": "string"}})
    )
    assert "| `dial` | string |  |  | up \\| down \\| x |" in text


def test_code_stays_in_its_fence() -> None:
    text = page_markdown(made(suggested_prompts=["Explain\n```\n# not a heading\n````"]))
    assert "\n`````json\n" in text


def test_latency_is_told_when_there_is_some() -> None:
    latency = Latency(
        window_s=86_400,
        requests=12,
        ttft_ms=Spread(p50=210, p90=400.5, p99=900),
        duration_ms=Spread(p50=1000, p90=2000, p99=3000),
        output_tokens_per_s=None,
    )
    text = page_markdown(msgspec.structs.replace(made(), latency=latency))
    assert "12 live calls of the last 24 hours." in text
    assert "| First token, ms | 210 | 400.5 | 900 |" in text
    assert "tokens per second" not in text


def test_a_card_has_the_facts_and_one_example() -> None:
    text = card_markdown(made(limits=["No anchors"]))
    assert text.count("```") == 2
    assert "- No anchors" in text
    assert "## Request parameters" not in text
    assert text.endswith("Everything else: http://h/models/harbour.md\n")
