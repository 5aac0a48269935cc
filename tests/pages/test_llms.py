"""llms.txt: one index, each model once, by developer."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from entrepot import catalog, tariff
from entrepot.pages import llms
from entrepot.pages.page import Shelf, make_page


def shelf(*rows: dict[str, Any]) -> Shelf:
    catalogue = catalog.load({"models": list(rows)})
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return Shelf(catalogue=catalogue, tariff=tariff.load({}, catalogue), url="https://h", at=at)


HARBOUR: dict[str, Any] = {
    "id": "harbour",
    "name": "Harbour",
    "developer": "Quay",
    "summary": "A port",
    "context_tokens": 8192,
    "price": {"input": "1", "output": "2"},
    "lifecycle": {"status": "deprecated", "replaced_by": "gpt-4.1"},
}


def test_the_index_has_every_model_once() -> None:
    made = shelf(HARBOUR, {"id": "nameless"})
    text = llms.index(made, made.catalogue.models.values())
    assert text.startswith("# Entrepôt\n\n> ")
    linked = re.findall(r"\]\(https://h/models/(\S+)\.md\)", text)
    assert sorted(linked) == sorted(made.catalogue.models)
    assert (
        "## Quay\n\n- [Harbour](https://h/models/harbour.md): `harbour`; A port; 8,192 tokens of context; "
        "$1 in, $2 out per million tokens; deprecated\n"
    ) in text
    assert "## Other models\n\n- [nameless](https://h/models/nameless.md): `nameless`\n" in text


def test_the_full_text_has_every_models_facts() -> None:
    made = shelf(HARBOUR)
    models = [made.catalogue.models[id] for id in ("harbour", "gpt-4.1")]
    text = llms.full(made, models)
    assert text.startswith("> Index of all models: https://h/llms.txt\n")
    assert re.findall(r"^# (.+)$", text, re.MULTILINE) == ["Entrepôt", "Harbour", "GPT-4.1"]


def test_one_models_text_leads_to_all_of_it() -> None:
    made = shelf(HARBOUR)
    text = llms.of_model(make_page(made, made.catalogue.models["harbour"]))
    assert "**Deprecated. Its replacement is gpt-4.1.**" in text
    assert "(https://h/v1/models/harbour/page)" in text
    assert "(https://h/v1/models/harbour/schema)" in text
    assert "- Input: $1 per million\n" in text
    assert "- [GPT-4.1](https://h/models/gpt-4.1/llms.txt): Its replacement\n" in text
