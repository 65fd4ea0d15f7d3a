"""Who sent a request: the peer, or whom a proxy that is trusted names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
FORWARDED_FOR = "x-forwarded-for"
FORWARDED_HEADERS = (FORWARDED_FOR, "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "forwarded")
"""What only a proxy may say. From anybody else it is not read."""

ADDRESS = re.compile(r"(\[(?P<bracketed>[^]]+)]|(?P<bare>[0-9.]+))(:[0-9]{1,5})?|(?P<v6>[^[\]]+)")
"""An address with a port or without one; one of IPv6 stands in brackets where a port follows."""


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """The networks whose word on a client's address counts."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, texts: Sequence[str]) -> "TrustedProxies":
        """Read addresses and networks such as `10.0.0.0/8`. Raises ValueError with a sentence for what is neither."""
        return cls(tuple(ip_network(text.strip(), strict=False) for text in texts if text.strip()))

    def contain(self, address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            return False
        mapped = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(mapped in network for network in self.networks)

    def client_of(self, peer: str, forwarded_for: str) -> str:
        """Return the address that a request comes from.

        Proxies append: read from the right, the first that is no proxy of ours is the client; what stands left of it
        is the client's own claim. The peer itself where it is no proxy, or names none.
        """
        client = _without_port(peer) or peer
        for named in reversed([part.strip() for part in forwarded_for.split(",")] if forwarded_for else []):
            if not self.contain(client):
                break
            address = _without_port(named)
            if not address:
                break
            client = address
        return client


def _without_port(text: str) -> str:
    """Return the address in a text such as `192.0.2.1:80` or `[2001:db8::1]:80`, in one spelling, or "" for none."""
    found = ADDRESS.fullmatch(text)
    if found is None:
        return ""
    bare = found["bracketed"] or found["bare"] or found["v6"]
    try:
        parsed = ip_address(bare)
    except ValueError:
        return ""
    # Behind a socket of both families IPv4 comes written as IPv6, and what goes by networks would take all for one.
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
