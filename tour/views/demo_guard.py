"""The check of every URL of the tour that this is the demo."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from catalog.models import Source
from demo.company import POCKET_SHOP

View = Callable[..., HttpResponseBase]


def demo_only(view: View) -> View:
    """Let a view answer 404 outside the demo, and where the demo company is not loaded."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.IS_DEMO:
            raise Http404("The tour is part of the demo.")
        if not Source.objects.filter(slug=POCKET_SHOP, is_sample=True).exists():
            raise Http404("The demo company is not here, so there is no tour of it.")
        return view(request, *args, **kwargs)

    return guarded
