"""The developer's light: what arrives between approval and the word that it is built, which counts for nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.preconditions import UnmetConditionsError
from catalog.choices import Environment
from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import INVALID_PAYLOAD, VALID_PAYLOAD, RequestFactory, TeamFixture, ingest
from tests.page_text import one_line
from tracking.requests.choices import DeliveryState, EvidenceStage, RequestState
from tracking.requests.evidence import summaries
from tracking.requests.evidence.summaries import pre_build_evidence
from tracking.requests.models import Evidence, EvidenceId
from tracking.requests.workflow.transition_service import move_delivery, move_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def lifecycle():
    return RequestFactory.reviewed()


def ingest_in_staging(lifecycle, *payloads, environment=Environment.STAGING, app_version="2.0.0", **options):
    ingest(
        lifecycle.sources[0],
        lifecycle.change.name,
        payloads,
        environment=environment,
        app_version=app_version,
        **options,
    )


def updated():
    """An update that adds a currency to what is live."""
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team)
    first = RequestFactory.live(members=members, sources=[source])
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    return RequestFactory.reviewed(
        members=members, event=first.event, sources=[source], document=definition(schema=wider)
    )


def test_it_turns_green_before_anybody_says_that_it_is_built(lifecycle):
    ingest_in_staging(lifecycle, INVALID_PAYLOAD)
    assert (
        pre_build_evidence(lifecycle.delivery).nonconforming,
        pre_build_evidence(lifecycle.delivery).proving_first,
    ) == (
        1,
        None,
    )
    at = timezone.now()
    ingest_in_staging(lifecycle, VALID_PAYLOAD | {"colour": "red"}, VALID_PAYLOAD, at=at, interval=timedelta(seconds=1))
    light = pre_build_evidence(lifecycle.delivery)
    assert (light.conforming, light.nonconforming, light.proving_first) == (2, 1, at)
    assert light.seen_paths == {"/properties/total", "/properties/coupon"}


def test_what_is_sent_already_does_not_light_an_update():
    lifecycle = updated()
    ingest_in_staging(lifecycle, VALID_PAYLOAD)
    assert (
        pre_build_evidence(lifecycle.delivery).conforming,
        pre_build_evidence(lifecycle.delivery).proving_first,
    ) == (1, None)
    ingest_in_staging(lifecycle, VALID_PAYLOAD | {"currency": "EUR"})
    assert pre_build_evidence(lifecycle.delivery).proving == 1


def test_it_counts_for_no_signature(lifecycle):
    ingest_in_staging(lifecycle, VALID_PAYLOAD)
    assert summaries.staging_evidence(lifecycle.delivery).conforming == 0
    lifecycle.develop()
    with pytest.raises(UnmetConditionsError):
        move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=lifecycle.members.qa)
    ingest_in_staging(lifecycle, INVALID_PAYLOAD)
    assert (
        summaries.staging_evidence(lifecycle.delivery).conforming,
        summaries.staging_evidence(lifecycle.delivery).nonconforming,
    ) == (0, 1)


def test_nobody_s_id_is_kept_for_it(lifecycle):
    ingest_in_staging(lifecycle, VALID_PAYLOAD)
    assert Evidence.objects.get().stage == EvidenceStage.REVIEWED
    assert not EvidenceId.objects.exists()


def test_production_does_not_light_it():
    lifecycle = updated()
    ingest_in_staging(lifecycle, VALID_PAYLOAD | {"currency": "EUR"}, environment=Environment.PRODUCTION)
    assert not lifecycle.delivery.evidence.exists()


def test_what_came_before_the_approval_does_not_light_it(lifecycle):
    ingest_in_staging(lifecycle, VALID_PAYLOAD, at=lifecycle.delivery.updated_at - timedelta(seconds=1))
    assert not lifecycle.delivery.evidence.exists()


def test_sent_back_it_is_dark_again_whatever_app_version_it_had(lifecycle):
    ingest_in_staging(lifecycle, VALID_PAYLOAD)
    lifecycle.develop(app_version="2.0.0")
    ingest_in_staging(lifecycle, INVALID_PAYLOAD)
    move_delivery(lifecycle.delivery, DeliveryState.REVIEWED, by=lifecycle.members.qa, comment="Totals are texts.")
    assert pre_build_evidence(lifecycle.delivery).conforming == 0
    ingest_in_staging(lifecycle, VALID_PAYLOAD, app_version="1.9.0")
    assert pre_build_evidence(lifecycle.delivery).proving == 1


def test_another_version_begins_dark(lifecycle):
    ingest_in_staging(lifecycle, VALID_PAYLOAD)
    move_request(lifecycle.request, RequestState.DRAFT, by=lifecycle.members.pm, comment="Not like this.")
    lifecycle.request.refresh_from_db()
    lifecycle.submit().approve()
    assert lifecycle.delivery.state == DeliveryState.REVIEWED
    assert pre_build_evidence(lifecycle.delivery).conforming == 0
    ingest_in_staging(lifecycle, VALID_PAYLOAD)
    assert pre_build_evidence(lifecycle.delivery).conforming == 1


def test_the_card_says_when_the_first_correct_event_came(lifecycle, client_of):
    browser, address = client_of(lifecycle.members.developer), f"/requests/{lifecycle.request.pk}/"
    assert "No event came from staging or development yet" in one_line(browser.get(address).content.decode())
    ingest_in_staging(lifecycle, INVALID_PAYLOAD)
    page = one_line(browser.get(address).content.decode())
    assert "none shows yet that it is built" in page
    assert "every 2s" in page
    ingest_in_staging(lifecycle, VALID_PAYLOAD)
    assert "First correct event arrived" in one_line(browser.get(address).content.decode())
    assert "1 conforming, 1 not" in one_line(
        client_of(lifecycle.members.qa).get(f"/qa/{lifecycle.delivery.pk}/").content.decode()
    )
