"""The pure core: definition in, contract out, verdict on every event. It knows no Django, no database, no HTTP."""

from catalog.contract.comparison import Comparison, Outcome, compare, compare_everywhere
from catalog.contract.contract import Contract, compile
from catalog.contract.definition import canonical, content_hash, for_source, parts_of, sources_of
from catalog.contract.difference import Difference, diff
from catalog.contract.event import Event
from catalog.contract.faults import Fault, below
from catalog.contract.inference import Inference, PropertyEvidence, infer
from catalog.contract.names import clean, escape_text, name_hash
from catalog.contract.number import Change, Number, next_number
from catalog.contract.problems import InvalidDefinition, Problem, problems
from catalog.contract.property_lines import PropertyLine, properties_of
from catalog.contract.reading import Reading, Unreadable, read_json
from catalog.contract.sample import example
from catalog.contract.storing import storable
from catalog.contract.texts import json_text
from catalog.contract.verdict import (
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
