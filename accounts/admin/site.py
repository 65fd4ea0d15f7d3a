"""The admin site itself: sign-in, titles, and pages of other apps that are hidden."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from accounts.permissions import WHOLE_COMPANY, require
from accounts.roles import Capability

admin_login = secure_admin_login(admin.site.login)
admin_view = admin.site.admin_view


def sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """The admin site is entered by Signalbook's own sign-in page; raises Forbidden for people who may not."""
    if request.user.is_authenticated:
        require(request.user, Capability.ADMIN_SITE, on=WHOLE_COMPANY)
    response: HttpResponse = admin_login(request, extra_context)
    return response


YEARS = range(1900, 2200)
"""The years that a filter takes: Django's own calculates with whatever came, and fails at the ends of the calendar."""


def _is_year(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) == 4 and int(text) in YEARS


def guarded_view(view: Callable[..., Any], cacheable: bool = False) -> Callable[..., HttpResponse]:
    """A page of the admin site, which refuses a query that no column can hold: Django's filters pass on what came."""
    page = admin_view(view, cacheable)

    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        for name, values in request.GET.lists():
            if any("\0" in text for text in (name, *values)):
                raise BadRequest("A filter holds a NUL character, which no row can hold.")
            if name.endswith(("__year", "__iso_year")) and not all(map(_is_year, values)):
                raise BadRequest(f"A filter by year takes a year from {YEARS[0]} to {YEARS[-1]}.")
        response: HttpResponse = page(request, *args, **kwargs)
        return response

    return guarded


admin.site.admin_view = guarded_view  # type: ignore[method-assign, assignment]  # Django names it by a TypeVar
admin.site.login = sign_in  # type: ignore[method-assign]  # as allauth asks: one sign-in for pages and admin
admin.site.site_header = admin.site.site_title = "Signalbook admin"
admin.site.index_title = "What the company runs on"

# What a person may do follows from memberships, and their address is on the account: Django's and allauth's own pages
# for groups and addresses would change nothing.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)
