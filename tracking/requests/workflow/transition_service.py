"""The steps of requests and deliveries: who may take them, what they need, and that two people never both do."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import HistoryEntry, User
from accounts.permissions import Decision, Forbidden
from accounts.preconditions import Unmet, UnmetConditions
from catalog.models import Event
from tracking.requests.choices import DeliveryState, Lane, State
from tracking.requests.models import Delivery, Request
from tracking.requests.workflow.effects import EFFECTS
from tracking.requests.workflow.effects.withdrawal import hold_words
from tracking.requests.workflow.guards import unmet
from tracking.requests.workflow.lanes import lay_lanes
from tracking.requests.workflow.rebasing import rebase
from tracking.requests.workflow.state.derived_state import settle
from tracking.requests.workflow.state.event_status import project_event
from tracking.requests.workflow.steps.step_conflicts import moved_on
from tracking.requests.workflow.steps.step_context import Context
from tracking.requests.workflow.steps.step_inputs import missing
from tracking.requests.workflow.steps.step_permissions import may_take
from tracking.requests.workflow.steps.transitions import Subject, Transition, steps_to

AHEAD = (State.REQUESTED, State.REVIEWED, State.LIVE)
"""Where a request's words are needed on the newest version."""


@transaction.atomic
def move_request(
    request: Request, to: State | str, *, by: User, comment: str = "", replay: str = "", at: datetime | None = None
) -> Request:
    """Move a request, with everything that follows from it, and return it as it then stands.

    `replay` is the token of the replay that the person saw (`tracking.requests.evidence.replay.replay_of`), which
    approving a breaking change needs. `at` is for histories that are told afterwards.

    Raises Forbidden where `by` may never take this step, and UnmetConditions with every condition that does not
    hold: `state` where somebody else moved it first. Then nothing is written.
    """
    locked = _locked(request.pk)
    moment = at or timezone.now()
    permitted = _permitted(Subject.REQUEST, to, Context(locked, by, moment))
    if locked.state == State.DRAFT:
        lay_lanes(locked, at=moment)
    if to in AHEAD and locked.state in (State.DRAFT, State.REQUESTED) and locked.lane == Lane.WORDS:
        _rebase_words(locked)
    context = Context(locked, by, moment, comment=comment.strip(), replay=replay)
    _hold_superseded(locked)
    if to not in AHEAD:
        hold_words(context)
    _hold_events(locked)
    row = _chosen(permitted, locked.state, to, context)
    before = locked.state
    evidence = EFFECTS[row.effect](context)
    # What is published at once has passed review on the way; from there its deliveries say where it stands.
    locked.state = State.REVIEWED if row.effect in ("approve", "publish") else to
    locked.updated_at = moment
    locked.save(update_fields=["state", "updated_at"])
    record(
        by=by,
        subject_type="request",
        subject_id=locked.pk,
        action="moved",
        from_state=before,
        to_state=to,
        message=context.comment,
        evidence=evidence,
        at=moment,
    )
    if row.effect == "publish":
        locked.state = State(to)
        locked.save(update_fields=["state"])
    elif row.effect == "approve":
        settle(locked, by=by, at=moment)
    _settle_reopened(evidence.get("reopened"), at=moment)
    _settle_others(evidence, at=moment)
    _project(locked, by=by, at=moment)
    return locked


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
    """Move one delivery, let its request stand where its least advanced delivery does, and return the delivery.

    `app_version` is the one that carries the change, for sources that have one. `ids` are the keyed hashes whose
    events QA chose; None counts all. `sample` is the id of the stored event that shows why it is sent back; None
    takes the newest that failed. Raises what `move_request` raises.
    """
    request = _locked(Delivery.objects.values_list("change__request", flat=True).get(pk=delivery.pk))
    moment = at or timezone.now()
    held = {row.pk: row for row in _locked_deliveries(request)}
    locked = held[delivery.pk]
    context = Context(
        request,
        by,
        moment,
        delivery=locked,
        comment=comment.strip(),
        app_version=app_version,
        ids=ids,
        sample=sample,
    )
    row = _chosen(_permitted(Subject.DELIVERY, to, context), locked.state, to, context)
    before = locked.state
    evidence = EFFECTS[row.effect](context)
    locked.state, locked.updated_at = to, moment
    locked.save()
    record(
        by=by,
        subject_type="delivery",
        subject_id=locked.pk,
        parent_type="request",
        parent_id=request.pk,
        action="moved",
        from_state=before,
        to_state=to,
        message=context.comment,
        evidence={"source": locked.source.slug, "event": locked.change.name} | evidence,
        at=moment,
    )
    settle(request, by=by, at=moment)
    _settle_superseded(evidence.get("superseded"), at=moment, by=locked)
    _settle_reopened(evidence.get("reopened"), at=moment)
    _settle_others(evidence, at=moment)
    _project(request, by=by, at=moment)
    return locked


def _permitted(subject: Subject, to: str, context: Context) -> list[Transition]:
    """Return the rows that lead there and that the person may take.

    Raises Forbidden where there is none, before anything of the state is told, and UnmetConditions where nothing leads
    there.
    """
    rows = steps_to(subject, to)
    if not rows:
        raise UnmetConditions([Unmet("state", f"No step of a {subject} leads to {to!r}.")])
    decisions = [(row, may_take(row, context)) for row in rows]
    permitted = [row for row, decision in decisions if decision]
    if not permitted:
        raise Forbidden(_plainest([decision for _, decision in decisions]))
    return permitted


def _chosen(permitted: list[Transition], state: str, to: str, context: Context) -> Transition:
    """Return the row that is taken. Raises UnmetConditions with what stands in the way of the last that could be."""
    here = [row for row in permitted if state in row.states]
    if not here:
        raise UnmetConditions([_moved_on(state, to, context)])
    lane = context.request.lane if context.delivery is None else context.delivery.change.lane
    fitting = [row for row in here if lane in row.lanes]
    if not fitting:
        raise UnmetConditions([Unmet("lane", f"In the lane “{Lane(lane).label}” no such step is taken.")])
    conditions: list[Unmet] = []
    for row in fitting:
        conditions = missing(row, context) + unmet(row.guards, context)
        if not conditions:
            return row
    raise UnmetConditions(conditions)


def _plainest(decisions: list[Decision]) -> Decision:
    """The no that names roles, where one does: it tells most about who could."""
    return next((decision for decision in decisions if decision.missing_roles), decisions[0])


def _moved_on(state: str, to: str, context: Context) -> Unmet:
    """Say who moved it to where it stands, so that the one who came second knows."""
    subject, moved = (
        (Subject.REQUEST, context.request) if context.delivery is None else (Subject.DELIVERY, context.delivery)
    )
    last = HistoryEntry.objects.of(subject, moved.pk).filter(to_state=state).last()
    return Unmet("state", moved_on(moved, to, last, by=context.by, at=context.at))


def _locked(request_id: int) -> Request:
    """Hold the request's row: every step of it and of its deliveries waits here."""
    rows = Request.objects.select_for_update(of=("self",), no_key=True).select_related("author", "owner", "team")
    return rows.get(pk=request_id)


def _hold_superseded(request: Request) -> None:
    """Hold the requests of what this one superseded before anything of the catalog, as every other step does."""
    rows = Delivery.objects.filter(superseded_by__change__request=request, state=DeliveryState.SUPERSEDED)
    older = Request.objects.filter(pk__in=rows.values("change__request"))
    list(older.select_for_update(of=("self",), no_key=True).order_by("pk"))


def _hold_events(request: Request) -> None:
    """Hold the events of a request in the order of their ids, so that two requests of the same events take turns."""
    list(Event.objects.select_for_update(no_key=True).filter(pk__in=request.changes.values("event")).order_by("pk"))


def _locked_deliveries(request: Request) -> list[Delivery]:
    """Hold all deliveries of a request, in the order of their ids; the check may go on writing their evidence."""
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


def _rebase_words(request: Request) -> None:
    """Words are carried onto the version that stands, and to no source that it is not for, by themselves.

    Where both changed the same words, a person decides.
    """
    for change in request.changes.select_related("event__newest_version", "base"):
        if rebase(change):
            change.sources.set(change.sources.filter(versions__version=change.base))


def _settle_superseded(delivery_ids: object, *, at: datetime, by: Delivery) -> None:
    """Tell the history of deliveries that a newer version replaced, and let their requests stand anew."""
    if not isinstance(delivery_ids, list) or not delivery_ids:
        return
    system = User.objects.system()
    rows = Delivery.objects.filter(pk__in=delivery_ids).select_related("change")
    for row in rows.order_by("id"):
        record(
            by=system,
            subject_type="delivery",
            subject_id=row.pk,
            parent_type="request",
            parent_id=row.change.request_id,
            action="moved",
            to_state=DeliveryState.SUPERSEDED,
            message=f"{by.change.name} {by.change.version.number if by.change.version else ''} builds on it.",
            evidence={"by_delivery": by.pk},
            at=at,
        )
    _settle_each({row.change.request_id for row in rows}, at=at)


def _settle_reopened(delivery_ids: object, *, at: datetime) -> None:
    """Tell the history of deliveries that go on since what replaced them was taken back, and let requests follow."""
    if not isinstance(delivery_ids, list) or not delivery_ids:
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
    _settle_each({row.change.request_id for row in rows}, at=at)


def _settle_others(evidence: dict[str, object], *, at: datetime) -> None:
    """Let requests follow whose deliveries were replaced for good or no longer are, or whose words were taken back."""
    deliveries = [*_ids(evidence.get("replaced")), *_ids(evidence.get("waiting"))]
    _settle_each(Delivery.objects.filter(pk__in=deliveries).values_list("change__request", flat=True), at=at)
    _settle_each(_ids(evidence.get("words")), at=at)


def _settle_each(request_ids: Iterable[int], *, at: datetime) -> None:
    for request_id in sorted(set(request_ids)):
        settle(_locked(request_id), by=User.objects.system(), at=at)


def _ids(told: object) -> list[int]:
    return told if isinstance(told, list) else []


def _project(request: Request, *, by: User, at: datetime) -> None:
    """Say in the catalog where each event of the request now stands."""
    for event in Event.objects.filter(changes__request=request).distinct().order_by("pk"):
        project_event(event, by=by, at=at)
