"""The home page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.current_user import signed_in
from catalog.models import Event
from home.overview import findings_of, standing, undocumented
from tracking.quality.explanations import explain
from tracking.requests.workflow.assignments import duties_of

CHANGED_SHOWN = 8


@login_required
@require_GET
def home_page(request: HttpRequest) -> HttpResponse:
    """What needs this person, what changed, and how the catalog stands."""
    person = signed_in(request)
    context = {
        "standing": standing(),
        "duties": duties_of(person),
        "findings": [(finding, explain(finding)) for finding in findings_of(person)],
        "changed": Event.objects.with_list_data().order_by("-updated_at", "-id")[:CHANGED_SHOWN],
        "undocumented": undocumented(),
    }
    return render(request, "home/home.html", context)
