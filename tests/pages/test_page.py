"""Pages: what stands on them, and what does not where nothing is known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from entrepot import catalog, tariff
from entrepot.catalog import Lifecycle
from entrepot.catalog.records import ImagePatches, ImageTiles, ImageTokens
from entrepot.pages.page import Shelf, banner, image_rule, make_page
from entrepot.pages.records import Fact, ModelPage

URL = "https://hub.example"
BUILT_IN = catalog.load().models


def made(id: str = "harbour", **row: Any) -> ModelPage:
    catalogue = catalog.load({"models": [row | {"id": id}] if row or id not in BUILT_IN else []})
    shelf = Shelf(
        catalogue=catalogue, tariff=tariff.load({}, catalogue), url=URL, at=datetime(2026, 11, 20, tzinfo=UTC)
    )
    return make_page(shelf, catalogue.models[id])


def test_the_page_of_gpt_41_mini_has_every_element() -> None:
    page = made("gpt-4.1-mini")
    assert all(getattr(page, name) for name in page.__struct_fields__ if name not in ("latency", "answer"))
    assert [tile.name for tile in page.tiles] == [
        "Context",
        "Max output",
        "Released",
        "Knowledge cutoff",
        "Modalities",
    ]
    assert page.tools[0].name == "Claude Code"
    assert page.tools[0].shell.endswith("\nclaude\n")
    assert {each.level for each in page.snippets} == {"minimal", "basic", "all"}
    assert len(page.snippets) == 24
    assert page.related[0].reason == "Its replacement"
    assert page.endpoints[0].url == f"{URL}/v1/chat/completions"


def test_an_embedding_model_has_no_conversation() -> None:
    page = made("text-embedding-3-small")
    assert {each.url.removeprefix(URL) for each in page.endpoints if each.method == "POST"} == {
        "/v1/embeddings",
        "/v1/estimate",
    }
    assert "python_anthropic" not in {each.language for each in page.snippets}
    assert {tool.id for tool in page.tools} == {"openai", "langchain", "llamaindex"}
    assert {each.level for each in page.snippets} == {"minimal", "all"}


def test_what_is_unknown_is_left_out() -> None:
    page = made()
    assert page.tiles == (Fact(name="Modalities", value="text → text"),)
    assert (page.specifications, page.prices, page.typical_calls, page.related) == ((), (), (), ())
    assert (page.banner, page.latency, page.benchmarks) == (None, None, ())


def test_a_name_is_escaped_in_addresses() -> None:
    page = made("a/b#c?d%")
    assert page.addresses.markdown == f"{URL}/models/a/b%23c%3Fd%25.md"
    assert page.addresses.data == f"{URL}/v1/models/a/b%23c%3Fd%25/page"


def test_a_footnote_to_what_is_unknown_is_told() -> None:
    page = made(quantization_note="Nobody says.")
    assert page.specifications == (Fact(name="Quantization", value="unknown", note="Nobody says."),)


def test_footnotes_stay_with_their_fact() -> None:
    page = made(quantization="FP8", quantization_note="Weights only.", mixture_of_experts=False)
    assert page.specifications == (
        Fact(name="Mixture of experts", value="no"),
        Fact(name="Quantization", value="FP8", note="Weights only."),
    )


@pytest.mark.parametrize(
    ("lifecycle", "said"),
    [
        (Lifecycle(), None),
        (Lifecycle(status="preview"), "In preview: it may change or go away at short notice."),
        (Lifecycle(status="deprecated"), "Deprecated."),
        (
            Lifecycle(
                status="deprecated",
                deprecated_at=date(2026, 1, 2),
                shutdown_at=date(2027, 3, 4),
                replaced_by="new",
            ),
            "Deprecated since 2026-01-02. Its provider shuts it down on 2027-03-04. Its replacement is new.",
        ),
        (Lifecycle(status="shut_down", shutdown_at=date(2026, 5, 6)), "Shut down on 2026-05-06."),
    ],
)
def test_the_banner_says_what_must_be_known_first(lifecycle: Lifecycle, said: str | None) -> None:
    assert banner(lifecycle) == said


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (ImagePatches(), "1 token for each patch of 32 × 32 px"),
        (
            ImagePatches(max_patches=1536, multiplier=1.62),
            "1.62 tokens for each patch of 32 × 32 px, scaled down to at most 1,536 patches",
        ),
        (
            ImagePatches(patch_px=28, max_side_px=1568, max_patches=1600),
            "1 token for each patch of 28 × 28 px, scaled down to a side of at most 1,568 px and at most 1,600 patches",
        ),
        (
            ImageTiles(base_tokens=85, tile_tokens=170),
            "85 tokens and 170 tokens for each tile of 512 × 512 px; 85 at low detail",
        ),
    ],
)
def test_what_an_image_costs_is_told_in_words(rule: ImageTokens, said: str) -> None:
    assert image_rule(rule) == said
