"""The admin site itself: sign-in, titles, and pages of other apps that are hidden."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse

from accounts.permissions import WHOLE_COMPANY, require
from accounts.roles import Capability

admin_login = secure_admin_login(admin.site.login)


def sign_in(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """The admin site is entered by Signalbook's own sign-in page; raises Forbidden for people who may not."""
    if request.user.is_authenticated:
        require(request.user, Capability.ADMIN_SITE, on=WHOLE_COMPANY)
    response: HttpResponse = admin_login(request, extra_context)
    return response


admin.site.login = sign_in  # type: ignore[method-assign]  # as allauth asks: one sign-in for pages and admin
admin.site.site_header = admin.site.site_title = "Signalbook admin"
admin.site.index_title = "What the company runs on"

# What a person may do follows from memberships, and their address is on the account: Django's and allauth's own pages
# for groups and addresses would change nothing.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)
