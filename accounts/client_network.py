"""The network that a request comes from: what is limited as one, and told in the audit log."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.http import HttpRequest
from rest_framework.request import Request

IPV6_PREFIX_BITS = 64
"""How much of an IPv6 address is one household or machine, which may use any of the addresses in it."""

TRANSLATED_IPV4 = ip_network("64:ff9b::/96")
"""Where translators (NAT64, SIIT) write whoever comes by IPv4, in the last 32 bits (RFC 6052)."""


def network_of(address: str) -> str:
    """Return what is limited as one: an IPv4 address, or the network of an IPv6 one; a text that is neither as it is.

    An IPv4 address that is written as IPv6 is itself: else all of them would be one network, or (6to4) one of them
    would be 65,536.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if (embedded := _embedded_ipv4(parsed)) is not None:
            return str(embedded)
        return str(ip_network((parsed, IPV6_PREFIX_BITS), strict=False))
    return str(parsed)


def _embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    if address in TRANSLATED_IPV4:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def client_network(request: HttpRequest | Request) -> str:
    """Return the network of whoever sent a request, as the front knows it: trusted proxies are seen through."""
    return network_of(request.META.get("REMOTE_ADDR", ""))
