"""Write keys: what may be done with them on their source's page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from accounts.current_user import current_user
from accounts.permissions import require
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Capability
from catalog.choices import Environment
from catalog.models import Source, WriteKey
from catalog.services.write_keys import create_key, revoke_key, rotate_key
from pages.cache_control import never_stored
from pages.decorators import post_or_redirect


def _source_url(slug: str, pk: int) -> str:
    """Return the address of the page that shows a key."""
    return reverse("catalog:source", args=[slug])


@never_stored
@login_required
@post_or_redirect("catalog:source")
def create_key_action(request: HttpRequest, slug: str) -> HttpResponse:
    """Give an environment its first write key."""
    source = get_object_or_404(Source, slug=slug)
    require(request.user, Capability.SOURCE_MANAGE, on=source)
    environment = request.POST.get("environment", "")
    if environment not in Environment:
        messages.error(request, "Choose production, staging or development for the new key.")
        return redirect(source)
    try:
        create_key(source, environment, by=current_user(request))
    except UnmetConditionsError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"The {environment} key is ready to copy.")
    return redirect(source)


@never_stored
@login_required
@post_or_redirect(_source_url)
def rotate_key_action(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give an environment a new key; the one that the person saw works on for a day."""
    key = get_object_or_404(WriteKey.objects.select_related("source"), pk=pk, source__slug=slug)
    try:
        rotate_key(key.source, key.environment, by=current_user(request), expected_key=key)
    except UnmetConditionsError as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"The new {key.environment} key works now; the old one goes on for 24 hours.")
    return redirect(key.source)


@never_stored
@login_required
@post_or_redirect(_source_url)
def revoke_key_action(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """End a key at once: what still sends with it is answered 401 from now on."""
    key = get_object_or_404(WriteKey.objects.select_related("source"), pk=pk, source__slug=slug)
    revoke_key(key, by=current_user(request))
    messages.success(request, f"The {key.environment} key {key.key[:8]}… is revoked and no longer works.")
    return redirect(key.source)
