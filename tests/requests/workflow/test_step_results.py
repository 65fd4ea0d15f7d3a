"""What a step's result tells history and the service that takes the step."""

import pytest

from accounts.models import HistoryEntry
from tests.factories.catalog import definition
from tests.factories.requests import RequestFactory
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.workflow.steps.step_result import StepResult
from tracking.requests.workflow.transition_service import move_delivery, move_request


def test_history_keeps_the_ids_of_what_was_affected_and_no_empty_lists():
    assert StepResult({"lane": "new"}, reopened=[3], words=()).as_history() == {"lane": "new", "reopened": [3]}


def test_a_step_that_may_supersede_says_so_even_where_it_did_not():
    assert StepResult(superseded=()).as_history() == {"superseded": []}
    assert StepResult().as_history() == {}


@pytest.mark.django_db
def test_superseding_and_reopening_keep_their_keys_in_history():
    older = RequestFactory.developed()
    source, members = older.sources[0], older.members
    schema = definition()["schema"]
    wider = definition(schema={**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}})
    newer = RequestFactory.reviewed(members=members, event=older.event, sources=[source], document=wider)
    move_delivery(newer.delivery, DeliveryState.DEVELOPED, by=members.developer, app_version="2.1.0")
    developed = HistoryEntry.objects.for_subject("delivery", newer.delivery.pk).last()
    assert developed.evidence["superseded"] == [older.delivery.pk]
    move_request(newer.request, RequestState.DRAFT, by=members.analyst, comment="Not yet.")
    taken_back = HistoryEntry.objects.for_subject("request", newer.request.pk).filter(to_state="draft").last()
    assert taken_back.evidence["reopened"] == [older.delivery.pk]
    assert taken_back.evidence["withdrawn"]
