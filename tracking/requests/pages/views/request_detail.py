"""The page of one request, and the steps that people take on it."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from accounts.current_user import current_user
from accounts.models import User
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from pages.cache_control import never_stored
from pages.decorators import post_or_redirect
from tracking.requests.choices import RequestState
from tracking.requests.models import Request
from tracking.requests.pages.post_params import id_param, text_param
from tracking.requests.pages.presenters.request_presenter import RequestPresenter
from tracking.requests.pages.presenters.status_messages import APPROVED_IN_PART, request_status_message
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.transition_service import move_request

STEP_INPUT_CODES = frozenset({"comment", "app_version", "ids", "sample", "replay"})
"""What a person brings to a step; where only that is missing the answer is 422, else the world says no: 409."""


@never_stored
@login_required
@require_GET
def request_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One request: why, what changes, where it stands, and what can be done next; `?delivery=` says with which first.

    With `HX-Request` only what moves by itself is answered: the deliveries, and the steps besides where they are
    no longer what `?etag=` says the page shows.
    """
    presenter = _present_request(request, pk)
    is_fragment = bool(request.headers.get("HX-Request")) and "etag" in request.GET
    template = "requests/_live.html" if is_fragment else "requests/request.html"
    context = {
        "presenter": presenter,
        "asked_for": presenter.request,
        "has_moved": is_fragment and request.GET["etag"] != presenter.etag,
        "is_fragment": is_fragment,
    }
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@never_stored
@login_required
@post_or_redirect("requests:request")
def request_transition(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a step of the request: 302 to its page, or the page again with what stands in the way."""
    subject = get_object_or_404(Request, pk=pk)
    to = text_param(request.POST, "to", 30)
    try:
        moved = _take_step(
            subject,
            to,
            by=current_user(request),
            comment=text_param(request.POST, "comment"),
            replay=text_param(request.POST, "replay", 20_000),
            revision=id_param(request.POST, "revision"),
        )
    except UnmetConditionsError as error:
        return rejected_step_page(request, pk, error)
    is_approved_in_part = to == RequestState.REVIEWED and moved.state == RequestState.REQUESTED
    messages.success(request, APPROVED_IN_PART if is_approved_in_part else request_status_message(moved))
    return redirect(moved)


def _take_step(subject: Request, to: str, *, by: User, comment: str, replay: str, revision: int | None) -> Request:
    """Take a step and return the request: to approve records the approval, and moves it only with the last one."""
    if to == RequestState.REVIEWED:
        return approve_request(subject, by=by, comment=comment, replay=replay, revision=revision).request
    return move_request(subject, to, by=by, comment=comment, replay=replay, revision=revision)


def rejected_step_page(
    request: HttpRequest, pk: int, error: UnmetConditionsError, *, delivery: int | None = None
) -> HttpResponse:
    """The request's page with every condition of a refused step, and what the person had typed.

    `delivery` is the one whose step was refused; its form is shown first again.
    """
    presenter = _present_request(request, pk, delivery)
    context: dict[str, Any] = {
        "presenter": presenter,
        "asked_for": presenter.request,
        "refused": error.unmet,
        "typed": request.POST,
    }
    return render(request, "requests/request.html", context, status=rejection_status(error.unmet))


def rejection_status(unmet: list[UnmetCondition]) -> int:
    """422 where only what the person brings is missing or wrong, else 409."""
    is_input_error = all(condition.code in STEP_INPUT_CODES for condition in unmet)
    return HTTPStatus.UNPROCESSABLE_ENTITY if is_input_error else HTTPStatus.CONFLICT


def _present_request(request: HttpRequest, pk: int, delivery: int | None = None) -> RequestPresenter:
    delivery_param = request.GET.get("delivery", "")
    subject = get_object_or_404(Request.objects.with_people(), pk=pk)
    return RequestPresenter.build(
        subject,
        current_user(request),
        number=request.GET.get("page"),
        host=request.build_absolute_uri("/").rstrip("/"),
        chosen=delivery or (int(delivery_param) if delivery_param.isdecimal() and len(delivery_param) < 19 else None),
    )
