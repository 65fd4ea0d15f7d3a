"""`unknown_property`: an event carries a property that its definition does not name."""

from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.schema_rule import SchemaRule

UNKNOWN_PROPERTY = SchemaRule(
    code="unknown_property",
    expected="no property of this name",
    text=RuleText(
        label="Property that is not described",
        what="Events carry properties that the definition does not name.",
        next="Add them to the definition with a request, or stop sending them.",
    ),
)
