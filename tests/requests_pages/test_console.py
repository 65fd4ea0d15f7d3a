"""What the QA console says of events that were held against another version first."""

from __future__ import annotations

import pytest

from catalog.choices import Environment, VersionFrom
from tests.factories.catalog import SourceFactory, definition, key_of
from tests.factories.requests import VALID, Cast, RequestFactory, Walk
from tests.factories.traffic import check_all, send, track
from tracking.requests.views.console import Console
from tracking.traffic.models import Sample

pytestmark = pytest.mark.django_db

WRONG = "A.B@Example.COM 1"
RIGHT = "a@example.com"


@pytest.fixture
def walk() -> Walk:
    """An update that adds an address, on a source without app versions: the first verdict rests on the old version."""
    cast = Cast.of()
    source = SourceFactory.create(owner_team=cast.team, version_from=VersionFrom.NOWHERE)
    first = RequestFactory.live(cast=cast, sources=[source], app_version="")
    Sample.objects.all().delete()
    schema = definition()["schema"]
    email = {"type": "string", "pattern": "^[a-z]+@[a-z.]+$"}
    document = definition(schema={**schema, "properties": {**schema["properties"], "email": email}})
    return RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=document)


def come(walk: Walk, **properties: object) -> Sample:
    """Send an event to the collector with the staging key, and let it be checked."""
    key = walk.sources[0].write_keys.filter(environment=Environment.STAGING).first()
    key = key or key_of(walk.sources[0], Environment.STAGING)
    assert send(key, track(walk.change.name, properties=VALID | properties)).status_code == 200
    check_all()
    return Sample.objects.latest("id")


def console_of(walk: Walk) -> Console:
    return Console(walk.delivery, walk.cast.qa)


@pytest.mark.parametrize(("email", "verdict"), [(WRONG, "nonconforming"), (RIGHT, "conforming")])
def test_it_says_what_the_evidence_says_where_a_mask_hides_the_value(walk, email, verdict):
    walk.develop(app_version="")
    sample = come(walk, email=email)
    assert sample.masked == ["/properties/email"]
    assert sample.version_id != walk.change.version.pk
    console = console_of(walk)
    assert console.arrivals[0].verdict == verdict
    assert (console.measure.conforming, console.measure.nonconforming) == (
        int(verdict == "conforming"),
        int(verdict == "nonconforming"),
    )


def test_what_it_shows_of_a_violation_is_masked(walk):
    walk.develop(app_version="")
    come(walk, email=WRONG)
    found = console_of(walk).arrivals[0].violations
    assert [violation["rule"] for violation in found] == ["pattern"]
    assert "Example" not in str(found)


def test_warnings_against_the_version_are_shown(walk, client_of):
    walk.develop(app_version="")
    come(walk, colour="red")
    console = console_of(walk)
    assert console.arrivals[0].verdict == "conforming"
    assert [stray["rule"] for stray in console.strays] == ["unknown_property"]
    assert "unknown_property" in client_of(walk.cast.qa).get(f"/qa/{walk.delivery.pk}/").content.decode()


def test_an_event_from_before_the_approval_is_hidden_where_a_mask_hides_the_answer(walk, client_of):
    sample = come(walk, email=WRONG)
    Sample.objects.update(second_verdicts={})
    walk.develop(app_version="")
    assert console_of(walk).arrivals[0].verdict == "hidden"
    text = client_of(walk.cast.qa).get(f"/qa/{walk.delivery.pk}/?sample={sample.pk}").content.decode()
    assert "Send it again to know" in text


def test_an_event_from_before_the_approval_is_tried_where_all_of_it_is_seen(walk):
    come(walk, total="much", colour="red")
    Sample.objects.update(second_verdicts={}, masked=[])
    arrival = console_of(walk).arrivals[0]
    assert arrival.verdict == "nonconforming"
    assert arrival.error_count == 1
    assert {violation["rule"] for violation in arrival.violations} == {"type", "unknown_property"}
