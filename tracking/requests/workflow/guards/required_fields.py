"""The guard on what a request must say, by its lane."""

from collections.abc import Iterator

from accounts.preconditions import UnmetCondition
from tracking.requests.choices import ChangeAction, Lane, RequestOrigin
from tracking.requests.evidence.observed_traffic import missing_observations
from tracking.requests.workflow.steps.step_context import StepContext

MAX_CHANGES_OBSERVED_IN_PREVIEW = 10


def required_fields(context: StepContext) -> list[UnmetCondition]:
    """What the lane of the request asks for is filled in; the codes are the names of the fields."""
    return list(REQUIREMENTS_BY_LANE[Lane(context.request.lane)](context))


def _words_lane(context: StepContext) -> Iterator[UnmetCondition]:
    if not context.request.message.strip():
        yield UnmetCondition("message", "Say in a sentence what the words say now that they did not say before.")


def _description(context: StepContext) -> Iterator[UnmetCondition]:
    """A new event says what happens. What another tool's dictionary left unsaid is no reason to refuse its import."""
    if context.request.origin == RequestOrigin.IMPORT:
        return
    for change in context.changes:
        if change.action == ChangeAction.CREATE and not str(change.definition.get("description") or "").strip():
            yield UnmetCondition(
                "description", f"Say in one sentence what happens when {change.name or 'the event'} is sent."
            )


def _documenting_lane(context: StepContext) -> Iterator[UnmetCondition]:
    yield from _description(context)
    if context.request.team_id is None:
        yield UnmetCondition("team", "Choose the team that owns the events.")
    documenting = [change for change in context.changes if change.lane == Lane.DOCUMENTING]
    # Each costs queries and a compiled definition; of an import's hundreds a page looks at the first, a step at all.
    for change in documenting[:MAX_CHANGES_OBSERVED_IN_PREVIEW] if context.is_preview else documenting:
        yield from missing_observations(change, expected_per_day=context.request.expected_per_day, at=context.at)


def _retiring_lane(context: StepContext) -> Iterator[UnmetCondition]:
    if not context.request.reason.strip():
        yield UnmetCondition("reason", "Say why the event is no longer needed.")
    for change in context.changes:
        if change.action not in (ChangeAction.DEPRECATE, ChangeAction.RETIRE):
            continue
        if change.event_id is None:
            yield UnmetCondition("event", "Choose the event that ends.")
        if change.successor_id is None and not change.has_no_successor:
            yield UnmetCondition("successor", f"Say what replaces {change.name}, or that nothing does.")
        if change.successor_id is not None and change.successor_id == change.event_id:
            yield UnmetCondition("successor", f"{change.name} cannot replace itself.")
        if change.ends_on is None:
            yield UnmetCondition("ends_on", f"Say when {change.name} ends.")


def _new_lane(context: StepContext) -> Iterator[UnmetCondition]:
    request = context.request
    yield from _description(context)
    if not request.question.strip():
        yield UnmetCondition("question", "Say which question the data answers.")
    if not request.decision.strip() and not request.metric.strip():
        yield UnmetCondition("decision", "Say which decision or metric depends on the answer.")
    if request.owner_id is None:
        yield UnmetCondition("owner", "Choose who owns the request.")
    if not request.priority:
        yield UnmetCondition("priority", "Choose how soon it is needed.")
    if not request.expected_per_day:
        yield UnmetCondition("expected_per_day", "Estimate how many events a day will come.")
    if request.review_by is None:
        yield UnmetCondition("review_by", "Set the day on which somebody asks whether it is still needed.")
    for change in context.changes:
        if change.lane == Lane.NEW and change.lacks_sources:
            yield UnmetCondition("sources", f"Choose the sources that send {change.name or 'the event'}.")
    if any(change.lane == Lane.RETIRING for change in context.changes):
        yield from _retiring_lane(context)


REQUIREMENTS_BY_LANE = {
    Lane.WORDS: _words_lane,
    Lane.DOCUMENTING: _documenting_lane,
    Lane.RETIRING: _retiring_lane,
    Lane.NEW: _new_lane,
}
