"""Bodies as SDKs send them: gzip or not, whatever the headers say, and bounded either way."""

import zlib
from typing import Protocol

GZIP_MAGIC = b"\x1f\x8b"
GZIP_WBITS = 31
ZLIB_MAGIC = b"\x78"
READ_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate", "identity"})
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
CHUNK_BYTES = 256 * 1024
PACKED_BYTES = 4 * 1024
"""What is inflated at once. zlib copies what it was given beyond the end of a member: all of the rest, for each of
200,000 empty members of 20 bytes, would keep a thread for minutes."""

MAX_MEMBERS = 10_000
"""How many files a gzip file may consist of: twice as many as there may be events, should somebody pack each by itself.
To begin one takes as long as to inflate some 10 KB."""


class BodyTooLarge(ValueError):
    """A body over the limit. The text says which one."""


class InvalidBody(ValueError):
    """Bytes that are no body of any wire. The text says why."""


class UnknownEncoding(ValueError):
    """A body packed in a way that is not read here. The text says what is."""


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


def is_packed(body: bytes) -> bool:
    """Tell whether a body may have to be inflated."""
    return body.startswith((GZIP_MAGIC, ZLIB_MAGIC))


def inflate(body: bytes, limit: int, *, encoding: str = "") -> bytes:
    """Return the body as JSON text: gzip is known by its first bytes, JSON by its first character.

    `encoding` is what the headers say, which counts only where neither of the two comes: SDKs and proxies set it wrong.

    Inflates step by step and stops at `limit` bytes, so that a small body cannot take much memory. Raises
    BodyTooLarge there, InvalidBody where the gzip is damaged or what comes out begins like no JSON, and
    UnknownEncoding where the body was packed otherwise.
    """
    if body.startswith(GZIP_MAGIC):
        body = _unpack(body, limit, wbits=GZIP_WBITS)
    elif body.startswith(ZLIB_MAGIC) and "deflate" in encoding.lower():
        body = _unpack(body, limit, wbits=zlib.MAX_WBITS)
    body = body.removeprefix(BYTE_ORDER_MARK)
    first = body[:64].lstrip()[:1] or body.lstrip()[:1]
    if not first:
        raise InvalidBody("The body is empty.")
    if first not in b"{[":
        if others := [name for name in _encodings(encoding) if name not in READ_ENCODINGS]:
            raise UnknownEncoding(f"A body in “{others[0]}” is not read. Send gzip, or JSON as it is.")
        raise InvalidBody("The body is neither JSON nor gzip: it should begin with { or [.")
    return body


def _encodings(header: str) -> list[str]:
    return [name.strip().lower()[:40] for name in header.split(",") if name.strip()]


def _unpack(body: bytes, limit: int, *, wbits: int) -> bytes:
    chunks: list[bytes] = []
    remaining = limit + 1
    position = 0
    members = 0
    while not members or body.startswith(GZIP_MAGIC, position):  # a gzip file may have several members
        members += 1
        if members > MAX_MEMBERS:
            raise InvalidBody(f"The body consists of more than {MAX_MEMBERS:,} gzip files. Pack it as one.")
        member = zlib.decompressobj(wbits=wbits)
        try:
            while not member.eof:
                packed = body[position : position + PACKED_BYTES]
                chunk = member.decompress(packed, min(CHUNK_BYTES, remaining))
                position += len(packed) - len(member.unconsumed_tail) - len(member.unused_data)
                remaining -= len(chunk)
                if remaining <= 0:
                    raise BodyTooLarge(f"The body inflates to over {limit:,} bytes. Send fewer events at a time.")
                chunks.append(chunk)
                if not chunk and not packed:
                    break
        except zlib.error as error:
            raise InvalidBody("The body begins like gzip or deflate but is damaged.") from error
        if not member.eof:
            raise InvalidBody("The body is packed and ends too early.")
    return b"".join(chunks)
