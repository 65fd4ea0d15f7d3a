"""Sources: the list, a new one, and one source with its deploys."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Page
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from accounts.current_user import current_user
from accounts.permissions import can, can_anywhere, require, require_anywhere
from accounts.roles import Capability
from catalog.choices import Environment, NullHandlingChoice
from catalog.filters import SourceFilter
from catalog.forms import SourceForm
from catalog.models import CompanyPolicy, Source
from catalog.services.deploys import mark_deploy, remove_deploy
from catalog.services.sources import create_source
from catalog.services.write_keys import create_key
from pages.cache_control import never_stored
from pages.decorators import post_or_redirect
from pages.list_view import FilteredListView

MAX_DEPLOYS = 10


class SourceListView(FilteredListView):
    """Every app that sends events."""

    template_name = "catalog/sources.html"
    filterset_class = SourceFilter
    export_name = "sources"
    columns = (
        ("slug", lambda row: row.slug),
        ("name", lambda row: row.name),
        ("platform", lambda row: row.platform),
        ("owner_team", lambda row: row.owner_team.name),
        ("version_from", lambda row: row.version_from),
        ("version_order", lambda row: row.version_order),
        ("last_seen", lambda row: row.last_seen_at),
    )

    def get_queryset(self) -> QuerySet[Source]:
        return Source.objects.with_list_data()

    def get_extra_context(self, page: Page[Any]) -> dict[str, Any]:
        return {"may_create": can_anywhere(self.request.user, Capability.SOURCE_MANAGE)}


@never_stored
@login_required
@require_http_methods(["GET", "POST"])
def new_source_page(request: HttpRequest) -> HttpResponse:
    """Make a source, with a write key for each environment."""
    require_anywhere(request.user, Capability.SOURCE_MANAGE)
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                source = create_source(**form.cleaned_data, by=current_user(request))
                for environment in Environment:
                    create_key(source, environment, by=current_user(request))
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            messages.success(request, f"{source.name} is ready. Copy a key and send the first event.")
            return redirect(source)
    return render(request, "catalog/source_new.html", {"form": form}, status=422 if form.errors else 200)


@never_stored
@login_required
@require_GET
def source_page(request: HttpRequest, slug: str) -> HttpResponse:
    """One source: its keys, where its app version is found, its deploys, and a test event to send."""
    return render_source_page(request, slug)


def render_source_page(request: HttpRequest, slug: str, *, status: int = 200, **extra_context: Any) -> HttpResponse:
    """Render the page of a source. `more` is passed to its template, for what a higher app shows there."""
    source = get_object_or_404(Source.objects.with_list_data(), slug=slug)
    keys = list(source.write_keys.select_related("created_by"))
    by_environment = [
        (environment, [key for key in keys if key.environment == environment.value]) for environment in Environment
    ]
    context = {
        "source": source,
        "environments": by_environment,
        "deploys": source.deploys.select_related("created_by")[:MAX_DEPLOYS],
        "may_rotate": can(request.user, Capability.KEY_ROTATE, on=source),
        "may_mark": can(request.user, Capability.DEPLOY_MARK, on=source),
        "company_null_handling": NullHandlingChoice(CompanyPolicy.objects.current().null_handling).label,
        "host": request.build_absolute_uri("/").rstrip("/"),
        **extra_context,
    }
    return render(request, "catalog/source.html", context, status=status)


@login_required
@post_or_redirect("catalog:source")
def mark_deploy_action(request: HttpRequest, slug: str) -> HttpResponse:
    """Mark a deploy: from now on this environment runs that version."""
    source = get_object_or_404(Source, slug=slug)
    require(request.user, Capability.DEPLOY_MARK, on=source)
    environment, version = request.POST.get("environment", ""), request.POST.get("version", "").strip()
    if environment not in Environment or not version:
        messages.error(request, "Say which version runs, and where.")
        return redirect(source)
    try:
        mark_deploy(source, environment=environment, version=version[:100], by=current_user(request))
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        messages.success(request, f"{version} runs in {environment} since now.")
    return redirect(source)


def _source_url(slug: str, pk: int) -> str:
    """Return the address of the page that shows a deploy."""
    return reverse("catalog:source", args=[slug])


@login_required
@post_or_redirect(_source_url)
def remove_deploy_action(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take back a marker that was made by mistake; again: nothing is left to take back."""
    source = get_object_or_404(Source, slug=slug)
    require(request.user, Capability.DEPLOY_MARK, on=source)
    deploy = source.deploys.select_related("source").filter(pk=pk).first()
    if deploy is None:
        messages.info(request, "Somebody else has taken back this deploy.")
    else:
        remove_deploy(deploy, by=current_user(request))
        messages.success(request, f"The deploy of {deploy.version} in {deploy.environment} is taken back.")
    return redirect(source)
