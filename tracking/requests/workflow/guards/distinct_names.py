"""The guard on names: no event and no other open request has one that people read as the same, or somebody says why."""

from collections.abc import Iterable, Sequence

from django.db.models import Q

from accounts.preconditions import UnmetCondition
from catalog.contract import name_hash
from catalog.look_alikes import FoldedName, event_names_like, folded_key
from catalog.models import EventName
from catalog.services.events import NAME_SHOWN, similar_name_message
from tracking.requests.choices import OPEN_REQUEST_STATES, RequestState
from tracking.requests.drafted_names import drafted_call, drafted_name_key
from tracking.requests.models import Change, Request
from tracking.requests.workflow.steps.step_context import StepContext

CODE = "similar_name"


def names_distinct(context: StepContext) -> list[UnmetCondition]:
    """Each name that a change gives reads like no event's and no other request's, unless the change says why.

    Requests are asked when the draft is submitted; from then on those that come later must say why. The caller has
    taken `lock_event_names`, so of two that are submitted at once the second sees the first.
    """
    unexplained = [change for change in context.changes if change.gives_name and not change.name_reason]
    messages = name_clashes(unexplained, context.request)
    unmet = [UnmetCondition(CODE, message) for message in messages if message]
    given: dict[FoldedName, Change] = {}
    for change, message in zip(unexplained, messages, strict=True):
        first = given.setdefault(folded_change_name(change), change)
        if not message and first is not change and not _is_repeated(first, change):
            detail = (
                f"{_shown(change)} reads like {_shown(first)}, which this request creates too. Remove one, or say why."
            )
            unmet.append(UnmetCondition(CODE, detail))
    return unmet


def name_clashes(changes: Sequence[Change], request: Request | None) -> list[str]:
    """Return for each change, which may be unsaved, whose name its own reads like, in a sentence; "" for no one's.

    `request` is that of the changes, None before it is saved. Two queries.
    """
    keys = [folded_change_name(change) for change in changes]
    events = event_names_like(keys)
    is_draft = request is None or request.state == RequestState.DRAFT
    requests = _drafted_before(request, keys) if keys and is_draft else {}
    messages = []
    for change, key in zip(changes, keys, strict=True):
        owner = _other_event(change, events.get(key, ()))
        if owner is not None:
            messages.append(similar_name_message(change.name, owner.event))
        else:
            messages.append(_request_message(change, requests[key]) if key in requests else "")
    return messages


def folded_change_name(change: Change) -> FoldedName:
    """Return by what the name that a change gives is compared."""
    return folded_key(drafted_call(change.definition), change.name)


def _is_repeated(one: Change, other: Change) -> bool:
    """Whether two changes of a request name one event, which `definitions_valid` refuses whatever the reason."""
    call = drafted_call(one.definition)
    return drafted_name_key(call, one.name) == drafted_name_key(call, other.name)


def _other_event(change: Change, names: Iterable[EventName]) -> EventName | None:
    """Return the name of another event that reads like the change's; what is spelled the same is `name_taken`."""
    others = [row for row in names if row.event_id != change.event_id]
    is_taken = any(bytes(row.name_hash) == name_hash(change.name) for row in others)
    return others[0] if others and not is_taken else None


def _drafted_before(request: Request | None, keys: Iterable[FoldedName]) -> dict[FoldedName, Change]:
    """Return of each name the oldest other open request that gives it: one that is submitted, or was begun before.

    A change that says why it gives the name has settled that for both. One query.
    """
    wanted = set(keys)
    rows = Change.objects.filter(folded_name__in={name for _, name in wanted}, name_reason="", version=None)
    if request is not None:
        is_first = ~Q(request__state=RequestState.DRAFT) | Q(request__lt=request.pk)
        rows = rows.filter(is_first).exclude(request=request)
    rows = (
        rows.filter(request__state__in=OPEN_REQUEST_STATES)
        .select_related("request", "event")
        .order_by("-request", "-pk")
    )
    return {(drafted_call(row.definition), row.folded_name): row for row in rows}


def _request_message(change: Change, other: Change) -> str:
    asks = "asks for this name too" if other.name == change.name else f"asks for {_shown(other)}, which reads the same"
    title = f"request {other.request_id} ({other.request})"
    return f"{_shown(change)}: {title} {asks}. Put both into one, or say why both are needed."


def _shown(change: Change) -> str:
    return repr(change.name[:NAME_SHOWN])
