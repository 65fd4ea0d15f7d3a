"""One connection of the generator: sends a request and reads its answer, and never waits for either."""

import re
import selectors
import socket

from benchmarks.load.schedule import Item

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_RETRY_AFTER = re.compile(rb"\r\nretry-after: *(\d+)", re.IGNORECASE)


class ConnectionLost(Exception):
    """The server has closed the connection, or never opened it."""


class Answer:
    """What a server answered. `retry_after` are seconds, None where it does not ask to come again."""

    __slots__ = ("body", "retry_after", "status")

    def __init__(self, status: int, retry_after: int | None, body: bytes) -> None:
        self.status = status
        self.retry_after = retry_after
        self.body = body


class Connection:
    """A connection that stays open. `item` is the request on its way; None while it is idle."""

    def __init__(self, port: int, selector: selectors.BaseSelector) -> None:
        self.item: Item | None = None
        self._port = port
        self._selector = selector
        self._unsent = memoryview(b"")
        self._received = b""
        self._socket: socket.socket | None = None

    def send(self, item: Item) -> None:
        """Begin to send a request. Raises ConnectionLost where the connection is gone, with `item` set."""
        self.item = item
        if self._socket is None:
            self._open()
        self._unsent = memoryview(item.request)
        self._received = b""
        self._write()

    def on_ready(self, events: int) -> Answer | None:
        """Go on with what the socket is ready for; return the answer once all of it is there. Raises ConnectionLost."""
        if events & selectors.EVENT_WRITE:
            self._write()
        return self._read() if events & selectors.EVENT_READ else None

    def close(self) -> None:
        """Close it; the next request opens another one."""
        if self._socket is not None:
            self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None

    def _open(self) -> None:
        try:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=5)
        except OSError as error:
            raise ConnectionLost from error
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 256 * 1024)
        self._socket.setblocking(False)
        self._selector.register(self._socket, selectors.EVENT_READ, self)

    def _write(self) -> None:
        assert self._socket is not None
        had_unsent = bool(self._unsent)
        try:
            self._unsent = self._unsent[self._socket.send(self._unsent) :]
        except BlockingIOError:
            pass
        except OSError as error:
            raise ConnectionLost from error
        if self._unsent:
            self._selector.modify(self._socket, selectors.EVENT_READ | selectors.EVENT_WRITE, self)
        elif had_unsent:
            self._selector.modify(self._socket, selectors.EVENT_READ, self)

    def _read(self) -> Answer | None:
        assert self._socket is not None
        try:
            received = self._socket.recv(65_536)
        except BlockingIOError:
            return None
        except OSError as error:
            raise ConnectionLost from error
        if not received:
            raise ConnectionLost
        self._received += received
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return None
        length = _LENGTH.search(head)
        status = _STATUS.match(head)
        if length is None or status is None:
            raise RuntimeError(f"an answer that cannot be read: {head[:200]!r}")
        if len(body) < int(length[1]):
            return None
        asked = _RETRY_AFTER.search(head)
        if b"\r\nconnection: close" in head.lower():
            self.close()
        return Answer(int(status[1]), None if asked is None else int(asked[1]), body)
