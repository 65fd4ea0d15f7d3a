"""Findings: the list, one finding, and the steps of triage."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_GET

from accounts.current_user import signed_in
from accounts.models import HistoryEntry
from accounts.permissions import can
from accounts.preconditions import UnmetConditions
from accounts.roles import Capability
from catalog.models import Event, EventName
from pages.decorators import posts_from
from pages.list_view import ListPage
from tracking.quality.choices import FindingState
from tracking.quality.explanations import explain
from tracking.quality.filters import FindingFilter
from tracking.quality.models import Finding
from tracking.quality.services import move_finding
from tracking.quality.services.triage import MOVES, moves_from


class FindingListView(ListPage):
    """What is wrong with the traffic, newest first."""

    template_name = "quality/findings.html"
    filterset_class = FindingFilter
    export_name = "findings"
    columns = (
        ("id", lambda row: row.pk),
        ("event", lambda row: row.seen_name.name),
        ("source", lambda row: row.source.slug),
        ("environment", lambda row: row.environment),
        ("path", lambda row: row.path),
        ("rule", lambda row: row.rule),
        ("severity", lambda row: row.severity),
        ("state", lambda row: row.state),
        ("count", lambda row: row.count),
        ("first_seen", lambda row: row.first_seen),
        ("last_seen", lambda row: row.last_seen),
        ("owner", lambda row: row.owner.username if row.owner else ""),
    )

    def get_queryset(self) -> QuerySet[Finding]:
        return Finding.objects.with_list_data()

    def more(self, page: Page[Any]) -> dict[str, Any]:
        return {"explained": [(finding, explain(finding)) for finding in page.object_list]}


def _defined_event(finding: Finding) -> Event | None:
    name = (
        EventName.objects.filter(call=finding.seen_name.call, name_hash=finding.seen_name.name_hash)
        .select_related("event")
        .first()
    )
    return name.event if name else None


@login_required
@require_GET
def finding_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding: what it means, since when, from which versions, and what to do next."""
    return _page(request, _with_page_data(pk))


def _with_page_data(pk: int) -> Finding:
    found: Finding = get_object_or_404(Finding.objects.with_list_data().select_related("source__owner_team"), pk=pk)
    return found


def _page(request: HttpRequest, finding: Finding, *, unexplained: str = "") -> HttpResponse:
    """Draw the page; `unexplained` is what a step lacks that asks for a reason, and answers 422."""
    triage = can(request.user, Capability.FINDING_TRIAGE, on=finding.source)
    context = {
        "finding": finding,
        "explanation": explain(finding),
        "event": _defined_event(finding),
        "triage": triage,
        "moves": [(to, FindingState(to).label, MOVES[to][1]) for to in moves_from(finding.state)],
        "samples": _samples(finding) if can(request.user, Capability.SAMPLES_VIEW) else None,
        "unexplained": unexplained,
        "history": HistoryEntry.objects.filter(subject_type="finding", subject_id=str(finding.pk)).select_related(
            "actor"
        )[:50],
    }
    return render(request, "quality/finding.html", context, status=422 if unexplained else 200)


def _samples(finding: Finding) -> list[tuple[datetime | None, dict[str, Any]]]:
    """Return the samples, each with when it came."""
    return [(parse_datetime(sample.get("received_at", "")), sample) for sample in finding.samples]


@login_required
@posts_from("quality:finding")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a step of triage, then show the finding again."""
    finding = _with_page_data(pk)
    try:
        moved = move_finding(
            finding, request.POST.get("to", ""), by=signed_in(request), reason=request.POST.get("reason", "")[:2_000]
        )
    except UnmetConditions as refused:
        if unexplained := next((unmet.detail for unmet in refused.unmet if unmet.code == "reason"), ""):
            return _page(request, finding, unexplained=unexplained)
        for unmet in refused.unmet:
            messages.error(request, unmet.detail)
    else:
        messages.success(request, f"The finding is now {FindingState(moved.state).label.lower()}.")
    return redirect(finding)
