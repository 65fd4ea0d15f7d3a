"""From a parsed event to its verdict: which name, which version, which rules it breaks."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from msgspec import structs

from catalog.choices import Environment, VersionFrom
from catalog.contract import Event, ValidationResult, unchecked
from catalog.contract.rules.event_rule import CatalogMatch, DeprecatedProperty, EventFacts, EventRule
from catalog.contract.rules.unreadable import unreadable_reason
from catalog.contract.text_memory import TextInspection
from catalog.contract.validation.event_rule_check import EventRuleCheck, add_violations, result_without_contract
from catalog.look_alikes import event_names_like, folded_key
from catalog.models import Source
from catalog.resolution.binding_resolver import BindingResolver, Resolution, ResolutionStatus
from catalog.resolution.contract_cache import get_contract
from tracking.traffic.check.check_results import CheckedEvent
from tracking.traffic.check.error_location import error_location
from tracking.traffic.check.event_parsing import ParsedEvent
from tracking.traffic.check.seen_names import (
    SeenNameKey,
    candidate_keys,
    candidate_keys_by_name,
    match_event,
    undefined_name_key,
)
from tracking.traffic.check.validated_event import ValidatedEvent
from tracking.traffic.privacy.declared_sensitivity import NO_DECLARATIONS, DeclaredSensitivity
from tracking.traffic.privacy.masking import mask_result

log = structlog.get_logger(__name__)

TOO_LONG = "The event is so long that the patterns of its definition would take minutes."


def _log_failed_rule(rule: EventRule, error: Exception) -> None:
    log.error("an event rule failed", rule=rule.code, error=error_location(error))


def _event_rule_check() -> EventRuleCheck:
    return EventRuleCheck(on_failure=_log_failed_rule)


@dataclass(slots=True)
class EventValidator:
    """Validates the events of one source and environment. Loads what it needs for all of them at once."""

    binding_resolver: BindingResolver
    environment: str
    events_by_name: Mapping[SeenNameKey, int]
    names_alike: Mapping[SeenNameKey, str] = field(default_factory=dict)
    event_rules: EventRuleCheck = field(default_factory=_event_rule_check)
    _missing_app_version: dict[tuple[str, int | None], str] = field(default_factory=dict)
    _resolved_bindings: dict[tuple[int, str, str, int], Resolution] = field(default_factory=dict)

    def validate(self, parsed: ParsedEvent, app_version: str) -> ValidatedEvent:
        """Return the verdict on an event, and what it rests on."""
        if parsed.conforming is not None:
            return self._with_event_rules(parsed, parsed.conforming, app_version)
        event = parsed.event_or_empty
        seen_name, event_id = match_event(event, self.events_by_name)
        if unreadable_reason(event):
            return ValidatedEvent(
                seen_name,
                None,
                None,
                "",
                self._result_without_contract(parsed, CatalogMatch.UNREADABLE, app_version),
            )
        if event_id is None:
            return ValidatedEvent(
                seen_name,
                None,
                None,
                "",
                self._result_without_contract(
                    parsed, CatalogMatch.UNDOCUMENTED, app_version, defined_name_alike=self._name_alike(event)
                ),
            )
        resolved = self.resolve_binding(event_id, parsed.definition_version, app_version, parsed.time.at)
        if resolved.version_id is None:
            is_retired = resolved.status is ResolutionStatus.RETIRED
            match = CatalogMatch.RETIRED if is_retired else CatalogMatch.WRONG_SOURCE
            return ValidatedEvent(
                seen_name, event_id, None, "", self._result_without_contract(parsed, match, app_version)
            )
        return self.validate_against(
            parsed, seen_name, event_id, resolved.version_id, resolved.number, app_version=app_version
        )

    def validate_against(
        self,
        parsed: ParsedEvent,
        seen_name: SeenNameKey,
        event_id: int,
        version_id: int,
        version_number: str,
        *,
        app_version: str,
    ) -> ValidatedEvent:
        """Return the verdict on an event by a version, whatever its source is bound to."""
        contract = get_contract(version_id, self.binding_resolver.source)
        if parsed.is_longer_than(contract.longest_event):
            parsed.failure = TOO_LONG
            name = undefined_name_key(parsed.event_or_empty)
            return ValidatedEvent(name, None, None, "", unchecked(parsed.event_or_empty))
        contract_result = contract.check(parsed.event_or_empty)
        validated = ValidatedEvent(seen_name, event_id, version_id, version_number, contract_result, contract_result)
        return self._with_event_rules(parsed, validated, app_version)

    def _with_event_rules(self, parsed: ParsedEvent, validated: ValidatedEvent, app_version: str) -> ValidatedEvent:
        """Return what was found out about a defined event, with what it breaks of the rules that are asked of all."""
        if not self.event_rules.asks_defined_events or validated.version_id is None:
            return validated
        facts = self._facts(parsed, CatalogMatch.DEFINED, app_version, validated.event_id)
        facts.deprecated_properties = self._deprecated_properties(validated.version_id)
        violations = self.event_rules.violations(facts)
        if not violations:
            return validated
        return structs.replace(validated, result=add_violations(validated.result, violations))

    def _deprecated_properties(self, version_id: int) -> tuple[DeprecatedProperty, ...]:
        return get_contract(version_id, self.binding_resolver.source).deprecated_properties

    def add_text_violations(
        self,
        parsed: ParsedEvent,
        validated: ValidatedEvent,
        app_version: str,
        declared: DeclaredSensitivity = NO_DECLARATIONS,
        texts: TextInspection | None = None,
    ) -> ValidationResult:
        """Return the result of an event, with what it breaks of the rules that look into its texts.

        `declared` is what its definition says about how sensitive its values are; `texts` looks into them as far as it
        may, None into all of them.
        """
        facts = self._facts(parsed, validated.match, app_version)
        facts.decided_paths = declared.decided_paths
        facts.defined_key_paths = declared.defined_key_paths
        facts.texts = texts
        return add_violations(validated.result, self.event_rules.text_violations(facts))

    def _name_alike(self, event: Event) -> str:
        return self.names_alike.get(candidate_keys(event)[0], "") if self.names_alike else ""

    def _result_without_contract(
        self, parsed: ParsedEvent, match: CatalogMatch, app_version: str, *, defined_name_alike: str = ""
    ) -> ValidationResult:
        facts = self._facts(parsed, match, app_version)
        facts.defined_name_alike = defined_name_alike
        return result_without_contract(match, self.event_rules.violations(facts))

    def _facts(
        self, parsed: ParsedEvent, match: CatalogMatch, app_version: str, event_id: int | None = None
    ) -> EventFacts:
        missing = self._missing_app_version.get((app_version, event_id))
        if missing is None:
            missing = self._place_of_missing_version(app_version, event_id)
            self._missing_app_version[app_version, event_id] = missing
        return EventFacts(
            parsed.event_or_empty,
            match,
            self.binding_resolver.source.slug,
            self.environment,
            app_version,
            parsed.time.problems,
            missing,
            parsed.is_id_reused,
            parsed.respelled_ids,
        )

    def _place_of_missing_version(self, app_version: str, event_id: int | None) -> str:
        """Return where an event misses a readable app version, "" where it does not, or nothing rests on it.

        That none came is told only where some version of the event starts at one, whatever it was sent beside.
        """
        source = self.binding_resolver.source
        if source.version_from == VersionFrom.NOWHERE or self.binding_resolver.version_key(app_version) is not None:
            return ""
        if source.version_from == VersionFrom.DEPLOYS:
            return "/app_version" if app_version else ""
        return source.version_path if app_version or self.binding_resolver.is_by_app_version(event_id) else ""

    def resolve_binding(
        self, event_id: int, definition_version: str, app_version: str, event_time: datetime
    ) -> Resolution:
        key = (event_id, definition_version, app_version, self.binding_resolver.period(event_id, event_time))
        held = self._resolved_bindings.get(key)
        if held is None:
            held = self._resolved_bindings[key] = self.binding_resolver.resolve(
                event_id, event_time=event_time, app_version=app_version, named_version=definition_version
            )
        return held


def candidate_verdicts(checked: CheckedEvent, binding_resolver: BindingResolver, environment: str) -> dict[str, Any]:
    """Return as JSON what every other version with an open delivery on the source says of an event, by its id.

    Masked as the event is: what is kept of it would not show later what they rest on. Empty in production, and for an
    event that nobody defined.
    """
    if environment == Environment.PRODUCTION or checked.event_id is None:
        return {}
    version_ids = [
        version_id
        for version_id in binding_resolver.open_version_ids(checked.event_id)
        if version_id != checked.version_id
    ]
    results = {version_id: checked.validated_against(version_id, binding_resolver.source) for version_id in version_ids}
    return {str(version_id): mask_result(result, checked.masked).as_json() for version_id, result in results.items()}


def names_of(parsed_events: Iterable[ParsedEvent]) -> set[SeenNameKey]:
    """Return the names that events may be known by, read or outlined."""
    names: set[SeenNameKey] = set()
    outlined = set()
    for parsed in parsed_events:
        if parsed.outline is not None:
            outlined.add((parsed.outline.call, parsed.outline.name))
        elif parsed.event is not None:
            names.update(candidate_keys(parsed.event))
    return names.union(*(candidate_keys_by_name(call, name) for call, name in outlined))


def validator_for(
    source: Source, environment: str, names: Collection[SeenNameKey], events_by_name: Mapping[SeenNameKey, int]
) -> EventValidator:
    """Return the validator of a source's events of these names in one environment.

    Two queries, and one for names nobody defined.
    """
    event_ids = sorted({events_by_name[name] for name in names if name in events_by_name})
    undefined = [name for name in names if name not in events_by_name]
    return EventValidator(
        BindingResolver.load(source, environment, event_ids), environment, events_by_name, _names_alike(undefined)
    )


def _names_alike(names: Iterable[SeenNameKey]) -> dict[SeenNameKey, str]:
    """Return for each undefined name the defined one that people read as the same, where there is one."""
    folded = {name: folded_key(name.call, name.name) for name in names}
    defined = event_names_like(folded.values())
    return {name: defined[key][0].event.name for name, key in folded.items() if key in defined}
