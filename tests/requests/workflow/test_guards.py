"""Each condition of a step alone: met, it says nothing; unmet, it says so with its code."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.preconditions import UnmetConditionsError
from catalog.choices import Environment, Platform, VersionFrom
from catalog.models import Binding, Property
from catalog.services.deploys import mark_deploy
from tests.factories.accounts import TeamFactory
from tests.factories.catalog import (
    TOTAL_SCHEMA,
    EventFactory,
    PropertyFactory,
    SourceFactory,
    definition,
    publish_next_version,
)
from tests.factories.requests import (
    INVALID_PAYLOAD,
    VALID_PAYLOAD,
    RequestFactory,
    hash_of_person,
    ingest,
    ingest_proof,
)
from tracking.requests.authoring.draft_editing import (
    add_change,
    create_request,
    edit_change,
    edit_request,
    rebase_change,
)
from tracking.requests.choices import ChangeAction, DeliveryState, Lane, RequestState
from tracking.requests.evidence.summaries import production_evidence, required_property_paths
from tracking.requests.evidence.thresholds import threshold_for_delivery
from tracking.requests.models import EvidenceId
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.available_steps import automatic_step_blockers
from tracking.requests.workflow.guards import unmet_conditions
from tracking.requests.workflow.guards.production_proof import is_provable_by_traffic
from tracking.requests.workflow.steps.step_context import StepContext
from tracking.requests.workflow.transition_service import move_delivery, move_request

pytestmark = pytest.mark.django_db

NEW_FIELDS = ("question", "decision", "owner", "priority", "expected_per_day", "review_by")


def codes(names, lifecycle, **more):
    more = {"by": lifecycle.members.analyst, "at": timezone.now()} | more
    return [condition.code for condition in unmet_conditions(names, StepContext(lifecycle.request, **more))]


def codes_of(caught):
    return {condition.code for condition in caught.value.unmet}


def test_a_request_changes_something(members):
    lifecycle = RequestFactory.draft(members=members)
    assert codes(["has_changes"], lifecycle) == []
    lifecycle.change.delete()
    assert codes(["has_changes"], lifecycle) == ["changes"]


def test_an_update_that_says_what_stands_changes_nothing(members):
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=members.team)
    lifecycle = RequestFactory.draft(members=members, event=event, sources=[], message="Nothing.")
    assert codes(["has_changes"], lifecycle) == ["changes"]


@pytest.mark.parametrize(
    "document",
    [
        {"name": "Order Completed"},
        {"schema": {"type": "object"}},
        definition(schema={"type": "object", "properties": {"total": {"type": "nonsense"}}}),
        definition(schema={"type": "object", "properties": {"a": {"$ref": "https://example.com/a.json"}}}),
        definition(schema={"type": "object", "properties": {"a": {"type": "string", "pattern": "(?=x)x"}}}),
    ],
)
def test_each_definition_compiles(members, document):
    lifecycle = RequestFactory.draft(members=members, document=document)
    assert "definition" in codes(["definitions_valid"], lifecycle)


def test_an_event_is_asked_for_once(members):
    lifecycle = RequestFactory.draft(members=members)
    add_change(lifecycle.request, action=ChangeAction.CREATE, by=members.pm, definition=definition())
    assert codes(["definitions_valid"], lifecycle) == ["definition"]


def test_a_name_that_is_an_event_already_is_refused(members):
    EventFactory.create(name="Order Completed")
    lifecycle = RequestFactory.draft(members=members)
    assert codes(["definitions_valid"], lifecycle) == ["name_taken"]


def test_an_event_keeps_its_call(members):
    event = EventFactory.create(name="Order Completed", definition=definition())
    lifecycle = RequestFactory.draft(members=members, event=event, document=definition(call="page"))
    assert codes(["definitions_valid"], lifecycle) == ["definition"]


def test_a_change_builds_on_the_newest_version(members):
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=members.team)
    document = definition(description="Paid, and not a free order.", trigger="After the bank said yes.")
    lifecycle = RequestFactory.draft(members=members, event=event, document=document)
    assert codes(["based_on_newest"], lifecycle) == []
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    newer = publish_next_version(event, definition(schema=wider))
    assert codes(["based_on_newest"], lifecycle) == ["rebase"]
    change = rebase_change(lifecycle.change, by=members.pm)
    assert change.base == newer
    assert "currency" in change.definition["schema"]["properties"]
    assert change.definition["trigger"] == "After the bank said yes."
    assert codes(["based_on_newest"], lifecycle) == []


def test_a_rebase_that_both_changed_is_for_a_person(members):
    event = EventFactory.create(name="Order Completed", definition=definition())
    lifecycle = RequestFactory.draft(
        members=members, event=event, document=definition(description="Mine.", trigger="x")
    )
    publish_next_version(event, definition(description="Theirs."))
    with pytest.raises(UnmetConditionsError) as caught:
        rebase_change(lifecycle.change, by=members.pm)
    assert "/description" in str(caught.value)


@pytest.mark.parametrize("field", NEW_FIELDS)
def test_a_new_event_says_what_it_is_for(members, field):
    empty = None if field in ("owner", "expected_per_day", "review_by") else ""
    lifecycle = RequestFactory.draft(members=members, **{field: empty})
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    assert codes_of(caught) == {field}


def test_a_metric_stands_for_a_decision(members):
    assert (
        RequestFactory.draft(members=members, decision="", metric="Revenue").submit().request.state
        == RequestState.REQUESTED
    )


def test_a_new_event_names_its_sources(members):
    lifecycle = RequestFactory.draft(members=members, sources=[])
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    assert codes_of(caught) == {"sources"}


def test_words_need_a_message(members):
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=members.team)
    lifecycle = RequestFactory.draft(members=members, event=event, sources=[], document=definition(description="Paid."))
    assert lifecycle.request.lane == Lane.WORDS
    with pytest.raises(UnmetConditionsError) as caught:
        move_request(lifecycle.request, RequestState.LIVE, by=members.pm)
    assert codes_of(caught) == {"message"}


@pytest.mark.parametrize("field", ["reason", "successor", "ends_on"])
def test_ending_an_event_says_why_and_when_and_what_comes_after(members, field):
    event = EventFactory.create(name="Order Completed", owner_team=members.team)
    fields = {"has_no_successor": True, "ends_on": "2030-01-01"}
    fields.pop({"successor": "has_no_successor"}.get(field, field), None)
    reason = "" if field == "reason" else "Nobody reads it."
    lifecycle = RequestFactory.draft(
        members=members, event=event, action=ChangeAction.DEPRECATE, sources=[], change=fields, reason=reason
    )
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit()
    assert codes_of(caught) == {field}


def test_nobody_approves_their_own_request(members):
    lifecycle = RequestFactory.draft(members=members, by=members.analyst).submit()
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.approve(by=members.analyst)
    assert codes_of(caught) == {"four_eyes"}
    assert lifecycle.approve(by=members.second_analyst).request.state == RequestState.REVIEWED


def test_a_team_may_allow_own_approval_for_a_tier_and_history_says_so(members):
    members.team.own_approval_tiers = [3]
    members.team.save()
    lifecycle = RequestFactory.draft(members=members, by=members.analyst).submit().approve(by=members.analyst)
    assert lifecycle.request.approvals.get().is_same_person
    last = lifecycle.request.approvals.get()
    assert last.person == members.analyst


def test_own_approval_holds_for_its_tiers_alone(members):
    members.team.own_approval_tiers = [3]
    members.team.save()
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=members.team, tier=1)
    source = SourceFactory.create(owner_team=members.team)
    document = definition(trigger="Once paid.")
    lifecycle = RequestFactory.draft(
        members=members, by=members.analyst, event=event, sources=[source], document=document
    )
    lifecycle.submit()
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.approve(by=members.analyst)
    assert codes_of(caught) == {"four_eyes"}


def test_the_owner_approves_no_more_than_the_author_does(members):
    lifecycle = RequestFactory.requested(members=members, owner=members.analyst)
    assert codes(["four_eyes"], lifecycle) == ["four_eyes"]
    assert codes(["four_eyes"], lifecycle, by=members.second_analyst) == []


def test_whoever_edited_a_request_does_not_approve_it(members):
    lifecycle = RequestFactory.draft(members=members, owner=members.analyst)
    edit_change(lifecycle.change, by=members.analyst, revision=None, definition=definition(trigger="Once paid."))
    edit_request(lifecycle.request, by=members.analyst, revision=None, owner=members.pm)
    lifecycle.request.refresh_from_db()
    with pytest.raises(UnmetConditionsError) as caught:
        lifecycle.submit().approve(by=members.analyst)
    assert codes_of(caught) == {"four_eyes"}
    assert lifecycle.approve(by=members.second_analyst).request.state == RequestState.REVIEWED


def test_the_policy_is_that_of_the_team_that_owns_the_event(members):
    lenient = TeamFactory.create(own_approval_tiers=[1, 2, 3])
    members.analyst.memberships.create(team=lenient, role="analyst")
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=members.team)
    document = definition(trigger="Once paid.")
    lifecycle = RequestFactory.draft(members=members, by=members.analyst, event=event, document=document, team=lenient)
    assert codes(["four_eyes"], lifecycle) == ["four_eyes"]
    members.team.own_approval_tiers = [event.tier]
    members.team.save()
    assert codes(["four_eyes"], lifecycle) == []


def test_a_new_event_follows_the_policy_of_a_team_of_its_author(members):
    lenient = TeamFactory.create(own_approval_tiers=[3])
    lifecycle = RequestFactory.draft(members=members, by=members.analyst, team=lenient)
    assert codes(["four_eyes"], lifecycle) == ["four_eyes"]
    members.analyst.memberships.create(team=lenient, role="analyst")
    assert codes(["four_eyes"], lifecycle) == []


def test_whoever_delivers_does_not_verify(members):
    members.developer.memberships.create(team=members.team, role="qa")
    lifecycle = RequestFactory.developed(members=members)
    ingest(lifecycle.sources[0], lifecycle.change.name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0")
    with pytest.raises(UnmetConditionsError) as caught:
        move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=members.developer)
    assert codes_of(caught) == {"four_eyes"}


@pytest.mark.parametrize("given", ["", "  ", "not a version", "1" * 101])
def test_an_app_version_is_given_and_can_be_read(members, given):
    lifecycle = RequestFactory.reviewed(members=members)
    with pytest.raises(UnmetConditionsError) as caught:
        move_delivery(lifecycle.delivery, DeliveryState.DEVELOPED, by=members.developer, app_version=given)
    assert codes_of(caught) == {"app_version"}


def test_a_source_without_app_versions_is_not_asked_for_one(members):
    source = SourceFactory.create(owner_team=members.team, version_from=VersionFrom.NOWHERE)
    lifecycle = RequestFactory.reviewed(members=members, sources=[source]).develop(app_version="")
    assert lifecycle.delivery.state == DeliveryState.DEVELOPED


def verify(lifecycle, **more):
    return move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=lifecycle.members.qa, **more)


def test_nothing_arrived_is_no_evidence(members):
    lifecycle = RequestFactory.developed(members=members)
    with pytest.raises(UnmetConditionsError) as caught:
        verify(lifecycle)
    assert codes_of(caught) == {"evidence", "properties"}


def test_evidence_is_of_the_app_version_or_later(members):
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="1.9.0")
    ingest(source, name, [INVALID_PAYLOAD], environment="staging", app_version="1.9.0")
    ingest(source, name, [VALID_PAYLOAD], app_version="2.0.0")  # production is no place to test
    with pytest.raises(UnmetConditionsError) as caught:
        verify(lifecycle)
    assert codes_of(caught) == {"evidence", "properties"}
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0-rc.1")
    assert verify(lifecycle).state == DeliveryState.TESTED


def test_each_property_that_was_added_is_seen(members):
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [{"total": 1}], environment="staging", app_version="2.0.0")
    with pytest.raises(UnmetConditionsError) as caught:
        verify(lifecycle)
    assert "of anybody: coupon" in str(caught.value)
    assert codes_of(caught) == {"properties"}


def test_one_that_does_not_conform_stands_in_the_way_unless_its_id_was_not_chosen(members):
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0", person_ids=[7])
    ingest(source, name, [INVALID_PAYLOAD], environment="staging", app_version="2.0.0", person_ids=[8])
    with pytest.raises(UnmetConditionsError) as caught:
        verify(lifecycle)
    assert codes_of(caught) == {"nonconforming"}
    with pytest.raises(UnmetConditionsError):
        verify(lifecycle, ids=[hash_of_person(7), hash_of_person(8)])
    assert verify(lifecycle, ids=[hash_of_person(7)]).state == DeliveryState.TESTED
    assert lifecycle.delivery.verifications.get().evidence["ids"] == [str(hash_of_person(7))]


def test_properties_are_those_of_all_ids_chosen_or_not(members):
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [{"total": 1}], environment="staging", app_version="2.0.0", person_ids=[7])
    with pytest.raises(UnmetConditionsError) as caught:
        verify(lifecycle, ids=[hash_of_person(7)])
    assert "of anybody: coupon" in str(caught.value)
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0", person_ids=[8])
    assert verify(lifecycle, ids=[hash_of_person(7)]).state == DeliveryState.TESTED


def test_what_failed_before_it_was_developed_again_counts_no_more(members):
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [INVALID_PAYLOAD], environment="staging", app_version="2.0.0")
    move_delivery(lifecycle.delivery, DeliveryState.REVIEWED, by=members.qa, comment="The total is a text.")
    lifecycle.develop(app_version="2.0.1")
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.1")
    assert verify(lifecycle).state == DeliveryState.TESTED


def test_only_what_an_update_adds_or_alters_must_be_seen(members):
    source = SourceFactory.create(owner_team=members.team)
    first = RequestFactory.live(members=members, sources=[source])
    schema = {
        "type": "object",
        "properties": {
            "total": TOTAL_SCHEMA | {"description": "In the currency of the shop."},
            "coupon": {"type": "string", "maxLength": 20},
            "items": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
            "shop": {"type": "string"},
        },
        "required": ["total"],
    }
    Property.objects.all().delete()
    PropertyFactory.create(name="shop", origin="enriched")
    document = definition(schema=schema, per_source={source.slug: {"absent": ["items"]}})
    lifecycle = RequestFactory.reviewed(members=members, event=first.event, sources=[source], document=document)
    assert required_property_paths(lifecycle.delivery) == ["/properties/coupon"]


def test_what_python_takes_for_the_same_is_altered_all_the_same(members):
    source = SourceFactory.create(owner_team=members.team)

    def document(values):
        return definition(schema={"type": "object", "properties": {"gift": {"enum": values}, "one": {"const": 1}}})

    event = EventFactory.create(owner_team=members.team, sources=[source], is_live=True, definition=document([0, 1]))
    lifecycle = RequestFactory.reviewed(
        members=members, event=event, sources=[source], document=document([False, True])
    )
    assert required_property_paths(lifecycle.delivery) == ["/properties/gift"]


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


def test_ids_past_the_bound_are_not_kept(members, settings):
    settings.EVIDENCE_IDS_KEPT = 3
    lifecycle = RequestFactory.developed(members=members)
    for people in (range(1, 6), range(4, 9), [1, 2, 3]):
        ingest(
            lifecycle.sources[0],
            lifecycle.change.name,
            [VALID_PAYLOAD] * 5,
            environment="staging",
            app_version="2.0.0",
            person_ids=people,
            interval=timedelta(microseconds=1),  # the first to come are kept
        )
    kept = dict(EvidenceId.objects.values_list("id_hash", "conforming"))
    assert kept == {hash_of_person(1): 3, hash_of_person(2): 3, hash_of_person(3): 2}
    assert lifecycle.delivery.evidence.get().conforming == 15


def test_an_id_past_the_bound_is_not_signed_for(members, settings):
    settings.EVIDENCE_IDS_KEPT = 1
    lifecycle = RequestFactory.developed(members=members)
    source, name = lifecycle.sources[0], lifecycle.change.name
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0", person_ids=[7])
    ingest(source, name, [INVALID_PAYLOAD], environment="staging", app_version="2.0.0", person_ids=[8])
    with pytest.raises(UnmetConditionsError) as caught:
        verify(lifecycle, ids=[hash_of_person(person) for person in (7, 8, 8)])
    assert codes_of(caught) == {"ids"}
    assert f"chosen ids {hash_of_person(8)}:" in str(caught.value)
    assert verify(lifecycle, ids=[hash_of_person(7)]).state == DeliveryState.TESTED


def test_a_draft_of_nobody_else_is_created_by_the_author(members):
    request = create_request(by=members.pm, title="A")
    assert (request.owner, request.team) == (members.pm, members.team)
