"""Withdrawing versions, together with the words-only versions built on them and with ancestors kept only for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from catalog.models import Version
from catalog.services.bindings import end_bindings, set_delivery_open
from catalog.services.versions import withdraw_version
from tracking.requests.choices import COUNTED_DELIVERY_STATES, ENDED_REQUEST_STATES, DeliveryState, Lane, RequestState
from tracking.requests.models import Change, Delivery, Request
from tracking.requests.workflow.lineage import metadata_descendants, substantive_ancestor, substantive_descendants
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.steps.step_result import StepResult


@dataclass(frozen=True, slots=True)
class WithdrawnVersion:
    """A withdrawn version, and the change that had created it."""

    version: Version
    change: Change


def lock_words_requests(context: StepContext) -> None:
    """Lock the published words-only requests of these events: a withdrawal may turn them back into drafts.

    They are the last requests that a step locks. They have no deliveries, so they never wait for another request.
    """
    events = [change.event_id for change in context.changes]
    words = Change.objects.filter(version__event__in=events, lane=Lane.WORDS)
    requests = Request.objects.filter(pk__in=words.values("request"), lane=Lane.WORDS, state=RequestState.LIVE)
    list(requests.select_for_update(no_key=True).order_by("pk"))


def withdraw_change(change: Change, *, at: datetime, message: str) -> list[WithdrawnVersion]:
    """Withdraw a change's version, the words-only versions built on it first; return what was withdrawn, in that order.

    Bindings end, numbers stay used, and each change is a draft again. A version of an ended request that was kept
    only because this one was built on it is withdrawn, too. The system writes all this, since an author may take back
    what an analyst approved; the step itself is recorded with the person. Raises UnmetConditionsError where a version
    that changes more than words is built on it.
    """
    version = change.version
    if version is None:
        return []
    withdrawn = [WithdrawnVersion(each, each.change) for each in metadata_descendants(version)] + [
        WithdrawnVersion(version, change)
    ]
    for each in withdrawn:
        _withdraw_one(each, at=at, message=message)
    ancestor_change = substantive_ancestor(version)
    if ancestor_change is not None and ancestor_change.request.state in ENDED_REQUEST_STATES:
        withdrawn += withdraw_if_unused(ancestor_change, at=at, message=message)
    return withdrawn


def withdraw_if_unused(
    change: Change, *, at: datetime, message: str, ignored_delivery: Delivery | None = None
) -> list[WithdrawnVersion]:
    """Withdraw a change's version where it has no deliveries and at most words-only versions build on it.

    Returns what was withdrawn. `ignored_delivery` is one that no longer counts once its step is done.
    """
    if (
        change.version is None
        or _is_delivered(change, ignored_delivery)
        or substantive_descendants([change.version.pk])
    ):
        return []
    return withdraw_change(change, at=at, message=message)


def withdrawal_result(withdrawn: list[WithdrawnVersion], *, reopened: Sequence[int]) -> StepResult:
    """Return the result of a step that withdrew these versions and reopened these deliveries.

    It also names the words-only requests whose versions were withdrawn.
    """
    words = {each.change.request_id for each in withdrawn if each.change.request.lane == Lane.WORDS}
    names = [f"{each.change.name} {each.version.number}" for each in withdrawn]
    return StepResult({"withdrawn": names} if names else {}, reopened=reopened, words=sorted(words))


def _is_delivered(change: Change, ignored_delivery: Delivery | None) -> bool:
    states = (*COUNTED_DELIVERY_STATES, DeliveryState.SUPERSEDED)
    return any(row.state in states for row in change.deliveries.all() if row != ignored_delivery)


def _withdraw_one(withdrawn: WithdrawnVersion, *, at: datetime, message: str) -> None:
    system, version, change = User.objects.system(), withdrawn.version, withdrawn.change
    for row in version.for_sources.select_related("source").order_by("source"):
        set_delivery_open(version, row.source, is_open=False, is_superseded=row.is_superseded)
        end_bindings(version.event, version, row.source, by=system, at=at)
    change.version = None
    change.save(update_fields=["version"])
    withdraw_version(version, by=system, message=message, at=at)
