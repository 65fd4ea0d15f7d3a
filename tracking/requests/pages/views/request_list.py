"""The list of requests, and the way into one from undocumented traffic."""

import re
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from accounts.current_user import current_user
from accounts.permissions import can_anywhere
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Capability
from pages.decorators import post_or_redirect
from pages.list_view import FilteredListView
from tracking.requests.authoring.traffic_inference import request_from_undocumented
from tracking.requests.choices import RequestState
from tracking.requests.filters import RequestFilter
from tracking.requests.models import Request
from tracking.requests.workflow.steps.step_permissions import may_edit
from tracking.traffic.models import SeenName

DUE_DAYS = 30
"""Within how many days the tab of what is due looks, where the list says nothing else."""


class RequestListView(FilteredListView):
    """Everything that somebody asked for, what was touched last first."""

    template_name = "requests/requests.html"
    filterset_class = RequestFilter
    export_name = "requests"
    columns = (
        ("id", lambda row: row.pk),
        ("title", lambda row: row.title),
        ("state", lambda row: row.state),
        ("lane", lambda row: row.lane),
        ("priority", lambda row: row.priority),
        ("question", lambda row: row.question),
        ("events", lambda row: ", ".join(change.name for change in row.changes.all())),
        ("author", lambda row: row.author.username),
        ("owner", lambda row: row.owner.username if row.owner else ""),
        ("team", lambda row: row.team.slug if row.team else ""),
        ("expected_per_day", lambda row: row.expected_per_day),
        ("review_by", lambda row: row.review_by),
        ("created", lambda row: row.created_at),
        ("updated", lambda row: row.updated_at),
    )

    def get_queryset(self) -> QuerySet[Request]:
        rows: QuerySet[Request] = Request.objects.with_list_data()
        return rows

    def get_extra_context(self, page: Page[Any]) -> dict[str, Any]:
        """The rows with the names of their first events, and whether the person may ask for something."""
        due_within = _due_days(self.request)
        return {
            "rows": [(row, _event_names(row)) for row in page.object_list],
            "may_create": can_anywhere(self.request.user, Capability.REQUEST_CREATE),
            "due_within": due_within,
            "due_days": DUE_DAYS if due_within is None else due_within,
            "today": timezone.localdate(),
            "waits_on_me": self.request.GET.get("waiting_on") == "me",
        }


def _due_days(request: HttpRequest) -> int | None:
    """The days within which the list shows what is due; None for any other list, and where the days are no number."""
    text = request.GET.get("due_within", "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,4}", text) else None


def _event_names(request: Request) -> str:
    """The events that a request changes, in a few words."""
    names = [change.name for change in request.changes.all() if change.name]
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return ", ".join(names[:2]) + more


@login_required
@post_or_redirect(lambda seen_name_id: reverse("quality:findings"))
def propose_from_traffic(request: HttpRequest, seen_name_id: int) -> HttpResponse:
    """Begin a request that defines what arrives undefined, and open its form; one that others write is read."""
    seen_name = get_object_or_404(SeenName, pk=seen_name_id)
    try:
        proposal = request_from_undocumented(seen_name, by=current_user(request))
    except UnmetConditionsError as error:
        for unmet in error.unmet:
            messages.error(request, unmet.detail)
        return redirect("quality:findings")
    if not may_edit(proposal, current_user(request)):
        messages.info(request, f"{proposal.author} is at it already. This is what the request says so far.")
        return redirect(proposal)
    if proposal.state == RequestState.DRAFT:
        messages.success(request, "The definition below was inferred from the newest samples. Check it, then submit.")
        return redirect("requests:edit", proposal.pk)
    return redirect(proposal)
