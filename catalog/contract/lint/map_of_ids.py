"""Properties whose names are ids: a map that somebody wrote out, and that the next id will not fit."""

import re
from collections.abc import Iterator

from catalog.contract.json.text import json_text
from catalog.contract.lint.definition_subject import DefinitionSubject
from catalog.contract.lint.lint_rule import LintMatch, LintRule, LintSeverity, LintText

MIN_IDS = 20
"""Fewer names that look like ids may be anything."""

MIN_SHARE = 0.8
"""How many of an object's names must look like ids."""

_ID_PATTERNS = {
    "^[0-9]+$": re.compile(r"[0-9]+", re.ASCII),
    "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$": re.compile(
        r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.ASCII | re.IGNORECASE
    ),
    "^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$": re.compile(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?", re.ASCII),
    "^[0-9a-f]{8,}$": re.compile(r"(?=[a-f]*[0-9])[0-9a-f]{8,}", re.ASCII | re.IGNORECASE),
    "^[A-Za-z]+[-_:.]?[0-9]{4,}$": re.compile(r"[A-Za-z]+[-_:.]?[0-9]{4,}", re.ASCII),
    "@": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
}
"""What an id looks like, by the pattern that says so in JSON Schema."""


def _check(subject: DefinitionSubject) -> Iterator[LintMatch]:
    for part in subject.parts:
        for tokens, schema in part.schemas:
            names = list(schema.get("properties", ()))
            if len(names) < MIN_IDS:
                continue
            counts = {
                pattern: sum(1 for name in names if regex.fullmatch(name)) for pattern, regex in _ID_PATTERNS.items()
            }
            ids = sum(1 for name in names if any(regex.fullmatch(name) for regex in _ID_PATTERNS.values()))
            if ids < MIN_IDS or ids < MIN_SHARE * len(names):
                continue
            usual = max(counts, key=lambda pattern: counts[pattern])
            detail = (
                f"{ids} of {len(names)} properties have names that look like ids, such as {json_text(names[0])}: this "
                "is a map. Describe what one holds under additionalProperties, or under patternProperties with "
                f"{json_text(usual)}."
            )
            yield LintMatch(path=part.path((*tokens, "properties")), detail=detail, subject=sorted(names))


_EXAMPLE_IDS = ", ".join(f'"{number}": {{}}' for number in range(1000, 1000 + MIN_IDS))

MAP_OF_IDS = LintRule(
    code="map_of_ids",
    severity=LintSeverity.WARNING,
    check=_check,
    text=LintText(
        what="Twenty or more properties whose names are ids, dates or addresses.",
        bad=f'{{"type": "object", "properties": {{{_EXAMPLE_IDS}}}}}',
        good='{"type": "object", "patternProperties": {"^[0-9]+$": {"type": "integer"}}}',
    ),
)
