"""From where a request comes: the peer's address, or what a trusted proxy says of it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from starlette.requests import Request

from entrepot.api.respond import hub_of

_NETWORK_BITS = {4: 32, 6: 64}  # one household has a whole /64 of IPv6 to call from


def network_of(request: Request) -> str:
    """The address, of IPv6 its network: what failed attempts are counted by."""
    trusted = hub_of(request).configuration.settings.server.trusted_proxies
    forwarded = request.headers.get("x-forwarded-for", "")
    peer = request.client.host if request.client else ""
    return network(peer, [each.strip() for each in forwarded.split(",") if each.strip()], trusted)


def network(peer: str, forwarded: Sequence[str], trusted: Sequence[str]) -> str:
    """The last address of those forwarded and the peer's that is no trusted proxy's; each proxy adds one at the end."""
    networks = [ipaddress.ip_network(each, strict=False) for each in trusted]
    found = peer
    for text in (peer, *reversed(forwarded)):
        try:
            address = ipaddress.ip_address(text)
        except ValueError:
            break
        found = str(ipaddress.ip_network((address, _NETWORK_BITS[address.version]), strict=False).network_address)
        if not any(address in each for each in networks):
            break
    return found
