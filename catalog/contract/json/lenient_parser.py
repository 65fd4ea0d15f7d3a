"""The lenient parser: reads the JSON that strict parsers refuse, and reports what is wrong with it and where.

It accepts what RFC 8259 leaves out and real senders send all the same: NaN and infinities, lone surrogates,
bytes that are not UTF-8, control characters in strings, unknown escapes, numbers out of range, duplicate keys
and any depth. It keeps a stack of its own, so depth costs no recursion, and looks at each character once.
"""

import re
from typing import Any

from catalog.contract.json.integers import MAX_INTEGER_DIGITS
from catalog.contract.json.parse_errors import ParseError
from catalog.contract.json.pointers import format_pointer
from catalog.contract.json.sanitization import MAX_DEPTH
from catalog.contract.json.text import escape_text, truncate_text

MAX_EXACT_ERRORS = 1_000
"""How many parse errors are kept with their exact pointer; further ones are kept by its first two steps."""

MAX_PARSE_ERRORS = 20_000
"""A body with more parse errors than this is unreadable."""

MAX_NESTING = 100_000
"""A body that nests deeper than this is unreadable; below, what is too deep for an event is cut."""

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
_WHITESPACE = re.compile(r"[ \t\n\r]*+")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})(?:\\u([dD][c-fC-F][0-9a-fA-F]{2}))?|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_CONTROL_CHARACTER = re.compile("[\x00-\x1f]")
_INVALID_UTF8 = re.compile("[\udc80-\udcff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LITERALS = {"true": True, "false": False, "null": None}


class UnparsableBody(ValueError):
    """A body that neither parser can read. `reason` says in words what stopped it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _OpenContainer:
    """An array or object that is being read, and the key or index of its current value."""

    __slots__ = ("container", "key")

    def __init__(self, container: list[Any] | dict[str, Any]) -> None:
        self.container = container
        self.key: str | int = -1 if isinstance(container, list) else ""


class LenientParser:
    """Parses one body. Values that JSON cannot hold become null, and a parse error says what they were."""

    def __init__(self, body: bytes) -> None:
        self._text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
        self._position = 0  # behind the current token
        self._token_start = 0  # of the current token
        self._stack: list[_OpenContainer] = []
        self._exact_errors: list[ParseError] = []
        self._grouped_errors: dict[str, ParseError] = {}

    def parse(self) -> tuple[Any, tuple[ParseError, ...]]:
        """Return the value and its parse errors, sorted by pointer. Raises UnparsableBody where it cannot be read."""
        root = self._parse_value()
        while self._stack:
            self._parse_member(self._stack[-1])
        if self._next_token()["end"] is None:
            raise self._unexpected_token("something after the end of it")
        return root, tuple(sorted(self._exact_errors + list(self._grouped_errors.values())))

    def _parse_member(self, frame: _OpenContainer) -> None:
        """Read the next member of the innermost container, or its end."""
        token = self._next_token()
        container = frame.container
        closing = "]" if isinstance(container, list) else "}"
        if token["mark"] == closing:
            self._stack.pop()
            return
        if container:
            if token["mark"] != ",":
                raise self._unexpected_token(f"no comma or {closing}")
            token = self._next_token()
        if isinstance(container, list):
            frame.key = len(container)
            container.append(None)  # keeps the count right while the value is being read
            container[frame.key] = self._value_from_token(token)
            return
        if token["string"] is None:
            raise self._unexpected_token("no key")
        key, reasons = self._parse_string(token["string"])
        frame.key = key
        for reason in reasons:
            self._record_error(reason)
        if self._next_token()["mark"] != ":":
            raise self._unexpected_token("no colon after a key")
        if key in container:
            self._record_error("duplicate key")
        container[key] = self._parse_value()

    def _parse_value(self) -> Any:
        return self._value_from_token(self._next_token())

    def _value_from_token(self, token: re.Match[str]) -> Any:
        """Return the value that begins with a token; containers come back empty and are filled later."""
        if token["string"] is not None:
            text, reasons = self._parse_string(token["string"])
            for reason in reasons:
                self._record_error(reason)
            return text
        if token["number"] is not None:
            return self._parse_number(token["number"], token["rest"])
        if token["word"] is not None:
            if token["word"] in _LITERALS:
                return _LITERALS[token["word"]]
            self._record_error(f"{token['word']} is not JSON")
            return None
        if token["mark"] in ("[", "{"):
            container: list[Any] | dict[str, Any] = [] if token["mark"] == "[" else {}
            depth = len(self._stack)
            if depth > MAX_NESTING:
                raise UnparsableBody("It nests too deeply.")
            if depth == MAX_DEPTH:
                self._record_error(f"nested deeper than {MAX_DEPTH} levels")
            self._stack.append(_OpenContainer(container))
            # What is too deep is still parsed, to find its end, but is not attached to its parent.
            return None if depth == MAX_DEPTH else container
        raise self._unexpected_token("no value")

    def _parse_number(self, text: str, rest: str) -> int | float | None:
        if not rest:
            if len(text.removeprefix("-")) <= MAX_INTEGER_DIGITS:
                return int(text)
            self._record_error(f"a number of {len(text.lstrip('-'))} digits")
            return None
        number = float(text)
        if number in (float("inf"), float("-inf")):
            self._record_error(f"a number out of range: {truncate_text(text, 40)}")
            return None
        return number

    def _parse_string(self, raw: str) -> tuple[str, list[str]]:
        """Return the text of a string and the reasons why it is not JSON."""
        reasons = []
        if _INVALID_UTF8.search(raw):
            reasons.append("bytes that are not UTF-8")
            raw = _INVALID_UTF8.sub("\ufffd", raw)
        if _CONTROL_CHARACTER.search(raw):
            reasons.append("a control character that is not escaped")
        if "\\" not in raw:
            return raw, reasons
        text = _ESCAPE.sub(_decode_escape, raw)
        if any(found[3] is not None and found[3] not in _SIMPLE_ESCAPES for found in _ESCAPE.finditer(raw)):
            reasons.append("an unknown escape in a text")
        if _SURROGATE.search(text):
            reasons.append("half of a surrogate pair")
            text = _SURROGATE.sub(lambda found: escape_text(found[0]), text)
        return text, reasons

    def _next_token(self) -> re.Match[str]:
        token = _TOKEN.match(self._text, self._position)
        if token is None:
            white_space = _WHITESPACE.match(self._text, self._position)
            assert white_space is not None, "the pattern matches the empty text as well"
            self._token_start = white_space.end()
            raise self._unexpected_token("something that is not JSON")
        self._token_start = token.start(token.lastgroup or 0)
        self._position = token.end()
        return token

    def _record_error(self, reason: str) -> None:
        """Record what is wrong with the current value. A child of what was cut for its depth has no pointer."""
        if len(self._stack) > MAX_DEPTH:
            return
        tokens = [frame.key for frame in self._stack]
        if len(self._exact_errors) < MAX_EXACT_ERRORS:
            self._exact_errors.append(ParseError(format_pointer(tokens), reason))
            return
        grouped_pointer = format_pointer(tokens[:2])
        self._grouped_errors.setdefault(grouped_pointer, ParseError(grouped_pointer, reason))
        if len(self._grouped_errors) > MAX_PARSE_ERRORS:
            raise UnparsableBody("It holds too much that is not JSON.")

    def _unexpected_token(self, what: str) -> UnparsableBody:
        if self._token_start == len(self._text):
            return UnparsableBody("It ends too early.")
        return UnparsableBody(f"There is {what} at character {self._token_start + 1}.")


def _decode_escape(match: re.Match[str]) -> str:
    code_unit, low_surrogate, single_character = match.groups()
    if single_character is not None:
        return _SIMPLE_ESCAPES.get(single_character, match[0])
    if low_surrogate is None:
        return chr(int(code_unit, 16))
    code_unit_value = int(code_unit, 16)
    if 0xD800 <= code_unit_value < 0xDC00:
        return chr(0x10000 + ((code_unit_value - 0xD800) << 10) + (int(low_surrogate, 16) - 0xDC00))
    return chr(code_unit_value) + chr(int(low_surrogate, 16))
