"""Who may call a route: the kinds of access that `entrepot.api.routes` gives each one.

What a caller may do with a single record (its own organisation's, nothing beyond its own rights) is decided where it
is done, in `entrepot.administration`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypeVar

import msgspec

from entrepot.accounts.callers import MANAGERS
from entrepot.accounts.records import ROLES, Role
from entrepot.keys import Scope

KeyAccess = Literal["any"] | Scope | None


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """`open` asks for no credential. `key` is the scope that a key must have, `any`, or None where no key will do;
    `roles` are those of members that have signed in. A page is open as long as `server.pages` is public; where it is
    `personal`, whoever shows a credential is served as that caller even then."""

    open: bool = False
    page: bool = False
    personal: bool = False
    key: KeyAccess = None
    roles: frozenset[Role] = frozenset()


ALL: frozenset[Role] = frozenset(ROLES)
KEY_HOLDERS: frozenset[Role] = MANAGERS | {"developer"}

OPEN = Access(open=True)
PAGE = Access(open=True, page=True, key="any", roles=ALL)
OWN_PAGE = Access(open=True, page=True, personal=True, key="any", roles=ALL)
INFERENCE = Access(key="inference")  # no cookie will do: what runs on a page must not spend by itself
ESTIMATE = Access(key="inference", roles=ALL)
ANY_KEY = Access(key="any")
ANY = Access(key="any", roles=ALL)
USAGE = Access(key="usage", roles=ALL)
MEMBERS = Access(key="management", roles=ALL)
HOUSE_SEEN = Access(key="management", roles=MANAGERS | {"viewer"})
KEYS = Access(key="management", roles=KEY_HOLDERS)
KEYS_SEEN = Access(key="management", roles=KEY_HOLDERS | {"viewer"})
MANAGEMENT = Access(key="management", roles=MANAGERS)
MONEY_SEEN = Access(key="management", roles=MANAGERS | {"billing", "viewer"})
MONEY = Access(key="management", roles=MANAGERS | {"billing"})
RULES_SEEN = Access(key="management", roles=MANAGERS | {"viewer", "billing"})
OWNERS = Access(roles=frozenset(("owner",)))
SIGNED_IN = Access(roles=ALL)

T = TypeVar("T")

Route = tuple[str, str]
"""Method and path, as the application's routes have it. HEAD goes with GET."""


def below(prefixes: Iterable[str], table: Mapping[Route, T]) -> dict[Route, T]:
    """The same routes under each of the prefixes."""
    return {(method, prefix + path): each for prefix in prefixes for (method, path), each in table.items()}
