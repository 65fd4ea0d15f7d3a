"""Requests that more than one team has to approve, and whom the lists say they wait for."""

from django.http import QueryDict
from django.test import RequestFactory as HttpRequestFactory

from tests.factories.catalog import EventFactory, SourceFactory, definition
from tests.factories.requests import RequestFactory, RequestLifecycle, TeamFixture
from tracking.requests.authoring.draft_editing import add_change
from tracking.requests.choices import ChangeAction
from tracking.requests.filters import RequestFilter
from tracking.requests.models import Request
from tracking.requests.workflow.assignments import assignments_for
from tracking.requests.workflow.required_approvals import open_approvals

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
