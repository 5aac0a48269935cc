"""The hub itself: what it is, how it is set, and how its providers are doing."""

from __future__ import annotations

from typing import Literal

from entrepot.api.answers.listing import Answer, Listing, Time
from entrepot.catalog.records import AuthScheme, DialectName
from entrepot.health import State
from entrepot.pages.snippets import Language, Protocol

Source = Literal["default", "file", "environment", "flag"]


class HubInfo(Answer, frozen=True, kw_only=True):
    """What anybody may know. `signed_in` says whether the request's cookie is that of a session, `welcome_needed`
    that the first owner has set no password yet.

    `connected_providers` counts those besides the sandbox that were set up; `local_models` run in the hub itself.
    """

    object: Literal["hub"] = "hub"
    name: Literal["entrepot"] = "entrepot"
    version: str
    url: str
    pages: Literal["public", "private"]
    signed_in: bool
    welcome_needed: bool
    models: int
    test_models: tuple[str, ...]
    local_models: tuple[str, ...]
    connected_providers: int


class HubName(Answer, frozen=True, kw_only=True):
    name: Literal["entrepot"] = "entrepot"
    version: str


class HubVersion(HubName, frozen=True, kw_only=True):
    """`sqlite` is the version of SQLite."""

    sqlite: str


class Liveness(Answer, frozen=True, kw_only=True):
    status: Literal["ok"]


class Readiness(Answer, frozen=True, kw_only=True):
    """`loading` are models of the hub's own engine that do not answer yet, `not_loaded` those that never will."""

    status: Literal["ready", "unavailable"]
    draining: bool
    store: Literal["ok", "failing"]
    loading: tuple[str, ...]
    not_loaded: tuple[str, ...]
    configuration: Literal["ok", "last good"]
    configuration_generation: int


class Setting(Answer, frozen=True, kw_only=True):
    """A secret's `value` is never told, only whether it `is_set`. `origin` is a file, a variable or an option."""

    object: Literal["setting"] = "setting"
    name: str
    section: str
    description: str
    value: bool | int | float | str | tuple[str, ...] | None
    default: bool | int | float | str | tuple[str, ...] | None
    is_set: bool
    secret: bool
    source: Source
    origin: str | None
    variable: str
    flag: str | None


class SettingList(Listing, frozen=True, kw_only=True):
    data: tuple[Setting, ...]


class ProviderCredential(Answer, frozen=True, kw_only=True):
    """Where the credential is looked for. It is never told itself."""

    status: Literal["present", "missing", "not_needed"]
    variable: str | None
    file: str | None


class ProviderOffer(Answer, frozen=True, kw_only=True):
    """One model at the provider. `state` is that of its breaker, `since` when; `failures` are those in a row.

    The other numbers are of live calls of the last day that ended here; `failed` are those that the provider failed.
    """

    model: str
    upstream_model: str
    dialect: DialectName
    state: State
    since: Time | None
    rests_until: Time | None
    failures: int
    requests: int
    failed: int
    p50_ttft_ms: int | None
    p50_duration_ms: int | None


class Provider(Answer, frozen=True, kw_only=True):
    """`todo` is what is missing before it can be called; `declared` says that the operator wrote a row for it."""

    id: str
    object: Literal["provider"] = "provider"
    name: str
    base_url: str | None
    docs_url: str | None
    auth: AuthScheme
    dialects: tuple[DialectName, ...]
    declared: bool
    available: bool
    todo: str | None
    credential: ProviderCredential
    offers: tuple[ProviderOffer, ...]


class ProviderList(Listing, frozen=True, kw_only=True):
    data: tuple[Provider, ...]


class Trouble(Answer, frozen=True, kw_only=True):
    code: str
    message: str


class ProviderTest(Answer, frozen=True, kw_only=True):
    """`status` is what the provider answered; null when it was not asked or did not answer."""

    object: Literal["provider_test"] = "provider_test"
    provider: str
    ok: bool
    status: int | None
    elapsed_ms: int
    error: Trouble | None


class SnippetCode(Answer, frozen=True, kw_only=True):
    """`syntax` is the name by which Markdown and editors know the language."""

    object: Literal["snippet"] = "snippet"
    language: Language
    label: str
    syntax: str
    code: str


class SnippetList(Listing, frozen=True, kw_only=True):
    """`key_variable` is the environment variable that the code takes the key from."""

    protocol: Protocol
    url: str
    key_variable: str
    data: tuple[SnippetCode, ...]
