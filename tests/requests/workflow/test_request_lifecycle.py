"""The whole way of a request, step by step, with what each step leaves behind."""

import pytest

from accounts.models import HistoryEntry
from catalog.choices import Environment, Status, VersionFrom
from catalog.models import Binding, VersionSource
from catalog.services.deploys import mark_deploy
from tests.factories.catalog import SourceFactory
from tests.factories.requests import RequestFactory, TeamFixture, ingest
from tracking.requests.choices import DeliveryState, Lane, RequestState
from tracking.requests.models import Verification
from tracking.requests.workflow.transition_service import move_delivery

pytestmark = pytest.mark.django_db


def test_a_new_event_goes_the_whole_way():
    lifecycle = RequestFactory.draft()
    assert lifecycle.request.lane == Lane.NEW
    assert lifecycle.delivery.state == DeliveryState.PLANNED
    lifecycle.submit()
    assert lifecycle.request.state == RequestState.REQUESTED
    lifecycle.approve()
    assert lifecycle.request.state == RequestState.REVIEWED
    assert str(lifecycle.change.version.number) == "1.0.0"
    assert lifecycle.event.owner_team == lifecycle.members.team
    assert [(owner.person, owner.role) for owner in lifecycle.event.owners.all()] == [
        (lifecycle.members.pm, "business")
    ]
    assert VersionSource.objects.get(version=lifecycle.change.version).is_open
    lifecycle.develop()
    assert lifecycle.request.state == RequestState.DEVELOPED
    assert set(Binding.objects.values_list("environment", "since_version")) == {
        (environment, "2.0.0") for environment in Environment
    }
    lifecycle.verify()
    assert lifecycle.request.state == RequestState.TESTED
    signature = Verification.objects.get()
    assert signature.person == lifecycle.members.qa
    assert signature.evidence["conforming"] == 1
    assert signature.evidence["properties_seen"] == ["/properties/coupon", "/properties/total"]
    assert signature.evidence["samples"][0]["event"]["properties"]["total"] == 12.5
    lifecycle.prove()
    assert lifecycle.request.state == RequestState.LIVE
    event = lifecycle.event
    assert (event.status, event.live_version) == (Status.LIVE, lifecycle.change.version)
    assert not VersionSource.objects.get(version=lifecycle.change.version).is_open


def test_every_step_is_written_into_history():
    lifecycle = RequestFactory.live()
    entries = HistoryEntry.objects.for_subject_and_parts("request", lifecycle.request.pk).filter(action="moved")
    steps = [(entry.subject_type, entry.from_state, entry.to_state, str(entry.actor)) for entry in entries]
    members = lifecycle.members
    assert steps == [
        ("request", "draft", "requested", str(members.pm)),
        ("request", "requested", "reviewed", str(members.analyst)),
        ("delivery", "reviewed", "developed", str(members.developer)),
        ("request", "reviewed", "developed", str(members.developer)),
        ("delivery", "developed", "tested", str(members.qa)),
        ("request", "developed", "tested", str(members.qa)),
        ("delivery", "tested", "live", "Signalbook"),
        ("request", "tested", "live", "Signalbook"),
    ]


def test_a_request_stands_where_its_least_advanced_delivery_stands():
    members = TeamFixture.create()
    sources = [SourceFactory.create(owner_team=members.team) for _ in range(2)]
    lifecycle = RequestFactory.reviewed(members=members, sources=sources)
    first, second = lifecycle.deliveries
    lifecycle.develop(only=[first])
    assert lifecycle.request.state == RequestState.REVIEWED
    lifecycle.develop(only=[second])
    assert lifecycle.request.state == RequestState.DEVELOPED


def test_a_source_without_app_versions_goes_live_by_what_only_the_new_version_accepts():
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.NOWHERE)
    lifecycle = RequestFactory.developed(members=members, sources=[source], app_version="")
    assert not Binding.objects.exists()
    lifecycle.verify(app_version="")
    assert set(Binding.objects.values_list("environment", flat=True)) == {"staging", "development"}
    lifecycle.prove(app_version="")
    assert lifecycle.request.state == RequestState.LIVE
    production = Binding.objects.get(environment="production")
    first = lifecycle.delivery.evidence.filter(environment="production").order_by("first_seen").first()
    assert production.since_at == first.first_seen


def test_a_source_with_deploy_markers_goes_live_by_them():
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.DEPLOYS)
    lifecycle = RequestFactory.developed(members=members, sources=[source], app_version="3.1.0")
    ingest(source, lifecycle.change.name, [{"total": 1, "coupon": "x"}], environment="staging")
    assert lifecycle.delivery.evidence.get().conforming == 1  # counted, yet no marker says that 3.1.0 runs
    mark_deploy(source, environment="staging", version="3.1.0", by=members.developer)
    mark_deploy(source, environment="production", version="3.1.1", by=members.developer)
    lifecycle.verify(app_version="")
    lifecycle.prove(app_version="")
    assert lifecycle.request.state == RequestState.LIVE


def test_what_came_before_a_step_is_no_evidence_for_it():
    lifecycle = RequestFactory.reviewed()
    ingest(lifecycle.delivery.source, lifecycle.change.name, [{"total": 1, "coupon": "x"}], environment="staging")
    lifecycle.develop()
    assert not lifecycle.delivery.evidence.filter(round=lifecycle.delivery.round).exists()
    assert not lifecycle.delivery.evidence.exclude(stage="reviewed").exists()


def test_undo_ends_the_bindings_and_asks_for_a_new_proof():
    lifecycle = RequestFactory.live()
    move_delivery(
        lifecycle.delivery, DeliveryState.TESTED, by=lifecycle.members.analyst, comment="Totals are wrong on Android."
    )
    assert lifecycle.delivery.state == DeliveryState.TESTED
    assert not Binding.objects.filter(ended_at=None).exists()
    assert lifecycle.event.status == Status.PLANNED
    lifecycle.request.refresh_from_db()
    assert lifecycle.request.state == RequestState.TESTED
    lifecycle.prove()
    assert lifecycle.request.state == RequestState.LIVE
    assert Binding.objects.filter(ended_at=None, environment="production").count() == 1
