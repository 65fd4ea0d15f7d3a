"""Bodies as SDKs send them: gzip or not, whatever the headers say, and bounded either way."""

import zlib
from typing import Protocol

GZIP = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
STEP = 256 * 1024


class TooLarge(ValueError):
    """A body over the limit. The text says which one."""


class NotABody(ValueError):
    """Bytes that are no body of any wire. The text says why."""


class Readable(Protocol):
    """What a body is read from."""

    def read(self, size: int, /) -> bytes: ...


def read_bounded(stream: Readable, limit: int) -> bytes:
    """Return what the stream holds. Raises TooLarge as soon as that is more than `limit` bytes."""
    parts = []
    left = limit + 1
    while left > 0 and (part := stream.read(min(STEP, left))):
        parts.append(part)
        left -= len(part)
    if left <= 0:
        raise TooLarge(f"The body is over {limit:,} bytes. Send fewer events at a time.")
    return b"".join(parts)


def inflate(body: bytes, limit: int) -> bytes:
    """Return the body as JSON text: gzip is known by its first bytes, JSON by its first character.

    Inflates step by step and stops at `limit` bytes, so that a small body cannot take much memory. Raises
    TooLarge there, and NotABody where the gzip is damaged or what comes out begins like no JSON.
    """
    if body.startswith(GZIP):
        body = _gunzip(body, limit)
    body = body.removeprefix(BYTE_ORDER_MARK)
    first = body[:64].lstrip()[:1] or body.lstrip()[:1]
    if not first:
        raise NotABody("The body is empty.")
    if first not in b"{[":
        raise NotABody("The body is neither JSON nor gzip: it should begin with { or [.")
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    parts: list[bytes] = []
    left = limit + 1
    while body.startswith(GZIP):  # a gzip file may have several members
        member = zlib.decompressobj(wbits=31)
        try:
            while not member.eof:
                part = member.decompress(body, min(STEP, left))
                body = member.unconsumed_tail
                left -= len(part)
                if left <= 0:
                    raise TooLarge(f"The body inflates to over {limit:,} bytes. Send fewer events at a time.")
                parts.append(part)
                if not part and not body:
                    break
        except zlib.error as error:
            raise NotABody("The body begins like gzip but is damaged.") from error
        if not member.eof:
            raise NotABody("The body's gzip ends too early.")
        body = member.unused_data
    return b"".join(parts)
