"""The home page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.current_user import current_user
from catalog.models import Event
from home.overview import catalog_statistics, findings_owned_by, recent_undocumented_names
from tracking.quality.explanations import explain
from tracking.requests.workflow.assignments import assignments_for

MAX_CHANGED_EVENTS = 8
ASSIGNMENT_MESSAGES = {
    "review": "Waits for your review, asked by {author}",
    "develop": "Approved: build it, then say which app version carries it",
    "verify": "Built: verify it from what arrived",
    "draft": "Your draft: finish it, then submit it",
    "resubmit": "Back in draft: see why, then submit it again",
}


@login_required
@require_GET
def home_page(request: HttpRequest) -> HttpResponse:
    """The work that waits for this person, recent changes, and the catalog's figures."""
    person = current_user(request)
    context = {
        "statistics": catalog_statistics(),
        "assignments": [
            (each, ASSIGNMENT_MESSAGES[each.kind].format(author=each.request.author))
            for each in assignments_for(person)
        ],
        "findings": [(finding, explain(finding)) for finding in findings_owned_by(person)],
        "changed": Event.objects.with_result_data().order_by("-updated_at", "-id")[:MAX_CHANGED_EVENTS],
        "undocumented": recent_undocumented_names(),
    }
    return render(request, "home/home.html", context)
