"""Exemptions from the rule `sensitive`, as the page of their event takes them back."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.current_user import current_user
from accounts.preconditions import UnmetConditionsError
from catalog.contract.json.pointers import path_label
from catalog.models import Event
from catalog.services.sensitive_exemptions import end_exemption
from pages.decorators import post_or_redirect


def _event_url(pk: str) -> str:
    """Return the address that leads to the event's page."""
    return reverse("catalog:event", args=[pk])


@login_required
@post_or_redirect(_event_url)
def end_exemption_action(request: HttpRequest, pk: str) -> HttpResponse:
    """Ask the rule of a property of the event again."""
    event = get_object_or_404(Event, pk=int(pk))
    path = request.POST.get("path", "")
    try:
        end_exemption(event, path, reason=request.POST.get("reason", ""), by=current_user(request))
    except UnmetConditionsError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"The rule sensitive is on again for {path_label(path)[:200]}.")
    return redirect(f"{event.get_absolute_url()}#properties")
