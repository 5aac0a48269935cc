"""The declaration of operations: nothing in it that is not served, and no body that is not declared."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from tests.conftest import MakeHub
from tests.support.people import join

from entrepot import catalog
from entrepot.api import inference
from entrepot.api.operations import AREAS, OPERATIONS
from entrepot.api.operations.bodies import BODIES
from entrepot.api.routes import FRAMED, HOT
from entrepot.pages.examples import examples

ROOT = Path(__file__).parents[3]
TYPED = {route: operation.request for route, operation in OPERATIONS.items() if isinstance(operation.request, type)}


def test_what_is_declared_is_served_and_all_of_it() -> None:
    assert set(OPERATIONS) == {*HOT, *FRAMED}
    assert sum(len(area) for area in AREAS.values()) == len(OPERATIONS)


@pytest.mark.parametrize("route", sorted(TYPED), ids=" ".join)
async def test_the_declared_body_is_the_one_that_is_read(make_hub: MakeHub, route: tuple[str, str]) -> None:
    """A field that the record does not have is refused by its name; another record would not know the others."""
    hub = make_hub()
    owner = join(hub, "owner")
    method, path = route
    fields = msgspec.structs.fields(TYPED[route])
    target = path.replace("{id}", "unknown")
    bodies: list[dict[str, Any]] = [{"no-such-field": 1}, *({field.encode_name: {"no": []}} for field in fields)]
    for body in bodies:
        answer = await owner(method, target, body)
        assert answer.status == 400, (body, answer.body)
    assert OPERATIONS[route].status in (200, 201)


def test_examples_fit_the_declared_request_of_all_models() -> None:
    catalogue = catalog.load()
    for model in catalogue.models.values():
        path = "/v1/chat/completions" if model.kind == "chat" else "/v1/embeddings"
        name = OPERATIONS["POST", path].request
        assert isinstance(name, str)
        schema = BODIES[name] | {"components": {"schemas": BODIES}}
        for body in examples(catalogue, model).values():
            jsonschema_rs.Draft202012Validator(schema).validate(body)


def test_every_call_of_a_model_declares_its_body() -> None:
    for path in inference.ROUTES:
        assert OPERATIONS["POST", path].request


def test_every_query_parameter_that_the_handlers_look_at_is_declared() -> None:
    readers = r"(?:query\.get|query_params\.get|getlist|time_ms|number|_number|_flag|_chosen)"
    read = re.compile(readers + r'\((?:request, )?"([\w\[\]]+)"')
    sources = [path.read_text("utf-8") for path in (ROOT / "src" / "entrepot" / "api").glob("*.py")]
    looked_at = {name for source in sources for name in read.findall(source)}
    assert {"cursor", "search", "starting_after", "group_by"} <= looked_at
    assert looked_at <= {name for operation in OPERATIONS.values() for name in operation.query}
