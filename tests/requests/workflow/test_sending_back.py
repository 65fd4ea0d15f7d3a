"""A delivery that is sent back: the event that shows why stays with the step."""

import pytest
from django.db import IntegrityError, transaction

from accounts.models import HistoryEntry
from accounts.preconditions import UnmetConditionsError
from catalog.choices import Environment
from tests.factories.requests import INVALID_PAYLOAD, VALID_PAYLOAD, RequestFactory, ingest
from tracking.requests.choices import DeliveryState
from tracking.requests.models import PinnedEvent
from tracking.requests.workflow.available_steps import available_steps
from tracking.requests.workflow.transition_service import move_delivery
from tracking.traffic.models import Sample
from tracking.traffic.privacy.pseudonyms import pseudonym

pytestmark = pytest.mark.django_db


@pytest.fixture
def lifecycle():
    return RequestFactory.developed(app_version="2.0.0")


def sample_of_event(lifecycle, payload, **options):
    """Let one event arrive outside production; return its sample."""
    options = {"environment": Environment.STAGING, "app_version": "2.0.0"} | options
    ingest(lifecycle.sources[0], lifecycle.change.name, [payload], **options)
    return Sample.objects.latest("id")


def send_back(lifecycle, **brought):
    """Send it back; return what its history then shows."""
    move_delivery(
        lifecycle.delivery, DeliveryState.REVIEWED, by=lifecycle.members.qa, comment="Totals are texts.", **brought
    )
    entry = (
        HistoryEntry.objects.for_subject("delivery", lifecycle.delivery.pk)
        .filter(to_state=DeliveryState.REVIEWED)
        .last()
    )
    evidence = entry.evidence.get("sample")
    return evidence and PinnedEvent.objects.get(pk=evidence["pinned"]).content


def test_the_chosen_event_is_pinned(lifecycle):
    chosen = sample_of_event(lifecycle, INVALID_PAYLOAD)
    sample_of_event(lifecycle, {"total": None})
    shown = send_back(lifecycle, sample=chosen.pk)
    assert (shown["verdict"], shown["is_chosen"]) == ("nonconforming", True)
    assert [found["rule"] for found in shown["violations"]] == ["type"]
    assert shown["event"]["properties"] == INVALID_PAYLOAD
    assert (shown["environment"], shown["app_version"], shown["masked"]) == ("staging", "2.0.0", ["/anonymous_id"])


def test_where_none_is_chosen_the_newest_that_failed_is(lifecycle):
    sample_of_event(lifecycle, INVALID_PAYLOAD)
    sample_of_event(lifecycle, {"total": None})
    sample_of_event(lifecycle, VALID_PAYLOAD)
    sample_of_event(lifecycle, INVALID_PAYLOAD, app_version="1.0.0")
    shown = send_back(lifecycle)
    assert (shown["event"]["properties"], shown["is_chosen"]) == ({"total": None}, False)


def test_it_needs_no_event_where_none_failed(lifecycle):
    sample_of_event(lifecycle, VALID_PAYLOAD)
    assert send_back(lifecycle) is None


def test_it_stays_when_the_sample_is_gone(lifecycle):
    sample_of_event(lifecycle, INVALID_PAYLOAD)
    send_back(lifecycle)
    Sample.objects.all().delete()
    assert PinnedEvent.objects.get(delivery=lifecycle.delivery).content["event"]["properties"] == INVALID_PAYLOAD


def test_history_says_what_failed_without_any_value(lifecycle):
    sample_of_event(lifecycle, INVALID_PAYLOAD)
    shown = send_back(lifecycle)
    evidence = HistoryEntry.objects.for_subject("delivery", lifecycle.delivery.pk).last().evidence["sample"]
    assert evidence.keys() == shown.keys() - {"event", "masked"} | {"pinned"}
    (violation,) = evidence["violations"]
    assert (violation["path"], violation["rule"]) == ("/properties/total", "type")
    assert "came" not in violation and shown["violations"][0]["came"] == '"a lot"'


def test_ids_of_people_are_pinned_as_their_keyed_hashes(lifecycle):
    sample = sample_of_event(lifecycle, INVALID_PAYLOAD)
    assert sample.event["anonymous_id"] == "device-1"
    assert send_back(lifecycle)["event"]["anonymous_id"] == pseudonym("device-1")


@pytest.mark.parametrize("change", ["update", "delete"])
def test_what_is_pinned_is_written_once(lifecycle, change):
    sample_of_event(lifecycle, INVALID_PAYLOAD)
    send_back(lifecycle)
    rows = PinnedEvent.objects.all()
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(content={}) if change == "update" else rows.delete()


@pytest.mark.parametrize("which", ["none", "earlier", "production", "another"])
def test_an_event_that_cannot_show_it_is_refused(lifecycle, which):
    if which == "none":
        number = 999_999
    elif which == "earlier":
        sample = sample_of_event(lifecycle, INVALID_PAYLOAD)
        Sample.objects.filter(pk=sample.pk).update(received_at=lifecycle.request.created_at)
        number = sample.pk
    elif which == "production":
        number = sample_of_event(lifecycle, INVALID_PAYLOAD, environment=Environment.PRODUCTION).pk
    else:
        ingest(lifecycle.sources[0], "Something Else", [INVALID_PAYLOAD], environment="staging", app_version="2.0.0")
        number = Sample.objects.latest("id").pk
    with pytest.raises(UnmetConditionsError) as caught:
        send_back(lifecycle, sample=number)
    assert [unmet.code for unmet in caught.value.unmet] == ["sample"]
    assert str(number) in caught.value.unmet[0].detail
    assert lifecycle.delivery.state == DeliveryState.DEVELOPED


def test_the_step_says_that_it_takes_one(lifecycle):
    (step,) = [
        step for step in available_steps(lifecycle.delivery, lifecycle.members.qa) if step.to == DeliveryState.REVIEWED
    ]
    assert [(asked.field, asked.is_required) for asked in step.inputs] == [("comment", True), ("sample", False)]


def test_programs_send_it_with_the_evidence(lifecycle, api_of):
    chosen = sample_of_event(lifecycle, INVALID_PAYLOAD)
    sample_of_event(lifecycle, {"total": None})
    api, address = api_of(lifecycle.members.qa), f"/api/v1/deliveries/{lifecycle.delivery.pk}/transitions/"
    sent = {"to": "reviewed", "comment": "Totals are texts."}
    refused = api.post(address, sent | {"evidence": {"sample": 999_999}}, format="json")
    assert (refused.status_code, [unmet["code"] for unmet in refused.json()["unmet"]]) == (409, ["sample"])
    assert api.post(address, sent | {"evidence": {"sample": 10**30}}, format="json").status_code == 400
    assert api.post(address, sent | {"evidence": {"sample": chosen.pk}}, format="json").status_code == 200
    assert PinnedEvent.objects.get(delivery=lifecycle.delivery).content["event"]["properties"] == INVALID_PAYLOAD
