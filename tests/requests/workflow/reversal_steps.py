"""A version as tests of reversal take it back, and what the requests around it say then."""

from accounts.models import HistoryEntry
from tests.factories.catalog import definition
from tracking.requests.choices import RequestState
from tracking.requests.workflow.transition_service import move_request


def wider(**more):
    schema = definition()["schema"]
    return definition(schema={**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}, **more)


def redraft(lifecycle, by=None):
    lifecycle.request = move_request(
        lifecycle.request,
        RequestState.DRAFT,
        by=by or lifecycle.members.analyst,
        comment="The coupon is missing its campaign.",
    )
    return lifecycle


def state_of(lifecycle):
    lifecycle.request.refresh_from_db()
    return lifecycle.request.state


def last_said(lifecycle):
    return HistoryEntry.objects.for_subject("request", lifecycle.request.pk).last()
