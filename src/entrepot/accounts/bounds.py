"""What a key may have at most: never more than whoever makes or changes it, nor than the member it belongs to."""

from __future__ import annotations

import msgspec

from entrepot.accounts.records import Role
from entrepot.errors import Forbidden
from entrepot.keys import CALL_SCOPES, SCOPES, Key, Mode, Scope


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """`models` None is every model, `expires_at_ms` None for ever."""

    scopes: frozenset[Scope]
    modes: frozenset[Mode] = frozenset(("live", "test"))
    models: frozenset[str] | None = None
    expires_at_ms: int | None = None


_BY_ROLE: dict[Role, Bounds] = {
    "owner": Bounds(scopes=frozenset(SCOPES)),
    "admin": Bounds(scopes=frozenset(SCOPES)),
    "developer": Bounds(scopes=frozenset(CALL_SCOPES)),
    "viewer": Bounds(scopes=frozenset()),
    "billing": Bounds(scopes=frozenset()),
}


def bounds_of_role(role: Role) -> Bounds:
    return _BY_ROLE[role]


def bounds_of_key(key: Key) -> Bounds:
    """A live key may make test keys, never the other way round."""
    return Bounds(
        scopes=frozenset(key.scopes),
        modes=frozenset(("live", "test")) if key.mode == "live" else frozenset(("test",)),
        models=None if key.models is None else frozenset(key.models),
        expires_at_ms=key.expires_at_ms,
    )


def within(key: Key, bounds: Bounds) -> Key:
    """The key, with the bound put where it asks for all models or for ever.

    Raises Forbidden naming the field when it asks for more than the bounds. Models are compared by the names they are
    given under: what a name stands for can change with the catalogue.
    """
    beyond = set(key.scopes) - bounds.scopes
    if beyond:
        raise _beyond(f"the scope '{min(beyond)}'", "scopes")
    if key.mode not in bounds.modes:
        raise _beyond(f"a {key.mode} key", "mode")
    if bounds.models is not None and key.models is not None and not bounds.models.issuperset(key.models):
        raise _beyond(f"the model '{min(set(key.models) - bounds.models)[:256]}'", "models")
    if bounds.expires_at_ms is not None and (key.expires_at_ms or 0) > bounds.expires_at_ms:
        raise _beyond("a key for so long", "expires_at")
    models = tuple(sorted(bounds.models)) if key.models is None and bounds.models is not None else key.models
    expires_at_ms = bounds.expires_at_ms if key.expires_at_ms is None else key.expires_at_ms
    return msgspec.structs.replace(key, models=models, expires_at_ms=expires_at_ms)


def is_within(key: Key, bounds: Bounds) -> bool:
    """Whether it has nothing beyond the bounds as it is."""
    try:
        return within(key, bounds) == key
    except Forbidden:
        return False


def covers(outer: Bounds, inner: Bounds) -> bool:
    """Whether who is bound by `outer` loses nothing to who is bound by `inner`."""
    if not inner.scopes:
        return True
    has_models = outer.models is None or (inner.models is not None and inner.models <= outer.models)
    has_time = outer.expires_at_ms is None or (inner.expires_at_ms or outer.expires_at_ms + 1) <= outer.expires_at_ms
    return inner.scopes <= outer.scopes and inner.modes <= outer.modes and has_models and has_time


def _beyond(what: str, param: str) -> Forbidden:
    message = f"Nobody can give {what} who may not have it: neither the caller, nor the member it would belong to."
    return Forbidden(message, code="beyond_maker", param=param)
