"""A person's data that was sent as a key: nothing that is stored of the event names the person, in no place."""

import json

import pytest

from accounts.models import HistoryEntry
from catalog.choices import Environment, VersionFrom
from catalog.services.write_keys import current_key
from tests.factories.catalog import SourceFactory, create_write_key, definition
from tests.factories.requests import INVALID_PAYLOAD, RequestFactory, TeamFixture
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.quality.models import Finding
from tracking.requests.choices import DeliveryState
from tracking.requests.evidence.snapshots import evidence_snapshot
from tracking.requests.models import PinnedEvent
from tracking.requests.workflow.transition_service import move_delivery
from tracking.traffic.models import Sample

pytestmark = pytest.mark.django_db

PERSON = "alice@example.com"
SHAPE = "xxxxx@xxxxxxx.xxx"
SENT = INVALID_PAYLOAD | {PERSON: "bob@example.org", "by": {PERSON: 5}}
EVERYWHERE = (Environment.STAGING, Environment.PRODUCTION)


@pytest.fixture
def lifecycle():
    """An update of a live event, developed, that names `by` and leaves its keys to whoever sends them."""
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.NOWHERE)
    first = RequestFactory.live(members=members, sources=[source], app_version="")
    schema = definition()["schema"]
    by = {"type": "object", "additionalProperties": {"type": "string"}}
    wider = definition(schema={**schema, "properties": {**schema["properties"], "by": by}})
    update = RequestFactory.reviewed(members=members, event=first.event, sources=[source], document=wider)
    return update.develop(app_version="")


def sample_of_event(lifecycle, environment):
    """Let the event arrive; return its sample."""
    source = lifecycle.sources[0]
    post_batch(current_key(source, environment) or create_write_key(source, environment), track_call(properties=SENT))
    process_inbox()
    return Sample.objects.filter(environment=environment).latest("id")


def text_without_addresses(stored):
    """What is stored, as text: it must hold nobody's address."""
    text = json.dumps(stored)
    assert "alice" not in text and "bob" not in text
    return text


@pytest.mark.parametrize("environment", EVERYWHERE)
def test_the_sample_shows_its_shape_alone(lifecycle, environment):
    sample = sample_of_event(lifecycle, environment)
    text_without_addresses(sample.event)
    text_without_addresses(sample.masked)
    text_without_addresses(sample.violations)
    assert f"/properties/{SHAPE}" in sample.masked
    assert f"/properties/{SHAPE}" in {found["path"] for found in sample.violations}


def test_so_does_the_second_verdict(lifecycle):
    second = sample_of_event(lifecycle, Environment.STAGING).second_verdicts[str(lifecycle.change.version_id)]
    text_without_addresses(second)
    assert f"/properties/by/{SHAPE}" in {found["path"] for found in second["violations"]}


@pytest.mark.parametrize("environment", EVERYWHERE)
def test_so_does_the_finding(lifecycle, environment):
    sample_of_event(lifecycle, environment)
    finding = Finding.objects.get(environment=environment, rule="unknown_property")
    assert finding.unknown_keys[SHAPE] == 1
    for each in Finding.objects.all():
        text_without_addresses([each.path, each.came, each.unknown_keys, each.samples])


def test_so_does_what_a_signature_pins(lifecycle):
    sample_of_event(lifecycle, Environment.STAGING)
    assert SHAPE in text_without_addresses(evidence_snapshot(lifecycle.delivery, None))


def test_so_do_history_and_the_page_of_a_delivery_that_was_sent_back(lifecycle, client_of):
    sample_of_event(lifecycle, Environment.STAGING)
    move_delivery(lifecycle.delivery, DeliveryState.REVIEWED, by=lifecycle.members.qa, comment="Totals are texts.")
    entry = HistoryEntry.objects.for_subject("delivery", lifecycle.delivery.pk).last()
    assert SHAPE in text_without_addresses(entry.evidence["sample"])
    assert SHAPE in text_without_addresses(PinnedEvent.objects.get().content)
    page = client_of(lifecycle.members.viewer).get(f"/requests/{lifecycle.request.pk}/").content.decode()
    assert SHAPE in page and PERSON not in page
