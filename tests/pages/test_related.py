"""Related models."""

from __future__ import annotations

from typing import Any

from entrepot import catalog
from entrepot.pages.related import related

FEATURES = ["sampling", "tools"]


def found(id: str, *rows: dict[str, Any]) -> list[tuple[str, str]]:
    """Of these models only: those built in have no part in it."""
    catalogue = catalog.load({"models": list(rows)})
    own = catalog.Catalogue([catalogue.models[row["id"]] for row in rows])
    return [(model.id, reason) for model, reason in related(own, own.models[id], lambda model: model.price)]


def row(id: str, price: str, **fields: Any) -> dict[str, Any]:
    return {"id": id, "price": {"input": price, "output": price}, "features": FEATURES, **fields}


def test_the_replacement_comes_first_then_the_family_then_those_alike() -> None:
    assert found(
        "old",
        row("old", "1", family="boats", lifecycle={"status": "deprecated", "replaced_by": "new"}),
        row("alike", "2"),
        row("sister", "50", family="boats"),
        row("nearer", "1.1"),
        row("new", "9"),
        row("dear", "9"),
    ) == [
        ("new", "Its replacement"),
        ("sister", "Same family"),
        ("nearer", "Similar price and abilities"),
        ("alike", "Similar price and abilities"),
    ]


def test_what_cannot_take_its_place_is_not_shown() -> None:
    assert (
        found(
            "eyes",
            row("eyes", "1", input_modalities=["text", "image"]),
            row("blind", "1"),
            row("vectors", "1", kind="embedding"),
            row("gone", "1", input_modalities=["text", "image"], lifecycle={"status": "shut_down"}),
            {"id": "unpriced", "input_modalities": ["text", "image"]},
            row("free", "0", input_modalities=["text", "image"]),
            row("toy", "1", family="sandbox", input_modalities=["text", "image"]),
        )
        == []
    )


def test_no_more_than_six_are_shown() -> None:
    assert len(found("m0", *(row(f"m{number}", "1") for number in range(9)))) == 6
