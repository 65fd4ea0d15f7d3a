"""Keywords that the validator cannot check, rewritten as annotations: patterns without linear time, unknown formats."""

from functools import lru_cache
from typing import Any

import jsonschema_rs

from catalog.contract.json.pointers import format_pointer
from catalog.exchange.entry import Note
from catalog.exchange.json_schema.draft_keywords import (
    FORMATS_BY_DRAFT,
    SCHEMA_LIST_KEYWORDS,
    SCHEMA_MAP_KEYWORDS,
    SINGLE_SCHEMA_KEYWORDS,
    Draft,
)

Tokens = tuple[str, ...]


def rewrite_unsupported_keywords(schema: Any, *, prefix: str = "") -> tuple[Any, tuple[Note, ...]]:
    """A schema in 2020-12 that the validator can apply, and a note for every place where it now requires less.

    A pattern that needs lookaround, a backreference or exponential time moves into the description. Nothing
    becomes stricter by it: `oneOf` around such a place becomes `anyOf`, and a `not`, an `if` or a bounded
    `contains` around one is removed. Formats that no draft defines are ignored by the validator and become
    annotations too.
    `prefix` is the pointer to the schema, with which the notes' pointers begin.
    """
    notes: list[Note] = []
    return _KeywordRewriter(schema, notes, prefix).rewrite(schema, ()), tuple(notes)


@lru_cache(maxsize=4096)
def is_linear_time_pattern(pattern: str) -> bool:
    """Whether the validator's linear-time engine takes a pattern."""
    try:
        jsonschema_rs.Draft202012Validator(
            {"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions(), offline=True
        )
    except (ValueError, jsonschema_rs.ReferencingError):
        return False
    return True


class _KeywordRewriter:
    def __init__(self, root: Any, notes: list[Note], below: str) -> None:
        self._notes = notes
        self._below = below
        self._is_root_nonlinear = _has_nonlinear_pattern(root)

    def rewrite(self, schema: Any, tokens: Tokens) -> Any:
        if not isinstance(schema, dict):
            return schema
        rewritten: dict[str, Any] = {}
        descriptions: list[str] = []
        for keyword, value in schema.items():
            keyword_tokens = (*tokens, keyword)
            if keyword == "pattern" and isinstance(value, str) and not is_linear_time_pattern(value):
                descriptions.append(f"Pattern that is not checked: {value}")
                self._add_note(
                    "weakened", keyword_tokens, "The pattern needs more than linear time; it is kept as words."
                )
            elif keyword == "format" and isinstance(value, str) and value not in FORMATS_BY_DRAFT[Draft.DRAFT_2020_12]:
                descriptions.append(f"Format that is not checked: {value}")
                self._add_note(
                    "unknown_format",
                    keyword_tokens,
                    f"No draft defines the format {value[:100]!r}; it is kept as words.",
                )
            elif keyword in ("not", "if", "then", "else") and self._could_become_stricter(schema, keyword):
                if keyword in ("not", "if"):
                    descriptions.append(f"A condition (`{keyword}`) that is not checked.")
                    self._add_note(
                        "weakened", keyword_tokens, "A pattern inside needs more than linear time; the condition goes."
                    )
            elif keyword in ("contains", "minContains", "maxContains") and self._could_become_stricter(schema, keyword):
                if keyword == "contains":
                    descriptions.append("A count of items (`contains`) that is not checked.")
                    self._add_note(
                        "weakened", keyword_tokens, "A pattern inside needs more than linear time; the count goes."
                    )
            elif keyword == "oneOf" and self._is_nonlinear(value):
                self._add_note(
                    "weakened", keyword_tokens, "A pattern inside needs more than linear time; one or more may match."
                )
                rewritten.setdefault("allOf", []).append({"anyOf": self._rewrite_value(keyword, value, keyword_tokens)})
            elif keyword == "allOf" and isinstance(value, list):
                rewritten["allOf"] = [*self._rewrite_value(keyword, value, keyword_tokens), *rewritten.get("allOf", [])]
            elif keyword == "patternProperties" and isinstance(value, dict):
                self._rewrite_pattern_properties(value, keyword_tokens, rewritten, descriptions)
            elif keyword != "additionalProperties" or "additionalProperties" not in rewritten:
                rewritten[keyword] = self._rewrite_value(keyword, value, keyword_tokens)
        if descriptions:
            rewritten["description"] = "\n\n".join(
                [*filter(None, [_text(rewritten.get("description"))]), *descriptions]
            )
        return rewritten

    def _rewrite_value(self, keyword: str, value: Any, here: Tokens) -> Any:
        if keyword in SCHEMA_MAP_KEYWORDS and isinstance(value, dict):
            return {name: self.rewrite(child, (*here, name)) for name, child in value.items()}
        if keyword in SCHEMA_LIST_KEYWORDS and isinstance(value, list):
            return [self.rewrite(child, (*here, str(position))) for position, child in enumerate(value)]
        return self.rewrite(value, here) if keyword in SINGLE_SCHEMA_KEYWORDS else value

    def _rewrite_pattern_properties(
        self, value: dict[str, Any], keyword_tokens: Tokens, rewritten: dict[str, Any], descriptions: list[str]
    ) -> None:
        """Keys whose pattern cannot be tried could be any key, so every other key must be allowed too."""
        rewritten["patternProperties"] = {
            pattern: self.rewrite(child, (*keyword_tokens, pattern))
            for pattern, child in value.items()
            if is_linear_time_pattern(pattern)
        }
        for pattern in value:
            if not is_linear_time_pattern(pattern):
                rewritten["additionalProperties"] = True
                descriptions.append(f"Pattern of keys that is not checked: {pattern}")
                self._add_note("weakened", (*keyword_tokens, pattern), "The keys' pattern needs more than linear time.")

    def _could_become_stricter(self, schema: dict[str, Any], keyword: str) -> bool:
        """Whether requiring less inside this keyword could make the whole stricter."""
        if keyword.endswith("ontains"):
            return "maxContains" in schema and self._is_nonlinear(schema.get("contains"))
        return self._is_nonlinear(schema.get("not") if keyword == "not" else schema.get("if"))

    def _is_nonlinear(self, value: Any) -> bool:
        return self._is_root_nonlinear and (_has_nonlinear_pattern(value) or _has_reference(value))

    def _add_note(self, code: str, tokens: Tokens, what: str) -> None:
        self._notes.append(Note(code, format_pointer(tokens, prefix=self._below), what))


def _has_nonlinear_pattern(value: Any) -> bool:
    """Whether the validator does not support a pattern somewhere inside; a property of that name may also count."""
    if isinstance(value, list):
        return any(map(_has_nonlinear_pattern, value))
    if not isinstance(value, dict):
        return False
    pattern, patterned = value.get("pattern"), value.get("patternProperties")
    if isinstance(pattern, str) and not is_linear_time_pattern(pattern):
        return True
    if isinstance(patterned, dict) and not all(map(is_linear_time_pattern, patterned)):
        return True
    return any(map(_has_nonlinear_pattern, value.values()))


def _has_reference(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_has_reference, value))
    return isinstance(value, dict) and ("$ref" in value or any(map(_has_reference, value.values())))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
