"""Context of the base template."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.permissions import WHOLE_COMPANY, can, can_anywhere
from accounts.roles import Capability

THEMES = frozenset({"auto", "light", "dark"})
SEARCH_PATH = "/search/"


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation. `current` is "page" on its own page, "true" on a page below it, else ""."""

    label: str
    url: str
    icon: str
    current: str = ""

    @property
    def is_current(self) -> bool:
        """Whether the person is there, or below."""
        return bool(self.current)


NAVIGATION_GROUPS = (
    (
        NavItem("Home", "/", "house"),
        NavItem("Catalog", "/events/", "book"),
        NavItem("Properties", "/properties/", "braces"),
        NavItem("Sources", "/sources/", "broadcast-pin"),
    ),
    (
        NavItem("Requests", "/requests/", "send"),
        NavItem("QA", "/qa/", "ui-checks"),
        NavItem("Findings", "/findings/", "bug"),
        NavItem("Throttled", "/throttled/", "hourglass-split"),
    ),
)
AUDIT_ITEM = NavItem("Audit", "/audit/", "shield-lock")
ADMIN_ITEM = NavItem("Admin", "/admin/", "sliders")


def page_layout(request: HttpRequest) -> dict[str, Any]:
    """Context of every page: navigation, theme, search text, and whether the person may create requests.

    The theme is this browser's last choice (the cookie `theme`), else that of the person's profile, else "auto".
    """
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"theme": _theme(request, "auto"), "is_demo": settings.IS_DEMO}
    guarded = ((AUDIT_ITEM, Capability.AUDIT_VIEW), (ADMIN_ITEM, Capability.ADMIN_SITE))
    last_group = tuple(item for item, capability in guarded if can(user, capability, on=WHOLE_COMPANY))
    groups = [*NAVIGATION_GROUPS, *([last_group] if last_group else [])]
    return {
        "nav": [[_mark_current(item, request.path) for item in group] for group in groups],
        "theme": _theme(request, user.theme),
        "shortcuts_off": not user.has_shortcuts,
        "may_request": bool(can_anywhere(user, Capability.REQUEST_CREATE)),
        "search_query": request.GET.get("q", "") if request.path == SEARCH_PATH else "",
        "is_demo": settings.IS_DEMO,
    }


def _theme(request: HttpRequest, profile_theme: str) -> str:
    chosen = request.COOKIES.get("theme", "")
    return next(theme for theme in (chosen, profile_theme, "auto") if theme in THEMES)


def _mark_current(item: NavItem, path: str) -> NavItem:
    if path == item.url:
        return replace(item, current="page")
    is_below = item.url != "/" and path.startswith(item.url)
    return replace(item, current="true") if is_below else item
