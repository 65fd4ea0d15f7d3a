"""The guard on what a request must say, by its lane."""

from collections.abc import Iterator

from accounts.preconditions import Unmet
from tracking.requests.choices import Action, Lane, Origin
from tracking.requests.evidence.observed_traffic import flowing
from tracking.requests.workflow.steps.step_context import Context


def fields(context: Context) -> list[Unmet]:
    """What the lane of the request asks for is filled in; the codes are the names of the fields."""
    return list(BY_LANE[Lane(context.request.lane)](context))


def _words(context: Context) -> Iterator[Unmet]:
    if not context.request.message.strip():
        yield Unmet("message", "Say in a sentence what the words say now that they did not say before.")


def _described(context: Context) -> Iterator[Unmet]:
    """A new event says what happens. What another tool's dictionary left unsaid is no reason to refuse its import."""
    if context.request.origin == Origin.IMPORT:
        return
    for change in context.changes:
        if change.action == Action.CREATE and not str(change.definition.get("description") or "").strip():
            yield Unmet("description", f"Say in one sentence what happens when {change.name or 'the event'} is sent.")


def _documenting(context: Context) -> Iterator[Unmet]:
    yield from _described(context)
    if context.request.team_id is None:
        yield Unmet("team", "Choose the team that owns the events.")
    for change in context.changes:
        if change.lane == Lane.DOCUMENTING:
            yield from flowing(change, expected_per_day=context.request.expected_per_day, at=context.at)


def _retiring(context: Context) -> Iterator[Unmet]:
    if not context.request.reason.strip():
        yield Unmet("reason", "Say why the event is no longer needed.")
    for change in context.changes:
        if change.action not in (Action.DEPRECATE, Action.RETIRE):
            continue
        if change.event_id is None:
            yield Unmet("event", "Choose the event that ends.")
        if change.successor_id is None and not change.has_no_successor:
            yield Unmet("successor", f"Say what replaces {change.name}, or that nothing does.")
        if change.successor_id is not None and change.successor_id == change.event_id:
            yield Unmet("successor", f"{change.name} cannot replace itself.")
        if change.ends_on is None:
            yield Unmet("ends_on", f"Say when {change.name} ends.")


def _new(context: Context) -> Iterator[Unmet]:
    request = context.request
    yield from _described(context)
    if not request.question.strip():
        yield Unmet("question", "Say which question the data answers.")
    if not request.decision.strip() and not request.metric.strip():
        yield Unmet("decision", "Say which decision or metric depends on the answer.")
    if request.owner_id is None:
        yield Unmet("owner", "Choose who owns the request.")
    if not request.priority:
        yield Unmet("priority", "Choose how soon it is needed.")
    if not request.expected_per_day:
        yield Unmet("expected_per_day", "Estimate how many events a day will come.")
    if request.review_by is None:
        yield Unmet("review_by", "Set the day on which somebody asks whether it is still needed.")
    for change in context.changes:
        if change.lane == Lane.NEW and change.lacks_sources:
            yield Unmet("sources", f"Choose the sources that send {change.name or 'the event'}.")
    if any(change.lane == Lane.RETIRING for change in context.changes):
        yield from _retiring(context)


BY_LANE = {
    Lane.WORDS: _words,
    Lane.DOCUMENTING: _documenting,
    Lane.RETIRING: _retiring,
    Lane.NEW: _new,
}
