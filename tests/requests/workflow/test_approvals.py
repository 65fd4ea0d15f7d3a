"""Whose approval a request needs: by area and by team; who is asked, who may, and what counts."""

import importlib

import pytest
from django.db import connection
from django.db.models import TextChoices
from django.http import QueryDict
from django.test import RequestFactory as HttpRequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.models import HistoryEntry
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Capability, Role
from catalog.services.events import classify_event
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, definition, publish_next_version
from tests.factories.requests import RequestFactory, RequestLifecycle, TeamFixture
from tests.requests.workflow.guarded_steps import codes_of
from tracking.requests import approval_areas
from tracking.requests.approval_areas import AREA_RULES, AreaRule
from tracking.requests.authoring.draft_editing import add_change, edit_change, edit_request, rebase_change
from tracking.requests.choices import ApprovalArea, ChangeAction, RequestState
from tracking.requests.filters import RequestFilter
from tracking.requests.models import Approval, Request
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.approvals import is_ended, is_stale
from tracking.requests.workflow.assignments import assignments_for
from tracking.requests.workflow.available_steps import available_steps
from tracking.requests.workflow.required_approvals import active_approvals, open_approvals, people_who_can_approve
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db

NAMES = ("Order Completed", "Order Refunded")


def request_over(*teams: TeamFixture, **options) -> RequestLifecycle:
    """A draft of the first team's product manager that changes one event of each team."""
    first = teams[0]
    lifecycle = None
    for members, name in zip(teams, NAMES, strict=False):
        source = SourceFactory.create(owner_team=members.team)
        event = EventFactory.create(name=name, definition=definition(name), owner_team=members.team, sources=[source])
        document = definition(name, trigger="Once paid.")
        if lifecycle is None:
            lifecycle = RequestFactory.draft(
                members=first, event=event, sources=[source], document=document, team=first.team, **options
            )
        else:
            add_change(
                lifecycle.request,
                action=ChangeAction.UPDATE,
                event=event,
                by=lifecycle.request.author,
                definition=document,
                sources=[source],
            )
    assert lifecycle is not None
    return lifecycle


def open_labels(request: Request) -> list[str]:
    request = Request.objects.get(pk=request.pk)
    return [required.label for required in open_approvals(request, request.changes.all())]


def is_asked(user, request: Request) -> bool:
    """Whether the request waits on somebody: the filter, the work queue and the queryset must agree."""
    user = type(user).objects.get(pk=user.pk)  # as another page view would know them
    http = HttpRequestFactory().get("/")
    http.user = user
    answers = {
        request in RequestFilter(QueryDict("waiting_on=me"), queryset=Request.objects.all(), request=http).qs,
        request in Request.objects.all().waiting_on(user),
        any(each.request == request and each.kind == "review" for each in assignments_for(user)),
    }
    assert len(answers) == 1, "the lists disagree"
    return answers.pop()


def test_the_team_of_the_event_is_asked_and_not_the_team_of_the_request(members, other):
    event = EventFactory.create(name=NAMES[0], definition=definition(), owner_team=members.team)
    document = definition(trigger="Once paid.")
    lifecycle = RequestFactory.requested(members=other, team=other.team, event=event, document=document)
    assert is_asked(members.analyst, lifecycle.request)
    assert not is_asked(other.analyst, lifecycle.request)
    with pytest.raises(Forbidden):
        approve_request(lifecycle.request, by=other.analyst)
    assert open_labels(lifecycle.request) == [f"Analysis for {members.team}"]


def test_a_new_event_is_approved_by_the_team_of_the_request(members, other):
    lifecycle = RequestFactory.requested(members=members, team=members.team)
    assert is_asked(members.analyst, lifecycle.request)
    assert not is_asked(other.analyst, lifecycle.request)


def test_events_of_two_teams_need_the_analysts_of_both(members, other):
    request = request_over(members, other).submit().request
    approve_request(request, by=members.analyst, comment="Ours is right.")
    request.refresh_from_db()
    assert request.state == RequestState.REQUESTED
    assert open_labels(request) == [f"Analysis for {other.team}"]
    assert (is_asked(members.analyst, request), is_asked(members.second_analyst, request)) == (False, False)
    assert is_asked(other.analyst, request)
    last = approve_request(request, by=other.analyst)
    request.refresh_from_db()
    assert (request.state, last.person, last.team) == (RequestState.REVIEWED, other.analyst, other.team)
    assert {change.version is not None for change in request.changes.all()} == {True}
    assert {approval.person for approval in active_approvals(request)} == {members.analyst, other.analyst}


def test_the_step_to_reviewed_names_what_is_open_and_records_nothing(members, other):
    request = request_over(members, other).submit().request
    history = HistoryEntry.objects.count()
    with pytest.raises(UnmetConditionsError) as caught:
        move_request(request, RequestState.REVIEWED, by=members.analyst)
    assert codes_of(caught) == {"approvals"}
    assert f"Analysis for {other.team} is still to be approved." in str(caught.value)
    assert str(other.analyst) in str(caught.value)
    assert (Approval.objects.count(), HistoryEntry.objects.count()) == (0, history)
    step = next(step for step in available_steps(request, members.analyst) if step.to == RequestState.REVIEWED)
    assert (step.is_permitted, step.is_allowed, [unmet.code for unmet in step.unmet]) == (True, False, ["approvals"])
    approve_request(request, by=other.analyst)
    assert move_request(request, RequestState.REVIEWED, by=members.analyst).state == RequestState.REVIEWED


def test_an_analyst_of_the_whole_company_counts_for_every_team(members, other):
    request = request_over(members, other).submit().request
    analyst = person(Role.ANALYST)
    assert is_asked(analyst, request)
    approval = approve_request(request, by=analyst)
    request.refresh_from_db()
    assert (request.state, approval.team, request.approvals.count()) == (RequestState.REVIEWED, None, 1)


def test_an_analyst_of_both_teams_counts_for_both(members, other):
    request = request_over(members, other).submit().request
    members.analyst.memberships.create(team=other.team, role=Role.ANALYST)
    approve_request(request, by=type(members.analyst).objects.get(pk=members.analyst.pk))
    request.refresh_from_db()
    assert request.state == RequestState.REVIEWED
    assert {approval.team for approval in request.approvals.all()} == {members.team, other.team}


@pytest.mark.parametrize("role", ["pm", "developer", "qa", "viewer", "admin"])
def test_others_are_neither_asked_nor_allowed(members, other, role):
    request = request_over(members, other).submit().request
    for user in (getattr(members, role), getattr(other, role), person(Role.ANALYST, team=TeamFixture.create().team)):
        assert not is_asked(user, request)
        with pytest.raises(Forbidden):
            approve_request(request, by=user)


def test_either_teams_analyst_may_send_back(members, other):
    request = request_over(members, other).submit().request
    sent_back = move_request(request, RequestState.DRAFT, by=other.analyst, comment="Ours is called otherwise.")
    assert sent_back.state == RequestState.DRAFT


def test_sending_back_ends_approvals_and_a_new_submission_begins_without_any(members, other):
    request = request_over(members, other).submit().request
    first = approve_request(request, by=members.analyst, comment="The first time.")
    move_request(request, RequestState.DRAFT, by=other.analyst, comment="What is the trigger?")
    first.refresh_from_db()
    assert (is_ended(first), is_stale(first)) == (True, False)
    assert active_approvals(first.request) == []
    request = move_request(first.request, RequestState.REQUESTED, by=members.pm)
    assert len(open_labels(request)) == 2
    assert is_asked(members.analyst, request)
    second = approve_request(request, by=members.analyst, comment="The second time.")
    assert (second.pk != first.pk, second.comment, second.created_at > first.created_at) == (
        True,
        "The second time.",
        True,
    )
    first.refresh_from_db()
    assert (first.comment, is_ended(first)) == ("The first time.", True)
    assert active_approvals(request) == [second]


def test_approving_the_same_again_renews_time_and_comment_and_history_keeps_both(members, other):
    request = request_over(members, other).submit().request
    first = approve_request(request, by=members.analyst, comment="Fine.")
    again = approve_request(request, by=members.analyst, comment="Still fine.")
    assert (again.pk, again.comment, again.created_at > first.created_at) == (first.pk, "Still fine.", True)
    told = HistoryEntry.objects.for_subject("request", request.pk).filter(action="approved")
    assert [entry.message for entry in told] == ["Fine.", "Still fine."]
    assert approve_request(request, by=members.analyst).comment == "Still fine."


def test_an_edit_after_an_approval_needs_it_anew(members, other):
    request = request_over(members, other).submit().request
    approval = approve_request(request, by=members.analyst)
    move_request(request, RequestState.DRAFT, by=members.pm, comment="One more thing.")
    edit_request(request, by=members.pm, revision=None, question="And how many of them?")
    request = move_request(request, RequestState.REQUESTED, by=members.pm)
    approval.refresh_from_db()
    assert (is_ended(approval), is_stale(approval)) == (True, True)
    assert len(open_labels(request)) == 2


def test_a_rebase_after_an_approval_needs_it_anew(members, other):
    request = request_over(members, other).submit().request
    approve_request(request, by=other.analyst)
    change = request.changes.select_related("event").order_by("id")[0]
    publish_next_version(change.event, definition(change.event.name, description="Paid in full."))
    with pytest.raises(UnmetConditionsError) as caught:
        approve_request(request, by=members.analyst)
    assert codes_of(caught) == {"rebase"}
    assert request.approvals.count() == 1
    move_request(request, RequestState.DRAFT, by=members.pm, comment="To be rebased.")
    rebase_change(change, by=members.pm)
    request = move_request(request, RequestState.REQUESTED, by=members.pm)
    assert len(open_labels(request)) == 2
    assert is_asked(other.analyst, request)


def test_an_event_that_moves_to_another_team_is_approved_there(members, other):
    third = TeamFixture.create()
    request = request_over(members, other).submit().request
    approve_request(request, by=members.analyst)
    event = request.changes.select_related("event").order_by("id")[0].event
    classify_event(event, by=person(Role.ANALYST), owner_team=third.team)
    assert open_labels(request) == [f"Analysis for {third.team}", f"Analysis for {other.team}"]
    assert is_asked(third.analyst, request)
    assert not is_asked(members.second_analyst, request)


def test_where_a_move_leaves_nothing_open_whoever_is_responsible_still_takes_the_step(members, other):
    request = request_over(members, other).submit().request
    approve_request(request, by=members.analyst)
    event = request.changes.select_related("event").order_by("id")[1].event
    classify_event(event, by=person(Role.ANALYST), owner_team=members.team)
    assert open_labels(request) == []
    assert is_asked(members.second_analyst, request)
    approve_request(request, by=members.second_analyst)
    request.refresh_from_db()
    assert request.state == RequestState.REVIEWED


@pytest.mark.parametrize(
    ("own", "others", "expected"),
    [([], [3], False), ([3], [], False), ([3], [1, 2], False), ([3], [1, 3], True)],
)
def test_own_approval_needs_the_policy_of_every_team(members, other, own, others, expected):
    for team, tiers in ((members.team, own), (other.team, others)):
        team.own_approval_tiers = tiers
        team.save()
    author = person(Role.ANALYST)
    request = request_over(members, other, by=author).submit().request
    assert is_asked(author, request) is expected
    if not expected:
        with pytest.raises(UnmetConditionsError) as caught:
            approve_request(request, by=author)
        assert codes_of(caught) == {"four_eyes"}
        return
    assert approve_request(request, by=author).is_same_person
    moved = HistoryEntry.objects.for_subject("request", request.pk).filter(to_state=RequestState.REVIEWED).get()
    assert moved.evidence["is_same_person"] is True


def test_own_approval_of_a_new_event_goes_by_the_policy_of_the_authors_own_team(members, other):
    for team in (members.team, other.team):
        team.own_approval_tiers = [3]
        team.save()
    author = members.analyst
    ours = RequestFactory.requested(members=members, by=author, team=members.team).request
    theirs = RequestFactory.requested(
        members=members, by=author, team=other.team, document=definition("Cart Viewed")
    ).request
    assert is_asked(author, ours)
    assert not is_asked(author, theirs)
    company_wide = person(Role.ANALYST)
    foreign = RequestFactory.requested(
        members=members, by=company_wide, team=other.team, document=definition("Cart Emptied")
    ).request
    assert not is_asked(company_wide, foreign)  # the author chose a team that they do not belong to
    with pytest.raises(UnmetConditionsError):
        approve_request(foreign, by=company_wide)


def test_whoever_edited_is_not_asked(members):
    lifecycle = RequestFactory.draft(members=members, owner=members.analyst)
    edit_change(lifecycle.change, by=members.analyst, revision=None, definition=definition(trigger="Once paid."))
    edit_request(lifecycle.request, by=members.analyst, revision=None, owner=members.pm)
    request = lifecycle.submit().request
    assert not is_asked(members.analyst, request)
    assert is_asked(members.second_analyst, request)
    required = open_approvals(request, request.changes.all())
    people = people_who_can_approve(request, list(request.changes.all()), required)
    assert people == [[members.second_analyst]]


class SecondArea(TextChoices):
    ADDED = "added-later", "Added later"


@pytest.fixture
def second_area(monkeypatch):
    """An area besides analysis, by a word that no real area has: QA of the event's team approves every password."""
    rule = AreaRule(
        SecondArea.ADDED,
        Capability.DELIVERY_VERIFY,
        lambda change: "password" in str(change.definition),
    )
    analysis = tuple(row for row in AREA_RULES if row.area == ApprovalArea.ANALYSIS)
    for module in ("approval_areas", "models.approval", "workflow.required_approvals"):
        monkeypatch.setattr(f"tracking.requests.{module}.AREA_RULES", (*analysis, rule))
    assert approval_areas.AREA_RULES[-1] is rule


def test_a_second_area_is_one_row_and_follows_from_the_content(second_area, members):
    with_password = definition(description="With a password.")
    lifecycle = RequestFactory.draft(members=members, document=with_password)
    assert lifecycle.change.approval_areas == ["analysis", "added-later"]
    edit_change(lifecycle.change, by=members.pm, revision=None, definition=definition())
    assert lifecycle.change.approval_areas == ["analysis"]
    edit_change(lifecycle.change, by=members.pm, revision=None, definition=with_password)
    request = lifecycle.submit().request
    assert open_labels(request) == [f"Analysis for {members.team}", f"Added later for {members.team}"]
    assert is_asked(members.qa, request)
    approve_request(request, by=members.analyst)
    assert (is_asked(members.analyst, request), is_asked(members.qa, request)) == (False, True)
    with pytest.raises(Forbidden):
        approve_request(request, by=members.developer)
    approval = approve_request(request, by=members.qa)
    request.refresh_from_db()
    assert (request.state, approval.area) == (RequestState.REVIEWED, "added-later")


def test_each_area_has_its_rule():
    assert {rule.area for rule in AREA_RULES} == set(ApprovalArea)


@pytest.mark.parametrize("limit", [1, 2])
def test_neither_kind_of_delivery_pushes_the_other_out_of_the_work_queue(limit, members):
    for number in range(3):
        RequestFactory.developed(members=members, document=definition(f"Old {number}"))
    for number in range(3):
        RequestFactory.reviewed(members=members, document=definition(f"New {number}"))
    user = person(Role.DEVELOPER, team=members.team)
    user.memberships.create(team=members.team, role=Role.QA)
    kinds = [each.kind for each in assignments_for(type(user).objects.get(pk=user.pk), limit=limit)]
    assert kinds == ["develop"] * limit + ["verify"] * limit


def test_lists_cost_the_same_for_any_number_of_teams_and_requests(members, other):
    def cost(user):
        with CaptureQueriesContext(connection) as captured:
            list(Request.objects.all().waiting_on(user))
            assignments_for(user)
        return len(captured)

    request_over(members, other).submit()
    user = members.analyst
    assignments_for(user)  # memberships are read once for each person
    before = cost(user)
    for number in range(3):
        RequestFactory.requested(members=other, document=definition(f"Event {number}"))
    user.memberships.create(team=other.team, role=Role.ANALYST)
    user.clear_membership_cache()
    user.cached_memberships  # noqa: B018  read before it is counted
    assert cost(user) == before


def test_approvals_from_before_count_where_nobody_edited_since(members, other):
    fresh = request_over(members, other).submit().request
    edited = RequestFactory.requested(members=members, document=definition("Cart Viewed")).request
    redrafted = RequestFactory.draft(members=members, document=definition("Cart Emptied")).request
    for request in (fresh, edited, redrafted):
        Approval.objects.create(
            request=request,
            person=members.second_analyst,
            content_hash=b"0" * 32,
            created_at=request.created_at,
        )
    approve_request(fresh, by=members.analyst)
    Approval.objects.filter(request=fresh).exclude(person=members.analyst).delete()
    Approval.objects.update(submission=0, team=None)
    Request.objects.update(submission=0)
    migration = importlib.import_module("tracking.requests.migrations.0010_approvals_of_submissions")
    with connection.cursor() as cursor:
        cursor.execute(migration.NUMBER_REQUESTS)
        cursor.execute(migration.NUMBER_APPROVALS)
    fresh.refresh_from_db()
    assert [approval.person for approval in active_approvals(fresh)] == [members.analyst]
    assert open_labels(fresh) == []  # it was given for all events, as that was asked then
    edited.refresh_from_db()
    assert (edited.submission, edited.approvals.get().submission) == (1, 0)
    assert is_asked(members.analyst, edited)
    redrafted.refresh_from_db()
    assert active_approvals(redrafted) == []


def test_only_what_is_requested_can_be_approved(members):
    lifecycle = RequestFactory.draft(members=members)
    with pytest.raises(UnmetConditionsError) as caught:
        approve_request(lifecycle.request, by=members.analyst)
    assert codes_of(caught) == {"state"}


def test_approving_is_for_the_team_that_owns_the_event(members):
    other = TeamFixture.create()
    event = EventFactory.create(name="Order Completed", definition=definition(), owner_team=members.team)
    document = definition(trigger="Once paid.")
    lifecycle = RequestFactory.requested(members=members, by=other.pm, team=other.team, event=event, document=document)
    with pytest.raises(Forbidden):
        approve_request(lifecycle.request, by=other.analyst)
    assert approve_request(lifecycle.request, by=members.analyst).person == members.analyst
