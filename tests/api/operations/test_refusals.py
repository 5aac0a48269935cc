"""Which errors a route declares, and in whose form."""

from __future__ import annotations

import pytest

from entrepot.api.operations import OPERATIONS
from entrepot.api.operations.refusals import RESPONSES, refusals
from entrepot.api.permissions import Route
from entrepot.api.routes import FRAMED, HOT

ACCESS = {route: access for route, (access, _) in {**HOT, **FRAMED}.items()}


@pytest.mark.parametrize(
    ("route", "some", "none"),
    [
        (("GET", "/v1/hub"), {"400"}, {"401", "403", "404", "409"}),
        (("GET", "/v1/keys/{id}"), {"401", "403", "404"}, {"409", "413"}),
        (("POST", "/v1/keys"), {"401", "413", "415"}, {"402", "502"}),
        (("POST", "/v1/wallet/grants"), {"409", "422"}, {"502"}),
        (("POST", "/v1/messages"), {"402", "429", "502", "504"}, set()),
    ],
)
def test_a_route_declares_what_it_can_refuse_with(route: tuple[str, str], some: set[str], none: set[str]) -> None:
    declared = set(refusals(route, ACCESS[route], OPERATIONS[route]))
    assert some <= declared
    assert not none & declared


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/v1/chat/completions", "OpenAI"),
        ("/api/v1/chat/completions", "OpenRouter"),
        ("/v1/messages/count_tokens", "Anthropic"),
        ("/v1/keys", ""),
    ],
)
def test_errors_have_the_form_of_the_route(path: str, form: str) -> None:
    route: Route = ("POST", path)
    found = refusals(route, ACCESS[route], OPERATIONS[route])
    assert found["400"] == {"$ref": f"#/components/responses/{form}BadRequest"}
    assert f"{form}BadRequest" in RESPONSES
