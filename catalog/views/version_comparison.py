"""Two versions of an event, side by side."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from catalog.contract import VersionNumber
from catalog.models import Event, Version
from catalog.presenters.comparison_presenter import ComparisonPresenter


@login_required
@require_GET
def comparison_page(request: HttpRequest, pk: int, old: str, new: str) -> HttpResponse:
    """What changed between two versions, and whether what was sent before still conforms."""
    event = get_object_or_404(Event, pk=pk)
    presenter = ComparisonPresenter(event, before=_version(event, old), after=_version(event, new))
    return render(request, "catalog/comparison.html", {"presenter": presenter})


def _version(event: Event, text: str) -> Version:
    try:
        number = VersionNumber.parse(text)
    except ValueError:
        raise Http404(f"{event.name} has no version {text}.") from None
    return get_object_or_404(event.versions, major=number.major, minor=number.minor, patch=number.patch)
