"""The fragment that lists what arrived last from a source."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.current_user import current_user
from accounts.permissions import require
from accounts.roles import Capability
from catalog.models import Source
from pages.cache_control import never_stored
from tracking.traffic.pages.recent_samples import recent_arrivals


@never_stored
@login_required
@require_GET
def recent_samples_fragment(request: HttpRequest, slug: str) -> HttpResponse:
    """A source's newest arrivals outside production; the page asks for it again and again."""
    source = get_object_or_404(Source, slug=slug)
    require(current_user(request), Capability.SAMPLES_VIEW, on=source)
    return render(request, "traffic/_arrivals.html", {"source": source, "arrivals": recent_arrivals(source)})
