"""Documenting what already flows, from one click, from the API and from imports."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import HistoryEntry
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditions
from catalog.choices import ImportState, Status
from catalog.contract import InvalidDefinition
from catalog.models import Binding, Event
from catalog.services.imports.import_runs import start_import
from tests.factories.catalog import PropertyFactory, SourceFactory, definition
from tests.factories.requests import VALID, Cast, RequestFactory, arrive, prove_by
from tracking.quality.finding_recorder import record_findings
from tracking.quality.models import Finding
from tracking.requests.authoring.documentation import request_documenting
from tracking.requests.authoring.draft_editing import edit_change
from tracking.requests.authoring.import_requests import run_import
from tracking.requests.authoring.traffic_inference import request_from_undocumented
from tracking.requests.choices import DeliveryState, Lane, Origin, State
from tracking.requests.evidence.summaries import proof_of
from tracking.requests.models import Request
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.guards.production_proof import is_showable
from tracking.requests.workflow.transition_service import move_delivery, move_request
from tracking.traffic.models import SeenName

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return Cast.of()


@pytest.fixture
def source(cast):
    return SourceFactory.create(owner_team=cast.team)


def lag(count=25):
    """When proof must begin so that it ends now."""
    return timezone.now() - timedelta(minutes=2 * count)


def test_one_click_from_undocumented_traffic_to_a_live_event(cast, source):
    prove_by(source, "Order Completed", since=lag())
    seen = SeenName.objects.get()
    request = request_from_undocumented(seen, by=cast.pm)
    change = request.changes.get()
    assert (request.origin, request.lane, request.expected_per_day) == (Origin.TRAFFIC, Lane.DOCUMENTING, 4)
    assert (request.priority, request.review_by) == ("normal", timezone.localdate() + timedelta(days=180))
    assert change.definition["schema"]["required"] == ["coupon", "total"]
    assert list(change.sources.all()) == [source]
    with pytest.raises(UnmetConditions, match="Say in one sentence what happens"):
        move_request(request, State.REQUESTED, by=cast.pm)
    described = change.definition | {"description": "Somebody paid."}
    edit_change(change, by=cast.pm, revision=None, definition=described)
    request = move_request(request, State.REQUESTED, by=cast.pm)
    request = move_request(request, State.REVIEWED, by=cast.analyst)
    assert request.state == State.LIVE
    assert change.deliveries.get().state == DeliveryState.LIVE
    event = Event.objects.get()
    assert event.status == Status.LIVE
    assert Binding.objects.filter(event=event, ended_at=None).count() == 3
    moves = HistoryEntry.objects.of("request", request.pk).filter(action="moved")
    assert [entry.to_state for entry in moves] == ["requested", "reviewed", "live"]


def test_what_was_documented_can_be_taken_back_and_proven_again(cast, source):
    prove_by(source, "Order Completed", since=lag())
    walk = RequestFactory.reviewed(cast=cast, sources=[source])
    assert walk.request.state == State.LIVE
    move_delivery(walk.delivery, DeliveryState.TESTED, by=cast.analyst, comment="It was a test.")
    assert walk.event.status == Status.PLANNED
    walk.prove(app_version="")
    assert walk.request.state == State.LIVE


def test_an_undone_documentation_is_proven_by_what_its_parent_refuses(cast, source):
    RequestFactory.live(cast=cast, sources=[source], app_version="1.0.0")
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    shown = VALID | {"currency": "EUR"}
    prove_by(source, "Order Completed", payload=shown, app_version="1.0.0", since=lag())
    walk = RequestFactory.reviewed(
        cast=cast, event=Event.objects.get(), sources=[source], document=definition(schema=wider)
    )
    assert (walk.request.lane, walk.request.state) == (Lane.DOCUMENTING, State.LIVE)
    move_delivery(walk.delivery, DeliveryState.TESTED, by=cast.analyst, comment="It was a test.")
    assert walk.delivery.app_version == ""
    assert is_showable(walk.delivery)
    prove_by(source, "Order Completed", app_version="1.0.0")
    assert proof_of(walk.delivery).events == 0  # tried, and valid under the parent as well
    assert walk.delivery.evidence.filter(round=walk.delivery.round).exists()
    prove_by(source, "Order Completed", payload=shown, app_version="1.0.0")
    assert advance_deliveries() == 1


def test_what_was_found_while_nobody_had_defined_it_is_settled(cast, source):
    record_findings(prove_by(source, "Order Completed", since=lag()))
    finding = Finding.objects.get(rule="undocumented")
    request = request_from_undocumented(SeenName.objects.get(), by=cast.pm)
    change = request.changes.get()
    edit_change(change, by=cast.pm, revision=None, definition=change.definition | {"description": "Somebody paid."})
    move_request(request, State.REQUESTED, by=cast.pm)
    finding.refresh_from_db()
    assert finding.state == "open"
    move_request(request, State.REVIEWED, by=cast.analyst)
    finding.refresh_from_db()
    assert (finding.state, finding.reason) == ("resolved", "Order Completed is defined now.")


def test_what_the_library_knows_is_taken_over_where_all_that_came_keeps_to_it(cast, source):
    total = {"type": "number", "minimum": 0}
    PropertyFactory.create(name="total", description="What was paid", schema=total)
    PropertyFactory.create(name="coupon", description="A code", schema={"type": "string", "pattern": "^NEVER$"})
    arrive(source, "Order Completed", [VALID], environment="staging")
    request = request_from_undocumented(SeenName.objects.get(), by=cast.pm)
    found = request.changes.get().definition["schema"]["properties"]
    assert found["total"].items() >= {**total, "description": "What was paid"}.items()
    assert "pattern" not in found["coupon"]


def test_the_second_click_finds_the_first_request(cast, source):
    arrive(source, "Order Completed", [VALID])
    seen = SeenName.objects.get()
    first = request_from_undocumented(seen, by=cast.pm)
    assert request_from_undocumented(seen, by=cast.analyst) == first


def test_an_event_of_the_catalog_is_not_documented_again(cast, source):
    walk = RequestFactory.reviewed(cast=cast, sources=[source])
    arrive(source, walk.change.name, [VALID])
    with pytest.raises(UnmetConditions) as caught:
        request_from_undocumented(SeenName.objects.get(), by=cast.pm)
    assert [unmet.code for unmet in caught.value.unmet] == ["name_taken"]


def test_a_name_without_samples_waits(cast, source):
    arrive(source, "Order Completed", [VALID])
    seen = SeenName.objects.get()
    seen.samples.all().delete()
    with pytest.raises(UnmetConditions) as caught:
        request_from_undocumented(seen, by=cast.pm)
    assert [unmet.code for unmet in caught.value.unmet] == ["samples"]


def test_a_viewer_cannot_document(cast, source):
    arrive(source, "Order Completed", [VALID])
    with pytest.raises(Forbidden):
        request_from_undocumented(SeenName.objects.get(), by=cast.viewer)


def test_traffic_too_thin_is_the_lane_new(cast, source):
    arrive(source, "Order Completed", [VALID] * 3)
    assert request_from_undocumented(SeenName.objects.get(), by=cast.pm).lane == Lane.NEW


def test_traffic_from_too_few_ids_is_the_lane_new(cast, source):
    arrive(source, "Order Completed", [VALID] * 25, people=[1, 2], at=lag(), step=lag(0) - lag(1))
    walk = RequestFactory.draft(cast=cast, sources=[source])
    assert walk.request.lane == Lane.NEW


def test_traffic_that_does_not_conform_is_the_lane_new(cast, source):
    prove_by(source, "Order Completed", since=lag())
    arrive(source, "Order Completed", [{"total": "much"}])
    walk = RequestFactory.draft(cast=cast, sources=[source])
    assert walk.request.lane == Lane.NEW


def test_documenting_needs_an_owner_team(cast, source):
    prove_by(source, "Order Completed", since=lag())
    walk = RequestFactory.draft(cast=cast, sources=[source], team=None)
    with pytest.raises(UnmetConditions) as caught:
        walk.submit()
    assert [unmet.code for unmet in caught.value.unmet] == ["team"]


def test_a_definition_handed_over_is_submitted_where_traffic_shows_it(cast, source):
    prove_by(source, "Order Completed", since=lag())
    documented = request_documenting(definition(), sources=[source], by=cast.analyst)
    assert documented.request.state == State.REQUESTED
    assert [unmet.code for unmet in documented.unmet] == ["four_eyes"]


def test_a_definition_handed_over_is_approved_where_policy_allows(cast, source):
    cast.team.own_approval_tiers = [3]
    cast.team.save()
    prove_by(source, "Order Completed", since=lag())
    documented = request_documenting(definition(), sources=[source], by=cast.analyst)
    assert (documented.request.state, documented.unmet) == (State.LIVE, ())
    assert documented.request.approvals.get().is_same_person


def test_a_definition_handed_over_that_nobody_sends_says_what_is_missing(cast, source):
    documented = request_documenting(definition(), sources=[source], by=cast.analyst)
    assert (documented.request.state, documented.request.lane) == (State.DRAFT, Lane.NEW)
    assert {"question", "decision", "priority"} <= {unmet.code for unmet in documented.unmet}


def test_a_damaged_definition_handed_over_leaves_nothing(cast, source):
    with pytest.raises(InvalidDefinition):
        request_documenting({"name": "x", "schema": {"type": "nonsense"}}, sources=[source], by=cast.analyst)
    assert not Request.objects.exists()


PLAN = {
    "name": "shop",
    "rules": {
        "events": [
            {
                "name": name,
                "version": 1,
                "rules": {
                    "type": "object",
                    "properties": {"properties": {"type": "object", "properties": {"total": {"type": "number"}}}},
                },
            }
            for name in ("Order Completed", "Order Refunded")
        ]
    },
}


def plan_import(cast, sources=()):
    return start_import(
        format="segment",
        file_name="plan.json",
        content=json.dumps(PLAN).encode(),
        by=cast.pm,
        sources=sources,
        owner_team=cast.team,
        is_dry_run=False,
    )


def test_an_import_becomes_one_request_and_twice_changes_nothing(cast):
    run = run_import(plan_import(cast))
    assert (run.state, run.counts["created"]) == (ImportState.DONE, 2)
    request = Request.objects.get()
    assert (request.origin, request.lane, request.team) == (Origin.IMPORT, Lane.DOCUMENTING, cast.team)
    assert sorted(change.name for change in request.changes.all()) == ["Order Completed", "Order Refunded"]
    again = run_import(plan_import(cast))
    assert (again.counts["created"], again.counts["unchanged"]) == (0, 2)
    assert Request.objects.count() == 1


def test_an_approved_import_keeps_its_provenance(cast):
    run = run_import(plan_import(cast))
    request = move_request(Request.objects.get(), State.REQUESTED, by=cast.pm)
    request = move_request(request, State.REVIEWED, by=cast.analyst)
    assert request.state == State.LIVE
    assert all(entry.version is not None and entry.event is not None for entry in run.entries.all())
    again = run_import(plan_import(cast))
    assert (again.counts["created"], again.counts["unchanged"]) == (0, 2)


def test_an_import_for_a_source_that_sends_nothing_is_the_lane_new(cast, source):
    run_import(plan_import(cast, [source]))
    assert Request.objects.get().lane == Lane.NEW


def test_a_damaged_import_ends_with_a_sentence(cast):
    run = start_import(
        format="segment", file_name="plan.zip", content=b"PK\x03\x04 not a zip", by=cast.pm, is_dry_run=False
    )
    run = run_import(run)
    assert run.state == ImportState.FAILED or run.counts["failed"] == 1
    assert not Request.objects.exists()
