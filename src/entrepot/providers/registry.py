"""From the catalogue's rows to upstreams that can be called: address, headers, secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import msgspec

from entrepot.catalog import Catalogue, Model, Offer, Provider
from entrepot.dialects.table import DIALECTS, EMBEDDINGS, Form
from entrepot.errors import NoUpstream
from entrepot.providers import auth
from entrepot.providers.pool import Origin

SANDBOX = "sandbox"
_HEADERS = (
    ("user-agent", "entrepot"),
    ("accept", "*/*"),
    ("accept-encoding", "identity"),
    ("content-type", "application/json"),
)


class Upstream(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """Where one offer is called, and in which form. `secrets` never leave the hub but in `headers`, to `url`'s host.

    `own` marks an engine that the hub runs itself.
    """

    offer: Offer
    form: Form
    url: str
    headers: list[tuple[str, str]]
    secrets: tuple[str, ...]
    own: bool = False

    @cached_property
    def origin(self) -> Origin:
        return Origin.of(self.url, direct=self.own)

    @cached_property
    def head(self) -> bytes:
        """A POST's head as bytes, up to the number that its Content-Length will be."""
        parts = urlsplit(self.url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        lines = [f"POST {target} HTTP/1.1", f"host: {self.origin.authority}"]
        lines += [f"{name}: {value}" for name, value in (*_HEADERS, *self.headers)]
        return "\r\n".join([*lines, "content-length: "]).encode("latin-1")

    def at(self, path: str, form: Form) -> Upstream:
        """The same upstream called at another path below its base URL, in another of the forms it speaks."""
        parts = urlsplit(self.url)
        base = parts.path.removesuffix(self.form.path)
        return msgspec.structs.replace(self, form=form, url=parts._replace(path=base + path).geturl())

    def __repr__(self) -> str:
        return f"Upstream({self.offer.provider}/{self.offer.upstream_model})"


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a provider lists its models, with what it takes to be let in there."""

    url: str
    headers: list[tuple[str, str]]
    own: bool = False

    def __repr__(self) -> str:
        return f"Listing({self.url})"


class Registry:
    """The upstreams of one catalogue, with the credentials at hand when it was made."""

    def __init__(
        self,
        catalogue: Catalogue,
        environ: Mapping[str, str],
        directory: Path,
        running: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        """`running` gives base URL and key of providers that the hub runs itself."""
        self.credentials = {
            provider.id: auth.credential(provider, environ, directory) for provider in catalogue.providers.values()
        }
        self._running = running or {}
        self._providers = catalogue.providers
        self._upstreams: dict[str, tuple[Upstream, ...]] = {}
        self._missing: dict[str, str] = {}
        for model in catalogue.models.values():
            self._upstreams[model.id] = tuple(filter(None, (self._upstream(model, offer) for offer in model.offers)))

    def upstreams(self, model: Model) -> tuple[Upstream, ...]:
        """The model's offers that can be called, in the catalogue's order."""
        return self._upstreams[model.id]

    def require(self, model: Model) -> tuple[Upstream, ...]:
        """As `upstreams`; raises NoUpstream saying what to set when there is none."""
        return self._upstreams[model.id] or self._refuse(model)

    def is_available(self, provider_id: str) -> bool:
        """Whether calls to the provider can be made with what is configured."""
        return self.missing(self._providers[provider_id]) is None

    def missing(self, provider: Provider) -> str | None:
        """What the operator has still to do before the provider can be called; None when nothing."""
        if provider.id == SANDBOX or provider.id in self._running:
            return None
        if provider.base_url is None:
            return f"give [providers.{provider.id}] a base_url"
        return self.credentials[provider.id].missing

    def listing(self, provider: Provider) -> Listing | None:
        """None where there is nothing to call: in the sandbox, and without address or credential."""
        if provider.id == SANDBOX or self.missing(provider) is not None:
            return None
        url, credential = self._address(provider, "/models")
        return Listing(
            url=url, headers=auth.headers(provider, credential, provider.dialect), own=self.is_own(provider.id)
        )

    def is_own(self, provider_id: str) -> bool:
        """Whether the hub runs the provider itself."""
        return provider_id in self._running

    @property
    def secrets(self) -> Iterable[str]:
        """Every credential at hand, for redaction."""
        yield from (credential.key for credential in self.credentials.values() if credential.key)
        yield from (key for _, key in self._running.values())

    def _upstream(self, model: Model, offer: Offer) -> Upstream | None:
        provider = self._providers[offer.provider]
        if provider.id == SANDBOX or self.missing(provider) is not None:
            return None
        form = EMBEDDINGS if model.kind == "embedding" else DIALECTS[offer.dialect]
        url, credential = self._address(provider, form.path)
        return Upstream(
            offer=offer,
            form=form,
            url=url,
            headers=auth.headers(provider, credential, offer.dialect),
            secrets=(credential.key,) if credential.key else (),
            own=self.is_own(provider.id),
        )

    def _address(self, provider: Provider, path: str) -> tuple[str, auth.Credential]:
        base_url, credential = provider.base_url or "", self.credentials[provider.id]
        if provider.id in self._running:
            base_url, key = self._running[provider.id]
            credential = auth.Credential(key=key)
        query = f"?{urlencode(provider.query)}" if provider.query else ""
        return base_url.rstrip("/") + path + query, credential

    def _refuse(self, model: Model) -> tuple[Upstream, ...]:
        providers = [self._providers[offer.provider] for offer in model.offers]
        hints = dict.fromkeys(f"{self.missing(provider)} for {provider.name or provider.id}" for provider in providers)
        advice = " or ".join(hints) or f"write an offer for it in entrepot.toml ([[offers]], model = {model.id!r})"
        raise NoUpstream(
            f"No upstream is configured for '{model.id}': {advice}. "
            "A test key (ep-test-…) works without any: the sandbox answers."
        )
