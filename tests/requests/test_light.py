"""The developer's light: what arrives between approval and the word that it is built, which counts for nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.preconditions import UnmetConditions
from catalog.choices import Environment
from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import BROKEN, VALID, Cast, RequestFactory, arrive
from tracking.requests.choices import DeliveryState, Stage, State
from tracking.requests.evidence import summaries
from tracking.requests.evidence.summaries import lit_by
from tracking.requests.models import Evidence, EvidenceId
from tracking.requests.workflow.transition_service import move_delivery, move_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def walk():
    return RequestFactory.reviewed()


def come(walk, *payloads, environment=Environment.STAGING, app_version="2.0.0", **options):
    arrive(walk.sources[0], walk.change.name, payloads, environment=environment, app_version=app_version, **options)


def updated():
    """An update that adds a currency to what is live."""
    cast = Cast.of()
    source = SourceFactory.create(owner_team=cast.team)
    first = RequestFactory.live(cast=cast, sources=[source])
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    return RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=definition(schema=wider))


def test_it_turns_green_before_anybody_says_that_it_is_built(walk):
    come(walk, BROKEN)
    assert (lit_by(walk.delivery).nonconforming, lit_by(walk.delivery).proving_first) == (1, None)
    at = timezone.now()
    come(walk, VALID | {"colour": "red"}, VALID, at=at, step=timedelta(seconds=1))
    light = lit_by(walk.delivery)
    assert (light.conforming, light.nonconforming, light.proving_first) == (2, 1, at)
    assert light.seen == {"/properties/total", "/properties/coupon"}


def test_what_is_sent_already_does_not_light_an_update():
    walk = updated()
    come(walk, VALID)
    assert (lit_by(walk.delivery).conforming, lit_by(walk.delivery).proving_first) == (1, None)
    come(walk, VALID | {"currency": "EUR"})
    assert lit_by(walk.delivery).proving == 1


def test_it_counts_for_no_signature(walk):
    come(walk, VALID)
    assert summaries.tested_by(walk.delivery).conforming == 0
    walk.develop()
    with pytest.raises(UnmetConditions):
        move_delivery(walk.delivery, DeliveryState.TESTED, by=walk.cast.qa)
    come(walk, BROKEN)
    assert (summaries.tested_by(walk.delivery).conforming, summaries.tested_by(walk.delivery).nonconforming) == (0, 1)


def test_nobody_s_id_is_kept_for_it(walk):
    come(walk, VALID)
    assert Evidence.objects.get().stage == Stage.REVIEWED
    assert not EvidenceId.objects.exists()


def test_production_does_not_light_it():
    walk = updated()
    come(walk, VALID | {"currency": "EUR"}, environment=Environment.PRODUCTION)
    assert not walk.delivery.evidence.exists()


def test_what_came_before_the_approval_does_not_light_it(walk):
    come(walk, VALID, at=walk.delivery.updated_at - timedelta(seconds=1))
    assert not walk.delivery.evidence.exists()


def test_sent_back_it_is_dark_again_whatever_app_version_it_had(walk):
    come(walk, VALID)
    walk.develop(app_version="2.0.0")
    come(walk, BROKEN)
    move_delivery(walk.delivery, DeliveryState.REVIEWED, by=walk.cast.qa, comment="Totals are texts.")
    assert lit_by(walk.delivery).conforming == 0
    come(walk, VALID, app_version="1.9.0")
    assert lit_by(walk.delivery).proving == 1


def test_another_version_begins_dark(walk):
    come(walk, VALID)
    move_request(walk.request, State.DRAFT, by=walk.cast.pm, comment="Not like this.")
    walk.request.refresh_from_db()
    walk.submit().approve()
    assert walk.delivery.state == DeliveryState.REVIEWED
    assert lit_by(walk.delivery).conforming == 0
    come(walk, VALID)
    assert lit_by(walk.delivery).conforming == 1


def test_the_card_says_when_the_first_correct_event_came(walk, client_of):
    browser, address = client_of(walk.cast.developer), f"/requests/{walk.request.pk}/"
    assert "No event came from staging or development yet" in browser.get(address).content.decode()
    come(walk, BROKEN)
    page = browser.get(address).content.decode()
    assert "none shows yet that it is built" in page
    assert "every 2s" in page
    come(walk, VALID)
    assert "First correct event arrived" in browser.get(address).content.decode()
    assert "1 conforming, 1 not" in client_of(walk.cast.qa).get(f"/qa/{walk.delivery.pk}/").content.decode()
