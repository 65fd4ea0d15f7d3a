"""IP addresses: texts that are one, and those inside a text, told from versions of four numbers."""

import re
from collections.abc import Iterator
from ipaddress import IPv6Address

_IPV4 = re.compile(r"(?:https?://)?(\d{1,3})((?:\.\d{1,3}){3})(?::\d{1,5})?/?")
_IPV6_WITH_PORT = re.compile(r"(?:https?://)?\[([\da-fA-F:.]{2,45})\](?::\d{1,5})?/?")
_IPV6_CHARACTERS = re.compile(r"[\da-fA-F]{0,4}:[\da-fA-F:.]{1,40}(?:%\w{1,20})?")
# What may stand before it is asked afterwards: a pattern that begins with a digit is found faster.
_IPV4_IN_TEXT = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\w)")
_IPV6_IN_TEXT = re.compile(r"(?<![\w:.])[\da-fA-F]{1,4}(?::[\da-fA-F]{0,4}){2,7}(?![\w:])")
_VERSION_BEFORE = re.compile(
    r"(?<![^\W_])(?:v|ver|versions?|release|build|firmware|driver|sdk|app|os|ios|android|windows|chrome|chromium|"
    r"firefox|safari|edge?|opera|webview|electron|section|chapter)[\s:=#\"']{0,3}\Z",
    re.IGNORECASE,
)
_ADDRESS_BEFORE = re.compile(
    r"://\Z|(?<![^\W_])(?:ip|ipv4|addr|address|client|host|peer|remote|from|server)[\s:=\[\"']{1,3}\Z", re.IGNORECASE
)
_LONGEST_WORD = 14
MAX_VERSION_PART = 100
_PRIVATE_NETWORKS = ("10.0.0.", "192.168.", "127.0.0.1")


def is_ip_address(text: str) -> bool:
    """Tell whether a text is an address, with its port and `http://` or without."""
    if found := _IPV4.fullmatch(text):
        # Machines hardly have 142.0.0.0 or 203.0.113.0: browsers write their version so, and others what is left of an
        # address that means nobody any more.
        octets = [int(octet) for octet in f"{found[1]}{found[2]}".split(".")]
        return max(octets) < 256 and octets[3] > 0
    with_port = _IPV6_WITH_PORT.fullmatch(text)
    address = with_port[1] if with_port else text
    return _IPV6_CHARACTERS.fullmatch(address) is not None and _is_ipv6_address(address)


def find_ip_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield where addresses stand inside a text."""
    if text.count(".") > 2:
        for match in _IPV4_IN_TEXT.finditer(text):
            before = text[max(0, match.start() - _LONGEST_WORD) : match.start()]
            if _continues(before) or _VERSION_BEFORE.search(before):
                continue
            if _is_no_version(match[0]) or (
                match[0][0] != "0" and _ADDRESS_BEFORE.search(before) and is_ip_address(match[0])
            ):
                yield match.span()
    if text.count(":") > 2:
        for match in _IPV6_IN_TEXT.finditer(text):
            if _is_ipv6_address(match[0]):
                yield match.span()


def may_be_version(text: str) -> bool:
    """Tell whether an address by itself is as likely a version: four numbers below 100, in no private network.

    One address in fifty on the Internet has such numbers.
    """
    found = _IPV4.fullmatch(text)
    if found is None or not text[-1:].isdecimal() or ":" in text or text.startswith(_PRIVATE_NETWORKS):
        return False
    return all(int(octet) < MAX_VERSION_PART for octet in text.split("."))


def _continues(before: str) -> bool:
    """Tell whether a number goes on from what stands before it: a word, a number, or `Chrome/`, but not `http://`."""
    last = before[-1:]
    return last.isalnum() or last in {"_", ".", "+", "-"} or (last == "/" and before[-2:] != "//")


def _is_no_version(text: str) -> bool:
    """Tell whether four numbers are large enough for an address, as those of hardly any version are."""
    octets = [int(octet) for octet in text.split(".")]
    if max(octets) > 255 or octets[0] == 0 or octets[3] == 0:
        return False
    is_large = octets[0] >= 10 and (max(octets[1:]) >= 100 or min(octets) >= 10)
    return is_large or sum(octet >= 100 for octet in octets) >= 2 or text.startswith(("192.168.", "10.0.0."))


def _is_ipv6_address(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
