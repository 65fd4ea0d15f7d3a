"""The page of one request, and the steps that people take on it."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from accounts.current_user import signed_in
from accounts.preconditions import Unmet, UnmetConditions
from pages.decorators import posts_from
from tracking.requests.models import Request
from tracking.requests.pages.post_params import posted_text
from tracking.requests.pages.presenters.request_presenter import RequestReading
from tracking.requests.pages.presenters.status_messages import told
from tracking.requests.workflow.transition_service import move_request

BROUGHT = frozenset({"comment", "app_version", "ids", "sample", "replay"})
"""What a person brings to a step; where only that is missing the answer is 422, else the world says no: 409."""


@login_required
@require_GET
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: why, what changes, where it stands, and what can be done next; `?delivery=` says with which first.

    With `HX-Request` only what moves by itself is answered: the deliveries, and the steps besides where they are
    no longer what `?stand=` says the page shows.
    """
    reading = _reading(request, pk)
    is_fragment = bool(request.headers.get("HX-Request")) and "stand" in request.GET
    template = "requests/_live.html" if is_fragment else "requests/request.html"
    context = {
        "reading": reading,
        "asked_for": reading.request,
        "has_moved": is_fragment and request.GET["stand"] != reading.stand,
        "is_fragment": is_fragment,
    }
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_required
@posts_from("requests:request")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a step of the request: 302 to its page, or the page again with what stands in the way."""
    found = get_object_or_404(Request, pk=pk)
    try:
        moved = move_request(
            found,
            posted_text(request.POST, "to", 30),
            by=signed_in(request),
            comment=posted_text(request.POST, "comment"),
            replay=posted_text(request.POST, "replay", 20_000),
        )
    except UnmetConditions as refused:
        return refused_page(request, pk, refused)
    messages.success(request, told(moved))
    return redirect(moved)


def refused_page(
    request: HttpRequest, pk: int, refused: UnmetConditions, *, delivery: int | None = None
) -> HttpResponse:
    """The request's page with every condition of a refused step, and what the person had typed.

    `delivery` is the one that was to move, so that its form is the one in front again.
    """
    reading = _reading(request, pk, delivery)
    context: dict[str, Any] = {
        "reading": reading,
        "asked_for": reading.request,
        "refused": refused.unmet,
        "typed": request.POST,
    }
    return render(request, "requests/request.html", context, status=status_of(refused.unmet))


def status_of(unmet: list[Unmet]) -> int:
    """422 where only what the person brings is missing or wrong, else 409."""
    is_theirs = all(condition.code in BROUGHT for condition in unmet)
    return HTTPStatus.UNPROCESSABLE_ENTITY if is_theirs else HTTPStatus.CONFLICT


def _reading(request: HttpRequest, pk: int, delivery: int | None = None) -> RequestReading:
    asked = request.GET.get("delivery", "")
    found = get_object_or_404(Request.objects.with_page_data(), pk=pk)
    return RequestReading.of(
        found,
        signed_in(request),
        number=request.GET.get("page"),
        host=request.build_absolute_uri("/").rstrip("/"),
        chosen=delivery or (int(asked) if asked.isdecimal() and len(asked) < 19 else None),
    )
