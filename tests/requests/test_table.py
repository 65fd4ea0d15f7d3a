"""Every transition, from every state, by every role: who may, who may not, and who comes at the wrong time."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounts.models import User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditions
from accounts.roles import Capability, Role
from tests.factories.accounts import UserFactory, person
from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import VALID, Cast, RequestFactory, Walk, arrive, prove_by
from tracking.requests.choices import Action, DeliveryState, Lane, State
from tracking.requests.workflow.available_steps import allowed, blocking
from tracking.requests.workflow.effects import EFFECTS
from tracking.requests.workflow.guards import GUARDS
from tracking.requests.workflow.steps.step_inputs import FIELDS
from tracking.requests.workflow.steps.transitions import TRANSITIONS, Actor, Ask, Subject, Transition, steps_to
from tracking.requests.workflow.transition_service import move_delivery, move_request

pytestmark = pytest.mark.django_db

ROLES = ("author", "pm", "analyst", "developer", "qa", "viewer", "admin", "stranger", "outsider", "system")
MAY: dict[Any, set[str]] = {
    Actor.AUTHOR: {"author"},
    Actor.OWNER: {"author", "pm", "analyst", "developer"},
    Actor.SYSTEM: set(),
    Capability.REQUEST_APPROVE: {"analyst"},
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


def somebody(role: str, walk: Walk) -> User:
    """A person of the walk's team in that role; an outsider holds every role in another team."""
    match role:
        case "author":
            return walk.request.author
        case "pm":
            return person(Role.PM, team=walk.cast.team)
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
    return getattr(walk.cast, role)


def delivery_in(state: DeliveryState) -> Walk:
    """A walk whose first delivery stands so, with what its next step needs in place."""
    if state == DeliveryState.PLANNED:
        return RequestFactory.requested()
    if state == DeliveryState.DROPPED:
        cast = Cast.of()
        walk = RequestFactory.reviewed(
            cast=cast, sources=[SourceFactory.create(owner_team=cast.team) for _ in range(2)]
        )
        move_delivery(walk.delivery, state, by=cast.analyst, comment="This app never sells.")
        return walk
    walk = RequestFactory.at(State(state))
    source, name = walk.delivery.source, walk.change.name
    if state == DeliveryState.DEVELOPED:
        arrive(source, name, [VALID], environment="staging", app_version="2.0.0")
    if state == DeliveryState.TESTED:
        prove_by(source, name, app_version="2.0.0")
    return walk


def expected(subject: Subject, state: str, to: str, role: str) -> str:
    """What the table says comes of it, for a request of the lane *new* that lacks nothing."""
    may = [row for row in steps_to(subject, to) if role == "system" or role in MAY[row.by]]
    if subject is Subject.REQUEST and to == State.LIVE and state == State.DRAFT and role not in ("author", "system"):
        return "forbidden"  # nobody publishes somebody else's draft
    if not may:
        return "forbidden"
    fitting = [row for row in may if state in row.states and Lane.NEW in row.lanes]
    by_hand = [row for row in fitting if "cannot_show" in row.guards]  # this source's app version shows it
    return "moves" if len(fitting) > len(by_hand) else "unmet"


def tried(step: Callable[[], Any]) -> str:
    """Take a step and take it back, so that the next role finds the same state; say what came of it."""
    with transaction.atomic():
        try:
            step()
            said = "moves"
        except Forbidden:
            said = "forbidden"
        except UnmetConditions:
            said = "unmet"
        transaction.set_rollback(True)
    return said


@pytest.mark.parametrize("state", list(State))
def test_each_step_of_a_request_by_each_role(state):
    walk = RequestFactory.at(state)
    for to in TARGETS[Subject.REQUEST]:
        for role in ROLES:
            by = somebody(role, walk)
            said = tried(lambda to=to, by=by: move_request(walk.request, to, by=by, comment="Because."))
            assert said == expected(Subject.REQUEST, state, to, role), f"{role}: {state} → {to}"


@pytest.mark.parametrize("state", DELIVERY_STATES)
def test_each_step_of_a_delivery_by_each_role(state):
    walk = delivery_in(state)
    for to in TARGETS[Subject.DELIVERY]:
        for role in ROLES:
            by = somebody(role, walk)
            said = tried(
                lambda to=to, by=by: move_delivery(walk.delivery, to, by=by, comment="Because.", app_version="2.0.0")
            )
            assert said == expected(Subject.DELIVERY, state, to, role), f"{role}: {state} → {to}"


@pytest.mark.parametrize("state", [State.DRAFT, State.REQUESTED])
@pytest.mark.parametrize("role", ROLES)
def test_words_are_published_by_the_people_of_the_events_team(state, role):
    cast = Cast.of()
    event = EventFactory.create(owner_team=cast.team, definition=definition("Order Completed"), name="Order Completed")
    walk = RequestFactory.at(
        state, cast=cast, event=event, sources=[], document=definition(description="Somebody paid."), message="Clearer."
    )
    said = tried(lambda: move_request(walk.request, State.LIVE, by=somebody(role, walk)))
    allowed_roles = {"author", "system"} if state == State.DRAFT else MAY[Actor.OWNER] | {"system"}
    assert said == ("moves" if role in allowed_roles else "forbidden")


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("role", ["author", "analyst", "viewer", "stranger"])
def test_what_is_called_allowed_is_what_can_be_done(state, role):
    walk = RequestFactory.at(state)
    by = somebody(role, walk)
    steps = allowed(walk.request, by)
    for step in steps:
        said = tried(lambda step=step: move_request(walk.request, step.to, by=by, comment="Because."))
        assert said == ("moves" if step.is_allowed else "unmet" if step.is_permitted else "forbidden")
    offered = {row.to for row in TRANSITIONS if row.subject is Subject.REQUEST and state in row.states}
    assert {step.to for step in steps} == offered - {State.LIVE}  # publishing is for words


def test_a_step_that_is_not_allowed_names_the_roles_that_would_be():
    walk = RequestFactory.requested()
    step = next(step for step in allowed(walk.request, walk.cast.viewer) if step.to == State.REVIEWED)
    assert (step.is_permitted, step.missing_roles) == (False, (Role.ANALYST,))


def test_a_tested_delivery_says_what_its_proof_lacks():
    walk = RequestFactory.tested()
    codes = [unmet.code for unmet in blocking(walk.delivery)]
    assert codes == ["proof_events", "proof_ids", "proof_span", "proof_share"]


def test_an_unknown_state_is_no_step():
    walk = RequestFactory.draft()
    with pytest.raises(UnmetConditions) as caught:
        move_request(walk.request, "nowhere", by=walk.cast.pm)
    assert [unmet.code for unmet in caught.value.unmet] == ["state"]


def test_the_second_of_two_is_told_who_was_first():
    walk = RequestFactory.reviewed()
    with pytest.raises(UnmetConditions) as caught:
        move_request(walk.request, State.REVIEWED, by=walk.cast.lead)
    assert str(caught.value) == f"{walk.cast.analyst} already approved it, just now. Nothing is left to do."
    with pytest.raises(UnmetConditions) as caught:
        move_request(walk.request, State.REVIEWED, by=walk.cast.analyst)
    assert str(caught.value) == "You already approved it, just now. Nothing is left to do."
    with pytest.raises(UnmetConditions) as caught:
        move_request(walk.request, State.REQUESTED, by=walk.cast.pm)
    assert str(caught.value) == f"{walk.cast.analyst} already approved it, just now. It cannot be submitted now."


@pytest.mark.parametrize("row", [row for row in TRANSITIONS if Ask.REASON in row.asks], ids=lambda row: row.label)
def test_every_way_back_asks_for_a_reason(row: Transition):
    if row.subject is Subject.REQUEST:
        walk = RequestFactory.requested()
        with pytest.raises(UnmetConditions) as caught:
            move_request(walk.request, row.to, by=User.objects.system())
    else:
        state = next(state for state in (DeliveryState.DEVELOPED, *row.states) if state in row.states)
        walk = RequestFactory.at(State(state))
        with pytest.raises(UnmetConditions) as caught:
            move_delivery(walk.delivery, row.to, by=User.objects.system())
    assert "comment" in {unmet.code for unmet in caught.value.unmet}


def test_the_table_names_only_what_there_is():
    for row in TRANSITIONS:
        assert set(row.guards) <= set(GUARDS)
        assert row.effect in EFFECTS
        assert set(row.asks) <= set(FIELDS)
    assert set(EFFECTS) == {row.effect for row in TRANSITIONS}
    assert set(GUARDS) == {guard for row in TRANSITIONS for guard in row.guards}


def test_a_retirement_goes_from_review_to_developed_and_is_held_against_nothing():
    live = RequestFactory.live()
    cast, source = live.cast, live.sources[0]
    walk = RequestFactory.draft(
        cast=cast,
        event=live.event,
        action=Action.RETIRE,
        sources=[source],
        reason="Nobody reads it.",
        change={"has_no_successor": True, "ends_on": "2030-01-01"},
    )
    assert walk.request.lane == Lane.RETIRING
    walk.submit().approve()
    assert walk.event.status == "retired"
    walk.develop(app_version="3.0.0")
    assert walk.request.state == State.DEVELOPED
    old = arrive(source, live.change.name, [VALID], app_version="2.9.0").events[0]
    new = arrive(source, live.change.name, [VALID], app_version="3.0.0").events[0]
    assert (old.judgement.verdict, new.judgement.verdict) == ("conforming", "retired")
