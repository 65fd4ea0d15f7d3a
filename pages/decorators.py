"""Views that only accept POST, and redirect GET to the page that has the form."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse

View = Callable[..., HttpResponse]


def post_or_redirect(page: str | Callable[..., str]) -> Callable[[View], View]:
    """Return a decorator: POST is the view's, GET and HEAD are redirected to the page, everything else is 405.

    People come by GET after they signed in again, and from the address bar under a refused step. `page` is the name
    of an address that takes the view's own arguments, or a function from these to an address.
    """

    def decorator(view: View) -> View:
        @wraps(view)
        def answered(request: HttpRequest, **named: object) -> HttpResponse:
            if request.method in ("GET", "HEAD"):
                return redirect(page(**named) if callable(page) else reverse(page, kwargs=named))
            if request.method != "POST":
                return HttpResponseNotAllowed(("GET", "HEAD", "POST"))
            return view(request, **named)

        return answered

    return decorator
