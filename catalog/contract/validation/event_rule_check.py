"""The event rules, applied to the events of one source and environment that are checked together."""

from collections.abc import Callable, Hashable, Sequence

from catalog.contract.normalized_event import Event
from catalog.contract.rules.event_rule import CatalogMatch, Cost, EventFacts, EventRule
from catalog.contract.rules.rule_tables import event_rules_by_match
from catalog.contract.rules.violation import Severity, Violation, violation_sort_key
from catalog.contract.text_memory import TextInspection
from catalog.contract.validation.verdict import ValidationResult, Verdict

_VERDICTS: dict[CatalogMatch, Verdict] = {
    match: Verdict(match.value) for match in CatalogMatch if match is not CatalogMatch.DEFINED
}


class EventRuleCheck:
    """Asks the rules of the table. One for each set of events: answers by distinct value are kept as long as it is.

    A rule that raises loses its own violations of that event, and nothing else: rules decide nothing about the
    contract, so the event keeps what the contract and the other rules say of it. `on_failure` is called with the rule
    and what it raised, once for each rule.
    """

    __slots__ = ("_failed_codes", "_on_failure", "_rules", "_text_rules", "_violations_by_value", "asks_defined_events")

    def __init__(self, on_failure: Callable[[EventRule, Exception], None] | None = None) -> None:
        self._on_failure = on_failure
        self._failed_codes: set[str] = set()
        self._rules = event_rules_by_match(Cost.PER_EVENT, Cost.PER_DISTINCT_VALUE)
        self._text_rules = event_rules_by_match(Cost.PER_NEW_TEXT)
        self._violations_by_value: dict[tuple[str, CatalogMatch, type, Hashable], tuple[Violation, ...]] = {}
        self.asks_defined_events = bool(self._rules[CatalogMatch.DEFINED])
        """Whether any rule is asked of each event that is defined: else no facts of it are needed, which saves time."""

    def may_break_by_texts(self, event: Event, match: CatalogMatch, texts: TextInspection) -> bool:
        """Tell whether an event may break any rule that looks into texts: only then its facts are needed."""
        for rule in self._text_rules[match]:
            try:
                if rule.may_break is not None and rule.may_break(event, texts):
                    return True
            except Exception as error:  # whatever an event holds, it costs the rule alone
                self._note_failure(rule, error)
        return False

    def violations(self, facts: EventFacts) -> Sequence[Violation]:
        """Return what an event breaks of the rules that are asked of each event."""
        found: Sequence[Violation] = ()
        for rule in self._rules[facts.match]:
            if rule.needs and not getattr(facts, rule.needs):  # nearly every rule, of nearly every event
                continue
            if violations := self._ask(rule, facts):
                found = [*found, *violations] if found else violations
        return found

    def text_violations(self, facts: EventFacts) -> list[Violation]:
        """Return what an event breaks of the rules that look into texts."""
        return [violation for rule in self._text_rules[facts.match] for violation in self._ask(rule, facts)]

    def _ask(self, rule: EventRule, facts: EventFacts) -> tuple[Violation, ...]:
        try:
            if rule.value_of is None:
                return rule.violations(facts)
            return self._ask_by_value(rule, rule.value_of(facts), facts)
        except Exception as error:  # whatever an event holds, it costs the rule alone
            self._note_failure(rule, error)
            return ()

    def _note_failure(self, rule: EventRule, error: Exception) -> None:
        if rule.code not in self._failed_codes:
            self._failed_codes.add(rule.code)
            if self._on_failure is not None:
                self._on_failure(rule, error)

    def _ask_by_value(self, rule: EventRule, value: Hashable, facts: EventFacts) -> tuple[Violation, ...]:
        # With its type: Python takes true for 1 and 1.0, which are three values in JSON.
        key = (rule.code, facts.match, type(value), value)
        violations = self._violations_by_value.get(key)
        if violations is None:
            violations = self._violations_by_value[key] = rule.violations(facts)
        return violations


def result_without_contract(match: CatalogMatch, violations: Sequence[Violation]) -> ValidationResult:
    """Return the result of an event that no contract describes: its verdict follows from how the catalog matched it."""
    ordered = sorted(violations, key=violation_sort_key) if len(violations) > 1 else violations
    return ValidationResult(_VERDICTS[match], tuple(ordered))


def add_violations(result: ValidationResult, violations: Sequence[Violation]) -> ValidationResult:
    """Return a result with violations of event rules among its own; an error makes a conforming event nonconforming."""
    if not violations:
        return result
    verdict = result.verdict
    if verdict is Verdict.CONFORMING and any(found.severity is Severity.ERROR for found in violations):
        verdict = Verdict.NONCONFORMING
    return ValidationResult(verdict, tuple(sorted((*result.violations, *violations), key=violation_sort_key)))
