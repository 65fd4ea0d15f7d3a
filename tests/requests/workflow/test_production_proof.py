"""What proves a delivery live: enough conforming production events of ids over time, or a marker, or a reason."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.preconditions import UnmetConditionsError
from catalog.choices import Environment, Platform, VersionFrom
from catalog.models import Binding
from catalog.services.deploys import mark_deploy
from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import INVALID_PAYLOAD, VALID_PAYLOAD, RequestFactory, ingest, ingest_proof
from tests.requests.workflow.guarded_steps import codes_of, verify
from tracking.requests.authoring.draft_editing import edit_change, edit_request
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.evidence.summaries import production_evidence
from tracking.requests.evidence.thresholds import threshold_for_delivery
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.available_steps import automatic_step_blockers
from tracking.requests.workflow.guards.production_proof import is_provable_by_traffic
from tracking.requests.workflow.transition_service import move_delivery

pytestmark = pytest.mark.django_db


def test_proof_is_counted_in_events_ids_and_time(members):
    lifecycle = RequestFactory.tested(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    assert advance_deliveries() == 0
    ingest(source, name, [VALID_PAYLOAD] * 30, app_version="2.0.0", person_ids=[1, 2, 3, 4])
    assert [unmet.code for unmet in automatic_step_blockers(lifecycle.delivery)] == ["proof_ids", "proof_span"]
    ingest(
        source, name, [VALID_PAYLOAD], app_version="2.0.0", person_ids=[5], at=timezone.now() + timedelta(minutes=11)
    )
    assert automatic_step_blockers(lifecycle.delivery) == []
    assert advance_deliveries() == 1
    assert advance_deliveries() == 0


def test_ordinary_events_lengthen_no_proof_and_begin_none(members):
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.NOWHERE)
    first = RequestFactory.live(members=members, sources=[source], app_version="")
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    lifecycle = RequestFactory.reviewed(
        members=members, event=first.event, sources=[source], document=definition(schema=wider)
    )
    name, shown = lifecycle.change.name, VALID_PAYLOAD | {"currency": "EUR"}
    lifecycle.develop(app_version="")
    ingest(source, name, [shown], environment=Environment.STAGING)
    verify(lifecycle)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    ingest(source, name, [VALID_PAYLOAD], at=hour)
    burst = hour + timedelta(minutes=20)
    ingest(source, name, [shown] * 25, at=burst, person_ids=range(1, 6))
    ingest(source, name, [VALID_PAYLOAD], at=hour + timedelta(minutes=40))
    assert lifecycle.delivery.evidence.get(stage="tested").first_seen == hour
    assert [unmet.code for unmet in automatic_step_blockers(lifecycle.delivery)] == ["proof_span"]
    assert advance_deliveries() == 0
    ingest(source, name, [shown], at=hour + timedelta(minutes=31))
    assert production_evidence(lifecycle.delivery).span == timedelta(minutes=11)
    assert advance_deliveries() == 1
    binding = Binding.objects.get(version=lifecycle.change.version, environment=Environment.PRODUCTION)
    assert binding.since_at == burst


def test_one_stolen_key_and_one_device_prove_nothing(members):
    lifecycle = RequestFactory.tested(members=members)
    ingest(
        lifecycle.sources[0],
        lifecycle.change.name,
        [VALID_PAYLOAD] * 200,
        app_version="2.0.0",
        person_ids=[1],
        interval=timedelta(minutes=1),
    )
    assert advance_deliveries() == 0
    assert [unmet.code for unmet in automatic_step_blockers(lifecycle.delivery)] == ["proof_ids"]


def test_a_server_proves_with_less(members):
    source = SourceFactory.create(owner_team=members.team, platform=Platform.SERVER)
    lifecycle = RequestFactory.tested(members=members, sources=[source])
    ingest(source, lifecycle.change.name, [VALID_PAYLOAD] * 5, app_version="2.0.0", person_ids=[None])
    assert advance_deliveries() == 1


def test_rare_events_need_fewer(members):
    lifecycle = RequestFactory.draft(members=members, expected_per_day=3)
    assert threshold_for_delivery(lifecycle.delivery).events == 6
    edit_request(lifecycle.request, by=members.pm, revision=None, expected_per_day=1)
    sources = [SourceFactory.create(owner_team=members.team) for _ in range(4)]
    edit_change(lifecycle.change, by=members.pm, revision=None, sources=sources)
    assert threshold_for_delivery(lifecycle.delivery).events == 1


def test_too_much_that_does_not_conform_is_no_proof(members):
    lifecycle = RequestFactory.tested(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest_proof(source, name, app_version="2.0.0")
    ingest(source, name, [INVALID_PAYLOAD] * 3, app_version="2.0.0", at=timezone.now() + timedelta(minutes=5))
    assert [unmet.code for unmet in automatic_step_blockers(lifecycle.delivery)] == ["proof_share"]


def test_older_apps_prove_nothing(members):
    source = SourceFactory.create(owner_team=members.team)
    first = RequestFactory.live(members=members, sources=[source])
    wider = definition()["schema"]
    wider = {**wider, "properties": {**wider["properties"], "currency": {"type": "string"}}}
    lifecycle = RequestFactory.reviewed(
        members=members, event=first.event, sources=[source], document=definition(schema=wider)
    )
    lifecycle.develop(app_version="3.0.0")
    ingest(
        source,
        lifecycle.change.name,
        [VALID_PAYLOAD | {"currency": "EUR"}],
        environment=Environment.STAGING,
        app_version="3.0.0",
    )
    verify(lifecycle)
    ingest_proof(source, lifecycle.change.name, app_version="2.5.0")
    assert advance_deliveries() == 0
    ingest_proof(source, lifecycle.change.name, app_version="3.0.0")
    assert advance_deliveries() == 1


def narrowed(members, **source_fields):
    """A source whose live version accepts everything that the next one does: no event shows the difference."""
    source = SourceFactory.create(owner_team=members.team, **source_fields)
    first = RequestFactory.live(members=members, sources=[source], app_version="")
    schema = definition()["schema"] | {"required": ["total", "coupon"]}
    lifecycle = RequestFactory.reviewed(
        members=members, event=first.event, sources=[source], document=definition(schema=schema)
    )
    return source, lifecycle


def test_what_no_event_can_show_an_analyst_declares_with_a_reason(members):
    source, lifecycle = narrowed(members, version_from=VersionFrom.NOWHERE)
    lifecycle.develop(app_version="").verify(app_version="")
    ingest_proof(source, lifecycle.change.name)
    assert advance_deliveries() == 0
    assert not is_provable_by_traffic(lifecycle.delivery)
    with pytest.raises(UnmetConditionsError) as caught:
        move_delivery(lifecycle.delivery, DeliveryState.LIVE, by=members.analyst)
    assert codes_of(caught) == {"comment"}
    moved = move_delivery(lifecycle.delivery, DeliveryState.LIVE, by=members.analyst, comment="Released on Monday.")
    assert moved.state == DeliveryState.LIVE


def test_what_an_event_can_show_nobody_declares(members):
    lifecycle = RequestFactory.tested(members=members)
    with pytest.raises(UnmetConditionsError) as caught:
        move_delivery(lifecycle.delivery, DeliveryState.LIVE, by=members.analyst, comment="I know it.")
    assert codes_of(caught) == {"by_hand"}


def test_a_deploy_marker_shows_what_no_event_can(members):
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.DEPLOYS)
    mark_deploy(source, environment="staging", version="1.0.0", by=members.developer)
    mark_deploy(source, environment="production", version="1.0.0", by=members.developer)
    first = RequestFactory.live(members=members, sources=[source], app_version="1.0.0")
    schema = definition()["schema"] | {"required": ["total", "coupon"]}
    lifecycle = RequestFactory.reviewed(
        members=members, event=first.event, sources=[source], document=definition(schema=schema)
    )
    lifecycle.develop(app_version="1.1.0")
    mark_deploy(source, environment="staging", version="1.1.0", by=members.developer)
    lifecycle.verify(app_version="")
    assert not is_provable_by_traffic(lifecycle.delivery)
    mark_deploy(source, environment="production", version="1.1.0", by=members.developer)
    assert is_provable_by_traffic(lifecycle.delivery)
    lifecycle.prove(app_version="")
    assert lifecycle.request.state == RequestState.LIVE


def widened(members, source, **first):
    """An update on a source that another version is live on; only it knows of a currency."""
    live = RequestFactory.live(members=members, sources=[source], **first)
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    return RequestFactory.reviewed(
        members=members, event=live.event, sources=[source], document=definition(schema=wider)
    )


def test_before_the_first_marker_every_production_event_is_tried(members):
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.NOWHERE)
    lifecycle = widened(members, source, app_version="")
    source.version_from = VersionFrom.DEPLOYS
    source.save()
    shown = VALID_PAYLOAD | {"currency": "EUR"}
    lifecycle.develop(app_version="1.1.0")
    mark_deploy(source, environment="staging", version="1.1.0", by=members.developer)
    ingest(source, lifecycle.change.name, [shown], environment=Environment.STAGING, app_version="1.1.0")
    verify(lifecycle)
    delivery = lifecycle.delivery
    assert is_provable_by_traffic(delivery)
    ingest_proof(source, lifecycle.change.name)
    assert production_evidence(delivery).events == 0  # valid under the parent as well
    began = timezone.now() + timedelta(hours=2)
    ingest_proof(source, lifecycle.change.name, payload=shown, since=began)
    assert advance_deliveries() == 1
    bindings = Binding.objects.filter(
        version=lifecycle.change.version, environment=Environment.PRODUCTION, ended_at=None
    )
    assert set(bindings.values_list("since_version", "since_at")) == {("1.1.0", None), ("", began)}
    later = ingest(source, lifecycle.change.name, [shown], at=began + timedelta(hours=3))
    assert {event.version_id for event in later.events} == {lifecycle.change.version.pk}


def test_past_the_first_marker_only_reached_events_are_tried(members):
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.DEPLOYS)
    for environment in ("staging", "production"):
        mark_deploy(source, environment=environment, version="1.0.0", by=members.developer)
    lifecycle = widened(members, source, app_version="1.0.0")
    lifecycle.develop(app_version="1.1.0")
    mark_deploy(source, environment="staging", version="1.1.0", by=members.developer)
    shown = VALID_PAYLOAD | {"currency": "EUR"}
    ingest(source, lifecycle.change.name, [shown], environment=Environment.STAGING, app_version="1.1.0")
    verify(lifecycle)
    ingest_proof(source, lifecycle.change.name, payload=shown, app_version="1.0.0")
    assert not lifecycle.delivery.evidence.filter(stage="tested").exists()
