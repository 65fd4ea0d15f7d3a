"""`malformed`: part of an event cannot be read as JSON that the validator takes."""

from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.schema_rule import SchemaRule

MALFORMED = SchemaRule(
    code="malformed",
    expected="JSON",
    text=RuleText(
        label="Part that cannot be read",
        what="Part of the event cannot be read: {came}.",
        next="Look at how the app builds this value; whatever else the event holds was checked.",
    ),
)
