"""Each condition of a step alone: met, it says nothing; unmet, it says so with its code."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.preconditions import UnmetConditions
from catalog.choices import Environment, Platform, VersionFrom
from catalog.models import Binding, Property
from catalog.services.deploys import mark_deploy
from tests.factories.accounts import TeamFactory
from tests.factories.catalog import TOTAL, EventFactory, PropertyFactory, SourceFactory, definition, next_version
from tests.factories.requests import BROKEN, VALID, Cast, RequestFactory, arrive, prove_by
from tracking.requests.authoring.draft_editing import (
    add_change,
    create_request,
    edit_change,
    edit_request,
    rebase_change,
)
from tracking.requests.choices import Action, DeliveryState, Lane, State
from tracking.requests.evidence.summaries import needed_properties, proof_of
from tracking.requests.evidence.thresholds import threshold_of
from tracking.requests.models import EvidenceId
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.available_steps import blocking
from tracking.requests.workflow.guards import unmet
from tracking.requests.workflow.guards.production_proof import is_showable
from tracking.requests.workflow.steps.step_context import Context
from tracking.requests.workflow.transition_service import move_delivery, move_request

pytestmark = pytest.mark.django_db

NEW_FIELDS = ("question", "decision", "owner", "priority", "expected_per_day", "review_by")


@pytest.fixture
def cast():
    return Cast.of()


def codes(names, walk, **more):
    more = {"by": walk.cast.analyst, "at": timezone.now()} | more
    return [condition.code for condition in unmet(names, Context(walk.request, **more))]


def codes_of(caught):
    return {condition.code for condition in caught.value.unmet}


def test_a_request_changes_something(cast):
    walk = RequestFactory.draft(cast=cast)
    assert codes(["has_changes"], walk) == []
    walk.change.delete()
    assert codes(["has_changes"], walk) == ["changes"]


def test_an_update_that_says_what_stands_changes_nothing(cast):
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=cast.team)
    walk = RequestFactory.draft(cast=cast, event=event, sources=[], message="Nothing.")
    assert codes(["has_changes"], walk) == ["changes"]


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
def test_each_definition_compiles(cast, document):
    walk = RequestFactory.draft(cast=cast, document=document)
    assert "definition" in codes(["valid"], walk)


def test_an_event_is_asked_for_once(cast):
    walk = RequestFactory.draft(cast=cast)
    add_change(walk.request, action=Action.CREATE, by=cast.pm, definition=definition())
    assert codes(["valid"], walk) == ["definition"]


def test_a_name_that_is_an_event_already_is_refused(cast):
    EventFactory.create(name="Order Completed")
    walk = RequestFactory.draft(cast=cast)
    assert codes(["valid"], walk) == ["name_taken"]


def test_an_event_keeps_its_call(cast):
    event = EventFactory.create(name="Order Completed", definition=definition())
    walk = RequestFactory.draft(cast=cast, event=event, document=definition(call="page"))
    assert codes(["valid"], walk) == ["definition"]


def test_a_change_builds_on_the_newest_version(cast):
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=cast.team)
    document = definition(description="Paid, and not a free order.", trigger="After the bank said yes.")
    walk = RequestFactory.draft(cast=cast, event=event, document=document)
    assert codes(["parent_newest"], walk) == []
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    newer = next_version(event, definition(schema=wider))
    assert codes(["parent_newest"], walk) == ["rebase"]
    change = rebase_change(walk.change, by=cast.pm)
    assert change.base == newer
    assert "currency" in change.definition["schema"]["properties"]
    assert change.definition["trigger"] == "After the bank said yes."
    assert codes(["parent_newest"], walk) == []


def test_a_rebase_that_both_changed_is_for_a_person(cast):
    event = EventFactory.create(name="Order Completed", definition=definition())
    walk = RequestFactory.draft(cast=cast, event=event, document=definition(description="Mine.", trigger="x"))
    next_version(event, definition(description="Theirs."))
    with pytest.raises(UnmetConditions) as caught:
        rebase_change(walk.change, by=cast.pm)
    assert "/description" in str(caught.value)


@pytest.mark.parametrize("field", NEW_FIELDS)
def test_a_new_event_says_what_it_is_for(cast, field):
    empty = None if field in ("owner", "expected_per_day", "review_by") else ""
    walk = RequestFactory.draft(cast=cast, **{field: empty})
    with pytest.raises(UnmetConditions) as caught:
        walk.submit()
    assert codes_of(caught) == {field}


def test_a_metric_stands_for_a_decision(cast):
    assert RequestFactory.draft(cast=cast, decision="", metric="Revenue").submit().request.state == State.REQUESTED


def test_a_new_event_names_its_sources(cast):
    walk = RequestFactory.draft(cast=cast, sources=[])
    with pytest.raises(UnmetConditions) as caught:
        walk.submit()
    assert codes_of(caught) == {"sources"}


def test_words_need_a_message(cast):
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=cast.team)
    walk = RequestFactory.draft(cast=cast, event=event, sources=[], document=definition(description="Paid."))
    assert walk.request.lane == Lane.WORDS
    with pytest.raises(UnmetConditions) as caught:
        move_request(walk.request, State.LIVE, by=cast.pm)
    assert codes_of(caught) == {"message"}


@pytest.mark.parametrize("field", ["reason", "successor", "ends_on"])
def test_ending_an_event_says_why_and_when_and_what_comes_after(cast, field):
    event = EventFactory.create(name="Order Completed", owner_team=cast.team)
    fields = {"has_no_successor": True, "ends_on": "2030-01-01"}
    fields.pop({"successor": "has_no_successor"}.get(field, field), None)
    reason = "" if field == "reason" else "Nobody reads it."
    walk = RequestFactory.draft(
        cast=cast, event=event, action=Action.DEPRECATE, sources=[], change=fields, reason=reason
    )
    with pytest.raises(UnmetConditions) as caught:
        walk.submit()
    assert codes_of(caught) == {field}


def test_nobody_approves_their_own_request(cast):
    walk = RequestFactory.draft(cast=cast, by=cast.analyst).submit()
    with pytest.raises(UnmetConditions) as caught:
        walk.approve(by=cast.analyst)
    assert codes_of(caught) == {"four_eyes"}
    assert walk.approve(by=cast.lead).request.state == State.REVIEWED


def test_a_team_may_allow_own_approval_for_a_tier_and_history_says_so(cast):
    cast.team.own_approval_tiers = [3]
    cast.team.save()
    walk = RequestFactory.draft(cast=cast, by=cast.analyst).submit().approve(by=cast.analyst)
    assert walk.request.approvals.get().is_same_person
    last = walk.request.approvals.get()
    assert last.person == cast.analyst


def test_own_approval_holds_for_its_tiers_alone(cast):
    cast.team.own_approval_tiers = [3]
    cast.team.save()
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=cast.team, tier=1)
    source = SourceFactory.create(owner_team=cast.team)
    document = definition(trigger="Once paid.")
    walk = RequestFactory.draft(cast=cast, by=cast.analyst, event=event, sources=[source], document=document)
    walk.submit()
    with pytest.raises(UnmetConditions) as caught:
        walk.approve(by=cast.analyst)
    assert codes_of(caught) == {"four_eyes"}


def test_the_owner_approves_no_more_than_the_author_does(cast):
    walk = RequestFactory.requested(cast=cast, owner=cast.analyst)
    assert codes(["four_eyes"], walk) == ["four_eyes"]
    assert codes(["four_eyes"], walk, by=cast.lead) == []


def test_whoever_edited_a_request_does_not_approve_it(cast):
    walk = RequestFactory.draft(cast=cast, owner=cast.analyst)
    edit_change(walk.change, by=cast.analyst, revision=None, definition=definition(trigger="Once paid."))
    edit_request(walk.request, by=cast.analyst, revision=None, owner=cast.pm)
    walk.request.refresh_from_db()
    with pytest.raises(UnmetConditions) as caught:
        walk.submit().approve(by=cast.analyst)
    assert codes_of(caught) == {"four_eyes"}
    assert walk.approve(by=cast.lead).request.state == State.REVIEWED


def test_the_policy_is_that_of_the_team_that_owns_the_event(cast):
    lenient = TeamFactory.create(own_approval_tiers=[1, 2, 3])
    cast.analyst.memberships.create(team=lenient, role="analyst")
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=cast.team)
    document = definition(trigger="Once paid.")
    walk = RequestFactory.draft(cast=cast, by=cast.analyst, event=event, document=document, team=lenient)
    assert codes(["four_eyes"], walk) == ["four_eyes"]
    cast.team.own_approval_tiers = [event.tier]
    cast.team.save()
    assert codes(["four_eyes"], walk) == []


def test_a_new_event_follows_the_policy_of_a_team_of_its_author(cast):
    lenient = TeamFactory.create(own_approval_tiers=[3])
    walk = RequestFactory.draft(cast=cast, by=cast.analyst, team=lenient)
    assert codes(["four_eyes"], walk) == ["four_eyes"]
    cast.analyst.memberships.create(team=lenient, role="analyst")
    assert codes(["four_eyes"], walk) == []


def test_whoever_delivers_does_not_verify(cast):
    cast.developer.memberships.create(team=cast.team, role="qa")
    walk = RequestFactory.developed(cast=cast)
    arrive(walk.sources[0], walk.change.name, [VALID], environment="staging", app_version="2.0.0")
    with pytest.raises(UnmetConditions) as caught:
        move_delivery(walk.delivery, DeliveryState.TESTED, by=cast.developer)
    assert codes_of(caught) == {"four_eyes"}


@pytest.mark.parametrize("given", ["", "  ", "not a version", "1" * 101])
def test_an_app_version_is_given_and_can_be_read(cast, given):
    walk = RequestFactory.reviewed(cast=cast)
    with pytest.raises(UnmetConditions) as caught:
        move_delivery(walk.delivery, DeliveryState.DEVELOPED, by=cast.developer, app_version=given)
    assert codes_of(caught) == {"app_version"}


def test_a_source_without_app_versions_is_not_asked_for_one(cast):
    source = SourceFactory.create(owner_team=cast.team, version_from=VersionFrom.NOWHERE)
    walk = RequestFactory.reviewed(cast=cast, sources=[source]).develop(app_version="")
    assert walk.delivery.state == DeliveryState.DEVELOPED


def verify(walk, **more):
    return move_delivery(walk.delivery, DeliveryState.TESTED, by=walk.cast.qa, **more)


def test_nothing_arrived_is_no_evidence(cast):
    walk = RequestFactory.developed(cast=cast)
    with pytest.raises(UnmetConditions) as caught:
        verify(walk)
    assert codes_of(caught) == {"evidence", "properties"}


def test_evidence_is_of_the_app_version_or_later(cast):
    walk = RequestFactory.developed(cast=cast)
    source, name = walk.sources[0], walk.change.name
    arrive(source, name, [VALID], environment="staging", app_version="1.9.0")
    arrive(source, name, [BROKEN], environment="staging", app_version="1.9.0")
    arrive(source, name, [VALID], app_version="2.0.0")  # production is no place to test
    with pytest.raises(UnmetConditions) as caught:
        verify(walk)
    assert codes_of(caught) == {"evidence", "properties"}
    arrive(source, name, [VALID], environment="staging", app_version="2.0.0-rc.1")
    assert verify(walk).state == DeliveryState.TESTED


def test_each_property_that_was_added_is_seen(cast):
    walk = RequestFactory.developed(cast=cast)
    source, name = walk.sources[0], walk.change.name
    arrive(source, name, [{"total": 1}], environment="staging", app_version="2.0.0")
    with pytest.raises(UnmetConditions) as caught:
        verify(walk)
    assert "of anybody: coupon" in str(caught.value)
    assert codes_of(caught) == {"properties"}


def test_one_that_does_not_conform_stands_in_the_way_unless_its_id_was_not_chosen(cast):
    walk = RequestFactory.developed(cast=cast)
    source, name = walk.sources[0], walk.change.name
    arrive(source, name, [VALID], environment="staging", app_version="2.0.0", people=[7])
    arrive(source, name, [BROKEN], environment="staging", app_version="2.0.0", people=[8])
    with pytest.raises(UnmetConditions) as caught:
        verify(walk)
    assert codes_of(caught) == {"nonconforming"}
    with pytest.raises(UnmetConditions):
        verify(walk, ids=[7, 8])
    assert verify(walk, ids=[7]).state == DeliveryState.TESTED
    assert walk.delivery.verifications.get().evidence["ids"] == ["7"]


def test_properties_are_those_of_all_ids_chosen_or_not(cast):
    walk = RequestFactory.developed(cast=cast)
    source, name = walk.sources[0], walk.change.name
    arrive(source, name, [{"total": 1}], environment="staging", app_version="2.0.0", people=[7])
    with pytest.raises(UnmetConditions) as caught:
        verify(walk, ids=[7])
    assert "of anybody: coupon" in str(caught.value)
    arrive(source, name, [VALID], environment="staging", app_version="2.0.0", people=[8])
    assert verify(walk, ids=[7]).state == DeliveryState.TESTED


def test_what_failed_before_it_was_developed_again_counts_no_more(cast):
    walk = RequestFactory.developed(cast=cast)
    source, name = walk.sources[0], walk.change.name
    arrive(source, name, [BROKEN], environment="staging", app_version="2.0.0")
    move_delivery(walk.delivery, DeliveryState.REVIEWED, by=cast.qa, comment="The total is a text.")
    walk.develop(app_version="2.0.1")
    arrive(source, name, [VALID], environment="staging", app_version="2.0.1")
    assert verify(walk).state == DeliveryState.TESTED


def test_only_what_an_update_adds_or_alters_must_be_seen(cast):
    source = SourceFactory.create(owner_team=cast.team)
    first = RequestFactory.live(cast=cast, sources=[source])
    schema = {
        "type": "object",
        "properties": {
            "total": TOTAL | {"description": "In the currency of the shop."},
            "coupon": {"type": "string", "maxLength": 20},
            "items": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
            "shop": {"type": "string"},
        },
        "required": ["total"],
    }
    Property.objects.all().delete()
    PropertyFactory.create(name="shop", origin="enriched")
    document = definition(schema=schema, per_source={source.slug: {"absent": ["items"]}})
    walk = RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=document)
    assert needed_properties(walk.delivery) == ["/properties/coupon"]


def test_proof_is_counted_in_events_ids_and_time(cast):
    walk = RequestFactory.tested(cast=cast)
    source, name = walk.sources[0], walk.change.name
    assert advance_deliveries() == 0
    arrive(source, name, [VALID] * 30, app_version="2.0.0", people=[1, 2, 3, 4])
    assert [unmet.code for unmet in blocking(walk.delivery)] == ["proof_ids", "proof_span"]
    arrive(source, name, [VALID], app_version="2.0.0", people=[5], at=timezone.now() + timedelta(minutes=11))
    assert blocking(walk.delivery) == []
    assert advance_deliveries() == 1
    assert advance_deliveries() == 0


def test_ordinary_events_lengthen_no_proof_and_begin_none(cast):
    source = SourceFactory.create(owner_team=cast.team, version_from=VersionFrom.NOWHERE)
    first = RequestFactory.live(cast=cast, sources=[source], app_version="")
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    walk = RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=definition(schema=wider))
    name, shown = walk.change.name, VALID | {"currency": "EUR"}
    walk.develop(app_version="")
    arrive(source, name, [shown], environment=Environment.STAGING)
    verify(walk)
    hour = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    arrive(source, name, [VALID], at=hour)
    burst = hour + timedelta(minutes=20)
    arrive(source, name, [shown] * 25, at=burst, people=range(1, 6))
    arrive(source, name, [VALID], at=hour + timedelta(minutes=40))
    assert walk.delivery.evidence.get(stage="tested").first_seen == hour
    assert [unmet.code for unmet in blocking(walk.delivery)] == ["proof_span"]
    assert advance_deliveries() == 0
    arrive(source, name, [shown], at=hour + timedelta(minutes=31))
    assert proof_of(walk.delivery).span == timedelta(minutes=11)
    assert advance_deliveries() == 1
    held = Binding.objects.get(version=walk.change.version, environment=Environment.PRODUCTION)
    assert held.since_at == burst


def test_one_stolen_key_and_one_device_prove_nothing(cast):
    walk = RequestFactory.tested(cast=cast)
    arrive(walk.sources[0], walk.change.name, [VALID] * 200, app_version="2.0.0", people=[1], step=timedelta(minutes=1))
    assert advance_deliveries() == 0
    assert [unmet.code for unmet in blocking(walk.delivery)] == ["proof_ids"]


def test_a_server_proves_with_less(cast):
    source = SourceFactory.create(owner_team=cast.team, platform=Platform.SERVER)
    walk = RequestFactory.tested(cast=cast, sources=[source])
    arrive(source, walk.change.name, [VALID] * 5, app_version="2.0.0", people=[None])
    assert advance_deliveries() == 1


def test_rare_events_need_fewer(cast):
    walk = RequestFactory.draft(cast=cast, expected_per_day=3)
    assert threshold_of(walk.delivery).events == 6
    edit_request(walk.request, by=cast.pm, revision=None, expected_per_day=1)
    sources = [SourceFactory.create(owner_team=cast.team) for _ in range(4)]
    edit_change(walk.change, by=cast.pm, revision=None, sources=sources)
    assert threshold_of(walk.delivery).events == 1


def test_too_much_that_does_not_conform_is_no_proof(cast):
    walk = RequestFactory.tested(cast=cast)
    source, name = walk.sources[0], walk.change.name
    prove_by(source, name, app_version="2.0.0")
    arrive(source, name, [BROKEN] * 3, app_version="2.0.0", at=timezone.now() + timedelta(minutes=5))
    assert [unmet.code for unmet in blocking(walk.delivery)] == ["proof_share"]


def test_older_apps_prove_nothing(cast):
    source = SourceFactory.create(owner_team=cast.team)
    first = RequestFactory.live(cast=cast, sources=[source])
    wider = definition()["schema"]
    wider = {**wider, "properties": {**wider["properties"], "currency": {"type": "string"}}}
    walk = RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=definition(schema=wider))
    walk.develop(app_version="3.0.0")
    arrive(
        source, walk.change.name, [VALID | {"currency": "EUR"}], environment=Environment.STAGING, app_version="3.0.0"
    )
    verify(walk)
    prove_by(source, walk.change.name, app_version="2.5.0")
    assert advance_deliveries() == 0
    prove_by(source, walk.change.name, app_version="3.0.0")
    assert advance_deliveries() == 1


def narrowed(cast, **source_fields):
    """A source whose live version accepts everything that the next one does: no event shows the difference."""
    source = SourceFactory.create(owner_team=cast.team, **source_fields)
    first = RequestFactory.live(cast=cast, sources=[source], app_version="")
    schema = definition()["schema"] | {"required": ["total", "coupon"]}
    walk = RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=definition(schema=schema))
    return source, walk


def test_what_no_event_can_show_an_analyst_declares_with_a_reason(cast):
    source, walk = narrowed(cast, version_from=VersionFrom.NOWHERE)
    walk.develop(app_version="").verify(app_version="")
    prove_by(source, walk.change.name)
    assert advance_deliveries() == 0
    assert not is_showable(walk.delivery)
    with pytest.raises(UnmetConditions) as caught:
        move_delivery(walk.delivery, DeliveryState.LIVE, by=cast.analyst)
    assert codes_of(caught) == {"comment"}
    moved = move_delivery(walk.delivery, DeliveryState.LIVE, by=cast.analyst, comment="Released on Monday.")
    assert moved.state == DeliveryState.LIVE


def test_what_an_event_can_show_nobody_declares(cast):
    walk = RequestFactory.tested(cast=cast)
    with pytest.raises(UnmetConditions) as caught:
        move_delivery(walk.delivery, DeliveryState.LIVE, by=cast.analyst, comment="I know it.")
    assert codes_of(caught) == {"by_hand"}


def test_a_deploy_marker_shows_what_no_event_can(cast):
    source = SourceFactory.create(owner_team=cast.team, version_from=VersionFrom.DEPLOYS)
    mark_deploy(source, environment="staging", version="1.0.0", by=cast.developer)
    mark_deploy(source, environment="production", version="1.0.0", by=cast.developer)
    first = RequestFactory.live(cast=cast, sources=[source], app_version="1.0.0")
    schema = definition()["schema"] | {"required": ["total", "coupon"]}
    walk = RequestFactory.reviewed(cast=cast, event=first.event, sources=[source], document=definition(schema=schema))
    walk.develop(app_version="1.1.0")
    mark_deploy(source, environment="staging", version="1.1.0", by=cast.developer)
    walk.verify(app_version="")
    assert not is_showable(walk.delivery)
    mark_deploy(source, environment="production", version="1.1.0", by=cast.developer)
    assert is_showable(walk.delivery)
    walk.prove(app_version="")
    assert walk.request.state == State.LIVE


def widened(cast, source, **first):
    """An update on a source that another version is live on; only it knows of a currency."""
    live = RequestFactory.live(cast=cast, sources=[source], **first)
    schema = definition()["schema"]
    wider = {**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}}
    return RequestFactory.reviewed(cast=cast, event=live.event, sources=[source], document=definition(schema=wider))


def test_before_the_first_marker_every_production_event_is_tried(cast):
    source = SourceFactory.create(owner_team=cast.team, version_from=VersionFrom.NOWHERE)
    walk = widened(cast, source, app_version="")
    source.version_from = VersionFrom.DEPLOYS
    source.save()
    shown = VALID | {"currency": "EUR"}
    walk.develop(app_version="1.1.0")
    mark_deploy(source, environment="staging", version="1.1.0", by=cast.developer)
    arrive(source, walk.change.name, [shown], environment=Environment.STAGING, app_version="1.1.0")
    verify(walk)
    delivery = walk.delivery
    assert is_showable(delivery)
    prove_by(source, walk.change.name)
    assert proof_of(delivery).events == 0  # valid under the parent as well
    began = timezone.now() + timedelta(hours=2)
    prove_by(source, walk.change.name, payload=shown, since=began)
    assert advance_deliveries() == 1
    held = Binding.objects.filter(version=walk.change.version, environment=Environment.PRODUCTION, ended_at=None)
    assert set(held.values_list("since_version", "since_at")) == {("1.1.0", None), ("", began)}
    later = arrive(source, walk.change.name, [shown], at=began + timedelta(hours=3))
    assert {event.version_id for event in later.events} == {walk.change.version.pk}


def test_past_the_first_marker_only_reached_events_are_tried(cast):
    source = SourceFactory.create(owner_team=cast.team, version_from=VersionFrom.DEPLOYS)
    for environment in ("staging", "production"):
        mark_deploy(source, environment=environment, version="1.0.0", by=cast.developer)
    walk = widened(cast, source, app_version="1.0.0")
    walk.develop(app_version="1.1.0")
    mark_deploy(source, environment="staging", version="1.1.0", by=cast.developer)
    shown = VALID | {"currency": "EUR"}
    arrive(source, walk.change.name, [shown], environment=Environment.STAGING, app_version="1.1.0")
    verify(walk)
    prove_by(source, walk.change.name, payload=shown, app_version="1.0.0")
    assert not walk.delivery.evidence.filter(stage="tested").exists()


def test_ids_past_the_bound_are_not_kept(cast, settings):
    settings.EVIDENCE_IDS_KEPT = 3
    walk = RequestFactory.developed(cast=cast)
    for people in (range(1, 6), range(4, 9), [1, 2, 3]):
        arrive(
            walk.sources[0], walk.change.name, [VALID] * 5, environment="staging", app_version="2.0.0", people=people
        )
    kept = dict(EvidenceId.objects.values_list("id_hash", "conforming"))
    assert kept == {1: 3, 2: 3, 3: 2}
    assert walk.delivery.evidence.get().conforming == 15


def test_an_id_past_the_bound_is_not_signed_for(cast, settings):
    settings.EVIDENCE_IDS_KEPT = 1
    walk = RequestFactory.developed(cast=cast)
    source, name = walk.sources[0], walk.change.name
    arrive(source, name, [VALID], environment="staging", app_version="2.0.0", people=[7])
    arrive(source, name, [BROKEN], environment="staging", app_version="2.0.0", people=[8])
    with pytest.raises(UnmetConditions) as caught:
        verify(walk, ids=[7, 8, 8])
    assert codes_of(caught) == {"ids"}
    assert "chosen ids 8:" in str(caught.value)
    assert verify(walk, ids=[7]).state == DeliveryState.TESTED


def test_a_draft_of_nobody_else_is_created_by_the_author(cast):
    request = create_request(by=cast.pm, title="A")
    assert (request.owner, request.team) == (cast.pm, cast.team)
