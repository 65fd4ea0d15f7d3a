"""The lane of a change is what the change is."""

import pytest

from accounts.models import User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from catalog.models import Binding, Ownership, Property
from catalog.services.property_library import save_property
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, PropertyFactory, SourceFactory, definition, publish_next_version
from tests.factories.requests import RequestFactory
from tracking.requests.authoring.draft_editing import add_change
from tracking.requests.choices import ChangeAction, Lane, RequestState
from tracking.requests.workflow import lanes
from tracking.requests.workflow.lanes import strictest_lane
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def event(members):
    source = SourceFactory.create(owner_team=members.team)
    return EventFactory.create(
        name="Order Completed", definition=definition(), owner_team=members.team, sources=[source], is_live=True
    )


def lane_of(members, event, **fields):
    sources = [row.source for row in event.newest_version.for_sources.all()]
    lifecycle = RequestFactory.draft(members=members, event=event, sources=sources, document=definition(**fields))
    return lifecycle.request.lane


def test_descriptions_titles_and_examples_are_words(members, event):
    schema = definition()["schema"]
    schema = schema | {"properties": schema["properties"] | {"coupon": {"type": "string", "description": "A code."}}}
    assert lane_of(members, event, title="Order paid", description="Paid.", examples=[{"total": 1}], schema=schema) == (
        Lane.WORDS
    )


TEXT = {"type": "string"}
COUPON = {"type": "object", "properties": {"code": {"enum": ["B", "A"]}, "kind": TEXT}, "required": ["code", "kind"]}
COUPON_WRITTEN_OTHERWISE = {
    "required": ["kind", "code"],
    "x-owner": "growth",
    "properties": {
        "kind": {"$ref": "#/$defs/kind"},
        "code": {"enum": ["A", "B"], "type": "string", "bigQuery": "STRING"},
    },
    "type": ["object"],
}


def with_schema(coupon):
    """A schema with the coupon, and the same with it on a second level; a reference leads to a text."""
    properties = {
        "total": {"const": 5},
        "coupon": coupon,
        "order": {"type": "object", "properties": {"coupon": coupon}},
    }
    return {"type": "object", "properties": properties, "$defs": {"kind": TEXT | {"format": "nobody-checks-it"}}}


@pytest.mark.parametrize("part", ["schema", "context", "traits"])
@pytest.mark.parametrize("per_source", [None, {"web-shop": {"required": ["coupon"]}}])
def test_what_is_written_otherwise_and_says_the_same_is_words(members, part, per_source):
    sources = [SourceFactory.create(owner_team=members.team), SourceFactory.create(owner_team=members.team)]
    entries = {"per_source": {sources[0].slug: {"required": ["total"]}}} if part == "schema" and per_source else {}
    event = EventFactory.create(
        name="Order Completed",
        definition=definition(**{part: with_schema(COUPON)}, **entries),
        owner_team=members.team,
        sources=sources,
        is_live=True,
    )

    document = definition(**{part: with_schema(COUPON_WRITTEN_OTHERWISE)}, **entries)
    request = RequestFactory.draft(
        members=members, event=event, sources=sources, document=document, message="As our tools write it."
    ).request
    assert request.lane == Lane.WORDS

    move_request(request, RequestState.LIVE, by=members.pm)
    event.refresh_from_db()
    assert (str(event.newest_version.number), event.newest_version.for_sources.count()) == ("1.0.1", 2)


def test_a_key_that_is_forbidden_now_is_more_than_words(members, event):
    schema = definition()["schema"]
    assert lane_of(members, event, schema=schema | {"additionalProperties": False}) == Lane.NEW
    assert event.changes.get().is_breaking


@pytest.mark.parametrize("member", ["name", "trigger", "unit", "computed", "category"])
def test_what_an_event_means_is_more_than_words(members, event, member):
    assert lane_of(members, event, **({"name": "Order Paid"} if member == "name" else {member: "x"})) == Lane.NEW


def test_a_schema_is_more_than_words(members, event):
    assert lane_of(members, event, schema=definition()["schema"] | {"required": []}) == Lane.NEW


def test_another_source_is_more_than_words(members, event):
    sources = [SourceFactory.create(owner_team=members.team)]
    lifecycle = RequestFactory.draft(
        members=members, event=event, sources=sources, document=definition(description="Paid.")
    )
    assert lifecycle.request.lane == Lane.NEW
    assert [delivery.source for delivery in lifecycle.deliveries] == sources


@pytest.mark.parametrize("action", [ChangeAction.DEPRECATE, ChangeAction.RETIRE])
def test_what_ends_an_event_is_retiring(members, event, action):
    assert RequestFactory.draft(members=members, event=event, action=action).request.lane == Lane.RETIRING


def test_a_request_shows_its_strictest_lane(members, event):
    lifecycle = RequestFactory.draft(members=members, event=event, sources=[], document=definition(description="Paid."))
    assert lifecycle.request.lane == Lane.WORDS
    add_change(lifecycle.request, action=ChangeAction.CREATE, by=members.pm, definition=definition("Order Refunded"))
    lifecycle.request.refresh_from_db()
    assert lifecycle.request.lane == Lane.NEW
    assert strictest_lane([Lane.WORDS, Lane.DOCUMENTING]) == Lane.DOCUMENTING
    assert strictest_lane([Lane.DOCUMENTING, Lane.RETIRING]) == Lane.RETIRING
    assert strictest_lane([]) == Lane.NEW


@pytest.fixture
def personal_event(members):
    """An event whose coupon is personal: by the library, since its definition says nothing of it."""
    PropertyFactory.create(name="coupon", sensitivity="personal")
    source = SourceFactory.create(owner_team=members.team)
    return EventFactory.create(
        name="Order Completed", definition=definition(), owner_team=members.team, sources=[source], is_live=True
    )


def with_coupon(**schema):
    base = definition()["schema"]
    return base | {"properties": base["properties"] | {"coupon": {"type": "string", **schema}}}


def test_a_looser_sensitivity_takes_every_step_though_traffic_would_bear_it_out(members, personal_event, monkeypatch):
    monkeypatch.setattr(lanes, "missing_observations", lambda *arguments, **options: [])
    assert lane_of(members, personal_event, schema=with_coupon(maxLength=20)) == Lane.DOCUMENTING
    assert lane_of(members, personal_event, schema=with_coupon(sensitivity="secret")) == Lane.DOCUMENTING
    assert lane_of(members, personal_event, schema=with_coupon(sensitivity="none")) == Lane.NEW
    assert lane_of(members, personal_event, schema=with_coupon(sensitivity="unknown")) == Lane.NEW


def test_words_published_after_the_library_was_loosened_show_nothing(members, personal_event):
    save_property(Property.objects.get(name="coupon"), by=User.objects.system(), sensitivity="none")
    lifecycle = RequestFactory.draft(
        members=members, event=personal_event, sources=[], document=definition(description="Paid."), message="Shorter."
    )
    assert lifecycle.request.lane == Lane.WORDS
    version = move_request(lifecycle.request, RequestState.LIVE, by=members.pm).changes.get().version
    assert version.properties.get(path="/properties/coupon").sensitivity == "personal"


def test_what_was_loosened_is_shown_only_once_an_analyst_has_approved(members, personal_event, client):
    save_property(Property.objects.get(name="coupon"), by=User.objects.system(), sensitivity="none")
    sources = [row.source for row in personal_event.newest_version.for_sources.all()]
    lifecycle = RequestFactory.draft(
        members=members,
        event=personal_event,
        sources=sources,
        document=definition(schema=with_coupon(sensitivity="none")),
    )
    client.force_login(members.pm)
    page = client.get(lifecycle.request.get_absolute_url()).content.decode()
    assert "Hides less than the version that it builds on" in page
    with pytest.raises((Forbidden, UnmetConditionsError)):
        move_request(lifecycle.request, RequestState.LIVE, by=members.pm)
    lifecycle.submit()
    with pytest.raises((Forbidden, UnmetConditionsError)):
        move_request(lifecycle.request, RequestState.REVIEWED, by=members.pm)
    version = lifecycle.approve().change.version
    assert version.properties.get(path="/properties/coupon").sensitivity == "none"
    page = client.get(lifecycle.request.get_absolute_url()).content.decode()
    assert "Hides less than the version that it builds on" not in page


def test_words_are_published_at_once_and_inherit_what_was_bound(members, event):
    sources = [row.source for row in event.newest_version.for_sources.all()]
    lifecycle = RequestFactory.draft(
        members=members, event=event, sources=sources, document=definition(description="Paid."), message="Shorter."
    )
    assert lifecycle.deliveries == []
    lifecycle.request = move_request(lifecycle.request, RequestState.LIVE, by=members.pm)
    version = lifecycle.change.version
    assert (lifecycle.request.state, str(version.number)) == (RequestState.LIVE, "1.0.1")
    assert Binding.objects.filter(version=version, ended_at=None).count() == 3
    assert lifecycle.event.live_version == version
    assert not lifecycle.request.approvals.exists()


def test_an_owner_by_name_publishes_words_without_a_role_in_the_events_team(members, event):
    owner = person("pm")
    Ownership.objects.create(event=event, person=owner, role="business")
    lifecycle = RequestFactory.draft(
        members=members, by=owner, event=event, sources=[], document=definition(description="Paid."), message="Shorter."
    )
    assert move_request(lifecycle.request, RequestState.LIVE, by=owner).state == RequestState.LIVE
    stranger = person("pm")
    other = RequestFactory.draft(
        members=members, by=stranger, event=event, sources=[], document=definition(description="Ha."), message="Ha."
    )
    with pytest.raises(Forbidden):
        move_request(other.request, RequestState.LIVE, by=stranger)


def test_words_may_be_reviewed_as_well(members, event):
    lifecycle = RequestFactory.draft(
        members=members, event=event, sources=[], document=definition(description="Paid."), message="Shorter."
    )
    assert lifecycle.submit().approve().request.state == RequestState.LIVE


def test_words_are_carried_onto_a_newer_version_by_the_system(members, event):
    lifecycle = RequestFactory.draft(
        members=members, event=event, sources=[], document=definition(title="Order paid"), message="A title."
    )
    publish_next_version(event, definition(description="Paid, at last."))
    lifecycle.request = move_request(lifecycle.request, RequestState.LIVE, by=members.pm)
    published = lifecycle.change.version
    assert (str(published.number), published.definition["title"]) == ("1.0.2", "Order paid")
    assert published.definition["description"] == "Paid, at last."


def test_words_that_both_changed_are_for_a_person(members, event):
    lifecycle = RequestFactory.draft(
        members=members, event=event, sources=[], document=definition(description="Mine."), message="Mine."
    )
    publish_next_version(event, definition(description="Theirs."))
    with pytest.raises(UnmetConditionsError) as caught:
        move_request(lifecycle.request, RequestState.LIVE, by=members.pm)
    assert [unmet.code for unmet in caught.value.unmet] == ["rebase"]


def test_a_source_whose_contract_stays_gets_no_delivery(members):
    sources = [SourceFactory.create(owner_team=members.team, slug=slug) for slug in ("web", "ios")]
    event = EventFactory.create(
        name="Order Completed", definition=definition(), owner_team=members.team, sources=sources, is_live=True
    )
    document = definition(per_source={"ios": {"required": ["coupon"]}})
    lifecycle = RequestFactory.draft(members=members, event=event, sources=sources, document=document)
    assert [delivery.source.slug for delivery in lifecycle.deliveries] == ["ios"]
    lifecycle.submit().approve()
    assert str(lifecycle.change.version.number) == "2.0.0"
    assert Binding.objects.filter(version=lifecycle.change.version, source__slug="web", ended_at=None).count() == 3


def test_a_rename_keeps_the_old_name_matching(members, event):
    sources = [row.source for row in event.newest_version.for_sources.all()]
    lifecycle = RequestFactory.reviewed(
        members=members, event=event, sources=sources, document=definition("Order Paid")
    )
    assert lifecycle.event.name == "Order Paid"
    assert set(lifecycle.event.names.values_list("name", flat=True)) == {"Order Completed", "Order Paid"}
