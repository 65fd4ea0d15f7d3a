"""Two people pressing at once: one wins, the other is told. On real connections, in real threads."""

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from accounts.models import HistoryEntry
from accounts.preconditions import UnmetConditions
from catalog.models import Binding, Version
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import VALID, Cast, RequestFactory, arrive, prove_by
from tracking.requests.authoring.draft_editing import Conflict, add_change, edit_request
from tracking.requests.choices import Action, DeliveryState, State
from tracking.requests.evidence.recording.recorder import record_evidence
from tracking.requests.models import Approval, Delivery, Verification
from tracking.requests.tasks import advance_deliveries
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
        except UnmetConditions as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [Thread(target=run, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def losers(answers: list[Any]) -> list[UnmetConditions]:
    return [answer for answer in answers if isinstance(answer, UnmetConditions)]


def test_two_analysts_approve_and_one_version_comes_of_it():
    walk = RequestFactory.requested()
    cast = walk.cast
    answers = at_once(
        lambda: move_request(walk.request, State.REVIEWED, by=cast.analyst),
        lambda: move_request(walk.request, State.REVIEWED, by=cast.lead),
    )
    (lost,) = losers(answers)
    winner = Approval.objects.get().person
    assert str(lost) == f"{winner} already approved it, just now. Nothing is left to do."
    assert Version.objects.count() == 1
    assert HistoryEntry.objects.of("request", walk.request.pk).filter(to_state=State.REVIEWED).count() == 1


def test_one_approves_while_the_other_declines():
    walk = RequestFactory.requested()
    at_once(
        lambda: move_request(walk.request, State.REVIEWED, by=walk.cast.analyst),
        lambda: move_request(walk.request, State.DECLINED, by=walk.cast.lead, comment="No."),
    )
    walk.request.refresh_from_db()
    # Declining wins either way: first, or as a step of its own after the approval.
    assert walk.request.state == State.DECLINED
    assert not Version.objects.filter(withdrawn_at=None).exists()


def test_a_delivery_is_verified_once():
    walk = RequestFactory.developed()
    arrive(walk.sources[0], walk.change.name, [VALID], environment="staging", app_version="2.0.0")
    answers = at_once(*[lambda: move_delivery(walk.delivery, DeliveryState.TESTED, by=walk.cast.qa)] * 2)
    assert len(losers(answers)) == 1
    assert Verification.objects.count() == 1


def test_a_newer_version_is_developed_while_the_older_is_verified():
    older = RequestFactory.developed()
    source, name = older.sources[0], older.change.name
    schema = definition()["schema"]
    wider = definition(schema={**schema, "properties": {**schema["properties"], "currency": {"type": "string"}}})
    newer = RequestFactory.reviewed(cast=older.cast, event=older.event, sources=[source], document=wider)
    arrive(source, name, [VALID], environment="staging", app_version="2.0.0")
    answers = at_once(
        lambda: move_delivery(newer.delivery, DeliveryState.DEVELOPED, by=older.cast.developer, app_version="2.1.0"),
        lambda: move_delivery(older.delivery, DeliveryState.TESTED, by=older.cast.qa),
    )
    # Verified first or not: what came second found the other's step done.
    assert isinstance(answers[0], Delivery)
    assert older.delivery.state == DeliveryState.SUPERSEDED
    assert newer.delivery.state == DeliveryState.DEVELOPED


def test_two_requests_of_the_same_events_are_approved_at_once():
    cast = Cast.of()
    source = SourceFactory.create(owner_team=cast.team)
    names = ("Order Completed", "Order Refunded")
    events = [
        EventFactory.create(name=name, definition=definition(name), owner_team=cast.team, sources=[source])
        for name in names
    ]
    walks = []
    for first, second in (events, events[::-1]):
        walk = RequestFactory.draft(
            cast=cast, event=first, sources=[source], document=definition(first.name, trigger=f"First {first.pk}.")
        )
        document = definition(second.name, trigger=f"Second {first.pk}.")
        add_change(walk.request, action=Action.UPDATE, event=second, by=cast.pm, definition=document, sources=[source])
        walks.append(walk.submit())
    answers = at_once(
        *[lambda walk=walk: move_request(walk.request, State.REVIEWED, by=cast.analyst) for walk in walks]
    )
    (lost,) = losers(answers)
    assert {unmet.code for unmet in lost.unmet} == {"rebase"}
    assert Version.objects.count() == 4


def test_two_runs_of_the_task_make_a_delivery_live_once():
    walk = RequestFactory.tested()
    prove_by(walk.sources[0], walk.change.name, app_version="2.0.0")
    answers = at_once(advance_deliveries, advance_deliveries)
    assert sorted(answers) == [0, 1]
    assert HistoryEntry.objects.of("delivery", walk.delivery.pk).filter(to_state="live").count() == 1
    assert Binding.objects.filter(environment="production", ended_at=None).count() == 1


def test_two_editors_notice_each_other():
    walk = RequestFactory.draft()
    seen = walk.request.revision
    answers = at_once(
        lambda: edit_request(walk.request, by=walk.cast.pm, revision=seen, question="One?"),
        lambda: edit_request(walk.request, by=walk.cast.pm, revision=seen, question="Two?"),
    )
    (lost,) = losers(answers)
    assert isinstance(lost, Conflict)
    walk.request.refresh_from_db()
    assert lost.request.question == walk.request.question
    assert walk.request.revision == seen + 1


def test_workers_that_record_at_once_count_everything():
    walk = RequestFactory.tested()
    source, name = walk.sources[0], walk.change.name
    batch = prove_by(source, name, app_version="2.0.0")
    before = sum(row.conforming for row in walk.delivery.evidence.filter(environment="production"))

    def record_five_times():
        for _ in range(5):
            record_evidence(batch)

    at_once(*[record_five_times] * 4)
    after = sum(row.conforming for row in walk.delivery.evidence.filter(environment="production"))
    assert (before, after) == (25, 25 + 20 * 25)
