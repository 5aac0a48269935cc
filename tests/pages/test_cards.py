"""Cards: the facts of the page, in brief."""

from __future__ import annotations

from datetime import UTC, datetime

from entrepot import catalog, tariff
from entrepot.pages.cards import make_card
from entrepot.pages.page import Shelf, make_page
from entrepot.pages.prices import rate_usd

CATALOGUE = catalog.load()
SHELF = Shelf(
    catalogue=CATALOGUE, tariff=tariff.load({}, CATALOGUE), url="http://hub.test", at=datetime(2026, 11, 20, tzinfo=UTC)
)
SHARED = (
    *("id", "name", "kind", "aliases", "developer", "family", "summary", "lifecycle", "banner"),
    *("features", "supported_parameters", "suggested_prompts"),
)


def test_a_card_says_what_the_page_says() -> None:
    for model in CATALOGUE.models.values():
        card, page = make_card(SHELF, model, is_callable=True), make_page(SHELF, model)
        assert [getattr(card, name) for name in SHARED] == [getattr(page, name) for name in SHARED]
        assert (card.prices.input, card.prices.output) == (
            rate_usd(page.prices, "input"),
            rate_usd(page.prices, "output"),
        )
        assert (card.context_tokens, card.released) == (model.context_tokens, model.released)


def test_models_of_the_sandbox_alone_are_for_tests() -> None:
    found = {model.id for model in CATALOGUE.models.values() if make_card(SHELF, model, is_callable=False).sandbox}
    assert found == {name for name in CATALOGUE.models if name.startswith("sandbox/")}
