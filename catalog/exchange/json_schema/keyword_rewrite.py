"""What the judge cannot hold a value to, kept as words: patterns without linear time, formats nobody defined."""

from functools import lru_cache
from typing import Any

import jsonschema_rs

from catalog.contract.json.pointers import pointer
from catalog.exchange.entry import Note
from catalog.exchange.json_schema.draft_keywords import FORMATS, LISTS, MAPS, ONE, Draft

Tokens = tuple[str, ...]


def judgeable(schema: Any, *, below: str = "") -> tuple[Any, tuple[Note, ...]]:
    """A schema in 2020-12 that the judge can apply, and a note for every place where it asks for less.

    A pattern that needs lookaround, a backreference or endless time moves into the description. Nothing
    becomes stricter by it: `oneOf` around such a place becomes `anyOf`, and a `not`, an `if` or a bounded
    `contains` around one goes altogether. Formats that no draft defines are ignored by the judge and become words too.
    `below` is the pointer that leads to the schema from where the notes count.
    """
    notes: list[Note] = []
    return _Weakening(schema, notes, below).schema(schema, ()), tuple(notes)


@lru_cache(maxsize=4096)
def is_linear(pattern: str) -> bool:
    """Whether the judge's linear-time engine takes a pattern."""
    try:
        jsonschema_rs.Draft202012Validator(
            {"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions(), offline=True
        )
    except (ValueError, jsonschema_rs.ReferencingError):
        return False
    return True


class _Weakening:
    def __init__(self, root: Any, notes: list[Note], below: str) -> None:
        self._notes = notes
        self._below = below
        self._is_affected = _has_hard_pattern(root)

    def schema(self, schema: Any, tokens: Tokens) -> Any:
        if not isinstance(schema, dict):
            return schema
        made: dict[str, Any] = {}
        words: list[str] = []
        for keyword, value in schema.items():
            here = (*tokens, keyword)
            if keyword == "pattern" and isinstance(value, str) and not is_linear(value):
                words.append(f"Pattern that is not checked: {value}")
                self._note("weakened", here, "The pattern needs more than linear time; it is kept as words.")
            elif keyword == "format" and isinstance(value, str) and value not in FORMATS[Draft.DRAFT_2020_12]:
                words.append(f"Format that is not checked: {value}")
                self._note("unknown_format", here, f"No draft defines the format {value[:100]!r}; it is kept as words.")
            elif keyword in ("not", "if", "then", "else") and self._turns(schema, keyword):
                if keyword in ("not", "if"):
                    words.append(f"A condition (`{keyword}`) that is not checked.")
                    self._note("weakened", here, "A pattern inside needs more than linear time; the condition goes.")
            elif keyword in ("contains", "minContains", "maxContains") and self._turns(schema, keyword):
                if keyword == "contains":
                    words.append("A count of items (`contains`) that is not checked.")
                    self._note("weakened", here, "A pattern inside needs more than linear time; the count goes.")
            elif keyword == "oneOf" and self._is_hard(value):
                self._note("weakened", here, "A pattern inside needs more than linear time; one or more may match.")
                made.setdefault("allOf", []).append({"anyOf": self._value(keyword, value, here)})
            elif keyword == "allOf" and isinstance(value, list):
                made["allOf"] = [*self._value(keyword, value, here), *made.get("allOf", [])]
            elif keyword == "patternProperties" and isinstance(value, dict):
                self._patterned(value, here, made, words)
            elif keyword != "additionalProperties" or "additionalProperties" not in made:
                made[keyword] = self._value(keyword, value, here)
        if words:
            made["description"] = "\n\n".join([*filter(None, [_text(made.get("description"))]), *words])
        return made

    def _value(self, keyword: str, value: Any, here: Tokens) -> Any:
        if keyword in MAPS and isinstance(value, dict):
            return {name: self.schema(child, (*here, name)) for name, child in value.items()}
        if keyword in LISTS and isinstance(value, list):
            return [self.schema(child, (*here, str(position))) for position, child in enumerate(value)]
        return self.schema(value, here) if keyword in ONE else value

    def _patterned(self, value: dict[str, Any], here: Tokens, made: dict[str, Any], words: list[str]) -> None:
        """Keys whose pattern cannot be tried could be any key, so every other key must be allowed too."""
        made["patternProperties"] = {
            pattern: self.schema(child, (*here, pattern)) for pattern, child in value.items() if is_linear(pattern)
        }
        for pattern in value:
            if not is_linear(pattern):
                made["additionalProperties"] = True
                words.append(f"Pattern of keys that is not checked: {pattern}")
                self._note("weakened", (*here, pattern), "The keys' pattern needs more than linear time.")

    def _turns(self, schema: dict[str, Any], keyword: str) -> bool:
        """Whether asking less inside this keyword could ask more of the whole."""
        if keyword.endswith("ontains"):
            return "maxContains" in schema and self._is_hard(schema.get("contains"))
        return self._is_hard(schema.get("not") if keyword == "not" else schema.get("if"))

    def _is_hard(self, value: Any) -> bool:
        return self._is_affected and (_has_hard_pattern(value) or _has_reference(value))

    def _note(self, code: str, tokens: Tokens, what: str) -> None:
        self._notes.append(Note(code, pointer(tokens, below=self._below), what))


def _has_hard_pattern(value: Any) -> bool:
    """Whether a pattern somewhere inside is too much for the judge; a property of that name may count, harmlessly."""
    if isinstance(value, list):
        return any(map(_has_hard_pattern, value))
    if not isinstance(value, dict):
        return False
    pattern, patterned = value.get("pattern"), value.get("patternProperties")
    if isinstance(pattern, str) and not is_linear(pattern):
        return True
    if isinstance(patterned, dict) and not all(map(is_linear, patterned)):
        return True
    return any(map(_has_hard_pattern, value.values()))


def _has_reference(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_has_reference, value))
    return isinstance(value, dict) and ("$ref" in value or any(map(_has_reference, value.values())))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
