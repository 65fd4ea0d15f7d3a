"""What every address of the tour asks first: is this the demo?"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from tour.world import NoTour

View = Callable[..., HttpResponseBase]


def demo_only(view: View) -> View:
    """Let a view answer 404 outside the demo, and where the demo company is not loaded."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.IS_DEMO:
            raise Http404("The tour is part of the demo.")
        try:
            return view(request, *args, **kwargs)
        except NoTour as error:
            raise Http404(str(error)) from error

    return guarded
