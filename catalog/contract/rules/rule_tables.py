"""The tables of our own rules. A new rule is a file beside this one, a row here and a test."""

from collections.abc import Iterable, Mapping

from catalog.contract.rules.app_version import APP_VERSION
from catalog.contract.rules.clock import CLOCK
from catalog.contract.rules.deprecated_property import DEPRECATED_PROPERTY
from catalog.contract.rules.event_rule import CatalogMatch, Cost, EventRule
from catalog.contract.rules.identity import IDENTITY
from catalog.contract.rules.malformed import MALFORMED
from catalog.contract.rules.message_id import MESSAGE_ID
from catalog.contract.rules.name import NAME
from catalog.contract.rules.retired import RETIRED
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.schema_rule import SchemaRule
from catalog.contract.rules.sensitive import SENSITIVE
from catalog.contract.rules.undocumented import UNDOCUMENTED
from catalog.contract.rules.unknown_property import UNKNOWN_PROPERTY
from catalog.contract.rules.unreadable import UNREADABLE
from catalog.contract.rules.wrong_source import WRONG_SOURCE

SCHEMA_RULES: tuple[SchemaRule, ...] = (UNKNOWN_PROPERTY, MALFORMED)
EVENT_RULES: tuple[EventRule, ...] = (
    *(UNREADABLE, UNDOCUMENTED, WRONG_SOURCE, RETIRED),
    *(CLOCK, APP_VERSION, IDENTITY, MESSAGE_ID, NAME, SENSITIVE, DEPRECATED_PROPERTY),
)

RulesByMatch = Mapping[CatalogMatch, tuple[EventRule, ...]]


def event_rules_by_match(*costs: Cost) -> RulesByMatch:
    """Return the event rules of these costs by what the catalog has for an event, so that most events ask none."""
    return {
        match: tuple(rule for rule in EVENT_RULES if rule.cost in costs and match in rule.applies_to)
        for match in CatalogMatch
    }


def looks_into_texts(code: str) -> bool:
    """Tell whether a rule looks into texts, of which it may see a share only: it may find less than there is."""
    return any(rule.code == code and rule.cost is Cost.PER_NEW_TEXT for rule in EVENT_RULES)


def rule_text(code: str) -> RuleText | None:
    """Return what people read about a rule of ours; None for a keyword of JSON Schema."""
    rules: Iterable[SchemaRule | EventRule] = (*SCHEMA_RULES, *EVENT_RULES)
    return next((rule.text for rule in rules if rule.code == code), None)
