"""The form on a source's page that sends a test event."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.current_user import current_user
from accounts.preconditions import UnmetConditionsError
from catalog.choices import Call
from catalog.models import Source
from catalog.views.source_pages import render_source_page
from pages.cache_control import never_stored
from pages.decorators import post_or_redirect
from tracking.traffic.collect.test_events import send_test_event
from tracking.traffic.pages.forms import TestEventForm, example_properties_text, session_key

MAX_REMEMBERED_LENGTH = 20_000
REMEMBERED_FIELDS = ("name", "environment", "app_version", "properties")


def _form_url(slug: str) -> str:
    """Return the address of the form on a source's page."""
    return f"{reverse('catalog:source', args=[slug])}#test"


@never_stored
@login_required
@post_or_redirect(_form_url)
def test_event(request: HttpRequest, slug: str) -> HttpResponse:
    """Post a test event to the collector, as an app would, and say what it answered.

    With `do=fill` nothing is sent: the form shows a payload that keeps to the event's definition. Whoever asks
    for this address, such as by reloading a refused form, is led to the form.
    """
    source = get_object_or_404(Source, slug=slug)
    if request.POST.get("do") == "fill":
        return _fill_example(request, source)
    form = TestEventForm(source, request.POST)
    if not form.is_valid():
        return render_source_page(request, slug, status=422, test_form=form)
    _remember_input(request, source)
    _send(request, source, form)
    return redirect(f"{source.get_absolute_url()}#test")


def _fill_example(request: HttpRequest, source: Source) -> HttpResponse:
    name = request.POST.get("name", "").strip()
    example = example_properties_text(source, name)
    if not example:
        messages.error(request, f"No definition of “{name[:60]}” was approved yet, so there is no sample of it.")
    _remember_input(request, source, **({"properties": example} if example else {}))
    return redirect(f"{source.get_absolute_url()}#test")


def _remember_input(request: HttpRequest, source: Source, **overrides: str) -> None:
    """Let the form stand as it is when the page is shown again: who tests sends more than once."""
    values = {name: request.POST.get(name, "") for name in REMEMBERED_FIELDS} | overrides
    request.session[session_key(source)] = {name: text[:MAX_REMEMBERED_LENGTH] for name, text in values.items()}


def _send(request: HttpRequest, source: Source, form: TestEventForm) -> None:
    try:
        response = send_test_event(
            source,
            form.cleaned_data["environment"],
            call=Call.TRACK,
            name=form.cleaned_data["name"],
            properties=form.cleaned_data["properties"],
            by=current_user(request),
            app_version=form.cleaned_data.get("app_version", ""),
        )
    except UnmetConditionsError as error:
        messages.error(request, str(error))
    else:
        if response.is_accepted:
            messages.success(request, "The collector took it. Its verdict shows below in a moment.")
        else:
            messages.error(request, f"The collector answered {response.status or 'nothing'}: {response.body[:300]}")
