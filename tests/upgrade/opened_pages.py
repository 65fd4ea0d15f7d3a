"""Which pages are opened after an upgrade: each address of the project with rows of the earlier release behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from accounts.models import Team
from catalog.models import Category, Event, Property, Source, Version
from tracking.quality.models import Finding
from tracking.requests.models import Delivery, Request

Arguments = list[dict[str, Any]]

EVENTS_OPENED = 5
"""Of one kind whose pages differ little, so many are opened, spread over all of them."""


def nothing() -> Arguments:
    return [{}]


def _spread(rows: list[Any], count: int = EVENTS_OPENED) -> list[Any]:
    return rows[:: max(1, len(rows) // count)]


def events() -> Arguments:
    return [{"pk": event.pk, "slug": event.slug} for event in _spread(list(Event.objects.order_by("pk")))]


def event_keys(name: str = "pk") -> Callable[[], Arguments]:
    return lambda: [{name: event["pk"]} for event in events()]


def comparisons() -> Arguments:
    changed = Version.objects.exclude(parent=None).select_related("parent").order_by("pk")
    return [
        {"pk": version.event_id, "old": str(version.parent.number), "new": str(version.number)}
        for version in _spread(list(changed))
        if version.parent is not None
    ]


def versions() -> Arguments:
    found = _spread(list(Version.objects.order_by("pk")))
    return [{"event_pk": version.event_id, "number": str(version.number)} for version in found]


def properties() -> Arguments:
    return [{"pk": pk} for pk in _spread(list(Property.objects.order_by("pk").values_list("pk", flat=True)))]


def slugs(model: type[Source] | type[Team] | type[Category], name: str = "slug") -> Callable[[], Arguments]:
    return lambda: [{name: slug} for slug in model._default_manager.order_by("pk").values_list("slug", flat=True)]


def findings() -> Arguments:
    return [{"pk": pk} for pk in Finding.objects.order_by("pk").values_list("pk", flat=True)]


def requests(name: str = "pk") -> Callable[[], Arguments]:
    """Return the newest request of each state and lane."""
    newest = Request.objects.order_by("state", "lane", "-pk").distinct("state", "lane")
    return lambda: [{name: pk} for pk in newest.values_list("pk", flat=True)]


def deliveries() -> Arguments:
    return [{"pk": pk} for pk in _spread(list(Delivery.objects.order_by("pk").values_list("pk", flat=True)), 10)]


OPENED: dict[str, Callable[[], Arguments]] = {
    **dict.fromkeys(("home:home", "home:search", "home:style", "profile", "tokens", "teams", "audit"), nothing),
    **dict.fromkeys(("catalog:events", "catalog:properties", "catalog:sources", "catalog:source_new"), nothing),
    **dict.fromkeys(("traffic:throttled", "quality:findings", "requests:requests", "requests:new"), nothing),
    **dict.fromkeys(("requests:qa", "requests:similar", "account_change_password", "account_inactive"), nothing),
    **dict.fromkeys(("api-docs", "schema", "traffic:healthz"), nothing),
    "team": slugs(Team),
    "catalog:event": events,
    "catalog:comparison": comparisons,
    "catalog:property": properties,
    **dict.fromkeys(("catalog:source", "traffic:arrivals", "source-detail"), slugs(Source)),
    **dict.fromkeys(("quality:finding", "finding-detail"), findings),
    **dict.fromkeys(("requests:request", "request-detail"), requests()),
    **dict.fromkeys(("requests:qa_delivery", "delivery-detail"), deliveries),
    **dict.fromkeys(("property-list", "category-list", "source-list", "traffic-list", "finding-list"), nothing),
    **dict.fromkeys(("request-list", "delivery-list", "event-list", "company_policy"), nothing),
    "event-detail": event_keys(),
    "version-list": event_keys("event_pk"),
    "event-profile": event_keys("event_pk"),
    "version-detail": versions,
    "property-detail": properties,
    "category-detail": slugs(Category),
    "deploy-list": slugs(Source, "source_slug"),
    "approval-list": requests("request_pk"),
}
"""By the name of an address, what it is opened with."""

QUERIES = {"home:search": "?q=order"}
"""What is asked, where an address alone asks nothing."""

NOT_OPENED = {
    # They take a step, a body or a form, and answer no GET.
    *(
        "token-revoke",
        "session-end",
        "sessions-end-others",
        "catalog:exemption_ended",
        "catalog:deploy_marked",
        "catalog:deploy_removed",
    ),
    *("catalog:key_created", "catalog:key_rotated", "catalog:key_revoked", "quality:move", "quality:nulls"),
    *("quality:exemption", "requests:move", "requests:move_delivery", "traffic:collector", "check"),
    *("source-null-handling", "source-rotate-key", "deploy-detail", "finding-exemption", "finding-null-handling"),
    *("finding-transitions", "request-transitions", "delivery-transitions", "requests:library", "requests:propose"),
    "traffic:test_event",
    # It leads to a file.
    "home:favicon",
    # It is its author's alone: a test of its own opens it.
    "requests:edit",
    # They are for whoever is not signed in, or has no password.
    *("account_login", "account_set_password"),
    # They tell of processes, which no test here starts, or ask for a token of their own.
    *("traffic:readyz", "traffic:figures"),
    # The tour begins anew with each visit, and asks for a link of its own.
    *("tour:start", "tour:enter", "tour:view", "tour:act", "tour:become", "tour:shop"),
}
