"""The lane of a change is what the change is."""

import pytest

from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditions
from catalog.models import Binding, Ownership
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, definition, next_version
from tests.factories.requests import Cast, RequestFactory
from tracking.requests.authoring.draft_editing import add_change
from tracking.requests.choices import Action, Lane, State
from tracking.requests.workflow.lanes import strictest
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return Cast.of()


@pytest.fixture
def event(cast):
    source = SourceFactory.create(owner_team=cast.team)
    return EventFactory.create(
        name="Order Completed", definition=definition(), owner_team=cast.team, sources=[source], is_live=True
    )


def lane_of(cast, event, **members):
    sources = [row.source for row in event.newest_version.for_sources.all()]
    walk = RequestFactory.draft(cast=cast, event=event, sources=sources, document=definition(**members))
    return walk.request.lane


def test_descriptions_titles_and_examples_are_words(cast, event):
    schema = definition()["schema"]
    schema = schema | {"properties": schema["properties"] | {"coupon": {"type": "string", "description": "A code."}}}
    assert lane_of(cast, event, title="Order paid", description="Paid.", examples=[{"total": 1}], schema=schema) == (
        Lane.WORDS
    )


@pytest.mark.parametrize("member", ["name", "trigger", "unit", "computed"])
def test_what_an_event_means_is_more_than_words(cast, event, member):
    assert lane_of(cast, event, **({"name": "Order Paid"} if member == "name" else {member: "x"})) == Lane.NEW


def test_a_schema_is_more_than_words(cast, event):
    assert lane_of(cast, event, schema=definition()["schema"] | {"required": []}) == Lane.NEW


def test_another_source_is_more_than_words(cast, event):
    sources = [SourceFactory.create(owner_team=cast.team)]
    walk = RequestFactory.draft(cast=cast, event=event, sources=sources, document=definition(description="Paid."))
    assert walk.request.lane == Lane.NEW


@pytest.mark.parametrize("action", [Action.DEPRECATE, Action.RETIRE])
def test_what_ends_an_event_is_retiring(cast, event, action):
    assert RequestFactory.draft(cast=cast, event=event, action=action).request.lane == Lane.RETIRING


def test_a_request_shows_its_strictest_lane(cast, event):
    walk = RequestFactory.draft(cast=cast, event=event, sources=[], document=definition(description="Paid."))
    assert walk.request.lane == Lane.WORDS
    add_change(walk.request, action=Action.CREATE, by=cast.pm, definition=definition("Order Refunded"))
    walk.request.refresh_from_db()
    assert walk.request.lane == Lane.NEW
    assert strictest([Lane.WORDS, Lane.DOCUMENTING]) == Lane.DOCUMENTING
    assert strictest([Lane.DOCUMENTING, Lane.RETIRING]) == Lane.RETIRING
    assert strictest([]) == Lane.NEW


def test_words_are_published_at_once_and_inherit_what_was_bound(cast, event):
    sources = [row.source for row in event.newest_version.for_sources.all()]
    walk = RequestFactory.draft(
        cast=cast, event=event, sources=sources, document=definition(description="Paid."), message="Shorter."
    )
    assert walk.deliveries == []
    walk.request = move_request(walk.request, State.LIVE, by=cast.pm)
    version = walk.change.version
    assert (walk.request.state, str(version.number)) == (State.LIVE, "1.0.1")
    assert Binding.objects.filter(version=version, ended_at=None).count() == 3
    assert walk.event.live_version == version
    assert not walk.request.approvals.exists()


def test_an_owner_by_name_publishes_words_without_a_role_in_the_events_team(cast, event):
    owner = person("pm")
    Ownership.objects.create(event=event, person=owner, role="business")
    walk = RequestFactory.draft(
        cast=cast, by=owner, event=event, sources=[], document=definition(description="Paid."), message="Shorter."
    )
    assert move_request(walk.request, State.LIVE, by=owner).state == State.LIVE
    stranger = person("pm")
    other = RequestFactory.draft(
        cast=cast, by=stranger, event=event, sources=[], document=definition(description="Ha."), message="Ha."
    )
    with pytest.raises(Forbidden):
        move_request(other.request, State.LIVE, by=stranger)


def test_words_may_be_reviewed_as_well(cast, event):
    walk = RequestFactory.draft(
        cast=cast, event=event, sources=[], document=definition(description="Paid."), message="Shorter."
    )
    assert walk.submit().approve().request.state == State.LIVE


def test_words_are_carried_onto_a_newer_version_by_the_system(cast, event):
    walk = RequestFactory.draft(
        cast=cast, event=event, sources=[], document=definition(title="Order paid"), message="A title."
    )
    next_version(event, definition(description="Paid, at last."))
    walk.request = move_request(walk.request, State.LIVE, by=cast.pm)
    published = walk.change.version
    assert (str(published.number), published.definition["title"]) == ("1.0.2", "Order paid")
    assert published.definition["description"] == "Paid, at last."


def test_words_that_both_changed_are_for_a_person(cast, event):
    walk = RequestFactory.draft(
        cast=cast, event=event, sources=[], document=definition(description="Mine."), message="Mine."
    )
    next_version(event, definition(description="Theirs."))
    with pytest.raises(UnmetConditions) as caught:
        move_request(walk.request, State.LIVE, by=cast.pm)
    assert [unmet.code for unmet in caught.value.unmet] == ["rebase"]


def test_a_source_whose_contract_stays_gets_no_delivery(cast):
    sources = [SourceFactory.create(owner_team=cast.team, slug=slug) for slug in ("web", "ios")]
    event = EventFactory.create(
        name="Order Completed", definition=definition(), owner_team=cast.team, sources=sources, is_live=True
    )
    document = definition(per_source={"ios": {"required": ["coupon"]}})
    walk = RequestFactory.draft(cast=cast, event=event, sources=sources, document=document)
    assert [delivery.source.slug for delivery in walk.deliveries] == ["ios"]
    walk.submit().approve()
    assert str(walk.change.version.number) == "2.0.0"
    assert Binding.objects.filter(version=walk.change.version, source__slug="web", ended_at=None).count() == 3


def test_a_rename_keeps_the_old_name_matching(cast, event):
    sources = [row.source for row in event.newest_version.for_sources.all()]
    walk = RequestFactory.reviewed(cast=cast, event=event, sources=sources, document=definition("Order Paid"))
    assert walk.event.name == "Order Paid"
    assert set(walk.event.names.values_list("name", flat=True)) == {"Order Completed", "Order Paid"}
