"""/v1/providers: which upstreams there are, what they need, how they are doing, and whether they can be reached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from entrepot import catalog
from entrepot.accounts.callers import Caller
from entrepot.administration.desk import Desk
from entrepot.api.answers.house import Provider, ProviderCredential, ProviderList, ProviderOffer, ProviderTest, Trouble
from entrepot.api.answers.listing import instant
from entrepot.api.house import require_house
from entrepot.api.respond import caller_of, desk_of, hub_of, json_response
from entrepot.api.windows import DAY_MS
from entrepot.books import now_ms
from entrepot.catalog import Model, Offer
from entrepot.errors import NotFound, RateLimited, UpstreamError, UpstreamTimeout
from entrepot.hub import Hub
from entrepot.providers.registry import SANDBOX
from entrepot.store.timings import OfferTiming, offer_timings

WITHIN_S = 15.0
EVERY_S = 2.0  # a test of the same provider

Timings = Mapping[tuple[str, str], OfferTiming]


async def list_providers(request: Request) -> Response:
    """All of them with their credentials' places, never the credentials. Only who runs the hub may see them."""
    require_house(caller_of(request))
    hub = hub_of(request)
    timings = await asyncio.to_thread(hub.store.report, lambda run: offer_timings(run, now_ms() - DAY_MS))
    found = hub.configuration.catalogue.providers.values()
    return json_response(ProviderList(data=tuple(_provider(hub, each, timings) for each in found)))


async def try_provider(request: Request) -> Response:
    """Ask the provider for its list of models with the hub's credential. It costs no tokens."""
    caller, hub, id = caller_of(request), hub_of(request), request.path_params["id"]
    require_house(caller)
    provider = hub.configuration.catalogue.providers.get(id)
    if provider is None:
        raise NotFound(f"There is no provider '{id[:256]}'.", code="provider_not_found")
    _take_turn(hub, id)
    tested = await _tested(hub, provider)
    told: dict[str, object] = {
        "ok": tested.ok,
        "status": tested.status,
        "code": tested.error.code if tested.error else None,
    }
    await asyncio.to_thread(_log, desk_of(request), caller, id, told)
    return json_response(tested)


def _provider(hub: Hub, provider: catalog.Provider, timings: Timings) -> Provider:
    registry = hub.configuration.registry
    models = hub.configuration.catalogue.models.values()
    offers = [(model, offer) for model in models for offer in model.offers if offer.provider == provider.id]
    todo = registry.missing(provider)
    return Provider(
        id=provider.id,
        name=provider.name or provider.id,
        base_url=provider.base_url,
        docs_url=provider.docs_url,
        auth=provider.auth,
        dialects=tuple(dict.fromkeys([provider.dialect, *(offer.dialect for _, offer in offers)])),
        declared=provider.declared,
        available=todo is None,
        todo=todo,
        credential=_credential(hub, provider),
        offers=tuple(_offer(hub, model, offer, timings) for model, offer in offers),
    )


def _credential(hub: Hub, provider: catalog.Provider) -> ProviderCredential:
    needs_none = provider.auth == "none" or not (provider.api_key_env or provider.api_key_file)
    if needs_none or provider.id == SANDBOX or hub.configuration.registry.is_own(provider.id):
        return ProviderCredential(status="not_needed", variable=None, file=None)
    is_there = hub.configuration.registry.credentials[provider.id].key is not None
    return ProviderCredential(
        status="present" if is_there else "missing",
        variable=None if provider.api_key_file else provider.api_key_env,
        file=provider.api_key_file,
    )


def _offer(hub: Hub, model: Model, offer: Offer, timings: Timings) -> ProviderOffer:
    standing = hub.health.standing(offer.provider, offer.upstream_model)
    measured = timings.get((offer.provider, offer.upstream_model))
    now = now_ms()
    return ProviderOffer(
        model=model.id,
        upstream_model=offer.upstream_model,
        dialect=offer.dialect,
        state=standing.state,
        since=None if standing.since_s is None else instant(now - round(standing.since_s * 1000)),
        rests_until=instant(now + round(standing.rests_s * 1000)) if standing.rests_s else None,
        failures=standing.failures,
        requests=measured.requests if measured else 0,
        failed=measured.failed if measured else 0,
        p50_ttft_ms=measured.p50_ttft_ms if measured else None,
        p50_duration_ms=measured.p50_duration_ms if measured else None,
    )


# Tests --------------------------------------------------------------------------------------------


def _take_turn(hub: Hub, id: str) -> None:
    """Raises RateLimited for a test that comes too soon after the last one."""
    now_s, tested_s = time.monotonic(), hub.provider_tests.get(id)
    if tested_s is not None and now_s - tested_s < EVERY_S:
        message = f"This provider was tested less than {EVERY_S:g} s ago."
        raise RateLimited(message, retry_after_s=EVERY_S - (now_s - tested_s))
    hub.provider_tests[id] = now_s


async def _tested(hub: Hub, provider: catalog.Provider) -> ProviderTest:
    registry = hub.configuration.registry
    listing, todo = registry.listing(provider), registry.missing(provider)
    if listing is None:
        trouble = Trouble(code="not_configured", message=f"To do: {todo}.") if todo else None
        return ProviderTest(provider=provider.id, ok=todo is None, status=None, elapsed_ms=0, error=trouble)
    began_s, status = time.monotonic(), None
    try:
        async with asyncio.timeout(WITHIN_S):
            status = await hub.configuration.http.look(listing, within_s=WITHIN_S)
        trouble = _trouble(status)
    except TimeoutError:
        trouble = Trouble(code=UpstreamTimeout.code, message=f"The provider did not answer within {WITHIN_S:g} s.")
    except UpstreamError as error:
        trouble = Trouble(code=error.code, message=error.message)
    elapsed_ms = round((time.monotonic() - began_s) * 1000)
    return ProviderTest(provider=provider.id, ok=trouble is None, status=status, elapsed_ms=elapsed_ms, error=trouble)


def _trouble(status: int) -> Trouble | None:
    """In the hub's own words: what the provider says may hold what it was asked with."""
    if 200 <= status < 300:
        return None
    if status in (401, 403):
        return Trouble(code="upstream_credential_refused", message="The provider refuses the credential.")
    if status in (404, 405):
        message = "The provider was reached, but lists no models there: the address or the credential may be wrong."
        return Trouble(code="models_not_listed", message=message)
    return Trouble(code="upstream_error", message=f"The provider answered {status}.")


def _log(desk: Desk, caller: Caller, id: str, told: dict[str, object]) -> None:
    desk.commit(lambda run: desk.log(run, caller, "provider.test", f"provider:{id}", after=told))
