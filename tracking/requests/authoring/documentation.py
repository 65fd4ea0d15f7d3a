"""A definition handed over whole: drafted, submitted and, where policy allows, approved in one go."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.preconditions import Unmet, UnmetConditions
from catalog.contract import problems
from catalog.contract.definition.definition_problems import InvalidDefinition
from catalog.models import Event, Source
from tracking.requests.authoring.draft_editing import RequestFields, add_change, create_request
from tracking.requests.choices import Action, Origin, State
from tracking.requests.models import Request
from tracking.requests.workflow.available_steps import allowed
from tracking.requests.workflow.transition_service import move_request


@dataclass(frozen=True, slots=True)
class Documented:
    """The request that came of it, as far as it got, and what keeps it from the next step."""

    request: Request
    unmet: tuple[Unmet, ...]


@transaction.atomic
def request_documenting(
    document: dict[str, Any],
    *,
    sources: Iterable[Source],
    by: User,
    at: datetime | None = None,
    fields: RequestFields | None = None,
) -> Documented:
    """Ask for an event (or, where it is defined, for a change of it) by its definition document alone.

    The lane is computed like any other's: documenting where production of the sources already shows it. The request
    is submitted where it says all that its lane needs, and approved where `by` may approve their own request.
    Raises InvalidDefinition with every problem of the document, and Forbidden where `by` may not create requests.
    """
    found = problems(document)
    if found:
        raise InvalidDefinition(found)
    event = Event.objects.named(document.get("call", "track"), document["name"]).first()
    values: RequestFields = {"title": f"Document {document['name']}"[:200], "message": "Handed over by the API."}
    request = create_request(by=by, at=at, origin=Origin.API, **(values | (fields or {})))
    add_change(
        request,
        action=Action.CREATE if event is None else Action.UPDATE,
        event=event,
        by=by,
        at=at,
        definition=document,
        sources=list(sources),
    )
    return _as_far_as_it_goes(request, by=by, at=at)


def _as_far_as_it_goes(request: Request, *, by: User, at: datetime | None) -> Documented:
    for to in (State.REQUESTED, State.REVIEWED):
        request = Request.objects.get(pk=request.pk)
        step = next((step for step in allowed(request, by) if step.to == to), None)
        if step is None or not step.is_allowed:
            return Documented(request, step.unmet if step else ())
        try:
            request = move_request(request, to, by=by, at=at)
        except UnmetConditions as error:
            return Documented(Request.objects.get(pk=request.pk), tuple(error.unmet))
    return Documented(request, ())
