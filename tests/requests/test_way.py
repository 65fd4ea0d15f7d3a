"""The whole way of a request, step by step, with what each step leaves behind."""

import pytest

from accounts.models import HistoryEntry
from catalog.choices import Environment, Status, VersionFrom
from catalog.models import Binding, VersionSource
from catalog.services.deploys import mark_deploy
from tests.factories.catalog import SourceFactory
from tests.factories.requests import Cast, RequestFactory, arrive
from tracking.requests.choices import DeliveryState, Lane, State
from tracking.requests.models import Verification
from tracking.requests.workflow.transition_service import move_delivery

pytestmark = pytest.mark.django_db


def test_a_new_event_goes_the_whole_way():
    walk = RequestFactory.draft()
    assert walk.request.lane == Lane.NEW
    assert walk.delivery.state == DeliveryState.PLANNED
    walk.submit()
    assert walk.request.state == State.REQUESTED
    walk.approve()
    assert walk.request.state == State.REVIEWED
    assert str(walk.change.version.number) == "1.0.0"
    assert walk.event.owner_team == walk.cast.team
    assert [(owner.person, owner.role) for owner in walk.event.owners.all()] == [(walk.cast.pm, "business")]
    assert VersionSource.objects.get(version=walk.change.version).is_open
    walk.develop()
    assert walk.request.state == State.DEVELOPED
    assert set(Binding.objects.values_list("environment", "since_version")) == {
        (environment, "2.0.0") for environment in Environment
    }
    walk.verify()
    assert walk.request.state == State.TESTED
    signature = Verification.objects.get()
    assert signature.person == walk.cast.qa
    assert signature.evidence["conforming"] == 1
    assert signature.evidence["properties_seen"] == ["/properties/coupon", "/properties/total"]
    assert signature.evidence["samples"][0]["event"]["properties"]["total"] == 12.5
    walk.prove()
    assert walk.request.state == State.LIVE
    event = walk.event
    assert (event.status, event.live_version) == (Status.LIVE, walk.change.version)
    assert not VersionSource.objects.get(version=walk.change.version).is_open


def test_every_step_is_written_into_history():
    walk = RequestFactory.live()
    told = HistoryEntry.objects.within("request", walk.request.pk).filter(action="moved")
    steps = [(entry.subject_type, entry.from_state, entry.to_state, str(entry.actor)) for entry in told]
    cast = walk.cast
    assert steps == [
        ("request", "draft", "requested", str(cast.pm)),
        ("request", "requested", "reviewed", str(cast.analyst)),
        ("delivery", "reviewed", "developed", str(cast.developer)),
        ("request", "reviewed", "developed", str(cast.developer)),
        ("delivery", "developed", "tested", str(cast.qa)),
        ("request", "developed", "tested", str(cast.qa)),
        ("delivery", "tested", "live", "Signalbook"),
        ("request", "tested", "live", "Signalbook"),
    ]


def test_a_request_stands_where_its_least_advanced_delivery_stands():
    cast = Cast.of()
    sources = [SourceFactory.create(owner_team=cast.team) for _ in range(2)]
    walk = RequestFactory.reviewed(cast=cast, sources=sources)
    first, second = walk.deliveries
    walk.develop(only=[first])
    assert walk.request.state == State.REVIEWED
    walk.develop(only=[second])
    assert walk.request.state == State.DEVELOPED


def test_a_source_without_app_versions_goes_live_by_what_only_the_new_version_accepts():
    cast = Cast.of()
    source = SourceFactory.create(owner_team=cast.team, version_from=VersionFrom.NOWHERE)
    walk = RequestFactory.developed(cast=cast, sources=[source], app_version="")
    assert not Binding.objects.exists()
    walk.verify(app_version="")
    assert set(Binding.objects.values_list("environment", flat=True)) == {"staging", "development"}
    walk.prove(app_version="")
    assert walk.request.state == State.LIVE
    production = Binding.objects.get(environment="production")
    first = walk.delivery.evidence.filter(environment="production").order_by("first_seen").first()
    assert production.since_at == first.first_seen


def test_a_source_with_deploy_markers_goes_live_by_them():
    cast = Cast.of()
    source = SourceFactory.create(owner_team=cast.team, version_from=VersionFrom.DEPLOYS)
    walk = RequestFactory.developed(cast=cast, sources=[source], app_version="3.1.0")
    arrive(source, walk.change.name, [{"total": 1, "coupon": "x"}], environment="staging")
    assert walk.delivery.evidence.get().conforming == 1  # counted, yet no marker says that 3.1.0 runs
    mark_deploy(source, environment="staging", version="3.1.0", by=cast.developer)
    mark_deploy(source, environment="production", version="3.1.1", by=cast.developer)
    walk.verify(app_version="")
    walk.prove(app_version="")
    assert walk.request.state == State.LIVE


def test_what_came_before_a_step_is_no_evidence_for_it():
    walk = RequestFactory.reviewed()
    arrive(walk.delivery.source, walk.change.name, [{"total": 1, "coupon": "x"}], environment="staging")
    walk.develop()
    assert not walk.delivery.evidence.filter(round=walk.delivery.round).exists()
    assert not walk.delivery.evidence.exclude(stage="reviewed").exists()


def test_undo_ends_the_bindings_and_asks_for_a_new_proof():
    walk = RequestFactory.live()
    move_delivery(walk.delivery, DeliveryState.TESTED, by=walk.cast.analyst, comment="Totals are wrong on Android.")
    assert walk.delivery.state == DeliveryState.TESTED
    assert not Binding.objects.filter(ended_at=None).exists()
    assert walk.event.status == Status.PLANNED
    walk.request.refresh_from_db()
    assert walk.request.state == State.TESTED
    walk.prove()
    assert walk.request.state == State.LIVE
    assert Binding.objects.filter(ended_at=None, environment="production").count() == 1
