"""What a step asks of the person who takes it: which fields, which of them must be filled, whether they are."""

from collections.abc import Callable
from dataclasses import dataclass

from accounts.preconditions import Unmet
from tracking.requests.evidence.delivery_app_version import has_app_versions, key_of
from tracking.requests.evidence.replay import StaleReplay, is_breaking, seen_replay
from tracking.requests.evidence.snapshots import kept_samples
from tracking.requests.workflow.steps.step_context import Context
from tracking.requests.workflow.steps.transitions import Ask, Transition

APP_VERSION_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """A field of a step's form; `field` is the keyword of `move_request` and `move_delivery` that takes it."""

    field: str
    label: str
    is_required: bool


def asked(row: Transition, context: Context) -> tuple[Asked, ...]:
    """Return the fields that a step shows for this request or delivery."""
    fields = (FIELDS[ask](context) for ask in row.asks)
    return tuple(field for field in fields if field is not None)


def missing(row: Transition, context: Context) -> list[Unmet]:
    """Return what the person did not bring, or not rightly; the codes are the names of the fields."""
    return [unmet for ask in row.asks if ask in CHECKS for unmet in CHECKS[ask](context)]


def _comment(_context: Context) -> Asked:
    return Asked("comment", "Comment", is_required=False)


def _reason(_context: Context) -> Asked:
    return Asked("comment", "Reason", is_required=True)


def _app_version(context: Context) -> Asked | None:
    if not has_app_versions(context.moved.source):
        return None
    return Asked("app_version", "App version that carries it", is_required=True)


def _ids(_context: Context) -> Asked:
    return Asked("ids", "Whose events count (everybody's, where nobody is chosen)", is_required=False)


def _replay(context: Context) -> Asked | None:
    if not any(is_breaking(change) for change in context.changes):
        return None
    return Asked("replay", "The replay that you saw", is_required=True)


def _sample(_context: Context) -> Asked:
    return Asked("sample", "The event that shows it (the newest that failed, where none is chosen)", is_required=False)


FIELDS: dict[Ask, Callable[[Context], Asked | None]] = {
    Ask.COMMENT: _comment,
    Ask.REASON: _reason,
    Ask.APP_VERSION: _app_version,
    Ask.IDS: _ids,
    Ask.SAMPLE: _sample,
    Ask.REPLAY: _replay,
}


def _reason_given(context: Context) -> list[Unmet]:
    return [] if context.comment.strip() else [Unmet("comment", "Say why, so that others understand the step.")]


def _app_version_given(context: Context) -> list[Unmet]:
    source = context.moved.source
    if not has_app_versions(source):
        return []
    given = context.app_version.strip()
    if not given:
        return [Unmet("app_version", f"Name the app version of {source} that carries it.")]
    if len(given) > APP_VERSION_LENGTH or key_of(source, given) is None:
        order = source.get_version_order_display().lower()
        return [Unmet("app_version", f"{given[:APP_VERSION_LENGTH]!r} is no {order}, which is how {source} counts.")]
    return []


def _replay_seen(context: Context) -> list[Unmet]:
    if _replay(context) is None:
        return []
    if not context.replay:
        return [Unmet("replay", "The change is breaking or not proven compatible. Look at its replay first.")]
    try:
        seen_replay(context.request, context.replay)
    except StaleReplay as error:
        return [Unmet("replay", f"{error} Look at the replay again.")]
    return []


def _sample_kept(context: Context) -> list[Unmet]:
    if context.sample is None or kept_samples(context.moved).filter(pk=context.sample).exists():
        return []
    return [
        Unmet(
            "sample",
            f"No event {context.sample} of this delivery is kept that came outside production since it was developed. "
            "Choose another.",
        )
    ]


CHECKS: dict[Ask, Callable[[Context], list[Unmet]]] = {
    Ask.REASON: _reason_given,
    Ask.APP_VERSION: _app_version_given,
    Ask.SAMPLE: _sample_kept,
    Ask.REPLAY: _replay_seen,
}
