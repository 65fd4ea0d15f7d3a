"""What a broken rule means, in words for people who know the product and not JSON Schema."""

from dataclasses import dataclass
from operator import itemgetter

from catalog.choices import Call
from catalog.contract.json.pointers import UNKNOWN_KEY, format_pointer, parse_pointer, path_label
from catalog.contract.rules.name import NAME, value_in_name
from catalog.contract.rules.rule_tables import EVENT_RULES, SCHEMA_RULES, looks_into_texts, rule_text
from catalog.contract.rules.undocumented import UNDOCUMENTED
from catalog.models import Event
from tracking.quality.choices import FindingState
from tracking.quality.models import Finding


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened, and what to do next."""

    what: str
    next: str
    place: str  # the property or part of the event, as people read it
    fix: str = ""  # of one that was resolved in an app version: what older and later ones mean for it


MAX_KEYS = 3
"""How many of the keys that the definition does not name a sentence names."""
FIX_ADVICE = "Mend it in the app, or change the definition if the app is right."

# For keywords of JSON Schema, and what is no rule. The texts of our own rules are in the modules of the rules:
# `catalog.contract.rules`. {place}, {expected} and {came} are filled in.
EXPLANATIONS: dict[str, tuple[str, str]] = {
    "type": ("{place} has the wrong type: expected {expected}, came {came}.", FIX_ADVICE),
    "required": ("{place} is missing, though every event must carry it.", FIX_ADVICE),
    "enum": ("{place} has a value that is not on the list: expected {expected}, came {came}.", FIX_ADVICE),
    "const": ("{place} must always be {expected}, but {came} came.", FIX_ADVICE),
    "pattern": ("{place} does not look as it should: expected {expected}, came {came}.", FIX_ADVICE),
    "format": ("{place} is not written in the agreed format: expected {expected}, came {came}.", FIX_ADVICE),
    "minimum": ("{place} is too small: expected {expected}, came {came}.", FIX_ADVICE),
    "exclusiveMinimum": ("{place} is too small: expected {expected}, came {came}.", FIX_ADVICE),
    "maximum": ("{place} is too large: expected {expected}, came {came}.", FIX_ADVICE),
    "exclusiveMaximum": ("{place} is too large: expected {expected}, came {came}.", FIX_ADVICE),
    "minLength": ("{place} is too short: expected {expected}, came {came}.", FIX_ADVICE),
    "maxLength": ("{place} is too long: expected {expected}, came {came}.", FIX_ADVICE),
    "minItems": ("{place} holds too few entries: expected {expected}.", FIX_ADVICE),
    "maxItems": ("{place} holds too many entries: expected {expected}.", FIX_ADVICE),
    "uniqueItems": ("{place} holds the same entry twice.", FIX_ADVICE),
    "not": ("{place} looks like what it must never be: came {came}.", FIX_ADVICE),
    "(other)": (
        "This source opened more findings within an hour than are kept apart. Events of the rest are counted here.",
        "Look at its other findings of that hour first; a source that invents names or properties opens many at once.",
    ),
}
KEYWORD_LABELS: dict[str, str] = {
    "type": "Wrong type",
    "required": "Property is missing",
    "enum": "Value that is not listed",
    "const": "Another value than the one allowed",
    "pattern": "Text of another form",
    "format": "Text of another format",
    "minimum": "Number too small",
    "exclusiveMinimum": "Number too small, or the limit itself",
    "maximum": "Number too large",
    "exclusiveMaximum": "Number too large, or the limit itself",
    "multipleOf": "Number between the steps",
    "minLength": "Text too short",
    "maxLength": "Text too long",
    "minItems": "List too short",
    "maxItems": "List too long",
    "uniqueItems": "Entry listed twice",
    "contains": "List without an entry that it needs",
    "minProperties": "Object with too few properties",
    "maxProperties": "Object with too many properties",
    "dependentRequired": "Property missing beside another",
    "propertyNames": "Property name that is not allowed",
    "additionalProperties": "Property that is forbidden",
    "unevaluatedProperties": "Property that nothing allows",
    "unevaluatedItems": "Entry that nothing allows",
    "anyOf": "None of the alternatives",
    "oneOf": "None, or several, of the alternatives",
    "not": "What it must never be",
    "(other)": "More findings than are kept apart",
}
"""How rules are called that are keywords of JSON Schema; the labels of our own are in the modules of the rules."""

MAY_BE_MORE = (
    "Counted are the events in which it was found. A text that comes again is counted again; where a source sends very "
    "many new texts, chance decides which are looked into, and more events may be affected than are counted."
)
LOOKS_LIKE_WHAT = "It looks like {event}."
MISSPELLED_WHAT = "The name reads like that of {event}, and is spelled otherwise: {name}."
HOLDS_VALUE_WHAT = "Its name holds {value}."
HOLDS_VALUE_NEXT = (
    "Correct the sender first: have {source} send one name each time, and what changes as a property. Define {name} "
    "only if it is always written so."
)
LOOKS_LIKE_NEXT = (
    "Correct the sender first: have {source} send {event}, spelled so, instead of {name}. Define {name} only if it is "
    "another event, and say why both are needed."
)
DEFAULT_EXPLANATION = ("{place} breaks the rule {rule}: expected {expected}, came {came}.", FIX_ADVICE)


def explain(finding: Finding, *, looks_like: Event | None = None) -> Explanation:
    """Return what a finding means and what to do about it; any rule gets a sentence.

    `looks_like` is the event that the name reads like: then its sender is to be corrected first.
    A rule that looks into texts says so, since its finding may then count less than there is.
    """
    own = rule_text(finding.rule)
    what, next_step = (own.what, own.next) if own else EXPLANATIONS.get(finding.rule, DEFAULT_EXPLANATION)
    values = {
        "place": _place_of(finding),
        "rule": finding.rule,
        "expected": finding.expected or "something else",
        "came": finding.came or "nothing",
    }
    if looks_into_texts(finding.rule):
        next_step = f"{next_step} {MAY_BE_MORE}"
    if looks_like is None and (value := value_in_undocumented_name(finding)):
        what, next_step = f"{what} {HOLDS_VALUE_WHAT}", HOLDS_VALUE_NEXT
        values |= {"value": value, "name": finding.seen_name.name, "source": str(finding.source)}
        next_step = next_step.format_map(values)
    if looks_like is not None:
        what = MISSPELLED_WHAT if finding.rule == NAME.code else f"{what} {LOOKS_LIKE_WHAT}"
        next_step = LOOKS_LIKE_NEXT
        values |= {"event": looks_like.name, "name": finding.seen_name.name, "source": str(finding.source)}
        next_step = next_step.format_map(values)
    return Explanation(what.format_map(values), next_step, values["place"], _describe_fix(finding))


def value_in_undocumented_name(finding: Finding) -> str:
    """Return in words what the name of a finding holds that nobody defined: "an id"; "" where it names one event."""
    if finding.rule != UNDOCUMENTED.code or finding.seen_name_id is None:
        return ""
    return value_in_name(finding.seen_name.name) if finding.seen_name.call == Call.TRACK else ""


def _place_of(finding: Finding) -> str:
    """Return the place that a finding tells of, and where the definition does not name it, the keys that came there."""
    *parents, last = parse_pointer(finding.path) or [""]
    if last != UNKNOWN_KEY:
        return path_label(finding.path)
    keys = sorted(finding.unknown_keys, key=lambda key: (-finding.unknown_keys[key], key))
    labels = [path_label(format_pointer([*parents, key])) for key in keys[:MAX_KEYS]]
    if len(keys) == 1:
        return labels[0]
    more = f" and {len(keys) - MAX_KEYS} more" if len(keys) > MAX_KEYS else ""
    named = f" ({', '.join(labels)}{more})" if labels else ""
    where = f" in {path_label(format_pointer(parents))}" if len(parents) > 1 else ""
    return f"A property{where} that the definition does not name{named}"


def rule_label(code: str) -> str:
    """Return how a rule is called, for people; the code itself where nobody named it."""
    own = rule_text(code)
    return (own.label if own else KEYWORD_LABELS.get(code, "")) or code


def rule_choices() -> list[tuple[str, str]]:
    """Return each rule that is known by code and label, sorted by label."""
    codes = (*KEYWORD_LABELS, *(rule.code for rule in SCHEMA_RULES), *(rule.code for rule in EVENT_RULES))
    return sorted(((code, rule_label(code)) for code in codes), key=itemgetter(1))


def _describe_fix(finding: Finding) -> str:
    fixed_in = finding.resolved_in
    if not fixed_in:
        return ""
    if finding.state == FindingState.REGRESSED:
        return f"It was fixed in {fixed_in}, and came back in that version or a later one."
    if not finding.older_count:
        return f"Fixed in {fixed_in}: what older versions still send does not open it again."
    events = "1 event" if finding.older_count == 1 else f"{finding.older_count:,} events"
    return f"Fixed in {fixed_in}. {events} of older versions broke it since, which does not open it again."
