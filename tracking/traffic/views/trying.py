"""The form on a source's page that sends a test event."""

import json

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts.problems import UnmetConditions
from accounts.signed_in import signed_in
from catalog.choices import Call, Environment
from catalog.models import Source
from tracking.traffic.services.trying import send_test_event

OUTSIDE_PRODUCTION = (Environment.DEVELOPMENT, Environment.STAGING)


@login_required
@require_POST
def test_event(request: HttpRequest, slug: str) -> HttpResponse:
    """Post a test event to the collector, as an app would, and say what it answered."""
    source = get_object_or_404(Source, slug=slug)
    environment, name = request.POST.get("environment", ""), request.POST.get("name", "")
    try:
        properties = json.loads(request.POST.get("properties") or "{}")
    except (ValueError, RecursionError):
        properties = None
    if environment not in OUTSIDE_PRODUCTION or not name.strip() or not isinstance(properties, dict):
        messages.error(
            request, "A test event needs a name, staging or development, and its properties as a JSON object."
        )
        return redirect(f"{source.get_absolute_url()}#test")
    try:
        sent = send_test_event(
            source,
            environment,
            call=Call.TRACK,
            name=name,
            properties=properties,
            base_url=request.build_absolute_uri("/"),
            by=signed_in(request),
            app_version=request.POST.get("app_version", "").strip()[:100],
        )
    except UnmetConditions as refused:
        messages.error(request, str(refused))
    else:
        if sent.is_taken:
            messages.success(request, "The collector took it. Its verdict shows below in a moment.")
        else:
            messages.error(request, f"The collector answered {sent.status or 'nothing'}: {sent.answer[:300]}")
    return redirect(f"{source.get_absolute_url()}#arrivals")
