"""What a null of an optional property counts as, chosen from the finding that tells of it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from accounts.history import record
from accounts.models import User
from accounts.permissions import WHOLE_COMPANY, Decision, can, require
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.choices import NullHandlingChoice
from catalog.contract import InvalidDefinition, NullHandling, Severity, compile_contract
from catalog.contract.rules.rule_tables import rule_text
from catalog.models import CompanyPolicy, Source
from catalog.presenters.null_handling_words import CONSEQUENCES
from catalog.resolution.null_handling import null_handling_of
from catalog.services.policy_editing import save_company_policy
from catalog.services.sources import update_source
from tracking.quality.counted_version import newest_counted_version
from tracking.quality.models import Finding
from tracking.quality.services.triage import resolve_by_system
from tracking.traffic.check.stored_events import event_from_stored

MAX_RESOLVED = 100
"""Of how many findings the choice asks whether they tell of such a null; each compiles a definition."""


@dataclass(frozen=True, slots=True)
class NullHandlingOffer:
    """What nulls of optional properties count as on a finding's source, and who may change that for whom."""

    current: NullHandlingChoice
    of_company: NullHandlingChoice
    is_of_source: bool  # else the source does as the company says
    may_set_for_source: Decision
    may_set_for_company: Decision

    @property
    def consequence(self) -> str:
        return CONSEQUENCES[self.current]

    @property
    def other_choices(self) -> list[NullHandlingChoice]:
        """What they might count as instead, on the source."""
        return [choice for choice in NullHandlingChoice if choice != self.current]

    @property
    def other_choices_of_company(self) -> list[NullHandlingChoice]:
        """What they might count as instead, wherever no source says otherwise."""
        return [choice for choice in NullHandlingChoice if choice != self.of_company]


def null_handling_offer(finding: Finding, user: User) -> NullHandlingOffer | None:
    """Return what may be chosen where a finding tells of nulls of an optional property; None for any other finding."""
    if not tells_of_optional_null(finding):
        return None
    return NullHandlingOffer(
        current=NullHandlingChoice(null_handling_of(finding.source)),
        of_company=NullHandlingChoice(CompanyPolicy.objects.current().null_handling),
        is_of_source=bool(finding.source.null_handling),
        may_set_for_source=can(user, Capability.SOURCE_MANAGE, on=finding.source),
        may_set_for_company=can(user, Capability.POLICY_SET, on=WHOLE_COMPANY),
    )


def require_null_handling(finding: Finding, *, by: User) -> None:
    """Raise Forbidden where a person may say what nulls count as neither for the company nor for the source."""
    if not can(by, Capability.POLICY_SET, on=WHOLE_COMPANY):
        require(by, Capability.SOURCE_MANAGE, on=finding.source)


def tells_of_optional_null(finding: Finding) -> bool:
    """Tell whether the newest sample of a finding breaks its rule by a null that might as well not have come.

    Asked of the contract of the newest version that the finding counts. At most one query.
    """
    sample = finding.samples[0] if finding.samples else None
    if sample is None or rule_text(finding.rule) is not None or not _may_hold_null(finding):
        return False
    version = newest_counted_version(finding)
    if version is None:
        return False
    try:
        contract = compile_contract(version.definition, source=finding.source.slug, nulls=NullHandling.WARNING)
    except InvalidDefinition:
        return False
    violations = contract.check(event_from_stored(sample["event"], finding.seen_name.call)).violations
    return any(
        each.severity is Severity.WARNING and (each.definition_path, each.rule) == (finding.path, finding.rule)
        for each in violations
    )


@transaction.atomic
def choose_null_handling(
    finding: Finding, choice: str, *, for_company: bool = False, by: User, at: datetime | None = None
) -> str:
    """Set what nulls of optional properties count as, for the finding's source or the whole company.

    With "" the source does as the company says. Return the sentence that says what changed, which the finding's
    history keeps; what was counted before stays as it is, and findings of nulls that count as absent now are resolved.
    Raises Forbidden where the person may not, and UnmetConditionsError where the finding tells of something else,
    there is no such choice, or nothing would change.
    """
    require_null_handling(finding, by=by)
    if choice not in NullHandlingChoice and (choice or for_company):
        words = ", ".join(NullHandlingChoice.values)
        raise UnmetConditionsError([UnmetCondition("null_handling", f"Choose one of {words}.")])
    if not tells_of_optional_null(finding):
        raise UnmetConditionsError(
            [UnmetCondition("finding", "This finding does not tell of a null that came for an optional property.")]
        )
    # The check refers to the source while it waits for a finding, so neither lock may keep it from that.
    source = Source.objects.select_for_update(no_key=True).get(pk=finding.source_id)
    whose = "every source that does not say otherwise" if for_company else str(source)
    before = CompanyPolicy.objects.current().null_handling if for_company else source.null_handling
    if for_company:
        save_company_policy(null_handling=choice, by=by, at=at)
    else:
        update_source(source, by=by, at=at, null_handling=choice)
    effective = choice or CompanyPolicy.objects.current().null_handling
    if before == choice:
        raise UnmetConditionsError(
            [
                UnmetCondition(
                    "unchanged", f"Nulls of optional properties from {whose} {CONSEQUENCES[effective]} already."
                )
            ]
        )
    message = f"From now on, nulls of optional properties from {whose} {CONSEQUENCES[effective]}."
    if not choice:
        message += " So the company chose."
    if for_company and source.null_handling:
        message += f" {source} says otherwise: there they {CONSEQUENCES[source.null_handling]}."
    record(by=by, subject_type="finding", subject_id=finding.pk, action="null_handling", message=message, at=at)
    if effective == NullHandlingChoice.ABSENT:
        _resolve_findings_of_nulls(finding, for_company=for_company, by=by, at=at)
    return message


def _resolve_findings_of_nulls(finding: Finding, *, for_company: bool, by: User, at: datetime | None) -> None:
    """Resolve what tells of nulls that count as absent from now on: this finding, and the newest others."""
    told = Finding.objects.active().filter(Q(came__contains="null") | Q(came="")).select_related("source", "seen_name")
    told = told.filter(source__null_handling="") if for_company else told.filter(source=finding.source_id)
    newest = told.order_by("-last_seen", "-pk")[:MAX_RESOLVED]
    of_nulls = [each.pk for each in newest if tells_of_optional_null(each)]
    resolve_by_system(
        Finding.objects.filter(pk__in=of_nulls),
        lambda _: f"{by} decided that such a null counts as if the property had not come.",
        at=at,
    )


def _may_hold_null(finding: Finding) -> bool:
    return "null" in finding.came or finding.came == ""
