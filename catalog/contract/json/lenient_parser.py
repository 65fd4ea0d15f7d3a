"""The second parser: reads the JSON that strict parsers refuse, and says what is wrong with it and where.

It accepts what RFC 8259 leaves out and real senders send all the same: NaN and infinities, lone surrogates,
bytes that are not UTF-8, control characters in strings, unknown escapes, numbers out of range, duplicate keys
and any depth. It keeps a stack of its own, so depth costs no recursion, and looks at each character once.
"""

import re
from typing import Any

from catalog.contract.json.parse_errors import Fault
from catalog.contract.json.pointers import pointer
from catalog.contract.json.sanitization import MAX_DEPTH
from catalog.contract.json.text import cut, escape_text

MAX_FINE_FAULTS = 1_000
"""How many faults are kept with their exact place; further ones are kept by the first two steps to them."""

MAX_FAULTS = 20_000
"""A body with more faults than this is unreadable."""

MAX_NESTING = 100_000
"""A body that nests deeper than this is unreadable; below, what is too deep for an event is cut."""

MAX_DIGITS = 4_300
"""The longest integer, in digits, that Python and the strict parser read."""

_TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
        (?P<mark>[\[\]{},:])
      | "(?P<string>(?:[^"\\]++|\\.)*+)"
      | (?P<number>-?(?:0|[1-9][0-9]*+)(?P<rest>(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?))
      | (?P<word>true|false|null|NaN|-?Infinity)
      | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_SPACE = re.compile(r"[ \t\n\r]*+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_CONTROL = re.compile("[\x00-\x1f]")
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORDS = {"true": True, "false": False, "null": None}


class Unreadable(ValueError):
    """A body that neither parser can split. `reason` says in words what stopped it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Frame:
    """An array or object that is being read, and the step that leads to the value at hand."""

    __slots__ = ("container", "step")

    def __init__(self, container: list[Any] | dict[str, Any]) -> None:
        self.container = container
        self.step: str | int = -1 if isinstance(container, list) else ""


class SecondParser:
    """One reading of one body. Values that JSON cannot hold become null, and a fault says what they were."""

    def __init__(self, body: bytes) -> None:
        self._text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
        self._position = 0  # behind the token at hand
        self._start = 0  # of the token at hand
        self._stack: list[_Frame] = []
        self._fine: list[Fault] = []
        self._coarse: dict[str, Fault] = {}

    def read(self) -> tuple[Any, tuple[Fault, ...]]:
        """Return the value and its faults, sorted by pointer. Raises Unreadable where it cannot be split."""
        root = self._read_value()
        while self._stack:
            self._read_member(self._stack[-1])
        if self._next()["end"] is None:
            raise self._unexpected("something after the end of it")
        return root, tuple(sorted(self._fine + list(self._coarse.values())))

    def _read_member(self, frame: _Frame) -> None:
        """Read the next member of the innermost container, or its end."""
        token = self._next()
        container = frame.container
        closing = "]" if isinstance(container, list) else "}"
        if token["mark"] == closing:
            self._stack.pop()
            return
        if container:
            if token["mark"] != ",":
                raise self._unexpected(f"no comma or {closing}")
            token = self._next()
        if isinstance(container, list):
            frame.step = len(container)
            container.append(None)  # keeps the count right while the value is being read
            container[frame.step] = self._value_of(token)
            return
        if token["string"] is None:
            raise self._unexpected("no key")
        key, reasons = self._string_of(token["string"])
        frame.step = key
        for reason in reasons:
            self._fault(reason)
        if self._next()["mark"] != ":":
            raise self._unexpected("no colon after a key")
        if key in container:
            self._fault("duplicate key")
        container[key] = self._read_value()

    def _read_value(self) -> Any:
        return self._value_of(self._next())

    def _value_of(self, token: re.Match[str]) -> Any:
        """Return the value that begins with a token; containers come back empty and are filled later."""
        if token["string"] is not None:
            text, reasons = self._string_of(token["string"])
            for reason in reasons:
                self._fault(reason)
            return text
        if token["number"] is not None:
            return self._number_of(token["number"], token["rest"])
        if token["word"] is not None:
            if token["word"] in _WORDS:
                return _WORDS[token["word"]]
            self._fault(f"{token['word']} is not JSON")
            return None
        if token["mark"] in ("[", "{"):
            container: list[Any] | dict[str, Any] = [] if token["mark"] == "[" else {}
            depth = len(self._stack)
            if depth > MAX_NESTING:
                raise Unreadable("It nests too deeply.")
            if depth == MAX_DEPTH:
                self._fault(f"nested deeper than {MAX_DEPTH} levels")
            self._stack.append(_Frame(container))
            # What is too deep is still read, to find its end, but hangs on nothing.
            return None if depth == MAX_DEPTH else container
        raise self._unexpected("no value")

    def _number_of(self, text: str, rest: str) -> int | float | None:
        if not rest:
            if len(text) <= MAX_DIGITS:
                return int(text)
            self._fault(f"a number of {len(text.lstrip('-'))} digits")
            return None
        number = float(text)
        if number in (float("inf"), float("-inf")):
            self._fault(f"a number out of range: {cut(text, 40)}")
            return None
        return number

    def _string_of(self, raw: str) -> tuple[str, list[str]]:
        """Return the text of a string and the reasons why it is not JSON."""
        reasons = []
        if _NOT_UTF8.search(raw):
            reasons.append("bytes that are not UTF-8")
            raw = _NOT_UTF8.sub("\ufffd", raw)
        if _CONTROL.search(raw):
            reasons.append("a control character that is not escaped")
        if "\\" not in raw:
            return raw, reasons
        text = _ESCAPE.sub(_unescaped, raw)
        if any(found[3] is not None and found[3] not in _SIMPLE_ESCAPES for found in _ESCAPE.finditer(raw)):
            reasons.append("an unknown escape in a text")
        if _SURROGATE.search(text):
            reasons.append("half of a surrogate pair")
            text = _SURROGATE.sub(lambda found: escape_text(found[0]), text)
        return text, reasons

    def _next(self) -> re.Match[str]:
        token = _TOKEN.match(self._text, self._position)
        if token is None:
            self._start = _SPACE.match(self._text, self._position).end()  # type: ignore[union-attr]
            raise self._unexpected("something that is not JSON")
        self._start = token.start(token.lastgroup or 0)
        self._position = token.end()
        return token

    def _fault(self, reason: str) -> None:
        """Record what is wrong at the value at hand. A child of what was cut for its depth has no place."""
        if len(self._stack) > MAX_DEPTH:
            return
        steps = [frame.step for frame in self._stack]
        if len(self._fine) < MAX_FINE_FAULTS:
            self._fine.append(Fault(pointer(steps), reason))
            return
        place = pointer(steps[:2])
        self._coarse.setdefault(place, Fault(place, reason))
        if len(self._coarse) > MAX_FAULTS:
            raise Unreadable("It holds too much that is not JSON.")

    def _unexpected(self, what: str) -> Unreadable:
        if self._start == len(self._text):
            return Unreadable("It ends too early.")
        return Unreadable(f"There is {what} at character {self._start + 1}.")


def _unescaped(found: re.Match[str]) -> str:
    first, second, simple = found.groups()
    if simple is not None:
        return _SIMPLE_ESCAPES.get(simple, found[0])
    if second is None:
        return chr(int(first, 16))
    high = int(first, 16)
    if 0xD800 <= high < 0xDC00:
        return chr(0x10000 + ((high - 0xD800) << 10) + (int(second, 16) - 0xDC00))
    return chr(high) + chr(int(second, 16))
