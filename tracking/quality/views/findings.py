"""Findings: the list, one finding, and the steps of triage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_GET

from accounts.current_user import current_user
from accounts.preconditions import UnmetConditionsError
from pages.cache_control import never_stored
from pages.decorators import post_or_redirect
from pages.list_view import FilteredListView
from tracking.quality.choices import FindingState
from tracking.quality.explanations import Explanation, explain
from tracking.quality.filters import FindingFilter
from tracking.quality.finding_presenter import FindingPresenter
from tracking.quality.misspelled_names import events_looked_like
from tracking.quality.models import Finding
from tracking.quality.services import transition_finding
from tracking.quality.services.null_findings import choose_null_handling
from tracking.quality.services.sensitive_findings import decide_exemption

TRIAGE_FIELDS = {"reason": "reason", "resolved_in": "resolved_in"}
EXEMPTION_FIELDS = {"reason": "exemption_reason"}
RULE_OFF = "The rule is off for this property, and what it found there is resolved."
RULE_ON = "The rule is on again for this property."


class FindingListView(FilteredListView):
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
        ("resolved_in", lambda row: row.resolved_in),
        ("older_count", lambda row: row.older_count),
        ("count", lambda row: row.count),
        ("first_seen", lambda row: row.first_seen),
        ("last_seen", lambda row: row.last_seen),
        ("owner", lambda row: row.owner.username if row.owner else ""),
    )

    def get_queryset(self) -> QuerySet[Finding]:
        return Finding.objects.with_list_data()

    def get_extra_context(self, page: Page[Any]) -> dict[str, Any]:
        # Worked out where the template asks for it, so that a failure is that of a part of the page.
        return {"explained": SimpleLazyObject(partial(_explained, page))}


def _explained(page: Page[Finding]) -> list[tuple[Finding, Explanation]]:
    """Return the findings of a page, each with what it means."""
    findings = list(page.object_list)
    events = events_looked_like(findings)
    return [(found, explain(found, looks_like=events.get(found.pk))) for found in findings]


@never_stored
@login_required
@require_GET
def finding_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding: what it means, since when, from which versions, and what to do next."""
    return _render_page(request, _get_finding(pk))


def _get_finding(pk: int) -> Finding:
    found: Finding = get_object_or_404(Finding.objects.with_list_data().select_related("source__owner_team"), pk=pk)
    return found


@dataclass(frozen=True, slots=True)
class RefusedForm:
    """What a person typed into a form of the page, and what is wrong with it, by the names of the page's fields."""

    problems: Mapping[str, str] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)


def _render_page(request: HttpRequest, finding: Finding, refused: RefusedForm | None = None) -> HttpResponse:
    """Render the page; with status 422 where a form was refused, which is shown as it was typed."""
    context = {
        "finding": finding,
        "presenter": FindingPresenter(finding, current_user(request)),
        "problems": refused.problems if refused else {},
        "typed": refused.typed if refused else {},
    }
    return render(request, "quality/finding.html", context, status=422 if refused else 200)


def _resolved_in_param(request: HttpRequest) -> str:
    """Return the app version of the form. A finding that is opened again loses its version, so none is asked for."""
    return "" if request.POST.get("to") == FindingState.OPEN else request.POST.get("resolved_in", "")


def _refused_form(
    request: HttpRequest, error: UnmetConditionsError, page_fields: Mapping[str, str]
) -> RefusedForm | None:
    """Return what a form was refused for, where all of it lies in its fields; None where people are told otherwise.

    `page_fields` names the fields of the page by those of the form, which are the codes of what is unmet.
    """
    problems = {page_fields[unmet.code]: unmet.detail for unmet in error.unmet if unmet.code in page_fields}
    if len(problems) < len(error.unmet):
        return None
    return RefusedForm(problems, {shown: request.POST.get(name, "") for name, shown in page_fields.items()})


@never_stored
@login_required
@post_or_redirect("quality:finding")
def transition(request: HttpRequest, pk: int) -> HttpResponse:
    """Move the finding to another state, then show it again."""
    finding = _get_finding(pk)
    try:
        updated = transition_finding(
            finding,
            request.POST.get("to", ""),
            by=current_user(request),
            reason=request.POST.get("reason", "")[:2_000],
            resolved_in=_resolved_in_param(request),
        )
    except UnmetConditionsError as error:
        if refused := _refused_form(request, error, TRIAGE_FIELDS):
            return _render_page(request, finding, refused)
        for unmet in error.unmet:
            messages.error(request, unmet.detail)
    else:
        messages.success(request, f"The finding is now {FindingState(updated.state).label.lower()}.")
    return redirect(finding)


@never_stored
@login_required
@post_or_redirect("quality:finding")
def choose_null_handling_action(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what nulls of optional properties count as from now on, for the source or the whole company."""
    finding = _get_finding(pk)
    try:
        message = choose_null_handling(
            finding,
            request.POST.get("null_handling", ""),
            for_company=request.POST.get("for") == "company",
            by=current_user(request),
        )
    except UnmetConditionsError as error:
        for unmet in error.unmet:
            messages.error(request, unmet.detail)
    else:
        messages.success(request, message)
    return redirect(finding)


@never_stored
@login_required
@post_or_redirect("quality:finding")
def decide_exemption_action(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop or begin again to warn of the property that the finding tells of."""
    finding = _get_finding(pk)
    is_exempt = request.POST.get("exempt") == "yes"
    try:
        decide_exemption(
            finding, is_exempt=is_exempt, reason=request.POST.get("reason", "")[:2_000], by=current_user(request)
        )
    except UnmetConditionsError as error:
        if refused := _refused_form(request, error, EXEMPTION_FIELDS):
            return _render_page(request, finding, refused)
        for unmet in error.unmet:
            messages.error(request, unmet.detail)
    else:
        messages.success(request, RULE_OFF if is_exempt else RULE_ON)
    return redirect(finding)
