"""A person's data that was sent as a key: nothing that is stored of the event names the person, in no place."""

import json

import pytest

from accounts.models import HistoryEntry
from catalog.choices import Environment, VersionFrom
from catalog.services.write_keys import current_key
from tests.factories.catalog import SourceFactory, definition, key_of
from tests.factories.requests import BROKEN, Cast, RequestFactory
from tests.factories.traffic import check_all, send, track
from tracking.quality.models import Finding
from tracking.requests.choices import DeliveryState
from tracking.requests.evidence.snapshots import pinned_evidence
from tracking.requests.models import PinnedEvent
from tracking.requests.workflow.transition_service import move_delivery
from tracking.traffic.models import Sample

pytestmark = pytest.mark.django_db

PERSON = "alice@example.com"
SHAPE = "xxxxx@xxxxxxx.xxx"
SENT = BROKEN | {PERSON: "bob@example.org", "by": {PERSON: 5}}
EVERYWHERE = (Environment.STAGING, Environment.PRODUCTION)


@pytest.fixture
def walk():
    """An update of a live event, developed, that names `by` and leaves its keys to whoever sends them."""
    cast = Cast.of()
    source = SourceFactory.create(owner_team=cast.team, version_from=VersionFrom.NOWHERE)
    first = RequestFactory.live(cast=cast, sources=[source], app_version="")
    schema = definition()["schema"]
    by = {"type": "object", "additionalProperties": {"type": "string"}}
    wider = definition(schema={**schema, "properties": {**schema["properties"], "by": by}})
    update = RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=wider)
    return update.develop(app_version="")


def come(walk, environment):
    """Let the event arrive; return its sample."""
    source = walk.sources[0]
    send(current_key(source, environment) or key_of(source, environment), track(properties=SENT))
    check_all()
    return Sample.objects.filter(environment=environment).latest("id")


def told(stored):
    """What is stored, as text: it must hold nobody's address."""
    text = json.dumps(stored)
    assert "alice" not in text and "bob" not in text
    return text


@pytest.mark.parametrize("environment", EVERYWHERE)
def test_the_sample_shows_its_shape_alone(walk, environment):
    sample = come(walk, environment)
    told(sample.event)
    told(sample.masked)
    told(sample.violations)
    assert f"/properties/{SHAPE}" in sample.masked
    assert f"/properties/{SHAPE}" in {found["path"] for found in sample.violations}


def test_so_does_the_second_verdict(walk):
    second = come(walk, Environment.STAGING).second_verdicts[str(walk.change.version_id)]
    told(second)
    assert f"/properties/by/{SHAPE}" in {found["path"] for found in second["violations"]}


@pytest.mark.parametrize("environment", EVERYWHERE)
def test_so_does_the_finding(walk, environment):
    come(walk, environment)
    finding = Finding.objects.get(environment=environment, rule="unknown_property")
    assert finding.unknown_keys[SHAPE] == 1
    for each in Finding.objects.all():
        told([each.path, each.came, each.unknown_keys, each.samples])


def test_so_does_what_a_signature_pins(walk):
    come(walk, Environment.STAGING)
    assert SHAPE in told(pinned_evidence(walk.delivery, None))


def test_so_do_history_and_the_page_of_a_delivery_that_was_sent_back(walk, client_of):
    come(walk, Environment.STAGING)
    move_delivery(walk.delivery, DeliveryState.REVIEWED, by=walk.cast.qa, comment="Totals are texts.")
    entry = HistoryEntry.objects.of("delivery", walk.delivery.pk).last()
    assert SHAPE in told(entry.evidence["sample"])
    assert SHAPE in told(PinnedEvent.objects.get().content)
    page = client_of(walk.cast.viewer).get(f"/requests/{walk.request.pk}/").content.decode()
    assert SHAPE in page and PERSON not in page
