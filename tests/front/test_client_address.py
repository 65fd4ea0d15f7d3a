"""Whose address counts: that of the peer, unless a proxy that is trusted names another."""

from __future__ import annotations

import pytest

from front.client_address import TrustedProxies

PROXIES = TrustedProxies.parse(["10.0.0.0/8", " 192.0.2.7 ", "fd00::/8", ""])


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "client"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # anybody may claim anything
        ("10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "198.51.100.66, 198.51.100.1", "198.51.100.1"),  # what stands left is the client's claim
        ("10.1.2.3", "198.51.100.1, 192.0.2.7", "198.51.100.1"),  # two proxies of ours
        ("10.1.2.3", "198.51.100.1:4711", "198.51.100.1"),
        ("10.1.2.3", "[2001:db8::1]:4711", "2001:db8::1"),
        ("10.1.2.3", "2001:db8::1", "2001:db8::1"),
        ("10.1.2.3", "rubbish", "10.1.2.3"),
        ("10.1.2.3", "198.51.100.1, rubbish", "10.1.2.3"),
        ("10.1.2.3", "", "10.1.2.3"),
        ("10.1.2.3", "[2001:db8::1", "10.1.2.3"),
        ("10.1.2.3", "2001:db8::1]", "10.1.2.3"),
        ("10.1.2.3", "198.51.100.1:http", "10.1.2.3"),
        ("10.1.2.3", "198.51.100.1:", "10.1.2.3"),
        ("10.1.2.3", "[198.51.100.1]:80", "198.51.100.1"),
        ("10.1.2.3", "198.51.100.1, ", "10.1.2.3"),
        ("10.1.2.3", "10.9.9.9", "10.9.9.9"),
        ("::ffff:10.1.2.3", "198.51.100.1", "198.51.100.1"),
        ("::ffff:203.0.113.9", "198.51.100.1", "203.0.113.9"),  # one spelling, or each would be counted apart
        ("10.1.2.3", "::ffff:198.51.100.1", "198.51.100.1"),
        ("10.1.2.3", "198.51.100.1, ::ffff:192.0.2.7", "198.51.100.1"),
        ("10.1.2.3", "2001:DB8:0:0::1", "2001:db8::1"),
        ("fd00::1", "198.51.100.1", "198.51.100.1"),
        ("nobody", "198.51.100.1", "nobody"),
    ],
)
def test_the_client_is_the_first_that_is_no_proxy(peer: str, forwarded_for: str, client: str) -> None:
    assert PROXIES.client_of(peer, forwarded_for) == client


def test_without_proxies_nobody_is_believed() -> None:
    assert TrustedProxies().client_of("127.0.0.1", "198.51.100.1") == "127.0.0.1"


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match=r"proxy\.internal"):
        TrustedProxies.parse(["proxy.internal"])
