"""The reference page names every field of every row, and every price meter has its field."""

from __future__ import annotations

from pathlib import Path

import pytest

from entrepot.catalog import records, rows
from entrepot.money import METERS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "catalog.md"

SECTIONS = {
    "Providers": (rows.ProviderRow,),
    "Models": (rows.ModelRow,),
    "Offers": (rows.ExtraOfferRow,),
    "Prices": (rows.PriceRow, rows.LongContextPriceRow),
    "Tables inside a model": (
        records.Lifecycle,
        records.Cutoff,
        records.Benchmark,
        records.Question,
        records.Link,
        records.ImagePatches,
        records.ImageTiles,
    ),
}


def section(title: str) -> str:
    return PAGE.read_text("utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("title", SECTIONS)
def test_the_reference_names_every_field(title: str) -> None:
    text = section(title)
    missing = [name for row in SECTIONS[title] for name in row.__struct_fields__ if f"| `{name}` |" not in text]
    assert missing == []


@pytest.mark.parametrize("vocabulary", ["Feature", "Modality", "Status", "Kind", "DialectName", "AuthScheme"])
def test_the_reference_names_every_word_of_a_vocabulary(vocabulary: str) -> None:
    text = PAGE.read_text("utf-8")
    assert [word for word in getattr(records, vocabulary).__args__ if f"`{word}`" not in text] == []


def test_every_meter_can_be_priced() -> None:
    assert rows.PriceRow.__struct_fields__ == METERS
