"""Names that read like another: refused when a request is submitted, unless the change says why."""

import importlib

import pytest
from django.apps import apps
from django.db import connection

from accounts.preconditions import UnmetConditionsError
from catalog.contract import fold_name
from catalog.models import Event
from tests.factories.catalog import EventFactory, definition
from tests.factories.requests import RequestFactory
from tests.requests.workflow.guarded_steps import codes, codes_of
from tracking.requests.authoring.documentation import document_event
from tracking.requests.authoring.draft_editing import add_change, edit_change
from tracking.requests.choices import ChangeAction, RequestState
from tracking.requests.models import Change
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db

REASON = "The old shop sends it until May."
GUARD = ["names_distinct"]


def submit(lifecycle):
    return move_request(lifecycle.request, RequestState.REQUESTED, by=lifecycle.members.pm)


@pytest.mark.parametrize("name", ["order completed", "orderCompleted", "Order\u200b Completed", "ORDER_COMPLETED"])
def test_a_new_event_that_reads_like_another_needs_a_reason(members, name):
    EventFactory.create(name="Order Completed")
    lifecycle = RequestFactory.draft(members=members, document=definition(name))
    with pytest.raises(UnmetConditionsError, match="reads like 'Order Completed'") as caught:
        submit(lifecycle)
    assert codes_of(caught) == {"similar_name"}
    edit_change(lifecycle.change, by=members.pm, revision=None, name_reason=f" {REASON} ")
    submit(lifecycle)
    lifecycle.approve()
    assert lifecycle.request.changes.get().name_reason == REASON
    assert Event.objects.filter(name=lifecycle.change.name).exists()


def test_renaming_is_creating(members):
    EventFactory.create(name="Order Completed")
    event = EventFactory.create(name="Order Done", definition=definition("Order Done"), owner_team=members.team)
    lifecycle = RequestFactory.draft(members=members, event=event, document=definition("order completed"))
    assert codes(GUARD, lifecycle) == ["similar_name"]
    edit_change(lifecycle.change, by=members.pm, revision=None, definition=definition("order done"))
    assert codes(GUARD, lifecycle) == []


def test_changing_an_event_asks_nothing_of_its_name(members):
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=members.team)
    EventFactory.create(name="order completed", name_reason=REASON)
    lifecycle = RequestFactory.draft(members=members, event=event, document=definition(description="Paid."))
    assert codes(GUARD, lifecycle) == []


def test_the_second_of_two_open_requests_must_say_why(members):
    first = RequestFactory.requested(members=members, document=definition("Order Completed"))
    second = RequestFactory.draft(members=members, document=definition("order_completed"))
    with pytest.raises(UnmetConditionsError, match=f"request {first.request.pk} .* asks for 'Order Completed'"):
        submit(second)
    # The first is not held up by what came later.
    first.approve()
    assert codes(GUARD, second) == ["similar_name"]
    edit_change(second.change, by=members.pm, revision=None, name_reason=REASON)
    submit(second)
    second.approve()
    assert set(Event.objects.values_list("name", flat=True)) == {"Order Completed", "order_completed"}


def test_an_older_draft_counts_and_a_newer_one_does_not(members):
    older = RequestFactory.draft(members=members, document=definition("Order Completed"))
    newer = RequestFactory.draft(members=members, document=definition("orderCompleted"))
    assert codes(GUARD, older) == []
    assert codes(GUARD, newer) == ["similar_name"]
    submit(older)
    older.approve()
    # Then it is an event, of which the newer one is told instead.
    assert codes(GUARD, newer) == ["similar_name"]


def test_a_request_that_says_why_has_settled_it_for_the_other(members):
    first = RequestFactory.draft(members=members, document=definition("Order Completed"))
    second = RequestFactory.requested(
        members=members, document=definition("orderCompleted"), change={"name_reason": REASON}
    )
    assert codes(GUARD, first) == []
    second.approve()
    assert codes(GUARD, first) == ["similar_name"]


def test_what_is_closed_or_of_another_call_does_not_count(members):
    first = RequestFactory.requested(members=members, document=definition("Order Completed"))
    other_call = RequestFactory.draft(members=members, document=definition("order completed", call="page"))
    second = RequestFactory.draft(members=members, document=definition("order completed"))
    assert codes(GUARD, other_call) == []
    assert codes(GUARD, second) == ["similar_name"]
    move_request(first.request, RequestState.WITHDRAWN, by=members.pm, comment="Not needed.")
    assert codes(GUARD, second) == []


def test_two_names_of_one_request_read_alike(members):
    lifecycle = RequestFactory.draft(members=members, document=definition("Order Completed"))
    second = add_change(
        lifecycle.request, action=ChangeAction.CREATE, by=members.pm, definition=definition("orderCompleted")
    )
    assert codes(GUARD, lifecycle) == ["similar_name"]
    edit_change(second, by=members.pm, revision=None, name_reason=REASON)
    assert codes(GUARD, lifecycle) == []


def test_a_definition_handed_over_whole_is_asked_too(members):
    EventFactory.create(name="Order Completed")
    source = RequestFactory.draft(members=members).change.sources.get()
    result = document_event(definition("order completed"), sources=[source], by=members.pm)
    assert "similar_name" in {condition.code for condition in result.unmet}
    explained = document_event(definition("order_completed"), sources=[source], by=members.pm, name_reason=REASON)
    assert "similar_name" not in {condition.code for condition in explained.unmet}


def test_drafts_from_before_are_folded_by_the_migration(members):
    RequestFactory.draft(members=members, document=definition("Order Completed"))
    event = EventFactory.create(name="Cart Viewed", definition=definition("Cart Viewed"), owner_team=members.team)
    RequestFactory.draft(members=members, event=event, document=definition("Cart Viewed", description="Seen."))
    Change.objects.update(folded_name="")
    migration = importlib.import_module("tracking.requests.migrations.0012_reasons_for_names")
    migration.fold_drafted_names(apps, connection.schema_editor())
    assert list(Change.objects.order_by("pk").values_list("folded_name", flat=True)) == ["ordercompleted", ""]


def test_drafts_that_folded_otherwise_are_folded_anew_by_the_migration(members):
    RequestFactory.draft(members=members, document=definition("Price < 10"))
    event = EventFactory.create(name="Cart Viewed", definition=definition("Cart Viewed"), owner_team=members.team)
    RequestFactory.draft(members=members, event=event, document=definition("Cart Viewed", description="Seen."))
    Change.objects.exclude(folded_name="").update(folded_name="price10")
    migration = importlib.import_module("tracking.requests.migrations.0016_refold_names")
    migration.refold_drafted_names(apps, connection.schema_editor())
    assert list(Change.objects.order_by("pk").values_list("folded_name", flat=True)) == [fold_name("Price < 10"), ""]
