"""Triage: what people make of a finding."""

from collections.abc import Callable, Collection
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.history import StateChange, record, record_state_changes
from accounts.models import User
from accounts.permissions import require
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.contract import Verdict, clean_name
from catalog.models import Event
from catalog.resolution.binding_resolver import app_version_sort_key
from tracking.quality.choices import TRIAGE_LABELS, FindingState
from tracking.quality.fixed_versions import has_versions
from tracking.quality.models import Finding, FindingQuerySet

# From where a person may move a finding, and whether they must say why. Only traffic makes one regressed.
TRIAGE_TRANSITIONS: dict[FindingState, tuple[set[FindingState], bool]] = {
    FindingState.ACKNOWLEDGED: ({FindingState.OPEN, FindingState.REGRESSED}, False),
    FindingState.RESOLVED: ({FindingState.OPEN, FindingState.ACKNOWLEDGED, FindingState.REGRESSED}, False),
    FindingState.IGNORED: ({FindingState.OPEN, FindingState.ACKNOWLEDGED, FindingState.REGRESSED}, True),
    FindingState.OPEN: ({FindingState.ACKNOWLEDGED, FindingState.RESOLVED, FindingState.IGNORED}, False),
}

MOVED_FIELDS = ("state", "reason", "resolved_at", "resolved_in", "older_count")
MAX_APP_VERSION_SHOWN = 100
BATCH_SIZE = 2_000
"""How many findings one query updates."""


def available_transitions(state: str) -> list[FindingState]:
    """Return where a finding in this state may be moved, in the order of the table."""
    return [to for to, (from_states, _requires_reason) in TRIAGE_TRANSITIONS.items() if state in from_states]


@transaction.atomic
def transition_finding(
    finding: Finding, to: str, *, by: User, reason: str = "", resolved_in: str = "", at: datetime | None = None
) -> Finding:
    """Move a finding to another state and write it into history.

    `resolved_in` names the app version that has the fix: what older ones send does not make it regressed.
    Raises Forbidden where the person may not, and UnmetConditionsError where the finding has moved
    meanwhile, the step does not exist, an ignored finding is given no reason, or `resolved_in` says nothing of older
    and later.
    """
    locked = Finding.objects.select_for_update(of=("self",)).select_related("source").get(pk=finding.pk)
    require(by, Capability.FINDING_TRIAGE, on=locked.source)
    from_states, requires_reason = (
        TRIAGE_TRANSITIONS.get(FindingState(to), (set(), False)) if to in FindingState else (set(), False)
    )
    if locked.state not in from_states:
        label = FindingState(locked.state).label
        if locked.resolved_in:
            label += f" (in {locked.resolved_in})"
        raise UnmetConditionsError(
            [UnmetCondition("state", f"This finding is {label}; from there it cannot become {to}.")]
        )
    if requires_reason and not reason.strip():
        raise UnmetConditionsError(
            [UnmetCondition("reason", "Say why it is ignored, so that the next person need not ask.")]
        )
    fixed_in = _clean_resolved_in(locked, to, resolved_in)
    now = at or timezone.now()
    from_state = locked.state
    _move(locked, FindingState(to), reason=reason, resolved_in=fixed_in, at=now)
    locked.save(update_fields=MOVED_FIELDS)
    record(
        by=by,
        subject_type="finding",
        subject_id=locked.pk,
        action="moved",
        from_state=from_state,
        to_state=to,
        message=reason,
        evidence={"resolved_in": fixed_in} if fixed_in else {},
        at=now,
    )
    return locked


def resolve_undocumented(events: Collection[Event], *, at: datetime) -> int:
    """Resolve the active findings from before these events were defined; return how many that were.

    The same few queries however many there are, since an approval waits for them.

    By the system: whoever defined an event need not be of the source's team. What comes undefined after all makes its
    finding regressed. The rows are locked in the order in which the check locks them; what somebody resolved meanwhile
    stays so.
    """
    undocumented = Finding.objects.of_events([event.pk for event in events]).filter(rule=Verdict.UNDOCUMENTED.value)
    return resolve_by_system(undocumented, lambda finding: f"{finding.seen_name.name} is defined now.", at=at)


@transaction.atomic
def resolve_by_system(
    findings: FindingQuerySet, reason_for: Callable[[Finding], str], *, at: datetime | None = None
) -> int:
    """Resolve the active ones of these findings, each for its reason, and write that into history; return how many.

    For what somebody decided elsewhere, who need not be of the source's team: what comes after all makes a finding
    regressed. The rows are locked in the order in which the check locks them.
    """
    at = at or timezone.now()
    locked = findings.active().select_for_update(of=("self",)).select_related("seen_name").order_by("pk")
    resolved, changes = [], []
    for finding in locked:
        from_state = finding.state
        _move(finding, FindingState.RESOLVED, reason=reason_for(finding), at=at)
        resolved.append(finding)
        changes.append(StateChange(finding.pk, from_state, finding.state, finding.reason))
    Finding.objects.bulk_update(resolved, MOVED_FIELDS, batch_size=BATCH_SIZE)
    record_state_changes(changes, by=User.objects.system(), subject_type="finding", action="moved", at=at)
    return len(resolved)


def _clean_resolved_in(finding: Finding, to: str, text: str) -> str:
    """Return the app version that has the fix, "" where none is named. Raises UnmetConditionsError (`resolved_in`)."""
    app_version = clean_name(text.strip())
    if not app_version:
        return ""
    source, problem = finding.source, ""
    if to != FindingState.RESOLVED:
        label = TRIAGE_LABELS[FindingState.RESOLVED]
        problem = f"An app version says where it is fixed: choose “{label}”, or leave the version empty."
    elif not has_versions(source):
        problem = f"{source} sends no app version. Resolve it without one."
    elif app_version_sort_key(app_version, source, finding.environment) is None:
        order = source.get_version_order_display().lower()
        problem = f"{app_version[:MAX_APP_VERSION_SHOWN]} is no {order}, so older and later cannot be told from it."
    if problem:
        raise UnmetConditionsError([UnmetCondition("resolved_in", problem)])
    return app_version


def _move(finding: Finding, to: FindingState, *, reason: str, at: datetime, resolved_in: str = "") -> None:
    """Set the fields of a move, `MOVED_FIELDS`, which the caller saves."""
    finding.resolved_in, finding.older_count = resolved_in, 0
    finding.state = to
    finding.reason = reason.strip()
    finding.resolved_at = at if to == FindingState.RESOLVED else None


def names_with_triaged_findings(seen_name_ids: Collection[int]) -> set[int]:
    """Return which of these seen names have a finding that somebody took up: moved to another state, or given an owner.

    One query. Called before traffic forgets names that nobody defined.
    """
    findings = Finding.objects.filter(seen_name_id__in=seen_name_ids)
    triaged = findings.filter(~Q(state=FindingState.OPEN) | Q(owner__isnull=False))
    return set(triaged.order_by().values_list("seen_name_id", flat=True))


@transaction.atomic
def assign_finding(finding: Finding, owner: User | None, *, by: User) -> Finding:
    """Say who takes care of a finding (None: nobody yet). Where that is so already, nothing is written.

    Raises Forbidden where the person may not, and UnmetConditionsError where the new owner is deactivated.
    """
    locked = Finding.objects.select_for_update(of=("self",)).select_related("source").get(pk=finding.pk)
    require(by, Capability.FINDING_TRIAGE, on=locked.source)
    if owner is not None and not owner.is_active:
        raise UnmetConditionsError(
            [UnmetCondition("owner", f"{owner} is deactivated. Choose somebody who still works here.")]
        )
    if locked.owner == owner:
        return locked
    locked.owner = owner
    locked.save(update_fields=["owner"])
    record(
        by=by,
        subject_type="finding",
        subject_id=locked.pk,
        action="assigned",
        message=str(owner) if owner else "nobody",
    )
    return locked
