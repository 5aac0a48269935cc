"""From where a request comes, and whom it is believed from."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from entrepot.api.addresses import network


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "found"),
    [
        ("192.0.2.1", [], [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], ["192.0.2.1"], "198.51.100.7"),
        ("192.0.2.1", ["203.0.113.9", "198.51.100.7"], ["192.0.2.0/24"], "198.51.100.7"),
        ("192.0.2.1", ["203.0.113.9", "192.0.2.2"], ["192.0.2.0/24"], "203.0.113.9"),
        ("192.0.2.1", ["made up"], ["192.0.2.0/24"], "192.0.2.1"),
        ("192.0.2.1", [], ["192.0.2.0/24"], "192.0.2.1"),
        ("2001:db8:1:2:3::4", [], [], "2001:db8:1:2::"),
        ("::1", ["2001:db8::7"], ["::1"], "2001:db8::"),
        ("", [], [], ""),
    ],
)
def test_the_last_address_that_is_no_proxys(
    peer: str, forwarded: Sequence[str], trusted: Sequence[str], found: str
) -> None:
    assert network(peer, forwarded, trusted) == found
