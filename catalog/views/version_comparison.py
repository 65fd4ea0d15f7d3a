"""Two versions of an event, side by side."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from catalog.contract import VersionNumber, compare, diff
from catalog.models import Event, Version


@login_required
@require_GET
def comparison_page(request: HttpRequest, pk: int, old: str, new: str) -> HttpResponse:
    """What changed between two versions, and whether what was sent before still conforms."""
    event = get_object_or_404(Event, pk=pk)
    before, after = _version(event, old), _version(event, new)
    context = {
        "event": event,
        "before": before,
        "after": after,
        "versions": event.versions.all(),
        "differences": diff(before.definition, after.definition),
        "comparison": compare(before.definition, after.definition),
    }
    return render(request, "catalog/comparison.html", context)


def _version(event: Event, text: str) -> Version:
    try:
        number = VersionNumber.parse(text)
    except ValueError:
        raise Http404(f"{event.name} has no version {text}.") from None
    return get_object_or_404(event.versions, major=number.major, minor=number.minor, patch=number.patch)
