"""A delivery that is sent back: the event that shows why stays with the step."""

import pytest

from accounts.models import HistoryEntry
from accounts.problems import UnmetConditions
from catalog.choices import Environment
from tests.factories.requests import BROKEN, VALID, RequestFactory, arrive
from tracking.requests.choices import DeliveryState
from tracking.requests.services.moving import allowed, move_delivery
from tracking.traffic.models import Sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk():
    return RequestFactory.developed(app_version="2.0.0")


def come(walk, payload, **options):
    """Let one event arrive outside production; return its sample."""
    options = {"environment": Environment.STAGING, "app_version": "2.0.0"} | options
    arrive(walk.sources[0], walk.change.name, [payload], **options)
    return Sample.objects.latest("id")


def send_back(walk, **brought):
    """Send it back; return what its history then shows."""
    move_delivery(walk.delivery, DeliveryState.REVIEWED, by=walk.cast.qa, comment="Totals are texts.", **brought)
    entry = HistoryEntry.objects.of("delivery", walk.delivery.pk).filter(to_state=DeliveryState.REVIEWED).last()
    return entry.evidence.get("sample")


def test_the_chosen_event_is_pinned(walk):
    chosen = come(walk, BROKEN)
    come(walk, {"total": None})
    shown = send_back(walk, sample=chosen.pk)
    assert (shown["verdict"], shown["is_chosen"]) == ("nonconforming", True)
    assert [found["rule"] for found in shown["violations"]] == ["type"]
    assert shown["event"]["properties"] == BROKEN
    assert (shown["environment"], shown["app_version"], shown["masked"]) == ("staging", "2.0.0", [])


def test_where_none_is_chosen_the_newest_that_failed_is(walk):
    come(walk, BROKEN)
    come(walk, {"total": None})
    come(walk, VALID)
    come(walk, BROKEN, app_version="1.0.0")
    shown = send_back(walk)
    assert (shown["event"]["properties"], shown["is_chosen"]) == ({"total": None}, False)


def test_it_needs_no_event_where_none_failed(walk):
    come(walk, VALID)
    assert send_back(walk) is None


def test_it_stays_when_the_sample_is_gone(walk):
    come(walk, BROKEN)
    send_back(walk)
    Sample.objects.all().delete()
    entry = HistoryEntry.objects.of("delivery", walk.delivery.pk).last()
    assert entry.evidence["sample"]["event"]["properties"] == BROKEN


@pytest.mark.parametrize("which", ["none", "earlier", "production", "another"])
def test_an_event_that_cannot_show_it_is_refused(walk, which):
    if which == "none":
        number = 999_999
    elif which == "earlier":
        sample = come(walk, BROKEN)
        Sample.objects.filter(pk=sample.pk).update(received_at=walk.request.created_at)
        number = sample.pk
    elif which == "production":
        number = come(walk, BROKEN, environment=Environment.PRODUCTION).pk
    else:
        arrive(walk.sources[0], "Something Else", [BROKEN], environment="staging", app_version="2.0.0")
        number = Sample.objects.latest("id").pk
    with pytest.raises(UnmetConditions) as caught:
        send_back(walk, sample=number)
    assert [unmet.code for unmet in caught.value.unmet] == ["sample"]
    assert str(number) in caught.value.unmet[0].detail
    assert walk.delivery.state == DeliveryState.DEVELOPED


def test_the_step_says_that_it_takes_one(walk):
    (step,) = [step for step in allowed(walk.delivery, walk.cast.qa) if step.to == DeliveryState.REVIEWED]
    assert [(asked.field, asked.is_required) for asked in step.asks] == [("comment", True), ("sample", False)]


def test_programs_send_it_with_the_evidence(walk, api_of):
    chosen = come(walk, BROKEN)
    come(walk, {"total": None})
    api, address = api_of(walk.cast.qa), f"/api/v1/deliveries/{walk.delivery.pk}/transitions/"
    sent = {"to": "reviewed", "comment": "Totals are texts."}
    refused = api.post(address, sent | {"evidence": {"sample": 999_999}}, format="json")
    assert (refused.status_code, [unmet["code"] for unmet in refused.json()["unmet"]]) == (409, ["sample"])
    assert api.post(address, sent | {"evidence": {"sample": 10**30}}, format="json").status_code == 400
    assert api.post(address, sent | {"evidence": {"sample": chosen.pk}}, format="json").status_code == 200
    entry = HistoryEntry.objects.of("delivery", walk.delivery.pk).last()
    assert entry.evidence["sample"]["event"]["properties"] == BROKEN
