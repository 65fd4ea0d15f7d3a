"""The pure core: definition in, contract out, verdict on every event. It knows no Django, no database, no HTTP."""

from catalog.contract.comparison.compatibility import Comparison, ComparisonOutcome, compare, compare_for_all_sources
from catalog.contract.comparison.definition_diff import Difference, diff
from catalog.contract.definition.definition_document import (
    definition_hash,
    for_source,
    named_sources,
    part_schemas,
)
from catalog.contract.definition.definition_inference import InferredDefinition, PropertyStatistics, infer_definition
from catalog.contract.definition.definition_problems import InvalidDefinition, Problem, find_problems
from catalog.contract.examples.example_payload import example_payload
from catalog.contract.json.canonical_json import canonical_json
from catalog.contract.json.equality import json_equal
from catalog.contract.json.json_parser import ParsedJson, UnparsableBody, parse_json
from catalog.contract.json.parse_errors import ParseError, parse_errors_below
from catalog.contract.json.sanitization import sanitize
from catalog.contract.json.text import escape_text, json_text
from catalog.contract.lint.lint_rule import Authorship, LintIssue, LintSeverity
from catalog.contract.lint.linter import lint_dates, lint_definition
from catalog.contract.lint.planned_dates import PlannedDates
from catalog.contract.name_folding import fold_name
from catalog.contract.name_normalization import clean_name, name_hash
from catalog.contract.normalized_event import Event
from catalog.contract.property_listing import PropertySummary, list_properties
from catalog.contract.rules.violation import Severity, Violation
from catalog.contract.validation.compiled_contract import Contract, compile_contract
from catalog.contract.validation.optional_nulls import NullHandling
from catalog.contract.validation.verdict import CONFORMING, ValidationResult, Verdict, unchecked
from catalog.contract.versions.version_number import VersionBump, VersionNumber, next_version_number

__all__ = [
    "CONFORMING",
    "Authorship",
    "Comparison",
    "ComparisonOutcome",
    "Contract",
    "Difference",
    "Event",
    "InferredDefinition",
    "InvalidDefinition",
    "LintIssue",
    "LintSeverity",
    "NullHandling",
    "ParseError",
    "ParsedJson",
    "PlannedDates",
    "Problem",
    "PropertyStatistics",
    "PropertySummary",
    "Severity",
    "UnparsableBody",
    "ValidationResult",
    "Verdict",
    "VersionBump",
    "VersionNumber",
    "Violation",
    "canonical_json",
    "clean_name",
    "compare",
    "compare_for_all_sources",
    "compile_contract",
    "definition_hash",
    "diff",
    "escape_text",
    "example_payload",
    "find_problems",
    "fold_name",
    "for_source",
    "infer_definition",
    "json_equal",
    "json_text",
    "lint_dates",
    "lint_definition",
    "list_properties",
    "name_hash",
    "named_sources",
    "next_version_number",
    "parse_errors_below",
    "parse_json",
    "part_schemas",
    "sanitize",
    "unchecked",
]
