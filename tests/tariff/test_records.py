"""Which models rules, free tiers and plans are about."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.catalog import Model, Offer
from entrepot.tariff import FreeTier, Plan, Rule

MODEL = Model(
    id="gpt-4.1-mini",
    aliases=("openai/gpt-4.1-mini",),
    family="gpt-4.1",
    offers=(Offer(provider="azure", upstream_model="x"), Offer(provider="openai", upstream_model="y")),
)


@pytest.mark.parametrize(
    ("patterns", "matches"),
    [
        ({}, True),
        ({"model": "gpt-4.1-mini"}, True),
        ({"model": "GPT-4.1*"}, True),
        ({"model": "openai/*"}, True),
        ({"model": "gpt-5*"}, False),
        ({"family": "gpt-4.?"}, True),
        ({"family": "gpt-4"}, False),
        ({"provider": "azure"}, True),
        ({"provider": "anthropic"}, False),
        ({"model": "gpt-*", "family": "gpt-4.1", "provider": "open*"}, True),
        ({"model": "gpt-*", "provider": "groq"}, False),
    ],
)
def test_a_rule_matches_when_all_its_patterns_do(patterns: dict[str, Any], matches: bool) -> None:
    assert Rule(basis_points=0, **patterns).matches(MODEL) is matches


def test_a_model_without_a_family_matches_no_family() -> None:
    assert not Rule(basis_points=0, family="gpt*").matches(Model(id="x"))


def test_a_rule_covers_the_offers_of_its_provider() -> None:
    rule = Rule(basis_points=0, provider="az*")
    assert [offer.provider for offer in MODEL.offers if rule.covers(offer.provider)] == ["azure"]


def test_free_tiers_and_free_models_go_by_any_name() -> None:
    assert FreeTier(models=("x", "openai/*")).covers(MODEL)
    assert not FreeTier(models=("x",)).covers(MODEL)
    assert Plan(name="p", free=("*mini",)).is_free(MODEL)
    assert not Plan(name="p").is_free(MODEL)
