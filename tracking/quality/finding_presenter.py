"""One finding as its page shows it. Each property is worked out when its part of the page asks for it."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.dateparse import parse_datetime

from accounts.models import HistoryEntry, User
from accounts.permissions import Decision, can
from accounts.roles import Capability
from catalog.models import Event, EventName
from pages.ui.timeline import TimelineEntry
from tracking.quality.choices import TRIAGE_LABELS, FindingState
from tracking.quality.explanations import Explanation, explain, rule_label, value_in_undocumented_name
from tracking.quality.finding_advice import advice_on
from tracking.quality.fixed_versions import has_versions, offered_versions
from tracking.quality.misspelled_names import events_looked_like
from tracking.quality.models import Finding
from tracking.quality.services.null_findings import NullHandlingOffer, null_handling_offer
from tracking.quality.services.sensitive_findings import ExemptionOffer, exemption_offer
from tracking.quality.services.triage import available_transitions

MAX_HISTORY_ENTRIES = 50
ACTION_TITLES = {"assigned": "assigned", "null_handling": "nulls of optional properties"}


@dataclass
class FindingPresenter:
    """A finding, and what the person who looks at it may do about it."""

    finding: Finding
    user: User

    @cached_property
    def explanation(self) -> Explanation:
        """What it means and what to do next."""
        return explain(self.finding, looks_like=self.looks_like)

    @cached_property
    def rule_label(self) -> str:
        """How its rule is called."""
        return rule_label(self.finding.rule)

    @cached_property
    def advice(self) -> list[str]:
        """What is missing and what would do, in sentences."""
        return advice_on(self.finding, sees_samples=self._sees_samples)

    @cached_property
    def event(self) -> Event | None:
        """The event of the catalog that it is about."""
        names = EventName.objects.filter(call=self.finding.seen_name.call, name_hash=self.finding.seen_name.name_hash)
        name = names.select_related("event").first()
        return name.event if name else None

    @cached_property
    def looks_like(self) -> Event | None:
        """The event that its undefined name reads like."""
        return events_looked_like([self.finding]).get(self.finding.pk)

    @cached_property
    def is_sender_wrong(self) -> bool:
        """Whether its sender is to be corrected first, before anybody defines its name."""
        return self.looks_like is not None or bool(value_in_undocumented_name(self.finding))

    @cached_property
    def samples(self) -> list[tuple[datetime | None, dict[str, Any]]] | None:
        """The newest samples, each with when it came; None where the person may not see them."""
        if not self._sees_samples:
            return None
        return [(parse_datetime(sample.get("received_at", "")), sample) for sample in self.finding.samples]

    @cached_property
    def nulls(self) -> NullHandlingOffer | None:
        """What nulls count as, where it tells of one."""
        return null_handling_offer(self.finding, self.user)

    @cached_property
    def exemption_offer(self) -> ExemptionOffer | None:
        """Whether people are warned of it, where that can be decided."""
        return exemption_offer(self.finding, self.user)

    @cached_property
    def triage(self) -> Decision:
        """Whether the person may move it."""
        return can(self.user, Capability.FINDING_TRIAGE, on=self.finding.source)

    @cached_property
    def transitions(self) -> list[tuple[FindingState, str]]:
        """The states it can be moved to, with what is pressed for it."""
        # Return in the field of the version presses the first button: whoever names a version means that one.
        transitions = sorted(available_transitions(self.finding.state), key=lambda to: to != FindingState.RESOLVED)
        return [(to, TRIAGE_LABELS[to]) for to in transitions]

    @cached_property
    def needs_reason(self) -> bool:
        """Whether one of these needs a reason."""
        return FindingState.IGNORED in dict(self.transitions)

    @cached_property
    def takes_fix(self) -> bool:
        """Whether it may be resolved in an app version."""
        return FindingState.RESOLVED in dict(self.transitions) and has_versions(self.finding.source)

    @cached_property
    def fix_versions(self) -> list[str]:
        """The app versions that are offered for that."""
        finding = self.finding
        return offered_versions(finding.source, finding.environment, finding.app_versions) if self.triage else []

    @cached_property
    def history(self) -> list[TimelineEntry]:
        """The newest entries of its history."""
        rows = HistoryEntry.objects.filter(subject_type="finding", subject_id=str(self.finding.pk))
        return [
            TimelineEntry(entry.at, entry.actor, _title_of(entry), entry.message)
            for entry in rows.select_related("actor")[:MAX_HISTORY_ENTRIES]
        ]

    @cached_property
    def _sees_samples(self) -> bool:
        return bool(can(self.user, Capability.SAMPLES_VIEW, on=self.finding.source))


def _title_of(entry: HistoryEntry) -> str:
    if not entry.to_state:
        return ACTION_TITLES.get(entry.action, entry.action)
    fixed_in = entry.evidence.get("resolved_in") if entry.to_state == FindingState.RESOLVED else ""
    return f"{entry.from_state} → {entry.to_state}" + (f" in {fixed_in}" if fixed_in else "")
