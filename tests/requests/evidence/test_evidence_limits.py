"""Evidence at its edges: just before the step, exactly at the share, in the second batch, with a warning."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.choices import VersionFrom
from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import INVALID_PAYLOAD, VALID_PAYLOAD, RequestFactory, TeamFixture, ingest, ingest_proof
from tracking.requests.tasks import advance_deliveries

pytestmark = pytest.mark.django_db


@pytest.fixture
def lifecycle():
    """A tested request on one source."""
    return RequestFactory.tested()


def production_rows(lifecycle):
    return lifecycle.delivery.evidence.filter(environment="production", stage="tested")


def test_what_was_received_before_the_step_counts_for_nothing(lifecycle):
    source, name, tested_at = lifecycle.sources[0], lifecycle.change.name, lifecycle.delivery.tested_at
    ingest(source, name, [VALID_PAYLOAD], app_version="2.0.0", at=tested_at - timedelta(microseconds=1))
    assert not production_rows(lifecycle).exists()
    ingest(source, name, [VALID_PAYLOAD], app_version="2.0.0", at=tested_at)
    assert production_rows(lifecycle).get().conforming == 1


def test_a_second_batch_of_the_hour_moves_neither_end_of_the_proof_inwards(lifecycle):
    source, name = lifecycle.sources[0], lifecycle.change.name
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    for minute in (20, 40, 30, 10, 30):
        ingest(source, name, [VALID_PAYLOAD], app_version="2.0.0", at=hour + timedelta(minutes=minute))
    row = production_rows(lifecycle).get()
    ends = (hour + timedelta(minutes=10), hour + timedelta(minutes=40))
    assert (row.first_seen, row.last_seen) == (row.proving_first, row.proving_last) == ends


def test_exactly_the_share_is_enough(lifecycle, settings):
    settings.PROOF_CONFORMING_SHARE = 0.75
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [INVALID_PAYLOAD] * 9, app_version="2.0.0")
    ingest_proof(source, name, app_version="2.0.0", count=26)
    assert advance_deliveries() == 0
    ingest(source, name, [VALID_PAYLOAD], app_version="2.0.0")
    assert advance_deliveries() == 1


def test_what_was_wrong_over_a_day_ago_holds_nothing_back(lifecycle):
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [INVALID_PAYLOAD] * 10, app_version="2.0.0")
    ingest_proof(source, name, app_version="2.0.0")
    assert advance_deliveries() == 0
    ingest_proof(source, name, app_version="2.0.0", since=timezone.now() + timedelta(hours=30))
    assert advance_deliveries() == 1


def test_an_event_with_a_warning_shows_no_difference_to_the_parent():
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.NOWHERE)
    first = RequestFactory.live(members=members, sources=[source], app_version="")
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    update = RequestFactory.reviewed(
        members=members, event=first.event, sources=[source], document=definition(schema=wider)
    ).develop(app_version="")
    shown = VALID_PAYLOAD | {"currency": "EUR"}
    ingest(source, update.change.name, [shown, shown | {"colour": "red"}], environment="staging")
    row = update.delivery.evidence.get(environment="staging")
    assert (row.conforming, row.proving) == (2, 1)
