"""Creating and editing drafts: requests and their changes, by their author or owner."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import Team, User
from accounts.permissions import Forbidden, require
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.contract import sanitize
from catalog.models import Event, ImportEntry, Source, Version
from catalog.services.events import NAMED_BY_CALL
from tracking.requests.choices import ChangeAction, Priority, RequestOrigin, RequestState
from tracking.requests.models import Change, Request
from tracking.requests.workflow.delivery_planning import plan_request
from tracking.requests.workflow.draft_assessment import assess_draft
from tracking.requests.workflow.lanes import store_strictest_lane
from tracking.requests.workflow.rebasing import rebase_onto_newest
from tracking.requests.workflow.steps.step_permissions import may_edit

DEFAULT_REVIEW_PERIOD = timedelta(days=180)
"""The default time until somebody reviews whether a request is still needed."""

NAME_REASON_LENGTH = 500
"""How long the reason for a name may be, in characters."""

FIELDS_THAT_DECIDE_LANES = frozenset({"expected_per_day"})
"""The fields of a request from which the lanes of its changes follow, so that all of them are planned anew."""


class RequestFields(TypedDict, total=False):
    """What a person writes on a request."""

    title: str
    question: str
    decision: str
    metric: str
    message: str
    reason: str
    priority: Priority | str
    expected_per_day: int | None
    review_by: date | None
    owner: User | None
    team: Team | None


class ChangeFields(TypedDict, total=False):
    """What a person writes on a change. Its action and event stay what they were when it was added."""

    definition: dict[str, Any]
    sources: Iterable[Source]
    successor: Event | None
    has_no_successor: bool
    ends_on: date | None
    name_reason: str


class EditConflict(UnmetConditionsError):
    """Somebody else edited the draft since it was read; `request` is its present state."""

    def __init__(self, request: Request) -> None:
        self.request = request
        super().__init__(
            [
                UnmetCondition(
                    "edited", f"Somebody edited this draft meanwhile (it is at edit {request.revision}). Reload it."
                )
            ]
        )


@transaction.atomic
def create_request(
    *,
    by: User,
    at: datetime | None = None,
    origin: RequestOrigin | str = RequestOrigin.PEOPLE,
    is_sample: bool = False,
    **fields: Unpack[RequestFields],
) -> Request:
    """Create a draft; its author owns it unless `owner` says who, for their own team unless `team` says which.

    Other missing fields are checked when it is submitted.

    Raises Forbidden where `by` may not create requests, and ValidationError where a field is
    invalid.
    """
    moment = at or timezone.now()
    request = Request(author=by, origin=origin, is_sample=is_sample, created_at=moment, updated_at=moment)
    for name, value in ({"owner": by, "team": default_team(by)} | dict(fields)).items():
        setattr(request, name, value)
    require(by, Capability.REQUEST_CREATE, on=request)
    request.title = request.title.strip()
    request.full_clean()
    request.save()
    record(
        by=by, subject_type="request", subject_id=request.pk, action="created", to_state=RequestState.DRAFT, at=moment
    )
    return request


@transaction.atomic
def edit_request(
    request: Request, *, by: User, revision: int | None, at: datetime | None = None, **fields: Unpack[RequestFields]
) -> Request:
    """Change what a draft says, and return it as it now is. Where nothing differs, nothing is written.

    `revision` is the one that the editor read; None skips the check. Raises EditConflict where somebody else
    edited it since, Forbidden where `by` is neither author nor owner, UnmetConditionsError (`state`) where it is no
    draft, and ValidationError where a field is invalid.
    """
    locked = _lock_draft(request, by=by, revision=revision)
    before = {name: getattr(locked, name) for name in fields}
    for name, value in fields.items():
        setattr(locked, name, value)
    changed = [name for name in fields if getattr(locked, name) != before[name]]
    if changed:
        locked.full_clean()
        locked.save(update_fields=changed)
        if FIELDS_THAT_DECIDE_LANES.intersection(changed):
            plan_request(locked, at=at or timezone.now())
        _record_edit(locked, "edited", by=by, at=at, evidence={"fields": changed})
    return locked


@transaction.atomic
def add_change(
    request: Request,
    *,
    action: ChangeAction | str,
    by: User,
    event: Event | None = None,
    revision: int | None = None,
    at: datetime | None = None,
    **fields: Unpack[ChangeFields],
) -> Change:
    """Add to a draft what it does to one event, and return the change.

    To create, leave `event` out and pass a definition; to update, deprecate or retire, name the event: the
    change then builds on its newest approved version, whose definition and sources count where none are given.
    Raises ValidationError where event and action do not fit, and what `edit_request` raises.
    """
    locked = _lock_draft(request, by=by, revision=revision)
    change = write_change(locked, ChangeAction(action), event, fields)
    _record_edit(locked, "change added", by=by, at=at, change=change)
    change.refresh_from_db()
    return change


def write_change(
    request: Request,
    action: ChangeAction,
    event: Event | None,
    fields: ChangeFields,
    *,
    import_entry: ImportEntry | None = None,
) -> Change:
    """Write a change of a draft without planning what follows from it; the caller has locked the draft and plans.

    `import_entry` is where its definition comes from, which is then kept as an import brought it. Raises
    ValidationError where event and action do not fit.
    """
    if (action == ChangeAction.CREATE) == (event is not None):
        expectation = "names no event" if action == ChangeAction.CREATE else "names its event"
        raise ValidationError({"event": f"A change that is to {action.label.lower()} {expectation}."})
    # Read again: the caller's instance may be older than the newest approval.
    newest = (
        Version.objects.filter(pk__in=Event.objects.filter(pk=event.pk).values("newest_version")) if event else None
    )
    change = Change(request=request, action=action, event=event, base=newest.first() if newest is not None else None)
    if change.base is not None and action == ChangeAction.UPDATE:
        change.definition = change.base.definition
    _apply_fields(change, fields)
    if import_entry is not None:
        change.import_entry, change.imported_definition = import_entry, change.definition
    change.save()
    sources = fields.get("sources")
    if sources is None and change.base is not None:
        sources = Source.objects.filter(versions__version=change.base)
    change.sources.set(sources or ())
    assess_draft(change)
    return change


@transaction.atomic
def edit_change(
    change: Change,
    *,
    by: User,
    revision: int | None,
    at: datetime | None = None,
    **fields: Unpack[ChangeFields],
) -> Change:
    """Change a change of a draft, and return it as it now is. Raises what `edit_request` raises."""
    locked = _lock_draft(change.request, by=by, revision=revision)
    locked_change = _change_of_draft(locked, change)
    _apply_fields(locked_change, fields)
    locked_change.save()
    if (sources := fields.get("sources")) is not None:
        locked_change.sources.set(sources)
    assess_draft(locked_change)
    _record_edit(locked, "change edited", by=by, at=at, change=locked_change)
    locked_change.refresh_from_db()
    return locked_change


@transaction.atomic
def remove_change(change: Change, *, by: User, revision: int | None = None, at: datetime | None = None) -> Request:
    """Take a change out of a draft, and return the request. Raises what `edit_request` raises."""
    locked = _lock_draft(change.request, by=by, revision=revision)
    locked_change = _change_of_draft(locked, change)
    evidence = {"change": locked_change.pk, "event": locked_change.name}
    if locked_change.deliveries.filter(verifications__isnull=False).exists():
        raise _stays_on_record("verified", "QA has signed a delivery of this change")
    if locked_change.deliveries.filter(pinned_events__isnull=False).exists():
        raise _stays_on_record("pinned", "A delivery of this change was sent back with an event that shows why")
    locked_change.delete()
    store_strictest_lane(locked)
    _record_edit(locked, "change removed", by=by, at=at, evidence=evidence)
    return locked


@transaction.atomic
def rebase_change(change: Change, *, by: User, revision: int | None = None, at: datetime | None = None) -> Change:
    """Rebase a change of a draft onto the newest approved version of its event, keeping what it changes.

    Raises UnmetConditionsError (`rebase`) where both changed the same place differently, and what `edit_request`
    raises.
    """
    locked = _lock_draft(change.request, by=by, revision=revision)
    locked_change = _change_of_draft(locked, change)
    if rebase_onto_newest(locked_change):
        _record_edit(locked, "change rebased", by=by, at=at, change=locked_change)
    locked_change.refresh_from_db()
    return locked_change


def _stays_on_record(code: str, reason: str) -> UnmetConditionsError:
    detail = f"{reason}, so it stays on record. Withdraw the request instead, or edit the change."
    return UnmetConditionsError([UnmetCondition(code, detail)])


def _lock_draft(request: Request, *, by: User, revision: int | None) -> Request:
    locked = (
        Request.objects.select_for_update(of=("self",), no_key=True).select_related("author", "team").get(pk=request.pk)
    )
    decision = may_edit(locked, by)
    if not decision:
        raise Forbidden(decision)
    if locked.state != RequestState.DRAFT:
        state_label = locked.get_state_display().lower()
        raise UnmetConditionsError(
            [UnmetCondition("state", f"It is {state_label}, no draft. Take it back to draft to edit it.")]
        )
    if revision is not None and revision != locked.revision:
        raise EditConflict(locked)
    return locked


def _change_of_draft(locked: Request, change: Change) -> Change:
    """Return a change as it now is. Raises EditConflict where somebody else removed it."""
    current = locked.changes.select_related("event", "event__newest_version", "base").filter(pk=change.pk).first()
    if current is None:
        raise EditConflict(locked)
    return current


def default_team(user: User) -> Team | None:
    """Return the team that a person's new request begins with: the first that they are in; None where there is none."""
    return next((membership.team for membership in user.cached_memberships if membership.team is not None), None)


def _apply_fields(change: Change, fields: ChangeFields) -> None:
    values: dict[str, Any] = {name: value for name, value in fields.items() if name != "sources"}
    if "definition" in values:
        if not isinstance(values["definition"], dict):
            raise ValidationError({"definition": "A definition is a JSON object."})
        values["definition"] = sanitize(values["definition"])
        call = values["definition"].get("call")
        if isinstance(call, str) and call in NAMED_BY_CALL:
            values["definition"]["name"] = call
    if "name_reason" in values:
        values["name_reason"] = values["name_reason"].strip()
        if len(values["name_reason"]) > NAME_REASON_LENGTH:
            raise ValidationError({"name_reason": f"Say it in at most {NAME_REASON_LENGTH} characters."})
    for name, value in values.items():
        setattr(change, name, value)


def _record_edit(
    request: Request,
    action: str,
    *,
    by: User,
    at: datetime | None,
    change: Change | None = None,
    evidence: dict[str, Any] | None = None,
) -> None:
    """Count the edit, plan the change that was edited, where one was, and record it in the history."""
    moment = at or timezone.now()
    request.revision += 1
    request.updated_at = moment
    request.save(update_fields=["revision", "updated_at"])
    if change is not None:
        plan_request(request, at=moment, only_change=change)
        evidence = {"change": change.pk, "event": change.name}
    record(by=by, subject_type="request", subject_id=request.pk, action=action, evidence=evidence, at=moment)
