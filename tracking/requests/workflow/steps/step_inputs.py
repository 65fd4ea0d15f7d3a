"""The inputs of a step: which fields its form has, which of them are required, and their validation."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from accounts.preconditions import UnmetCondition
from catalog.contract import LintSeverity
from tracking.requests.evidence.delivery_app_version import app_version_sort_key, has_app_versions
from tracking.requests.evidence.draft_lint import issues_of, lint_issues, lint_request_dates
from tracking.requests.evidence.replay import StaleReplay, is_breaking, read_replay_token
from tracking.requests.evidence.snapshots import stored_samples
from tracking.requests.models.delivery import APP_VERSION_MAX_LENGTH
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.steps.transitions import InputKind, Transition

MAX_WARNINGS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class StepInput:
    """A field of a step's form; `field` is the keyword of `move_request` and `move_delivery` that takes it.

    `details` are sentences that are read before it is filled in.
    """

    field: str
    label: str
    is_required: bool
    details: tuple[str, ...] = ()


def fields_for(transition: Transition, context: StepContext) -> tuple[StepInput, ...]:
    """Return the fields that a step shows for this request or delivery."""
    fields = (FIELD_BUILDERS[kind](context) for kind in transition.inputs)
    return tuple(field for field in fields if field is not None)


def input_errors(transition: Transition, context: StepContext) -> list[UnmetCondition]:
    """Return the inputs that are missing or invalid; the codes are the names of the fields, or `edited`."""
    invalid = [unmet for kind in transition.inputs if kind in VALIDATORS for unmet in VALIDATORS[kind](context)]
    return _edited_since_read(context) + invalid


def _edited_since_read(context: StepContext) -> list[UnmetCondition]:
    """Nobody approves, publishes or ends what they did not read: it may have been taken back, edited and sent again."""
    if context.revision in (None, context.request.revision):
        return []
    return [UnmetCondition("edited", "It was edited since you read it. Read what it says now, then decide.")]


def _comment_field(_context: StepContext) -> StepInput:
    return StepInput("comment", "Comment", is_required=False)


def _accepted_warnings_field(context: StepContext) -> StepInput:
    warnings = _lint_warnings(context)
    if not warnings:
        return _comment_field(context)
    label = "Why the lint's warnings are accepted"
    return StepInput("comment", label, is_required=True, details=tuple(warnings[:MAX_WARNINGS_SHOWN]))


def _lint_warnings(context: StepContext) -> list[str]:
    """Return what whoever approves has to accept: a sentence for each, with the change that it is about."""
    sentences = [
        f"{change.name}: {issue.sentence}"
        for change in context.changes
        if change.is_defining
        for issue in issues_of(lint_issues(change, is_preview=context.is_preview), LintSeverity.WARNING)
    ]
    dates = lint_request_dates(context.request, context.changes, today=timezone.localdate(context.at))
    return sentences + [issue.detail for issue in issues_of(dates, LintSeverity.WARNING)]


def _reason_field(_context: StepContext) -> StepInput:
    return StepInput("comment", "Reason", is_required=True)


def _app_version_field(context: StepContext) -> StepInput | None:
    if not has_app_versions(context.target_delivery.source):
        return None
    return StepInput("app_version", "App version that carries it", is_required=True)


def _ids_field(_context: StepContext) -> StepInput:
    return StepInput("ids", "Whose events count (everybody's, where nobody is chosen)", is_required=False)


def _replay_field(context: StepContext) -> StepInput | None:
    # A step looks at each change anew; a page only at what was stored when the draft was last edited.
    if not any(change.is_breaking if context.is_preview else is_breaking(change) for change in context.changes):
        return None
    return StepInput("replay", "The replay that you saw", is_required=True)


def _sample_field(_context: StepContext) -> StepInput:
    return StepInput(
        "sample", "The event that shows it (the newest that failed, where none is chosen)", is_required=False
    )


FIELD_BUILDERS: dict[InputKind, Callable[[StepContext], StepInput | None]] = {
    InputKind.COMMENT: _comment_field,
    InputKind.ACCEPTED_WARNINGS: _accepted_warnings_field,
    InputKind.REASON: _reason_field,
    InputKind.APP_VERSION: _app_version_field,
    InputKind.IDS: _ids_field,
    InputKind.SAMPLE: _sample_field,
    InputKind.REPLAY: _replay_field,
}


def _validate_reason(context: StepContext) -> list[UnmetCondition]:
    return (
        [] if context.comment.strip() else [UnmetCondition("comment", "Say why, so that others understand the step.")]
    )


def _validate_accepted_warnings(context: StepContext) -> list[UnmetCondition]:
    if context.comment.strip() or not (warnings := _lint_warnings(context)):
        return []
    more = f" And {len(warnings) - 1} more." if len(warnings) > 1 else ""
    detail = f"The lint warns. {warnings[0]}{more} Say in the comment why that is accepted."
    return [UnmetCondition("comment", detail)]


def _validate_app_version(context: StepContext) -> list[UnmetCondition]:
    source = context.target_delivery.source
    if not has_app_versions(source):
        return []
    app_version = context.app_version.strip()
    if not app_version:
        return [UnmetCondition("app_version", f"Name the app version of {source} that carries it.")]
    if len(app_version) > APP_VERSION_MAX_LENGTH or app_version_sort_key(source, app_version) is None:
        order = source.get_version_order_display().lower()
        return [
            UnmetCondition(
                "app_version", f"{app_version[:APP_VERSION_MAX_LENGTH]!r} is no {order}, which is how {source} counts."
            )
        ]
    return []


def _validate_replay(context: StepContext) -> list[UnmetCondition]:
    if _replay_field(context) is None:
        return []
    if not context.replay:
        return [UnmetCondition("replay", "The change is breaking or not proven compatible. Look at its replay first.")]
    try:
        read_replay_token(context.request, context.replay, by=context.by)
    except StaleReplay as error:
        return [UnmetCondition("replay", f"{error} Look at the replay again.")]
    return []


def _validate_sample(context: StepContext) -> list[UnmetCondition]:
    if context.sample is None or stored_samples(context.target_delivery).filter(pk=context.sample).exists():
        return []
    return [
        UnmetCondition(
            "sample",
            f"No event {context.sample} of this delivery is kept that came outside production since it was developed. "
            "Choose another.",
        )
    ]


VALIDATORS: dict[InputKind, Callable[[StepContext], list[UnmetCondition]]] = {
    InputKind.REASON: _validate_reason,
    InputKind.ACCEPTED_WARNINGS: _validate_accepted_warnings,
    InputKind.APP_VERSION: _validate_app_version,
    InputKind.SAMPLE: _validate_sample,
    InputKind.REPLAY: _validate_replay,
}
