"""The pure core: definition in, contract out, verdict on every event. It knows no Django, no database, no HTTP."""

from catalog.contract.comparison.compatibility import Comparison, Outcome, compare, compare_everywhere
from catalog.contract.comparison.definition_diff import Difference, diff
from catalog.contract.definition.definition_document import canonical, content_hash, for_source, parts_of, sources_of
from catalog.contract.definition.definition_inference import Inference, PropertyEvidence, infer
from catalog.contract.definition.definition_problems import InvalidDefinition, Problem, problems
from catalog.contract.examples.example_payload import example
from catalog.contract.json.json_parser import Reading, Unreadable, read_json
from catalog.contract.json.parse_errors import Fault, below
from catalog.contract.json.sanitization import storable
from catalog.contract.json.text import escape_text, json_text
from catalog.contract.name_normalization import clean, name_hash
from catalog.contract.normalized_event import Event
from catalog.contract.property_listing import PropertyLine, properties_of
from catalog.contract.validation.compiled_contract import Contract, compile
from catalog.contract.validation.verdict import (
    CONFORMING,
    Judgement,
    Severity,
    Verdict,
    Violation,
    retired,
    unchecked,
    undocumented,
    unreadable,
    wrong_source,
)
from catalog.contract.versions.version_number import Change, Number, next_number

__all__ = [
    "CONFORMING",
    "Change",
    "Comparison",
    "Contract",
    "Difference",
    "Event",
    "Fault",
    "Inference",
    "InvalidDefinition",
    "Judgement",
    "Number",
    "Outcome",
    "Problem",
    "PropertyEvidence",
    "PropertyLine",
    "Reading",
    "Severity",
    "Unreadable",
    "Verdict",
    "Violation",
    "below",
    "canonical",
    "clean",
    "compare",
    "compare_everywhere",
    "compile",
    "content_hash",
    "diff",
    "escape_text",
    "example",
    "for_source",
    "infer",
    "json_text",
    "name_hash",
    "next_number",
    "parts_of",
    "problems",
    "properties_of",
    "read_json",
    "retired",
    "sources_of",
    "storable",
    "unchecked",
    "undocumented",
    "unreadable",
    "wrong_source",
]
