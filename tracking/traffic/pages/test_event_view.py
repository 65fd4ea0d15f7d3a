"""The form on a source's page that sends a test event."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.current_user import signed_in
from accounts.preconditions import UnmetConditions
from catalog.choices import Call
from catalog.models import Source
from catalog.views.source_pages import shown_source
from pages.decorators import posts_from
from tracking.traffic.collect.test_events import send_test_event
from tracking.traffic.pages.forms import TestEventForm, kept_as, sample_of

KEPT_LENGTH = 20_000
KEPT = ("name", "environment", "app_version", "properties")


def _form_of(slug: str) -> str:
    """Return the address of the form on a source's page."""
    return f"{reverse('catalog:source', args=[slug])}#test"


@login_required
@posts_from(_form_of)
def test_event(request: HttpRequest, slug: str) -> HttpResponse:
    """Post a test event to the collector, as an app would, and say what it answered.

    With `do=fill` nothing is sent: the form shows a payload that keeps to the event's definition. Whoever asks
    for this address, such as by reloading a refused form, is led to the form.
    """
    source = get_object_or_404(Source, slug=slug)
    if request.POST.get("do") == "fill":
        return _filled(request, source)
    form = TestEventForm(source, request.POST)
    if not form.is_valid():
        return shown_source(request, slug, status=422, test_form=form)
    _keep(request, source)
    _send(request, source, form)
    return redirect(f"{source.get_absolute_url()}#test")


def _filled(request: HttpRequest, source: Source) -> HttpResponse:
    name = request.POST.get("name", "").strip()
    sample = sample_of(source, name)
    if not sample:
        messages.error(request, f"No definition of “{name[:60]}” was approved yet, so there is no sample of it.")
    _keep(request, source, **({"properties": sample} if sample else {}))
    return redirect(f"{source.get_absolute_url()}#test")


def _keep(request: HttpRequest, source: Source, **instead: str) -> None:
    """Let the form stand as it is when the page is shown again: who tests sends more than once."""
    typed = {name: request.POST.get(name, "") for name in KEPT} | instead
    request.session[kept_as(source)] = {name: text[:KEPT_LENGTH] for name, text in typed.items()}


def _send(request: HttpRequest, source: Source, form: TestEventForm) -> None:
    try:
        sent = send_test_event(
            source,
            form.cleaned_data["environment"],
            call=Call.TRACK,
            name=form.cleaned_data["name"],
            properties=form.cleaned_data["properties"],
            by=signed_in(request),
            app_version=form.cleaned_data.get("app_version", ""),
        )
    except UnmetConditions as refused:
        messages.error(request, str(refused))
    else:
        if sent.is_taken:
            messages.success(request, "The collector took it. Its verdict shows below in a moment.")
        else:
            messages.error(request, f"The collector answered {sent.status or 'nothing'}: {sent.answer[:300]}")
