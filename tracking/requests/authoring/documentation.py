"""Submitting a complete definition: drafted, submitted and, where policy allows, approved in one call."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from accounts.permissions import require_anywhere
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.contract import LintSeverity, Problem, find_problems, lint_definition
from catalog.contract.definition.definition_problems import InvalidDefinition
from catalog.models import Event, Source
from tracking.requests.authoring.draft_editing import RequestFields, add_change, create_request
from tracking.requests.choices import ChangeAction, RequestOrigin, RequestState
from tracking.requests.evidence.draft_lint import issues_of
from tracking.requests.models import Request
from tracking.requests.workflow.available_steps import available_steps
from tracking.requests.workflow.transition_service import move_request


@dataclass(frozen=True, slots=True)
class DocumentationResult:
    """The request that was created, and the unmet conditions of its next step."""

    request: Request
    unmet: tuple[UnmetCondition, ...]


@transaction.atomic
def document_event(
    document: dict[str, Any],
    *,
    sources: Iterable[Source],
    by: User,
    at: datetime | None = None,
    fields: RequestFields | None = None,
    name_reason: str = "",
) -> DocumentationResult:
    """Create a request for an event (or a change of it, where it is defined) from its definition document alone.

    The lane is computed like any other's: documenting where production of the sources already shows it. The request
    is submitted where it says all that its lane needs, and approved where `by` may approve their own request.
    `name_reason` says why a new name is needed beside one that people read as the same.
    Raises InvalidDefinition with every problem of the document, or else with every error of the lint, and Forbidden
    where `by` may not create requests.
    """
    require_anywhere(by, Capability.REQUEST_CREATE)
    definition_problems = find_problems(document)
    if definition_problems:
        raise InvalidDefinition(definition_problems)
    named = Event.objects.named(document.get("call", "track"), document["name"]).select_related("newest_version")
    event = named.first()
    _require_no_lint_errors(document, event)
    default_fields: RequestFields = {
        "title": f"Document {document['name']}"[:200],
        "message": "Handed over by the API.",
    }
    request = create_request(by=by, at=at, origin=RequestOrigin.API, **(default_fields | (fields or {})))
    add_change(
        request,
        action=ChangeAction.CREATE if event is None else ChangeAction.UPDATE,
        event=event,
        by=by,
        at=at,
        definition=document,
        sources=list(sources),
        name_reason=name_reason,
    )
    return _advance_while_allowed(request, by=by, at=at)


def _require_no_lint_errors(document: dict[str, Any], event: Event | None) -> None:
    parent = event.newest_version.definition if event is not None and event.newest_version is not None else None
    errors = issues_of(lint_definition(document, parent=parent), LintSeverity.ERROR)
    if errors:
        raise InvalidDefinition([Problem(issue.path, issue.code, issue.detail) for issue in errors])


def _advance_while_allowed(request: Request, *, by: User, at: datetime | None) -> DocumentationResult:
    for to in (RequestState.REQUESTED, RequestState.REVIEWED):
        request = Request.objects.get(pk=request.pk)
        step = next((step for step in available_steps(request, by) if step.to == to), None)
        if step is None or not step.is_allowed:
            return DocumentationResult(request, step.unmet if step else ())
        try:
            request = move_request(request, to, by=by, at=at)
        except UnmetConditionsError as error:
            return DocumentationResult(Request.objects.get(pk=request.pk), tuple(error.unmet))
    return DocumentationResult(request, ())
