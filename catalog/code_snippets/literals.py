"""JSON values as literals of programming languages: one encoder a language, safe for any text.

Names and examples of definitions come from people and from strangers' traffic. Whatever they hold, a literal
stays one literal, and nothing in it is invisible: control, format and bidirectional characters are spelled out.
"""

import json
import shlex
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_INT = 2**63 - 1
MAX_SHORT_INT = 2**31 - 1
INDENT = "  "

_INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}


def needs_escape(char: str) -> bool:
    """Return whether a character cannot be seen for what it is, or ends a line."""
    return unicodedata.category(char) in _INVISIBLE_CATEGORIES or (char != " " and unicodedata.category(char) == "Zs")


def _quote(text: str, escapes: dict[str, str], escape: Callable[[int], str]) -> str:
    parts = (escapes.get(char) or (escape(ord(char)) if needs_escape(char) else char) for char in text)
    return f'"{"".join(parts)}"'


def _utf16_escape(code: int) -> str:
    units = chr(code).encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


_COMMON_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape_invisible(text: str) -> str:
    """Return a text for a terminal or a log: everything in it can be seen, and nothing in it is a command."""
    return "".join(_utf16_escape(ord(char)) if needs_escape(char) else char for char in text)


def javascript_string(text: str) -> str:
    """Return a JavaScript string, which is also safe in a script of an HTML page."""
    return _quote(text, _COMMON_ESCAPES | {"<": "\\u003c"}, _utf16_escape)


def python_string(text: str) -> str:
    """Return a Python string."""
    return _quote(text, _COMMON_ESCAPES, lambda code: f"\\U{code:08x}" if code > 0xFFFF else f"\\u{code:04x}")


def kotlin_string(text: str) -> str:
    """Return a Kotlin string; `$` would begin a template."""
    return _quote(text, _COMMON_ESCAPES | {"$": "\\$"}, _utf16_escape)


def swift_string(text: str) -> str:
    r"""Return a Swift string; the backslash, which would begin `\(…)`, is doubled. Lone surrogates become U+FFFD."""
    return _quote(text, _COMMON_ESCAPES, lambda code: f"\\u{{{0xFFFD if 0xD800 <= code <= 0xDFFF else code:x}}}")


def shell_word(text: str) -> str:
    """Return a word of a POSIX shell."""
    return shlex.quote(text)


def json_body(value: Any) -> str:
    """Return JSON in ASCII alone, indented."""
    return json.dumps(value, indent=2, ensure_ascii=True)


@dataclass(frozen=True, slots=True)
class LiteralStyle:
    """How a language writes JSON values."""

    string: Callable[[str], str]
    key: Callable[[str], str]
    null: str = "null"
    true: str = "true"
    false: str = "false"
    object: tuple[str, str] = ("{", "}")
    empty_object: str = "{}"
    integer: Callable[[int], str] = str

    def literal(self, value: Any, *, depth: int = 0) -> str:
        """Return a value as a literal, its inner lines indented below `depth`."""
        if isinstance(value, dict):
            if not value:
                return self.empty_object
            items = [f"{self.key(key)}: {self.literal(member, depth=depth + 1)}" for key, member in value.items()]
            return _block(*self.object, items, depth)
        if isinstance(value, list):
            return _block("[", "]", [self.literal(item, depth=depth + 1) for item in value], depth) if value else "[]"
        return self.scalar(value)

    def scalar(self, value: Any) -> str:
        """Return a text, number, boolean or null as a literal."""
        if value is None:
            return self.null
        if isinstance(value, bool):
            return self.true if value else self.false
        if isinstance(value, int):
            return self.integer(value)
        return self.string(value) if isinstance(value, str) else repr(float(value))


def _block(opening: str, closing: str, items: list[str], depth: int) -> str:
    inner = INDENT * (depth + 1)
    return f"{opening}\n{inner}" + f",\n{inner}".join(items) + f",\n{INDENT * depth}{closing}"


def _integer_or_float(value: int) -> str:
    """Return an integer, as a floating point number where it needs more than 64 bits."""
    return str(value) if -MAX_INT <= value <= MAX_INT else _float_literal(value)


def _float_literal(value: int) -> str:
    try:
        return repr(float(value))
    except OverflowError:
        return repr(1.7976931348623157e308)


def _kotlin_integer(value: int) -> str:
    if -MAX_SHORT_INT <= value <= MAX_SHORT_INT or not -MAX_INT <= value <= MAX_INT:
        return _integer_or_float(value)
    return f"{value}L"


def _javascript_key(key: str) -> str:
    # As a plain key this one would set the object's prototype.
    return f"[{javascript_string(key)}]" if key == "__proto__" else javascript_string(key)


JAVASCRIPT = LiteralStyle(string=javascript_string, key=_javascript_key)
PYTHON = LiteralStyle(string=python_string, key=python_string, null="None", true="True", false="False")
SWIFT = LiteralStyle(
    string=swift_string,
    key=swift_string,
    null="NSNull()",
    object=("[", "]"),
    empty_object="[:]",
    integer=_integer_or_float,
)
KOTLIN = LiteralStyle(string=kotlin_string, key=kotlin_string, null="JsonNull", integer=_kotlin_integer)


def kotlin_object(value: dict[str, Any], *, depth: int = 0) -> str:
    """Return a JSON object as the calls that build it with kotlinx.serialization."""
    return _kotlin_block("buildJsonObject", _kotlin_members(value, depth + 1), depth)


def _kotlin_members(value: dict[str, Any], depth: int) -> list[str]:
    members = []
    for name, member in value.items():
        key = kotlin_string(name)
        if isinstance(member, dict):
            members.append(_kotlin_block(f"putJsonObject({key})", _kotlin_members(member, depth + 1), depth))
        elif isinstance(member, list):
            members.append(_kotlin_block(f"putJsonArray({key})", _kotlin_items(member, depth + 1), depth))
        else:
            members.append(f"put({key}, {KOTLIN.scalar(member)})")
    return members


def _kotlin_items(value: list[Any], depth: int) -> list[str]:
    items = []
    for item in value:
        if isinstance(item, dict):
            items.append(_kotlin_block("addJsonObject", _kotlin_members(item, depth + 1), depth))
        elif isinstance(item, list):
            items.append(_kotlin_block("addJsonArray", _kotlin_items(item, depth + 1), depth))
        else:
            items.append(f"add({KOTLIN.scalar(item)})")
    return items


def _kotlin_block(call: str, lines: list[str], depth: int) -> str:
    if not lines:
        return f"{call} {{}}"
    inner = INDENT * (depth + 1)
    return f"{call} {{\n{inner}" + f"\n{inner}".join(lines) + f"\n{INDENT * depth}}}"
