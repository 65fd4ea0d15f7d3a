"""What browsers and proxies may keep of a response: never what holds secrets, nothing else without asking again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]
V = TypeVar("V", bound=Callable[..., Any])

NEVER_STORED = "no-store"
ASK_AGAIN = "private, no-cache"
ADMIN_NAMESPACE = "admin"


def never_stored(view: V) -> V:
    """Mark a view, or a class of views, whose answers hold keys, tokens, samples or what people did.

    None of its responses is kept anywhere, its errors included.
    """
    view.is_never_stored = True  # type: ignore[attr-defined]  # read by the middleware below
    return view


class CacheControlMiddleware:
    """Says of each response whether it may be kept, unless its view says so itself.

    Marked views and the admin site: `no-store`. All others: `private, no-cache`, since pages and answers of the API
    differ by person. Static files never come here.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _is_never_stored(request):
            response.headers["Cache-Control"] = NEVER_STORED
        else:
            response.headers.setdefault("Cache-Control", ASK_AGAIN)
        return response


def _is_never_stored(request: HttpRequest) -> bool:
    found = request.resolver_match
    if found is None:
        return False
    view: Any = found.func
    marked = (view, getattr(view, "view_class", None), getattr(view, "cls", None))
    return ADMIN_NAMESPACE in found.namespaces or any(getattr(each, "is_never_stored", False) for each in marked)
