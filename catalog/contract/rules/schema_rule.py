"""Schema rules: rules of ours that belong to the contract beside the keywords of JSON Schema.

They decide what is valid, compatible and an example. The contract applies them; their rows hold what is written of
them wherever they are broken.
"""

from dataclasses import dataclass

from catalog.contract.rules.rule_text import RuleText


@dataclass(frozen=True, slots=True)
class SchemaRule:
    """One rule that the contract itself applies. `expected` is what its violations say was expected."""

    code: str
    expected: str
    text: RuleText
