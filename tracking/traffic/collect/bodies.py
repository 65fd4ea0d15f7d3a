"""Bodies as SDKs send them: gzip or not, whatever the headers say, and bounded either way."""

import zlib
from typing import Protocol

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
CHUNK_BYTES = 256 * 1024


class BodyTooLarge(ValueError):
    """A body over the limit. The text says which one."""


class InvalidBody(ValueError):
    """Bytes that are no body of any wire. The text says why."""


class ReadableStream(Protocol):
    """What a body is read from."""

    def read(self, size: int, /) -> bytes: ...


def read_bounded(stream: ReadableStream, limit: int) -> bytes:
    """Return what the stream holds. Raises BodyTooLarge as soon as that is more than `limit` bytes."""
    chunks = []
    remaining = limit + 1
    while remaining > 0 and (chunk := stream.read(min(CHUNK_BYTES, remaining))):
        chunks.append(chunk)
        remaining -= len(chunk)
    if remaining <= 0:
        raise BodyTooLarge(f"The body is over {limit:,} bytes. Send fewer events at a time.")
    return b"".join(chunks)


def inflate(body: bytes, limit: int) -> bytes:
    """Return the body as JSON text: gzip is known by its first bytes, JSON by its first character.

    Inflates step by step and stops at `limit` bytes, so that a small body cannot take much memory. Raises
    BodyTooLarge there, and InvalidBody where the gzip is damaged or what comes out begins like no JSON.
    """
    if body.startswith(GZIP_MAGIC):
        body = _gunzip(body, limit)
    body = body.removeprefix(BYTE_ORDER_MARK)
    first = body[:64].lstrip()[:1] or body.lstrip()[:1]
    if not first:
        raise InvalidBody("The body is empty.")
    if first not in b"{[":
        raise InvalidBody("The body is neither JSON nor gzip: it should begin with { or [.")
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    chunks: list[bytes] = []
    remaining = limit + 1
    while body.startswith(GZIP_MAGIC):  # a gzip file may have several members
        member = zlib.decompressobj(wbits=31)
        try:
            while not member.eof:
                chunk = member.decompress(body, min(CHUNK_BYTES, remaining))
                body = member.unconsumed_tail
                remaining -= len(chunk)
                if remaining <= 0:
                    raise BodyTooLarge(f"The body inflates to over {limit:,} bytes. Send fewer events at a time.")
                chunks.append(chunk)
                if not chunk and not body:
                    break
        except zlib.error as error:
            raise InvalidBody("The body begins like gzip but is damaged.") from error
        if not member.eof:
            raise InvalidBody("The body's gzip ends too early.")
        body = member.unused_data
    return b"".join(chunks)
