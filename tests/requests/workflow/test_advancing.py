"""Deliveries that production proves go live, each for itself."""

import pytest
from django.utils import timezone

from tests.factories.catalog import definition
from tests.factories.requests import RequestFactory, TeamFixture, ingest_proof
from tracking.requests.choices import DeliveryState
from tracking.requests.models import Delivery
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.available_steps import automatic_step_blockers

pytestmark = pytest.mark.django_db


def test_one_delivery_that_fails_keeps_no_other_from_going_live():
    members = TeamFixture.create()
    names = ("Order Completed", "Order Refunded")
    broken, sound = (RequestFactory.tested(members=members, document=definition(name=name)) for name in names)
    since = timezone.now()
    for lifecycle in (broken, sound):
        ingest_proof(lifecycle.sources[0], lifecycle.change.name, app_version="2.0.0", since=since)
    Delivery.objects.filter(pk=broken.delivery.pk).update(app_version="no version at all")
    assert automatic_step_blockers(broken.delivery) == []
    assert advance_deliveries() == 1
    assert (broken.delivery.state, sound.delivery.state) == (DeliveryState.TESTED, DeliveryState.LIVE)
