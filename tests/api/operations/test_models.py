"""Models and their pages: every answer is as declared, in OpenAI's form and in Anthropic's."""

from __future__ import annotations

import pytest
from tests.conftest import MakeHub
from tests.support.contract import contract_of, require_all
from tests.support.running import MODEL, tables

from entrepot.api.model_lists import FILTERS, SORTS, SYNONYMS
from entrepot.api.operations.models import LISTED, MODELS


@pytest.mark.parametrize("headers", [{}, {"anthropic_version": "2023-06-01"}], ids=["openai", "anthropic"])
async def test_every_list_and_page_is_as_declared(make_hub: MakeHub, headers: dict[str, str]) -> None:
    hub = make_hub(tables("http://127.0.0.1:1/v1"))
    contract = await contract_of(hub)
    for method, path in MODELS:
        found = await hub.get(path.replace("{id:path}", MODEL), token=hub.test, **headers)
        contract.check(method, path, found, anthropic=bool(headers))
    full = await hub.get("/v1/models?include=json_request_schema", token=hub.test, **headers)
    contract.check("GET", "/v1/models", full, anthropic=bool(headers))
    for path in ("/models", "/models/{id:path}"):
        found = await hub.get(path.replace("{id:path}", MODEL), token=hub.test, accept="text/markdown")
        contract.check("GET", path, found)
    require_all(contract, "Models")


def test_every_filter_is_declared() -> None:
    assert {*FILTERS, *SYNONYMS} <= set(LISTED)
    assert {*SORTS} <= {*LISTED["sort"]["enum"]}
