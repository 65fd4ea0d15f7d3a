"""Two people pressing at once: one wins, the other is told. On real connections, in real threads."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from accounts.models import HistoryEntry
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Role
from catalog.models import Binding, Event, Version
from catalog.services.events import create_event
from tests.concurrency import run_behind
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, TeamFixture, ingest, ingest_proof
from tracking.requests.authoring.draft_editing import EditConflict, add_change, edit_change, edit_request
from tracking.requests.choices import ChangeAction, DeliveryState, RequestState
from tracking.requests.evidence.recording.recorder import record_evidence
from tracking.requests.models import Approval, Delivery, Verification
from tracking.requests.tasks import advance_deliveries
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.transition_service import move_delivery, move_request

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*steps: Callable[[], Any]) -> list[Any]:
    """Take all steps at the same moment, each on a connection of its own; return what each answered or raised."""
    barrier = Barrier(len(steps))
    answers: list[Any] = [None] * len(steps)

    def run(number: int, step: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=20)
            answers[number] = step()
        except UnmetConditionsError as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def losers(answers: list[Any]) -> list[UnmetConditionsError]:
    return [answer for answer in answers if isinstance(answer, UnmetConditionsError)]


def test_two_analysts_approve_and_one_version_comes_of_it():
    lifecycle = RequestFactory.requested()
    members = lifecycle.members
    answers = at_once(
        lambda: move_request(lifecycle.request, RequestState.REVIEWED, by=members.analyst),
        lambda: move_request(lifecycle.request, RequestState.REVIEWED, by=members.second_analyst),
    )
    (lost,) = losers(answers)
    winner = Approval.objects.get().person
    assert str(lost) == f"{winner} already approved it, just now. Nothing is left to do."
    assert Version.objects.count() == 1
    assert (
        HistoryEntry.objects.for_subject("request", lifecycle.request.pk).filter(to_state=RequestState.REVIEWED).count()
        == 1
    )


def test_one_approves_while_the_other_declines():
    lifecycle = RequestFactory.requested()
    at_once(
        lambda: move_request(lifecycle.request, RequestState.REVIEWED, by=lifecycle.members.analyst),
        lambda: move_request(
            lifecycle.request, RequestState.DECLINED, by=lifecycle.members.second_analyst, comment="No."
        ),
    )
    lifecycle.request.refresh_from_db()
    # Declining wins either way: first, or as a step of its own after the approval.
    assert lifecycle.request.state == RequestState.DECLINED
    assert not Version.objects.filter(withdrawn_at=None).exists()


def test_a_delivery_is_verified_once():
    lifecycle = RequestFactory.developed()
    ingest(lifecycle.sources[0], lifecycle.change.name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0")
    answers = at_once(*[lambda: move_delivery(lifecycle.delivery, DeliveryState.TESTED, by=lifecycle.members.qa)] * 2)
    assert len(losers(answers)) == 1
    assert Verification.objects.count() == 1


def test_a_newer_version_is_developed_while_the_older_is_verified():
    older = RequestFactory.developed()
    source, name = older.sources[0], older.change.name
    schema = definition()["schema"]
    wider = definition(schema={**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}})
    newer = RequestFactory.reviewed(members=older.members, event=older.event, sources=[source], document=wider)
    ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0")
    answers = at_once(
        lambda: move_delivery(newer.delivery, DeliveryState.DEVELOPED, by=older.members.developer, app_version="2.1.0"),
        lambda: move_delivery(older.delivery, DeliveryState.TESTED, by=older.members.qa),
    )
    # Verified first or not: what came second found the other's step done.
    assert isinstance(answers[0], Delivery)
    assert older.delivery.state == DeliveryState.SUPERSEDED
    assert newer.delivery.state == DeliveryState.DEVELOPED


def test_two_requests_of_the_same_events_are_approved_at_once():
    members = TeamFixture.create()
    source = SourceFactory.create(owner_team=members.team)
    names = ("Order Completed", "Order Refunded")
    events = [
        EventFactory.create(name=name, definition=definition(name), owner_team=members.team, sources=[source])
        for name in names
    ]
    walks = []
    for first, second in (events, events[::-1]):
        lifecycle = RequestFactory.draft(
            members=members,
            event=first,
            sources=[source],
            document=definition(first.name, trigger=f"First {first.pk}."),
        )
        document = definition(second.name, trigger=f"Second {first.pk}.")
        add_change(
            lifecycle.request,
            action=ChangeAction.UPDATE,
            event=second,
            by=members.pm,
            definition=document,
            sources=[source],
        )
        walks.append(lifecycle.submit())
    answers = at_once(
        *[
            lambda lifecycle=lifecycle: move_request(lifecycle.request, RequestState.REVIEWED, by=members.analyst)
            for lifecycle in walks
        ]
    )
    (lost,) = losers(answers)
    assert {unmet.code for unmet in lost.unmet} == {"rebase"}
    assert Version.objects.count() == 4


def test_two_runs_of_the_task_make_a_delivery_live_once():
    lifecycle = RequestFactory.tested()
    ingest_proof(lifecycle.sources[0], lifecycle.change.name, app_version="2.0.0")
    answers = at_once(advance_deliveries, advance_deliveries)
    assert sorted(answers) == [0, 1]
    assert HistoryEntry.objects.for_subject("delivery", lifecycle.delivery.pk).filter(to_state="live").count() == 1
    assert Binding.objects.filter(environment="production", ended_at=None).count() == 1


def test_two_editors_notice_each_other():
    lifecycle = RequestFactory.draft()
    seen = lifecycle.request.revision
    answers = at_once(
        lambda: edit_request(lifecycle.request, by=lifecycle.members.pm, revision=seen, question="One?"),
        lambda: edit_request(lifecycle.request, by=lifecycle.members.pm, revision=seen, question="Two?"),
    )
    (lost,) = losers(answers)
    assert isinstance(lost, EditConflict)
    lifecycle.request.refresh_from_db()
    assert lost.request.question == lifecycle.request.question
    assert lifecycle.request.revision == seen + 1


def test_workers_that_record_at_once_count_everything():
    lifecycle = RequestFactory.tested()
    source, name = lifecycle.sources[0], lifecycle.change.name
    batch = ingest_proof(source, name, app_version="2.0.0")
    before = sum(row.conforming for row in lifecycle.delivery.evidence.filter(environment="production"))

    def record_five_times():
        for _ in range(5):
            record_evidence(batch)

    at_once(*[record_five_times] * 4)
    after = sum(row.conforming for row in lifecycle.delivery.evidence.filter(environment="production"))
    assert (before, after) == (25, 25 + 20 * 25)


def test_two_analysts_give_the_last_two_approvals_at_once():
    first, second = TeamFixture.create(), TeamFixture.create()
    lifecycle = RequestFactory.draft(members=first)
    event = EventFactory.create(
        name="Order Refunded", definition=definition("Order Refunded"), owner_team=second.team, sources=[]
    )
    add_change(
        lifecycle.request,
        action=ChangeAction.UPDATE,
        event=event,
        by=first.pm,
        definition=definition("Order Refunded", trigger="Once paid back."),
        sources=lifecycle.sources,
    )
    request = lifecycle.submit().request
    answers = at_once(
        lambda: approve_request(request, by=first.analyst, comment="First."),
        lambda: approve_request(request, by=second.analyst, comment="Second."),
    )
    assert losers(answers) == []
    request.refresh_from_db()
    assert request.state == RequestState.REVIEWED
    assert {approval.comment for approval in request.approvals.all()} == {"First.", "Second."}
    history = HistoryEntry.objects.for_subject("request", request.pk)
    assert history.filter(to_state=RequestState.REVIEWED).count() == 1
    assert history.filter(action="approved").count() == 1


def test_an_analyst_whose_event_moves_meanwhile_to_the_team_that_approved_the_rest_approves_nothing():
    first, second = TeamFixture.create(), TeamFixture.create()
    names = {"Order Refunded": first.team, "Order Returned": second.team}
    events = [
        EventFactory.create(name=name, definition=definition(name), owner_team=team) for name, team in names.items()
    ]
    documents = [definition(name, trigger="Once paid back.") for name in names]
    lifecycle = RequestFactory.draft(members=first, event=events[0], document=documents[0])
    add_change(
        lifecycle.request,
        action=ChangeAction.UPDATE,
        event=events[1],
        by=first.pm,
        definition=documents[1],
        sources=lifecycle.sources,
    )
    request = lifecycle.submit().request
    approve_request(request, by=second.analyst)

    def move_event() -> None:
        Event.objects.filter(pk=events[0].pk).update(owner_team=second.team)

    _, refused = run_behind(move_event, lambda: approve_request(request, by=first.analyst))
    assert isinstance(refused, Forbidden), refused
    assert str(second.team) in str(refused)
    request.refresh_from_db()
    assert (request.state, request.approvals.get().person) == (RequestState.REQUESTED, second.analyst)


def test_two_requests_for_names_that_read_alike_are_submitted_and_one_must_say_why():
    first = RequestFactory.draft(document=definition("Order Completed"))
    second = RequestFactory.draft(members=first.members, document=definition("Cart Viewed"))
    edit_change(second.change, by=first.members.pm, revision=None, definition=definition("order_completed"))
    answers = at_once(
        lambda: move_request(first.request, RequestState.REQUESTED, by=first.members.pm),
        lambda: move_request(second.request, RequestState.REQUESTED, by=first.members.pm),
    )
    (lost,) = losers(answers)
    assert [condition.code for condition in lost.unmet] == ["similar_name"]


def test_two_events_of_names_that_read_alike_are_created_at_once_and_one_is_refused():
    by = person(Role.ANALYST)
    answers = at_once(
        lambda: create_event(name="Order Completed", by=by), lambda: create_event(name="order_completed", by=by)
    )
    (lost,) = losers(answers)
    assert [condition.code for condition in lost.unmet] == ["similar_name"]
