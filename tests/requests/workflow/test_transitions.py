"""Every transition, from every state, by every role: who may, who may not, and who comes at the wrong time."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Capability, Role
from tests.factories.accounts import UserFactory, person
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import VALID_PAYLOAD, RequestFactory, RequestLifecycle, TeamFixture, ingest, ingest_proof
from tracking.requests.choices import ChangeAction, DeliveryState, Lane, RequestState
from tracking.requests.workflow.available_steps import automatic_step_blockers, available_steps
from tracking.requests.workflow.effects import EFFECTS
from tracking.requests.workflow.guards import GUARDS
from tracking.requests.workflow.steps.step_inputs import FIELD_BUILDERS
from tracking.requests.workflow.steps.transitions import TRANSITIONS, Actor, InputKind, Subject, Transition, steps_to
from tracking.requests.workflow.transition_service import move_delivery, move_request

pytestmark = pytest.mark.django_db

ROLES = ("author", "pm", "analyst", "developer", "qa", "viewer", "admin", "stranger", "outsider", "system")
MAY: dict[Any, set[str]] = {
    Actor.AUTHOR: {"author"},
    Actor.OWNER: {"author", "pm", "analyst", "developer"},
    Actor.SYSTEM: set(),
    Actor.APPROVER: {"analyst"},
    Capability.REQUEST_DECLINE: {"analyst"},
    Capability.DELIVERY_DEVELOP: {"developer"},
    Capability.DELIVERY_VERIFY: {"qa"},
    Capability.DELIVERY_SEND_BACK: {"developer", "qa"},
    Capability.DELIVERY_UNDO: {"analyst"},
    Capability.DELIVERY_DROP: {"analyst"},
    Capability.DELIVERY_PROVE: {"analyst"},
}
TARGETS = {subject: sorted({row.to for row in TRANSITIONS if row.subject is subject}) for subject in Subject}
DELIVERY_STATES = [state for state in DeliveryState if state != DeliveryState.SUPERSEDED]


def somebody(role: str, lifecycle: RequestLifecycle) -> User:
    """A person of the lifecycle's team in that role; an outsider holds every role in another team."""
    match role:
        case "author":
            return lifecycle.request.author
        case "pm":
            return person(Role.PM, team=lifecycle.members.team)
        case "stranger":
            return UserFactory.create()
        case "outsider":
            outsider = person(Role.DEVELOPER)
            team = outsider.memberships.get().team
            for held in (Role.ANALYST, Role.QA, Role.PM):
                outsider.memberships.create(team=team, role=held)
            return outsider
        case "system":
            return User.objects.system()
    return getattr(lifecycle.members, role)


def delivery_in(state: DeliveryState) -> RequestLifecycle:
    """A lifecycle whose first delivery stands so, with what its next step needs in place."""
    if state == DeliveryState.PLANNED:
        return RequestFactory.requested()
    if state == DeliveryState.DROPPED:
        members = TeamFixture.create()
        lifecycle = RequestFactory.reviewed(
            members=members, sources=[SourceFactory.create(owner_team=members.team) for _ in range(2)]
        )
        move_delivery(lifecycle.delivery, state, by=members.analyst, comment="This app never sells.")
        return lifecycle
    lifecycle = RequestFactory.at(RequestState(state))
    source, name = lifecycle.delivery.source, lifecycle.change.name
    if state == DeliveryState.DEVELOPED:
        ingest(source, name, [VALID_PAYLOAD], environment="staging", app_version="2.0.0")
    if state == DeliveryState.TESTED:
        ingest_proof(source, name, app_version="2.0.0")
    return lifecycle


def expected(subject: Subject, state: str, to: str, role: str) -> str:
    """What the table says comes of it, for a request of the lane *new* that lacks nothing."""
    may = [row for row in steps_to(subject, to) if role == "system" or role in MAY[row.by]]
    if (
        subject is Subject.REQUEST
        and to == RequestState.LIVE
        and state == RequestState.DRAFT
        and role not in ("author", "system")
    ):
        return "forbidden"  # nobody publishes somebody else's draft
    if not may:
        return "forbidden"
    fitting = [row for row in may if state in row.from_states and Lane.NEW in row.lanes]
    by_hand = [row for row in fitting if "unprovable_by_traffic" in row.guards]  # this source's app version shows it
    return "moves" if len(fitting) > len(by_hand) else "unmet"


def tried(step: Callable[[], Any]) -> str:
    """Take a step and take it back, so that the next role finds the same state; say what came of it."""
    with transaction.atomic():
        try:
            step()
            outcome = "moves"
        except Forbidden:
            outcome = "forbidden"
        except UnmetConditionsError:
            outcome = "unmet"
        transaction.set_rollback(True)
    return outcome


@pytest.mark.parametrize("state", list(RequestState))
def test_each_step_of_a_request_by_each_role(state):
    lifecycle = RequestFactory.at(state)
    for to in TARGETS[Subject.REQUEST]:
        for role in ROLES:
            by = somebody(role, lifecycle)
            outcome = tried(lambda to=to, by=by: move_request(lifecycle.request, to, by=by, comment="Because."))
            assert outcome == expected(Subject.REQUEST, state, to, role), f"{role}: {state} → {to}"


@pytest.mark.parametrize("state", DELIVERY_STATES)
def test_each_step_of_a_delivery_by_each_role(state):
    lifecycle = delivery_in(state)
    for to in TARGETS[Subject.DELIVERY]:
        for role in ROLES:
            by = somebody(role, lifecycle)
            outcome = tried(
                lambda to=to, by=by: move_delivery(
                    lifecycle.delivery, to, by=by, comment="Because.", app_version="2.0.0"
                )
            )
            assert outcome == expected(Subject.DELIVERY, state, to, role), f"{role}: {state} → {to}"


@pytest.mark.parametrize("state", [RequestState.DRAFT, RequestState.REQUESTED])
@pytest.mark.parametrize("role", ROLES)
def test_words_are_published_by_the_people_of_the_events_team(state, role):
    members = TeamFixture.create()
    event = EventFactory.create(
        owner_team=members.team, definition=definition("Order Completed"), name="Order Completed"
    )
    lifecycle = RequestFactory.at(
        state,
        members=members,
        event=event,
        sources=[],
        document=definition(description="Somebody paid."),
        message="Clearer.",
    )
    outcome = tried(lambda: move_request(lifecycle.request, RequestState.LIVE, by=somebody(role, lifecycle)))
    allowed_roles = {"author", "system"} if state == RequestState.DRAFT else MAY[Actor.OWNER] | {"system"}
    assert outcome == ("moves" if role in allowed_roles else "forbidden")


@pytest.mark.parametrize("state", list(RequestState))
@pytest.mark.parametrize("role", ["author", "analyst", "viewer", "stranger"])
def test_what_is_called_allowed_is_what_can_be_done(state, role):
    lifecycle = RequestFactory.at(state)
    by = somebody(role, lifecycle)
    steps = available_steps(lifecycle.request, by)
    for step in steps:
        outcome = tried(lambda step=step: move_request(lifecycle.request, step.to, by=by, comment="Because."))
        assert outcome == ("moves" if step.is_allowed else "unmet" if step.is_permitted else "forbidden")
    offered = {row.to for row in TRANSITIONS if row.subject is Subject.REQUEST and state in row.from_states}
    assert {step.to for step in steps} == offered - {RequestState.LIVE}  # publishing is for words


def test_a_step_that_is_not_allowed_names_the_roles_that_would_be():
    lifecycle = RequestFactory.requested()
    step = next(
        step
        for step in available_steps(lifecycle.request, lifecycle.members.viewer)
        if step.to == RequestState.REVIEWED
    )
    assert (step.is_permitted, step.missing_roles) == (False, (Role.ANALYST,))


def test_a_tested_delivery_says_what_its_proof_lacks():
    lifecycle = RequestFactory.tested()
    codes = [unmet.code for unmet in automatic_step_blockers(lifecycle.delivery)]
    assert codes == ["proof_events", "proof_ids", "proof_span", "proof_share"]


def test_an_unknown_state_is_no_step():
    lifecycle = RequestFactory.draft()
    with pytest.raises(UnmetConditionsError) as caught:
        move_request(lifecycle.request, "nowhere", by=lifecycle.members.pm)
    assert [unmet.code for unmet in caught.value.unmet] == ["state"]


def test_the_second_of_two_is_told_who_was_first():
    lifecycle = RequestFactory.reviewed()
    with pytest.raises(UnmetConditionsError) as caught:
        move_request(lifecycle.request, RequestState.REVIEWED, by=lifecycle.members.second_analyst)
    assert str(caught.value) == f"{lifecycle.members.analyst} already approved it, just now. Nothing is left to do."
    with pytest.raises(UnmetConditionsError) as caught:
        move_request(lifecycle.request, RequestState.REVIEWED, by=lifecycle.members.analyst)
    assert str(caught.value) == "You already approved it, just now. Nothing is left to do."
    with pytest.raises(UnmetConditionsError) as caught:
        move_request(lifecycle.request, RequestState.REQUESTED, by=lifecycle.members.pm)
    assert (
        str(caught.value) == f"{lifecycle.members.analyst} already approved it, just now. It cannot be submitted now."
    )


@pytest.mark.parametrize(
    "row", [row for row in TRANSITIONS if InputKind.REASON in row.inputs], ids=lambda row: row.label
)
def test_every_way_back_asks_for_a_reason(row: Transition):
    if row.subject is Subject.REQUEST:
        lifecycle = RequestFactory.requested()
        with pytest.raises(UnmetConditionsError) as caught:
            move_request(lifecycle.request, row.to, by=User.objects.system())
    else:
        state = next(state for state in (DeliveryState.DEVELOPED, *row.from_states) if state in row.from_states)
        lifecycle = RequestFactory.at(RequestState(state))
        with pytest.raises(UnmetConditionsError) as caught:
            move_delivery(lifecycle.delivery, row.to, by=User.objects.system())
    assert "comment" in {unmet.code for unmet in caught.value.unmet}


def test_the_table_names_only_what_there_is():
    for row in TRANSITIONS:
        assert set(row.guards) <= set(GUARDS)
        assert row.effect in EFFECTS
        assert set(row.inputs) <= set(FIELD_BUILDERS)
    assert set(EFFECTS) == {row.effect for row in TRANSITIONS}
    assert set(GUARDS) == {guard for row in TRANSITIONS for guard in row.guards}


def test_a_retirement_goes_from_review_to_developed_and_is_held_against_nothing():
    live = RequestFactory.live()
    members, source = live.members, live.sources[0]
    lifecycle = RequestFactory.draft(
        members=members,
        event=live.event,
        action=ChangeAction.RETIRE,
        sources=[source],
        reason="Nobody reads it.",
        change={"has_no_successor": True, "ends_on": "2030-01-01"},
    )
    assert lifecycle.request.lane == Lane.RETIRING
    lifecycle.submit().approve()
    assert lifecycle.event.status == "retired"
    lifecycle.develop(app_version="3.0.0")
    assert lifecycle.request.state == RequestState.DEVELOPED
    old = ingest(source, live.change.name, [VALID_PAYLOAD], app_version="2.9.0").events[0]
    new = ingest(source, live.change.name, [VALID_PAYLOAD], app_version="3.0.0").events[0]
    assert (old.result.verdict, new.result.verdict) == ("conforming", "retired")
