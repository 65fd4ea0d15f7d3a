"""Names that were replaced by the standard terms of the field do not come back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from tests.conventions.source_files import files_of_tests, source_files

TERM_BY_RETIRED_NAME = {
    "Asked": "StepInput",
    "Bound": "Resolution",
    "Cast": "TeamFixture",
    "Held": "Resolution",
    "HourEntry": "DistinctValue",
    "Judge": "EventValidator",
    "Judgeable": "PendingEvent",
    "Judgement": "ValidationResult",
    "Opened": "ParsedEvent",
    "SeenId": "DedupKey",
    "Side": "PropertyCheck",
    "Walk": "RequestLifecycle",
    "admitted": "within_limit",
    "arrive": "ingest",
    "asks": "step_inputs",
    "caps": "cardinality_limits",
    "chips": "badges",
    "counting": "aggregation",
    "duties": "assignments",
    "faults": "parse_errors",
    "flowing": "observed_traffic",
    "foundation": "substantive_ancestor",
    "furnish": "create",
    "gauge": "back_pressure",
    "glyphs": "icons",
    "hand_on": "reassign_superseded",
    "heirs": "inheriting_versions",
    "holding": "binding_resolver",
    "judge": "validate",
    "judging": "evaluation",
    "keyed": "pseudonym",
    "lay_lanes": "assign_lanes",
    "let_go": "withdraw_if_unused",
    "lit_by": "pre_build_evidence",
    "looks": "ui",
    "manners": "a plain name",
    "mend": "fix",
    "not_kept": "unknown_ids",
    "nudge": "wake_up",
    "offers": "available_actions",
    "opening": "event_parsing",
    "overweight": "complexity_problem",
    "patience": "max_silence",
    "pinning": "snapshots",
    "posted": "post_params",
    "proof_of": "production_evidence",
    "reach": "permission_scope",
    "rhythm": "freshness",
    "second_parser": "lenient_parser",
    "settle": "recompute_state",
    "sheet": "editor",
    "short_by": "shortfalls",
    "shown_hash": "pseudonym",
    "sides": "property_checks",
    "standing": "derived_state",
    "standstill": "maintenance_lock",
    "storable": "sanitize",
    "tally": "aggregation",
    "telling": "timeline",
    "tested_by": "staging_evidence",
    "told": "message",
    "trial": "dry_run",
    "trying": "dry_run",
    "whose": "pseudonym",
    "witness": "counterexample",
    "words_upon": "metadata_descendants",
}
"""What a module, a class or a public function must not be called, and what it is called instead."""


def retired_names_in(path: Path, text: str) -> Iterator[str]:
    """Yield the retired names of a module: its own and its folder's, and those of its classes and public functions."""
    names = {path.stem, path.parent.name}
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
    for name in sorted(names):
        if term := TERM_BY_RETIRED_NAME.get(name.removeprefix("test_")):
            yield f"{path.relative_to(settings.BASE_DIR)}: {name}, which is {term}"


def test_none_comes_back() -> None:
    found = [each for path in (*source_files(), *files_of_tests()) for each in retired_names_in(path, path.read_text())]
    assert found == [], "Use the standard term of the field: docs/glossary.md has the words of this product."


def test_one_that_came_back_would_be_found() -> None:
    text = "class Judge:\n    async def settle(self): ...\n\ndef _nudge(): ...\n"
    path = settings.BASE_DIR / "tracking" / "standing" / "helpers.py"
    names = [each.split(": ")[1].split(",")[0] for each in retired_names_in(path, text)]
    assert names == ["Judge", "settle", "standing"]
