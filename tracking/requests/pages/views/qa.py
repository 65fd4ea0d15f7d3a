"""QA: the deliveries that wait for it, the console of one, and the steps of deliveries."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from accounts.current_user import current_user
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from pages.cache_control import never_stored
from pages.decorators import post_or_redirect
from pages.list_view import FilteredListView
from tracking.requests.choices import LANES_VERIFIED, DeliveryState
from tracking.requests.evidence.current_app_versions import current_app_versions
from tracking.requests.filters import DeliveryFilter
from tracking.requests.models import Delivery
from tracking.requests.pages.post_params import id_hash_params, id_param, text_param
from tracking.requests.pages.presenters.delivery_presenter import delivery_snippets
from tracking.requests.pages.presenters.qa_console import QAConsole
from tracking.requests.pages.presenters.status_messages import delivery_status_message
from tracking.requests.pages.views.request_detail import rejected_step_page, rejection_status
from tracking.requests.workflow.transition_service import move_delivery


@never_stored
class DeliveryListView(FilteredListView):
    """Deliveries: those that wait for QA, unless the address asks for others."""

    template_name = "requests/deliveries.html"
    filterset_class = DeliveryFilter
    export_name = "deliveries"
    columns = (
        ("id", lambda row: row.pk),
        ("event", lambda row: row.change.name),
        ("source", lambda row: row.source.slug),
        ("state", lambda row: row.state),
        ("app_version", lambda row: row.app_version),
        ("request", lambda row: row.change.request_id),
        ("developed", lambda row: row.developed_at),
        ("developed_by", lambda row: row.developed_by.username if row.developed_by else ""),
        ("tested", lambda row: row.tested_at),
        ("tested_by", lambda row: row.tested_by.username if row.tested_by else ""),
        ("live", lambda row: row.live_at),
    )

    def get_queryset(self) -> QuerySet[Delivery]:
        rows: QuerySet[Delivery] = Delivery.objects.with_list_data().order_by("-updated_at", "-id")
        if self._has_explicit_filter():
            return rows
        return rows.filter(state=DeliveryState.DEVELOPED, change__lane__in=LANES_VERIFIED)

    def get_extra_context(self, page: Any) -> dict[str, Any]:
        """Which of the tabs is open."""
        states = self.request.GET.getlist("state")
        tab = "me" if self.request.GET.get("waiting_on") else states[0] if len(states) == 1 else ""
        return {"tab": tab, "is_asked": self._has_explicit_filter()}

    def _has_explicit_filter(self) -> bool:
        return any(self.request.GET.get(name) for name in ("state", "waiting_on", "request", "event", "name"))


@never_stored
@login_required
@require_GET
def qa_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery: what should arrive, what does, expected beside received, and the signature.

    With `HX-Request` only what arrives is answered: 204 where nothing differs from what `?etag=` says is shown.
    """
    console = _console_or_404(request, pk)
    is_fragment = bool(request.headers.get("HX-Request")) and "etag" in request.GET
    if is_fragment and request.GET["etag"] == console.etag:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    template = "requests/_arriving.html" if is_fragment else "requests/qa.html"
    response = render(request, template, _context(request, console) | {"is_fragment": is_fragment})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _next_step_url(pk: int) -> str:
    """Return the page on which a delivery's next step is taken: the console while QA looks, else its request's."""
    delivery = get_object_or_404(Delivery.objects.select_related("change__request"), pk=pk)
    if delivery.state == DeliveryState.DEVELOPED:
        return reverse("requests:qa_delivery", args=[pk])
    return delivery.get_absolute_url()


@never_stored
@login_required
@post_or_redirect(_next_step_url)
def delivery_transition(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a step of a delivery: 302 to where it was taken from, or that page again with what stands in the way."""
    delivery = get_object_or_404(Delivery.objects.select_related("change"), pk=pk)
    is_back_to_qa = request.POST.get("back") == "qa"
    try:
        moved = move_delivery(
            delivery,
            text_param(request.POST, "to", 30),
            by=current_user(request),
            comment=text_param(request.POST, "comment"),
            app_version=text_param(request.POST, "app_version", 200),
            ids=id_hash_params(request.POST),
            sample=id_param(request.POST, "sample"),
        )
    except UnmetConditionsError as error:
        if is_back_to_qa:
            return _rejected_console(request, pk, error.unmet)
        return rejected_step_page(request, delivery.change.request_id, error, delivery=pk)
    messages.success(request, delivery_status_message(moved, previous_state=delivery.state))
    _warn_of_implausible_version(request, moved)
    return redirect("requests:qa_delivery", pk) if is_back_to_qa else redirect(moved.change.request)


def _warn_of_implausible_version(request: HttpRequest, delivery: Delivery) -> None:
    """Warn where the app version that was just named is further ahead than builds usually are."""
    if delivery.state != DeliveryState.DEVELOPED or not delivery.app_version:
        return
    warning = current_app_versions([delivery.source])[delivery.source_id].major_jump_warning(delivery.app_version)
    if warning:
        messages.warning(request, f"{warning} If that is a slip, send it back and name the version again.")


def _rejected_console(request: HttpRequest, pk: int, unmet: list[UnmetCondition]) -> HttpResponse:
    console = _console_or_404(request, pk)
    context = _context(request, console) | {"refused": unmet, "typed": request.POST}
    return render(request, "requests/qa.html", context, status=rejection_status(unmet))


def _console_or_404(request: HttpRequest, pk: int) -> QAConsole:
    rows = Delivery.objects.with_list_data().select_related("change__version__parent")
    delivery = get_object_or_404(rows, pk=pk)
    chosen = id_param(request.POST if request.method == "POST" else request.GET, "sample")
    return QAConsole(delivery, current_user(request), chosen)


def _context(request: HttpRequest, console: QAConsole) -> dict[str, Any]:
    host = request.build_absolute_uri("/").rstrip("/")
    return {
        "console": console,
        "delivery": console.delivery,
        "sending": next(iter(delivery_snippets([console.delivery], by=console.user, host=host)), None),
        "host": host,
    }
