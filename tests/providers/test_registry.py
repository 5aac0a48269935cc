"""From catalogue rows to upstreams: addresses, headers, order, and what the operator has still to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from entrepot import catalog
from entrepot.errors import NoUpstream
from entrepot.providers.registry import Registry, Upstream

SECRET = "sk-secret-1"


def registry(
    tables: dict[str, Any] | None = None, *, running: Any = None, **environ: str
) -> tuple[Registry, catalog.Catalogue]:
    catalogue = catalog.load(tables or {})
    return Registry(catalogue, environ, Path("/nowhere"), running), catalogue


def upstreams(model: str, tables: dict[str, Any] | None = None, **environ: str) -> tuple[Upstream, ...]:
    made, catalogue = registry(tables, **environ)
    return made.upstreams(catalogue.models[model])


def lab(offers: list[str], providers: dict[str, dict[str, Any]]) -> dict[str, Any]:
    rows = [{"provider": name, "upstream_model": f"{name}-model"} for name in offers]
    return {"providers": providers, "models": [{"id": "m", "offers": rows}]}


def test_a_built_in_model_needs_only_its_providers_key() -> None:
    (found,) = upstreams("gpt-4.1-mini", OPENAI_API_KEY=SECRET)
    assert found.url == "https://api.openai.com/v1/chat/completions"
    assert found.headers == [("authorization", f"Bearer {SECRET}")]
    assert found.secrets == (SECRET,)
    assert found.offer.provider == "openai"


def test_claude_is_called_in_its_own_dialect() -> None:
    (found,) = upstreams("claude-sonnet-5-5", ANTHROPIC_API_KEY=SECRET)
    assert found.url == "https://api.anthropic.com/v1/messages"
    assert found.headers == [("anthropic-version", "2023-06-01"), ("x-api-key", SECRET)]


def test_one_provider_may_serve_its_models_in_two_dialects() -> None:
    (found,) = upstreams("gpt-6-luna", OPENAI_API_KEY=SECRET)
    assert found.url == "https://api.openai.com/v1/responses"
    assert found.headers == [("authorization", f"Bearer {SECRET}")]


def test_upstreams_keep_the_catalogues_order_and_leave_out_what_cannot_be_called() -> None:
    providers = {name: {"base_url": f"http://127.0.0.1/{name}", "api_key_env": name.upper()} for name in "abc"}
    found = upstreams("m", lab(["c", "a", "b"], providers), C="k", B="k")
    assert [each.offer.provider for each in found] == ["c", "b"]


def test_a_key_goes_to_its_own_provider_only() -> None:
    providers = {name: {"base_url": f"http://127.0.0.1/{name}", "api_key_env": name.upper()} for name in "ab"}
    one, other = upstreams("m", lab(["a", "b"], providers), A="key-of-a", B="key-of-b")
    assert "key-of-b" not in str(one.headers)
    assert "key-of-a" not in str(other.headers)


def test_azure_takes_its_key_in_api_key_and_a_query() -> None:
    tables = {
        "providers": {"azure": {"base_url": "https://mine.test/openai/v1/", "query": {"api-version": "2026-01 é"}}},
        "offers": [{"model": "gpt-4.1", "provider": "azure", "upstream_model": "my-deployment"}],
    }
    (found,) = upstreams("gpt-4.1", tables, AZURE_OPENAI_API_KEY=SECRET)
    assert found.url == "https://mine.test/openai/v1/chat/completions?api-version=2026-01+%C3%A9"
    assert found.headers == [("api-key", SECRET)]


def test_an_engine_of_the_hubs_own_is_called_where_it_runs() -> None:
    tables = lab(["local"], {"local": {"base_url": "http://127.0.0.1:1/v1", "auth": "none"}})
    made, catalogue = registry(tables, running={"local": ("http://127.0.0.1:2/v1", "engine-key")})
    (found,) = made.upstreams(catalogue.models["m"])
    assert found.url == "http://127.0.0.1:2/v1/chat/completions"
    assert "engine-key" in str(found.headers)
    assert "engine-key" in set(made.secrets)


def test_secrets_lists_every_credential_at_hand() -> None:
    made, _ = registry(OPENAI_API_KEY=SECRET, GROQ_API_KEY="sk-secret-2")
    assert set(made.secrets) == {SECRET, "sk-secret-2"}


def test_no_repr_shows_a_secret() -> None:
    (found,) = upstreams("gpt-4.1-mini", OPENAI_API_KEY=SECRET)
    assert repr(found) == "Upstream(openai/gpt-4.1-mini-2025-04-14)"
    assert SECRET not in repr([found])


# What is missing ----------------------------------------------------------------------------------


def refusal(model: str, tables: dict[str, Any] | None = None, **environ: str) -> str:
    made, catalogue = registry(tables, **environ)
    with pytest.raises(NoUpstream) as caught:
        made.require(catalogue.models[model])
    assert caught.value.should_retry is False
    return caught.value.message


KEYED = {"base_url": "http://127.0.0.1/v1", "api_key_env": "A_KEY", "name": "Lab A"}


@pytest.mark.parametrize(
    ("tables", "todo"),
    [
        (lab(["a"], {"a": KEYED}), "set A_KEY for Lab A. "),
        (lab(["a", "a"], {"a": KEYED}), "set A_KEY for Lab A. "),
        (
            lab(["a", "b"], {"a": KEYED, "b": {"base_url": "http://127.0.0.1/v1", "api_key_file": "/no/key"}}),
            "set A_KEY for Lab A or the file /no/key cannot be read (FileNotFoundError) for b. ",
        ),
        (lab([], {}), "write an offer for it in entrepot.toml ([[offers]], model = 'm'). "),
    ],
)
def test_a_model_without_upstream_says_what_to_do(tables: dict[str, Any], todo: str) -> None:
    message = refusal("m", tables)
    assert message.startswith(f"No upstream is configured for 'm': {todo}")
    assert message.endswith("the sandbox answers.")


def test_a_provider_whose_address_only_the_operator_knows_says_so() -> None:
    tables = {"offers": [{"model": "gpt-4.1", "provider": "azure", "upstream_model": "d"}]}
    assert "give [providers.azure] a base_url" in refusal("gpt-4.1", tables, AZURE_OPENAI_API_KEY=SECRET)


def test_availability_is_a_providers_own() -> None:
    made, _ = registry(OPENAI_API_KEY=SECRET)
    available = {name: made.is_available(name) for name in ("openai", "groq", "azure", "sandbox")}
    assert available == {"openai": True, "groq": False, "azure": False, "sandbox": True}


def test_the_sandbox_is_no_upstream() -> None:
    assert upstreams("sandbox/echo") == ()


@pytest.mark.parametrize(
    ("dialect", "path"),
    [("openai_chat", "/chat/completions"), ("openai_responses", "/responses"), ("anthropic_messages", "/messages")],
)
def test_an_offer_is_called_where_its_dialect_lives(dialect: str, path: str) -> None:
    row = {"base_url": "http://127.0.0.1:1/v1", "dialect": dialect}
    offers = [{"provider": "lab", "upstream_model": "a"}]
    made, catalogue = registry({"providers": {"lab": row}, "models": [{"id": "lab/a", "offers": offers}]})
    (upstream,) = made.upstreams(catalogue.models["lab/a"])
    assert upstream.url == f"http://127.0.0.1:1/v1{path}"
    assert (("anthropic-version", "2023-06-01") in upstream.headers) is (dialect == "anthropic_messages")
