"""Taking steps of requests and deliveries: permissions, guards, effects and history in one transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import HistoryEntry, User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from catalog.models import Event
from catalog.services.events import lock_event_names
from tracking.requests.choices import DeliveryState, Lane, RequestState
from tracking.requests.evidence.content_hash import request_content_hash
from tracking.requests.models import Delivery, Request
from tracking.requests.workflow.approvals import carry_approvals
from tracking.requests.workflow.effects import EFFECTS
from tracking.requests.workflow.effects.withdrawal import lock_words_requests
from tracking.requests.workflow.guards import unmet_conditions
from tracking.requests.workflow.lanes import assign_lanes
from tracking.requests.workflow.rebasing import rebase_onto_newest
from tracking.requests.workflow.state.derived_state import recompute_state
from tracking.requests.workflow.state.event_status import project_event_status
from tracking.requests.workflow.steps.step_conflicts import already_moved_message
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.steps.step_inputs import input_errors
from tracking.requests.workflow.steps.step_permissions import may_take_step, most_informative, require_some_step
from tracking.requests.workflow.steps.step_result import StepResult
from tracking.requests.workflow.steps.transitions import Subject, Transition, steps_to

FORWARD_STATES = (RequestState.REQUESTED, RequestState.REVIEWED, RequestState.LIVE)
"""Steps to these states need a words-only request to be based on the newest version."""


@transaction.atomic
def move_request(
    request: Request,
    to: RequestState | str,
    *,
    by: User,
    comment: str = "",
    replay: str = "",
    revision: int | None = None,
    at: datetime | None = None,
) -> Request:
    """Move a request, with everything that follows from it, and return it in its new state.

    `replay` is the token of the replay that the person saw (`tracking.requests.evidence.replay.build_replay`), which
    approving a breaking change needs. `revision` is the request's as the person read it; None skips the check. `at`
    back-dates the step, for demo data.

    Raises Forbidden where `by` may never take this step, and UnmetConditionsError with every condition that does not
    hold: `state` where somebody else moved it first, `edited` where somebody edited it since. Then nothing is written.
    """
    locked_request = _lock_request(request.pk)
    now = at or timezone.now()
    _permitted_transitions(Subject.REQUEST, to, StepContext(locked_request, by, now))
    if locked_request.state == RequestState.DRAFT:
        assign_lanes(locked_request, at=now)
    if (
        to in FORWARD_STATES
        and locked_request.state in (RequestState.DRAFT, RequestState.REQUESTED)
        and locked_request.lane == Lane.WORDS
    ):
        _rebase_words_changes(locked_request)
    context = StepContext(locked_request, by, now, comment=comment.strip(), replay=replay, revision=revision)
    _lock_superseded_requests(locked_request)
    if to not in FORWARD_STATES:
        lock_words_requests(context)
    if to in FORWARD_STATES and locked_request.changes.exclude(folded_name="").exists():
        lock_event_names()
    _lock_events(locked_request)
    # Asked again now that the events stay where they are: until here one may have moved to another team.
    permitted = _permitted_transitions(Subject.REQUEST, to, context)
    transition = _select_transition(permitted, locked_request.state, to, context)
    previous_state = locked_request.state
    result = EFFECTS[transition.effect](context)
    locked_request.state = RequestState(to)
    locked_request.updated_at = now
    locked_request.save(update_fields=["state", "updated_at"])
    record(
        by=by,
        subject_type="request",
        subject_id=locked_request.pk,
        action="moved",
        from_state=previous_state,
        to_state=to,
        message=context.comment,
        evidence=result.as_history(),
        at=now,
    )
    if transition.follows_deliveries:
        recompute_state(locked_request, by=by, at=now)
    _recompute_affected(result, at=now)
    _project_event_statuses(locked_request, by=by, at=now)
    return locked_request


@transaction.atomic
def move_delivery(
    delivery: Delivery,
    to: DeliveryState | str,
    *,
    by: User,
    comment: str = "",
    app_version: str = "",
    ids: Sequence[int] | None = None,
    sample: int | None = None,
    at: datetime | None = None,
) -> Delivery:
    """Move one delivery, derive its request's state from all its deliveries, and return the delivery.

    `app_version` is the one that carries the change, for sources that have one. `ids` are the keyed hashes whose
    events QA chose; None counts all. `sample` is the id of the stored event that shows why it is sent back; None
    takes the newest that failed. Raises what `move_request` raises.
    """
    request = _lock_request(Delivery.objects.values_list("change__request", flat=True).get(pk=delivery.pk))
    now = at or timezone.now()
    locked_deliveries = {each.pk: each for each in _lock_deliveries(request)}
    locked_delivery = locked_deliveries[delivery.pk]
    context = StepContext(
        request,
        by,
        now,
        delivery=locked_delivery,
        comment=comment.strip(),
        app_version=app_version,
        ids=ids,
        sample=sample,
    )
    transition = _select_transition(
        _permitted_transitions(Subject.DELIVERY, to, context), locked_delivery.state, to, context
    )
    previous_state = locked_delivery.state
    result = EFFECTS[transition.effect](context)
    locked_delivery.state, locked_delivery.updated_at = to, now
    locked_delivery.save()
    record(
        by=by,
        subject_type="delivery",
        subject_id=locked_delivery.pk,
        parent_type="request",
        parent_id=request.pk,
        action="moved",
        from_state=previous_state,
        to_state=to,
        message=context.comment,
        evidence={"source": locked_delivery.source.slug, "event": locked_delivery.change.name} | result.as_history(),
        at=now,
    )
    if transition.follows_deliveries:
        recompute_state(request, by=by, at=now)
    _record_superseded(result.superseded or (), at=now, superseding=locked_delivery)
    _recompute_affected(result, at=now)
    _project_event_statuses(request, by=by, at=now)
    return locked_delivery


def _permitted_transitions(subject: Subject, to: str, context: StepContext) -> list[Transition]:
    """Return the rows that lead to a state and that the person may take.

    Raises Forbidden where there is none, before the answer reveals anything of the state, and UnmetConditionsError
    where no step leads there, for whom some step is open at all.
    """
    rows = steps_to(subject, to)
    if not rows:
        require_some_step(context.delivery or context.request, by=context.by)
        raise UnmetConditionsError([UnmetCondition("state", f"No step of a {subject} leads to {to!r}.")])
    decisions = [(row, may_take_step(row, context)) for row in rows]
    permitted = [row for row, decision in decisions if decision]
    if not permitted:
        raise Forbidden(most_informative([decision for _, decision in decisions]))
    return permitted


def _select_transition(permitted: list[Transition], state: str, to: str, context: StepContext) -> Transition:
    """Return the row that is taken. Raises UnmetConditionsError with what is missing for the last that could be."""
    from_state = [transition for transition in permitted if state in transition.from_states]
    if not from_state:
        raise UnmetConditionsError([_already_moved(state, to, context)])
    lane = context.request.lane if context.delivery is None else context.delivery.change.lane
    in_lane = [transition for transition in from_state if lane in transition.lanes]
    if not in_lane:
        raise UnmetConditionsError([UnmetCondition("lane", f"In the lane “{Lane(lane).label}” no such step is taken.")])
    conditions: list[UnmetCondition] = []
    for transition in in_lane:
        conditions = input_errors(transition, context) + unmet_conditions(transition.guards, context)
        if not conditions:
            return transition
    raise UnmetConditionsError(conditions)


def _already_moved(state: str, to: str, context: StepContext) -> UnmetCondition:
    """Return the condition that names who moved it to its present state."""
    subject, subject_row = (
        (Subject.REQUEST, context.request) if context.delivery is None else (Subject.DELIVERY, context.delivery)
    )
    last_entry = HistoryEntry.objects.for_subject(subject, subject_row.pk).filter(to_state=state).last()
    return UnmetCondition("state", already_moved_message(subject_row, to, last_entry, by=context.by, at=context.at))


def _lock_request(request_id: int) -> Request:
    """Lock the request's row: every step of it and of its deliveries waits here."""
    rows = Request.objects.select_for_update(of=("self",), no_key=True).select_related("author", "owner", "team")
    return rows.get(pk=request_id)


def _lock_superseded_requests(request: Request) -> None:
    """Lock the requests that this one superseded, before any row of the catalog, as every other step does."""
    rows = Delivery.objects.filter(superseded_by__change__request=request, state=DeliveryState.SUPERSEDED)
    older = Request.objects.filter(pk__in=rows.values("change__request"))
    list(older.select_for_update(of=("self",), no_key=True).order_by("pk"))


def _lock_events(request: Request) -> None:
    """Lock the events of a request in the order of their ids, so that two requests of them do not deadlock."""
    list(Event.objects.select_for_update(no_key=True).filter(pk__in=request.changes.values("event")).order_by("pk"))


def _lock_deliveries(request: Request) -> list[Delivery]:
    """Lock all deliveries of a request in the order of their ids; the check can still write their evidence."""
    rows = Delivery.objects.select_for_update(of=("self",), no_key=True).filter(change__request=request)
    return list(
        rows.select_related(
            "source__owner_team",
            "change__event",
            "change__version__parent",
            "change__version__event",
            "change__request",
        ).order_by("id")
    )


def _rebase_words_changes(request: Request) -> None:
    """Rebase the changes of a words-only request onto the newest version, and limit them to that version's sources.

    Where both changed the same words, a person must decide: raises UnmetConditionsError.
    """
    before = request_content_hash(request)
    for change in request.changes.select_related("event__newest_version", "base"):
        rebase_onto_newest(change, limit_sources=True)
    carry_approvals(request, from_hash=before)


def _record_superseded(delivery_ids: Sequence[int], *, at: datetime, superseding: Delivery) -> None:
    """Write into the history of deliveries that a newer version replaced them, and recompute their requests."""
    if not delivery_ids:
        return
    system = User.objects.system()
    number = superseding.change.version.number if superseding.change.version else ""
    rows = list(Delivery.objects.filter(pk__in=delivery_ids).select_related("change").order_by("id"))
    for row in rows:
        record(
            by=system,
            subject_type="delivery",
            subject_id=row.pk,
            parent_type="request",
            parent_id=row.change.request_id,
            action="moved",
            to_state=DeliveryState.SUPERSEDED,
            message=f"{superseding.change.name} {number} builds on it.",
            evidence={"by_delivery": superseding.pk},
            at=at,
        )
    _recompute_requests({row.change.request_id for row in rows}, at=at)


def _recompute_affected(result: StepResult, *, at: datetime) -> None:
    """Recompute the requests of other deliveries that the step touched, and those whose words it withdrew."""
    _record_reopened(result.reopened, at=at)
    deliveries = Delivery.objects.filter(pk__in=[*result.replaced, *result.waiting])
    _recompute_requests(deliveries.values_list("change__request", flat=True), at=at)
    _recompute_requests(result.words, at=at)


def _record_reopened(delivery_ids: Sequence[int], *, at: datetime) -> None:
    """Write into the history of deliveries that they go on, and recompute their requests."""
    if not delivery_ids:
        return
    system = User.objects.system()
    rows = list(Delivery.objects.filter(pk__in=delivery_ids).select_related("change").order_by("id"))
    for row in rows:
        record(
            by=system,
            subject_type="delivery",
            subject_id=row.pk,
            parent_type="request",
            parent_id=row.change.request_id,
            action="moved",
            from_state=DeliveryState.SUPERSEDED,
            to_state=row.state,
            message="The newer version that replaced it was taken back.",
            at=at,
        )
    _recompute_requests({row.change.request_id for row in rows}, at=at)


def _recompute_requests(request_ids: Iterable[int], *, at: datetime) -> None:
    for request_id in sorted(set(request_ids)):
        recompute_state(_lock_request(request_id), by=User.objects.system(), at=at)


def _project_event_statuses(request: Request, *, by: User, at: datetime) -> None:
    """Update the status of each event of the request in the catalog."""
    for event in Event.objects.filter(changes__request=request).distinct().order_by("pk"):
        project_event_status(event, by=by, at=at)
