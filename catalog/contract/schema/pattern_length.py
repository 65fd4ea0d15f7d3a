"""How long the texts are that match a pattern, so that a proof can hold it against `minLength` and `maxLength`.

The algebra of schemas does not look into patterns: alone it cannot tell that `^[a-z]{3}$` and `maxLength: 2` exclude
each other.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from catalog.contract.schema.subschemas import Schema, Tokens, map_subschemas

UNBOUNDED = 10**9
"""The longest text of a pattern that bounds none, or none so short."""

_TOKEN = re.compile(
    r"(?P<character>\\[dDwWsSnrtfv]|\\[^\w\s]"  # an escape for one character
    r"|\[\^?(?:\\[dDwWsSnrtfv]|\\[^\w\s]|[^\]\[\\&~-]|-(?!-))+\]"  # a class that holds no other one
    r"|[^\\\[\](){}|*+?^$])"
    r"|(?P<anchor>\\[bB]|[\^$])"
    r"|(?P<open>\((?:\?:|\?P?<[A-Za-z_]\w*>|(?!\?)))"
    r"|(?P<close>\))"
    r"|(?P<alternative>\|)"
    r"|(?P<count>[*+?]|\{\d{1,4}(?:,\d{0,4})?\})\??",
    re.DOTALL,
)
_SIMPLE_COUNTS = {"*": (0, UNBOUNDED), "+": (1, UNBOUNDED), "?": (0, 1)}

TextLength = tuple[int, int]
"""How many characters a text has at least and at most."""


def pattern_length(pattern: str) -> TextLength | None:
    """Return how long a text is in which a valid pattern is found; None where it holds what is not read here.

    Read are plain characters, classes, groups, alternatives, counts and anchors. Only a pattern that is anchored at
    both ends, with no alternative beside the anchors, bounds the whole text from above. Never raises.
    """
    tokens = list(_TOKEN.finditer(pattern))
    if sum(len(token[0]) for token in tokens) != len(pattern):
        return None
    groups = [_Group()]
    for token in tokens:
        kind = token.lastgroup
        if kind == "open":
            groups.append(_Group())
        elif kind == "close" and len(groups) > 1:
            inner = groups.pop().length()
            groups[-1].sequence.append(inner)
        elif kind == "alternative":
            groups[-1].start_alternative()
        elif kind == "count" and groups[-1].sequence:
            groups[-1].repeat_last(*_read_count(token["count"]))
        elif kind in ("character", "anchor"):
            groups[-1].sequence.append((1, 1) if kind == "character" else (0, 0))
        else:
            return None
    shortest, longest = groups[0].length()
    if len(groups) > 1:
        return None
    is_whole = _is_anchored(tokens) and not groups[0].alternatives
    return shortest, longest if is_whole else UNBOUNDED


def with_pattern_lengths(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a valid schema that accepts the same values and says beside each pattern how long its texts are."""

    def child_of(_tokens: Tokens, child: Schema) -> Schema:
        return with_pattern_lengths(child) if isinstance(child, dict) else child

    copy = map_subschemas(schema, child_of)
    length = pattern_length(schema["pattern"]) if "pattern" in schema else None
    if length is None:
        return copy
    shortest, longest = length
    if shortest > schema.get("minLength", 0):
        copy["minLength"] = shortest
    if longest < schema.get("maxLength", UNBOUNDED):
        copy["maxLength"] = longest
    return copy


def _is_anchored(tokens: list[re.Match[str]]) -> bool:
    """Tell whether a pattern begins and ends with an anchor that no count makes optional, as that of `^?a` is."""
    if len(tokens) < 2 or tokens[0][0] != "^" or tokens[-1][0] != "$":
        return False
    return tokens[1].lastgroup != "count"


@dataclass(slots=True)
class _Group:
    """What was read of one group: its alternatives, and of the last one the length of each of its pieces."""

    alternatives: list[TextLength] = field(default_factory=list)
    sequence: list[TextLength] = field(default_factory=list)

    def start_alternative(self) -> None:
        self.alternatives.append(_sum_lengths(self.sequence))
        self.sequence = []

    def repeat_last(self, least: int, most: int) -> None:
        shortest, longest = self.sequence[-1]
        self.sequence[-1] = (min(shortest * least, UNBOUNDED), min(longest * most, UNBOUNDED))

    def length(self) -> TextLength:
        found = [*self.alternatives, _sum_lengths(self.sequence)]
        return min(shortest for shortest, _ in found), max(longest for _, longest in found)


def _sum_lengths(pieces: list[TextLength]) -> TextLength:
    shortest, longest = (sum(lengths) for lengths in zip(*pieces, strict=True)) if pieces else (0, 0)
    return min(shortest, UNBOUNDED), min(longest, UNBOUNDED)


def _read_count(text: str) -> tuple[int, int]:
    """Return how often a count repeats at least and at most."""
    if text in _SIMPLE_COUNTS:
        return _SIMPLE_COUNTS[text]
    least, comma, most = text[1:-1].partition(",")
    return int(least), int(most) if most else UNBOUNDED if comma else int(least)
