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

from accounts.current_user import signed_in
from accounts.preconditions import Unmet, UnmetConditions
from pages.decorators import posts_from
from pages.list_view import ListPage
from tracking.requests.choices import TESTED, DeliveryState
from tracking.requests.evidence.current_app_versions import running_versions
from tracking.requests.filters import DeliveryFilter
from tracking.requests.models import Delivery
from tracking.requests.pages.post_params import posted_id, posted_ids, posted_text
from tracking.requests.pages.presenters.delivery_presenter import sendings
from tracking.requests.pages.presenters.qa_console import Console
from tracking.requests.pages.presenters.status_messages import told_of_delivery
from tracking.requests.pages.views.request_detail import refused_page, status_of
from tracking.requests.workflow.transition_service import move_delivery


class DeliveryListView(ListPage):
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
        if self._is_asked():
            return rows
        return rows.filter(state=DeliveryState.DEVELOPED, change__lane__in=TESTED)

    def more(self, page: Any) -> dict[str, Any]:
        """Which of the tabs is open."""
        states = self.request.GET.getlist("state")
        tab = "me" if self.request.GET.get("waiting_on") else states[0] if len(states) == 1 else ""
        return {"tab": tab, "is_asked": self._is_asked()}

    def _is_asked(self) -> bool:
        return any(self.request.GET.get(name) for name in ("state", "waiting_on", "request", "event"))


@login_required
@require_GET
def qa_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One delivery: what should arrive, what does, expected beside received, and the signature.

    With `HX-Request` only what arrives is answered: 204 where nothing differs from what `?stand=` says is shown.
    """
    console = _console(request, pk)
    is_fragment = bool(request.headers.get("HX-Request")) and "stand" in request.GET
    if is_fragment and request.GET["stand"] == console.stand:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    template = "requests/_arriving.html" if is_fragment else "requests/qa.html"
    response = render(request, template, _context(request, console) | {"is_fragment": is_fragment})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _page_of(pk: int) -> str:
    """Return the page on which a delivery's next step is taken: the console while QA looks, else its request's."""
    delivery = get_object_or_404(Delivery.objects.select_related("change__request"), pk=pk)
    if delivery.state == DeliveryState.DEVELOPED:
        return reverse("requests:qa_delivery", args=[pk])
    return delivery.get_absolute_url()


@login_required
@posts_from(_page_of)
def move_of_delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a step of a delivery: 302 to where it was taken from, or that page again with what stands in the way."""
    delivery = get_object_or_404(Delivery.objects.select_related("change"), pk=pk)
    is_back_to_qa = request.POST.get("back") == "qa"
    try:
        moved = move_delivery(
            delivery,
            posted_text(request.POST, "to", 30),
            by=signed_in(request),
            comment=posted_text(request.POST, "comment"),
            app_version=posted_text(request.POST, "app_version", 200),
            ids=posted_ids(request.POST),
            sample=posted_id(request.POST, "sample"),
        )
    except UnmetConditions as refused:
        if is_back_to_qa:
            return _refused(request, pk, refused.unmet)
        return refused_page(request, delivery.change.request_id, refused, delivery=pk)
    messages.success(request, told_of_delivery(moved, before=delivery.state))
    _doubt(request, moved)
    return redirect("requests:qa_delivery", pk) if is_back_to_qa else redirect(moved.change.request)


def _doubt(request: HttpRequest, moved: Delivery) -> None:
    """Warn where the app version that was just named is further ahead than builds usually are."""
    if moved.state != DeliveryState.DEVELOPED or not moved.app_version:
        return
    told = running_versions([moved.source])[moved.source_id].doubt(moved.app_version)
    if told:
        messages.warning(request, f"{told} If that is a slip, send it back and name the version again.")


def _refused(request: HttpRequest, pk: int, unmet: list[Unmet]) -> HttpResponse:
    console = _console(request, pk)
    context = _context(request, console) | {"refused": unmet, "typed": request.POST}
    return render(request, "requests/qa.html", context, status=status_of(unmet))


def _console(request: HttpRequest, pk: int) -> Console:
    rows = Delivery.objects.with_list_data().select_related("change__version__parent")
    delivery = get_object_or_404(rows, pk=pk)
    chosen = posted_id(request.POST if request.method == "POST" else request.GET, "sample")
    return Console(delivery, signed_in(request), chosen)


def _context(request: HttpRequest, console: Console) -> dict[str, Any]:
    host = request.build_absolute_uri("/").rstrip("/")
    return {
        "console": console,
        "delivery": console.delivery,
        "sending": next(iter(sendings([console.delivery], by=console.user, host=host)), None),
        "host": host,
    }
