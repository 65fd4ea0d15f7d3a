"""Documenting what already flows, from one click, from the API and from imports."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import HistoryEntry, Membership
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Role
from catalog.choices import ImportState, Status
from catalog.contract import InvalidDefinition
from catalog.models import Binding, Event
from catalog.services.imports.import_runs import start_import
from catalog.services.policy_editing import save_company_policy
from catalog.services.sources import update_source
from tests.factories.accounts import UserFactory
from tests.factories.catalog import PropertyFactory, SourceFactory, definition
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, TeamFixture, ingest, ingest_proof
from tracking.quality.models import Finding
from tracking.requests.authoring.documentation import document_event
from tracking.requests.authoring.draft_editing import edit_change
from tracking.requests.authoring.import_requests import run_import
from tracking.requests.authoring.traffic_inference import request_from_undocumented
from tracking.requests.choices import DeliveryState, Lane, RequestOrigin, RequestState
from tracking.requests.evidence.summaries import production_evidence
from tracking.requests.models import Request
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.guards.production_proof import is_provable_by_traffic
from tracking.requests.workflow.transition_service import move_delivery, move_request
from tracking.traffic.models import SeenName

pytestmark = pytest.mark.django_db


@pytest.fixture
def members():
    return TeamFixture.create()


@pytest.fixture
def source(members):
    return SourceFactory.create(owner_team=members.team)


def lag(count=25):
    """When proof must begin so that it ends now."""
    return timezone.now() - timedelta(minutes=2 * count)


def test_one_click_from_undocumented_traffic_to_a_live_event(members, source):
    ingest_proof(source, "Order Completed", since=lag())
    seen = SeenName.objects.get()
    request = request_from_undocumented(seen, by=members.pm)
    change = request.changes.get()
    assert (request.origin, request.lane, request.expected_per_day) == (RequestOrigin.TRAFFIC, Lane.DOCUMENTING, 4)
    assert (request.priority, request.review_by) == ("normal", timezone.localdate() + timedelta(days=180))
    assert change.definition["schema"]["required"] == ["coupon", "total"]
    assert list(change.sources.all()) == [source]
    with pytest.raises(UnmetConditionsError, match="Say in one sentence what happens"):
        move_request(request, RequestState.REQUESTED, by=members.pm)
    described = change.definition | {"description": "Somebody paid."}
    edit_change(change, by=members.pm, revision=None, definition=described)
    request = move_request(request, RequestState.REQUESTED, by=members.pm)
    request = move_request(request, RequestState.REVIEWED, by=members.analyst)
    assert request.state == RequestState.LIVE
    assert change.deliveries.get().state == DeliveryState.LIVE
    event = Event.objects.get()
    assert event.status == Status.LIVE
    assert Binding.objects.filter(event=event, ended_at=None).count() == 3
    moves = HistoryEntry.objects.for_subject("request", request.pk).filter(action="moved")
    assert [entry.to_state for entry in moves] == ["requested", "reviewed", "live"]


def test_what_was_documented_can_be_taken_back_and_proven_again(members, source):
    ingest_proof(source, "Order Completed", since=lag())
    lifecycle = RequestFactory.reviewed(members=members, sources=[source])
    assert lifecycle.request.state == RequestState.LIVE
    move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=members.analyst, comment="It was a test.")
    assert lifecycle.event.status == Status.PLANNED
    lifecycle.prove(app_version="")
    assert lifecycle.request.state == RequestState.LIVE


def test_an_undone_documentation_is_proven_by_what_its_parent_refuses(members, source):
    RequestFactory.live(members=members, sources=[source], app_version="1.0.0")
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    shown = VALID_PAYLOAD | {"currency": "EUR"}
    ingest_proof(source, "Order Completed", payload=shown, app_version="1.0.0", since=lag())
    lifecycle = RequestFactory.reviewed(
        members=members, event=Event.objects.get(), sources=[source], document=definition(schema=wider)
    )
    assert (lifecycle.request.lane, lifecycle.request.state) == (Lane.DOCUMENTING, RequestState.LIVE)
    move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=members.analyst, comment="It was a test.")
    assert lifecycle.delivery.app_version == ""
    assert is_provable_by_traffic(lifecycle.delivery)
    ingest_proof(source, "Order Completed", app_version="1.0.0")
    assert production_evidence(lifecycle.delivery).events == 0  # tried, and valid under the parent as well
    assert lifecycle.delivery.evidence.filter(round=lifecycle.delivery.round).exists()
    ingest_proof(source, "Order Completed", payload=shown, app_version="1.0.0")
    assert advance_deliveries() == 1


def test_what_was_found_while_nobody_had_defined_it_is_settled(members, source):
    ingest_proof(source, "Order Completed", since=lag())
    finding = Finding.objects.get(rule="undocumented")
    request = request_from_undocumented(SeenName.objects.get(), by=members.pm)
    change = request.changes.get()
    edit_change(change, by=members.pm, revision=None, definition=change.definition | {"description": "Somebody paid."})
    move_request(request, RequestState.REQUESTED, by=members.pm)
    finding.refresh_from_db()
    assert finding.state == "open"
    move_request(request, RequestState.REVIEWED, by=members.analyst)
    finding.refresh_from_db()
    assert (finding.state, finding.reason) == ("resolved", "Order Completed is defined now.")


def test_what_the_library_knows_is_taken_over_where_all_that_came_keeps_to_it(members, source):
    total = {"type": "number", "minimum": 0}
    PropertyFactory.create(name="total", description="What was paid", schema=total)
    PropertyFactory.create(name="coupon", description="A code", schema={"type": "string", "pattern": "^NEVER$"})
    ingest(source, "Order Completed", [VALID_PAYLOAD], environment="staging")
    request = request_from_undocumented(SeenName.objects.get(), by=members.pm)
    found = request.changes.get().definition["schema"]["properties"]
    assert found["total"].items() >= {**total, "description": "What was paid"}.items()
    assert "pattern" not in found["coupon"]


@pytest.mark.parametrize(
    ("company", "of_source", "is_taken_over"),
    [
        ("error", "", False),
        ("absent", "", True),
        ("absent", "error", False),
        ("error", "absent", True),
        ("warning", "", False),  # an event that is warned about does not keep to it, either
    ],
)
def test_nulls_that_came_are_what_their_source_says(members, source, company, of_source, is_taken_over):
    chief = UserFactory.create()
    Membership.objects.create(user=chief, role=Role.ANALYST)
    save_company_policy(null_handling=company, by=chief)
    update_source(source, null_handling=of_source, by=members.analyst)
    PropertyFactory.create(name="coupon", description="A code", schema={"type": "string", "maxLength": 90})
    ingest(source, "Order Completed", [{"coupon": "ten"}, {"coupon": None}, {"total": 1}], environment="staging")
    request = request_from_undocumented(SeenName.objects.get(), by=members.pm)
    coupon = request.changes.get().definition["schema"]["properties"]["coupon"]
    assert ("maxLength" in coupon) is is_taken_over


def test_each_sample_is_read_as_its_own_source_wants_nulls(members, source):
    strict = SourceFactory.create(owner_team=members.team)
    update_source(source, null_handling="absent", by=members.analyst)
    PropertyFactory.create(name="coupon", description="A code", schema={"type": "string", "maxLength": 90})
    ingest(source, "Order Completed", [{"coupon": "ten"}, {"coupon": None}, {}], environment="staging")
    ingest(strict, "Order Completed", [{"coupon": None}], environment="staging")
    request = request_from_undocumented(SeenName.objects.get(), by=members.pm)
    assert "maxLength" not in request.changes.get().definition["schema"]["properties"]["coupon"]


def test_the_second_click_finds_the_first_request(members, source):
    ingest(source, "Order Completed", [VALID_PAYLOAD])
    seen = SeenName.objects.get()
    first = request_from_undocumented(seen, by=members.pm)
    assert request_from_undocumented(seen, by=members.analyst) == first


def test_an_event_of_the_catalog_is_not_documented_again(members, source):
    lifecycle = RequestFactory.reviewed(members=members, sources=[source])
    ingest(source, lifecycle.change.name, [VALID_PAYLOAD])
    with pytest.raises(UnmetConditionsError) as caught:
        request_from_undocumented(SeenName.objects.get(), by=members.pm)
    assert [unmet.code for unmet in caught.value.unmet] == ["name_taken"]


def test_a_name_without_samples_waits(members, source):
    ingest(source, "Order Completed", [VALID_PAYLOAD])
    seen = SeenName.objects.get()
    seen.samples.all().delete()
    with pytest.raises(UnmetConditionsError) as caught:
        request_from_undocumented(seen, by=members.pm)
    assert [unmet.code for unmet in caught.value.unmet] == ["samples"]


def test_a_viewer_cannot_document(members, source):
    ingest(source, "Order Completed", [VALID_PAYLOAD])
    with pytest.raises(Forbidden):
        request_from_undocumented(SeenName.objects.get(), by=members.viewer)


def test_traffic_too_thin_is_the_lane_new(members, source):
    ingest(source, "Order Completed", [VALID_PAYLOAD] * 3)
    assert request_from_undocumented(SeenName.objects.get(), by=members.pm).lane == Lane.NEW


def test_traffic_from_too_few_ids_is_the_lane_new(members, source):
    ingest(source, "Order Completed", [VALID_PAYLOAD] * 25, person_ids=[1, 2], at=lag(), interval=lag(0) - lag(1))
    lifecycle = RequestFactory.draft(members=members, sources=[source])
    assert lifecycle.request.lane == Lane.NEW


def test_traffic_that_does_not_conform_is_the_lane_new(members, source):
    ingest_proof(source, "Order Completed", since=lag())
    ingest(source, "Order Completed", [{"total": "much"}])
    lifecycle = RequestFactory.draft(members=members, sources=[source])
    assert lifecycle.request.lane == Lane.NEW


def test_documenting_needs_an_owner_team(members, source):
    ingest_proof(source, "Order Completed", since=lag())
    lifecycle = RequestFactory.draft(members=members, sources=[source], team=None)
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    assert [unmet.code for unmet in caught.value.unmet] == ["team"]


def test_a_definition_handed_over_is_submitted_where_traffic_shows_it(members, source):
    ingest_proof(source, "Order Completed", since=lag())
    documented = document_event(definition(), sources=[source], by=members.analyst)
    assert documented.request.state == RequestState.REQUESTED
    assert [unmet.code for unmet in documented.unmet] == ["four_eyes"]


def test_a_definition_handed_over_is_approved_where_policy_allows(members, source):
    members.team.own_approval_tiers = [3]
    members.team.save()
    ingest_proof(source, "Order Completed", since=lag())
    documented = document_event(definition(), sources=[source], by=members.analyst)
    assert (documented.request.state, documented.unmet) == (RequestState.LIVE, ())
    assert documented.request.approvals.get().is_same_person


def test_a_definition_handed_over_that_nobody_sends_says_what_is_missing(members, source):
    documented = document_event(definition(), sources=[source], by=members.analyst)
    assert (documented.request.state, documented.request.lane) == (RequestState.DRAFT, Lane.NEW)
    assert {"question", "decision", "priority"} <= {unmet.code for unmet in documented.unmet}


def test_a_damaged_definition_handed_over_leaves_nothing(members, source):
    with pytest.raises(InvalidDefinition):
        document_event({"name": "x", "schema": {"type": "nonsense"}}, sources=[source], by=members.analyst)
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


def plan_import(members, sources=()):
    return start_import(
        format="segment",
        file_name="plan.json",
        content=json.dumps(PLAN).encode(),
        by=members.pm,
        sources=sources,
        owner_team=members.team,
        is_dry_run=False,
    )


def test_an_import_becomes_one_request_and_twice_changes_nothing(members):
    run = run_import(plan_import(members))
    assert (run.state, run.counts["created"]) == (ImportState.DONE, 2)
    request = Request.objects.get()
    assert (request.origin, request.lane, request.team) == (RequestOrigin.IMPORT, Lane.DOCUMENTING, members.team)
    assert sorted(change.name for change in request.changes.all()) == ["Order Completed", "Order Refunded"]
    again = run_import(plan_import(members))
    assert (again.counts["created"], again.counts["unchanged"]) == (0, 2)
    assert Request.objects.count() == 1


def test_an_approved_import_keeps_its_provenance(members):
    run = run_import(plan_import(members))
    request = move_request(Request.objects.get(), RequestState.REQUESTED, by=members.pm)
    request = move_request(request, RequestState.REVIEWED, by=members.analyst)
    assert request.state == RequestState.LIVE
    assert all(entry.version is not None and entry.event is not None for entry in run.entries.all())
    again = run_import(plan_import(members))
    assert (again.counts["created"], again.counts["unchanged"]) == (0, 2)


def test_an_import_for_a_source_that_sends_nothing_is_the_lane_new(members, source):
    run_import(plan_import(members, [source]))
    assert Request.objects.get().lane == Lane.NEW


def test_a_damaged_import_ends_with_a_sentence(members):
    run = start_import(
        format="segment", file_name="plan.zip", content=b"PK\x03\x04 not a zip", by=members.pm, is_dry_run=False
    )
    run = run_import(run)
    assert run.state == ImportState.FAILED or run.counts["failed"] == 1
    assert not Request.objects.exists()
