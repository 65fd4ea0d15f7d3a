"""Patterns of JSON Schema as patterns of Python that match nothing more, in linear time.

The validator's engine and Python's differ in what classes (`\\d`, `\\w`, `\\s`), the dot and `$` match, and Python's
takes exponential time on some patterns. So a pattern is read token by token, and each token is written as what means
the same to both, or less: groups are atomic and quantifiers possessive, which gives up matches and never goes back.
Whatever is not listed here is not fast.
"""

import re

from catalog.contract.fast_path.not_fast import NotFast
from catalog.contract.schema.pattern_size import pattern_size

MAX_PATTERN_SIZE = 1_000
"""In characters, with its counts written out (`a{3}` is 3)."""

MAX_GROUP_DEPTH = 20

_ESCAPED = r"\\[!-/:-@\[-`{-~]"
"""A backslash before punctuation, which is the character itself in every engine."""

_LITERAL = r"[A-Za-z0-9 !\"#%&',\-/:;<=>@_`~]"
_CLASS_MEMBER = rf"(?:[A-Za-z0-9 !\"#%',/:;<=>@_.*+?$()]|{_ESCAPED})"
_TOKEN = re.compile(
    rf"(?P<negated>\[\^-?(?:{_CLASS_MEMBER}(?:-{_CLASS_MEMBER})?)+-?\])"
    rf"|(?P<class>\[-?(?:\\[dws]|{_CLASS_MEMBER}(?:-{_CLASS_MEMBER})?)+-?\])"
    r"|(?P<shorthand>\\[dws])"
    rf"|(?P<escaped>{_ESCAPED})"
    r"|(?P<quantifier>[*+?]|\{[0-9]+(?:,[0-9]*)?\})"
    r"|(?P<open>\((?!\?)|\(\?:)"
    r"|(?P<close>\))"
    r"|(?P<or>\|)"
    r"|(?P<dot>\.)"
    rf"|(?P<literal>{_LITERAL})"
)
_SHORTHANDS = {r"\d": "0-9", r"\w": "A-Za-z0-9_", r"\s": r" \t\n\r"}
"""What Python, the validator and ECMAScript all count as a digit, part of a word, and blank."""

_DOT = "[^\\n\\r\u2028\u2029]"
_QUANTIFIABLE = frozenset({"negated", "class", "shorthand", "escaped", "close", "dot", "literal"})


def narrow_pattern(pattern: str) -> str:
    """Return a pattern for `re.search` that matches only texts that the pattern of a valid schema matches.

    Raises NotFast for one that does not begin with `^`, and for whatever is not certain to mean the same.
    """
    if max(len(pattern), pattern_size(pattern)) > MAX_PATTERN_SIZE or not pattern.startswith("^"):
        raise NotFast(f"the pattern is too long, or may begin anywhere: {pattern[:80]}")
    is_whole = pattern.endswith("$") and not pattern.endswith(r"\$")
    body = pattern[1:-1] if is_whole else pattern[1:]
    narrowed = rf"\A{_narrow_body(body)}" + (r"\Z" if is_whole else "")
    try:
        re.compile(narrowed)
    except (re.error, OverflowError, RecursionError) as error:
        raise NotFast(f"Python does not read the pattern {pattern[:80]}") from error
    return narrowed


def _narrow_body(body: str) -> str:
    parts: list[str] = []
    depth, position, previous = 0, 0, ""
    while position < len(body):
        token = _TOKEN.match(body, position)
        if token is None:
            raise NotFast(f"the pattern holds what may mean something else in Python: {body[position:][:20]}")
        kind = token.lastgroup or ""
        if kind == "quantifier" and previous not in _QUANTIFIABLE:
            raise NotFast("a quantifier of something else than a character, a class or a group")
        if kind == "or" and not depth:
            raise NotFast("alternatives outside of a group, of which the first alone is anchored")
        depth += {"open": 1, "close": -1}.get(kind, 0)
        if not 0 <= depth <= MAX_GROUP_DEPTH:
            raise NotFast("groups that do not nest, or nest too deeply")
        parts.append(_narrow_token(kind, token))
        position, previous = token.end(), kind
    if depth:
        raise NotFast("a group without its end")
    return "".join(parts)


def _narrow_token(kind: str, token: re.Match[str]) -> str:
    text = token[0]
    if kind == "quantifier":
        return text + "+"
    if kind == "shorthand":
        return f"[{_SHORTHANDS[text]}]"
    if kind == "class":
        return re.sub(r"\\(?:[dws]|.)", lambda found: _SHORTHANDS.get(found[0], found[0]), text)
    if kind == "open":
        return "(?>"
    if kind == "dot":
        return _DOT
    if kind in ("literal", "escaped"):
        return re.escape(text[-1])
    return text
