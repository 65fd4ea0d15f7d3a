"""The network that a request comes from: what is limited as one, and told in the audit log."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from django.http import HttpRequest
from rest_framework.request import Request

IPV6_PREFIX_BITS = 64
"""How much of an IPv6 address is one household or machine, which may use any of the addresses in it."""


def network_of(address: str) -> str:
    """Return what is limited as one: an IPv4 address, or the network of an IPv6 one; a text that is neither as it is.

    An IPv4 address that is written as IPv6 is itself: else all of them would be one network.
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ip_network((parsed, IPV6_PREFIX_BITS), strict=False))
    return str(parsed)


def client_network(request: HttpRequest | Request) -> str:
    """Return the network of whoever sent a request, as the front knows it: trusted proxies are seen through."""
    return network_of(request.META.get("REMOTE_ADDR", ""))
