"""Makes the card of a model: what a catalogue shows of it beside the others."""

from __future__ import annotations

from entrepot.catalog import Model, supported_parameters
from entrepot.pages.page import Shelf, banner, feature_label
from entrepot.pages.prices import price_tables, rate_usd
from entrepot.pages.records import Card, CardPrices, Named

SANDBOX = "sandbox"


def make_card(shelf: Shelf, model: Model, *, is_callable: bool) -> Card:
    """`is_callable` says whether one of its providers can be called with what is configured."""
    tables = price_tables(shelf.price(model), model.kind)
    providers = tuple(dict.fromkeys(offer.provider for offer in model.offers))
    return Card(
        id=model.id,
        name=model.name,
        kind=model.kind,
        aliases=model.aliases,
        developer=model.developer,
        family=model.family,
        summary=model.summary,
        lifecycle=model.lifecycle,
        banner=banner(model.lifecycle),
        released=model.released,
        context_tokens=model.context_tokens,
        max_output_tokens=model.max_output_tokens,
        input_modalities=model.input_modalities,
        output_modalities=model.output_modalities,
        features=tuple(Named(name=each, label=feature_label(each)) for each in model.features),
        supported_parameters=supported_parameters(model),
        prices=CardPrices(
            input=rate_usd(tables, "input"),
            cached_input=rate_usd(tables, "cached_input"),
            output=rate_usd(tables, "output"),
        ),
        providers=providers,
        callable=is_callable,
        sandbox=providers == (SANDBOX,),
        suggested_prompts=model.suggested_prompts,
    )
