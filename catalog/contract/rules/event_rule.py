"""Event rules: rules of ours that are asked of every arriving event, defined or not.

What they find is counted, kept and shown with the violations of the contract, but it decides nothing about the
contract: not what is valid or compatible, no example, no evidence and no proof.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from catalog.contract.event_time import ClockProblem
from catalog.contract.json.text import json_text
from catalog.contract.normalized_event import Event
from catalog.contract.rules.rule_text import RuleText
from catalog.contract.rules.violation import Severity, Violation
from catalog.contract.text_memory import TextInspection


class CatalogMatch(StrEnum):
    """What the catalog has for an event. All but the first have no contract, and are verdicts by the same word."""

    DEFINED = "defined"
    UNDOCUMENTED = "undocumented"
    WRONG_SOURCE = "wrong_source"
    RETIRED = "retired"
    UNREADABLE = "unreadable"


ALL_EVENTS = frozenset(CatalogMatch)
"""`applies_to` of a rule that is asked of every event."""


class Cost(StrEnum):
    """How often a rule runs, which is what it costs: the whole check of an event may take 34 microseconds."""

    PER_EVENT = "per event"
    PER_DISTINCT_VALUE = "per distinct value"
    """Once for each value of `EventRule.value_of` among the events of one source and environment in a set."""
    PER_NEW_TEXT = "per new text"
    """Once for each text of an event that is not known to be harmless, before it is counted: `EventRule.may_break` says
    whether there is any. Where very many are new, it is asked of a share of them, chosen by chance."""


class DeprecatedProperty(Struct, frozen=True):
    """A property that a contract calls deprecated: the part of the event, the steps from there, and its path."""

    part: str
    tokens: tuple[str, ...]
    definition_path: str


class EventFacts(Struct):
    """What an event rule may look at. `source` is the slug; `app_version` is "" where the event has none.

    `decided_paths` are the definition paths whose sensitivity somebody declared, `defined_key_paths` those of the keys
    that its definition names, `texts` looks into texts as far as it may, None where all may be looked into; rules of
    the cost `PER_NEW_TEXT` alone know them. `clock_problems` says which of its times cannot be
    relied on; `missing_app_version` is the place where one that can be read is missed, "" where none is. `is_id_reused`
    says that its id was seen on another event, `respelled_ids` which of its ids came before in another case or with
    other blanks. `deprecated_properties` are those of the contract of a defined event, and
    `defined_name_alike` is the defined name that people read as that of an undocumented one, "" where none is.

    The event is as its wire's adapter filled it, before any validation: a rule tests the type of each value that it
    reads, and parses times itself (`Event` says in which shape they come). A rule that raises loses its violations of
    that event.
    """

    event: Event
    match: CatalogMatch
    source: str
    environment: str
    app_version: str
    clock_problems: tuple[ClockProblem, ...] = ()
    missing_app_version: str = ""
    is_id_reused: bool = False
    respelled_ids: tuple[str, ...] = ()
    deprecated_properties: tuple[DeprecatedProperty, ...] = ()
    defined_name_alike: str = ""
    decided_paths: frozenset[str] = frozenset()
    defined_key_paths: frozenset[str] = frozenset()
    texts: TextInspection | None = None


class Breach(Struct, frozen=True):
    """Where an event breaks a rule. `came` is any JSON value; `definition_path` is `path` and
    `severity` that of the rule unless they are given.
    """

    path: str
    expected: str
    came: object
    definition_path: str = ""
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """One event rule. `check` returns a breach for each place that breaks it, and reads nothing but its facts.

    `value_of` belongs to the cost `PER_DISTINCT_VALUE`: two events with the same value get the same answer. `may_break`
    belongs to `PER_NEW_TEXT`: where it says no, which is to take two microseconds, the event breaks nothing. `needs`
    names the field of `EventFacts` without which no event breaks the rule: where it is empty, the rule is not asked.
    """

    code: str
    severity: Severity
    applies_to: frozenset[CatalogMatch]
    cost: Cost
    check: Callable[[EventFacts], Iterable[Breach]]
    text: RuleText
    value_of: Callable[[EventFacts], Hashable] | None = None
    may_break: Callable[[Event, TextInspection], bool] | None = None
    needs: str = ""

    def __post_init__(self) -> None:
        if self.needs and self.needs not in EventFacts.__struct_fields__:
            raise ValueError(f"{self.code}: there is no fact named {self.needs}")
        if (self.cost is Cost.PER_DISTINCT_VALUE) != (self.value_of is not None):
            raise ValueError(f"{self.code}: `value_of` goes with the cost {Cost.PER_DISTINCT_VALUE}, and only with it")
        if (self.cost is Cost.PER_NEW_TEXT) != (self.may_break is not None):
            raise ValueError(f"{self.code}: `may_break` goes with the cost {Cost.PER_NEW_TEXT}, and only with it")

    def violations(self, facts: EventFacts) -> tuple[Violation, ...]:
        """Return what an event breaks of this rule. Raises what `check` raises."""
        if self.needs and not getattr(facts, self.needs):
            return ()
        breaches = self.check(facts)
        if not breaches:  # nearly always, on the way of every event
            return ()
        return tuple(
            [
                Violation(
                    path=breach.path,
                    definition_path=breach.definition_path or breach.path,
                    rule=self.code,
                    severity=breach.severity or self.severity,
                    expected=breach.expected,
                    came="nothing" if breach.came is None else json_text(breach.came),
                )
                for breach in breaches
            ]
        )
