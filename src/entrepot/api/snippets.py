"""POST /v1/snippets: a call of this hub as code, in every language."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from entrepot.api.answers.house import SnippetCode, SnippetList
from entrepot.api.respond import hub_of, json_response, read_json
from entrepot.catalog import Catalogue
from entrepot.dialects.shape import form_of
from entrepot.errors import InvalidRequest
from entrepot.pages.snippets import KEY_VARIABLE, LABELS, SYNTAX, WIRES, Call, Language, Protocol, languages, snippet

LIMIT_BYTES = 2 * 1024 * 1024


class SnippetSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`body` is that of the call; without `protocol` its fields tell which route it is for."""

    body: dict[str, Any]
    protocol: Protocol | None = None
    languages: Annotated[tuple[Language, ...], msgspec.Meta(min_length=1)] | None = None


async def show_snippets(request: Request) -> Response:
    """Programs that make the call, with the key taken from the environment; every language that speaks the protocol.

    Nothing is called, checked or kept. What a route would refuse becomes code as well.
    """
    spec, configuration = await read_json(request, SnippetSpec, LIMIT_BYTES), hub_of(request).configuration
    protocol = spec.protocol or _protocol(spec.body, configuration.catalogue)
    call = Call(url=configuration.settings.url, protocol=protocol, body=spec.body)
    data = await asyncio.to_thread(_written, call, _languages(spec, protocol))
    return json_response(SnippetList(protocol=protocol, url=call.address, key_variable=KEY_VARIABLE, data=data))


def _protocol(body: dict[str, Any], catalogue: Catalogue) -> Protocol:
    """Raises InvalidRequest for a body of no shape."""
    name = body.get("model")
    model = catalogue.find(name) if isinstance(name, str) else None
    form = form_of(body, model.kind if model else "chat")
    return next(protocol for protocol in WIRES if protocol == form.name)


def _languages(spec: SnippetSpec, protocol: Protocol) -> tuple[Language, ...]:
    speaking = languages(protocol)
    foreign = [each for each in spec.languages or () if each not in speaking]
    if foreign:
        message = f"{LABELS[foreign[0]]} does not speak {protocol}."
        raise InvalidRequest(message, param="languages", code="unsupported_value")
    return tuple(dict.fromkeys(spec.languages or speaking))


def _written(call: Call, wanted: tuple[Language, ...]) -> tuple[SnippetCode, ...]:
    try:
        return tuple(
            SnippetCode(language=each, label=LABELS[each], syntax=SYNTAX[each], code=snippet(call, each))
            for each in wanted
        )
    except RecursionError:
        raise InvalidRequest("The body is nested too deep.", param="body", code="invalid_value") from None
