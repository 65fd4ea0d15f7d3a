"""What pages of other rooms tell of an event's requests: its story in a sentence, and who changed it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.db.models import Prefetch
from django.utils.text import Truncator

from catalog.choices import Status
from catalog.models import Event
from tracking.requests.authoring.proposals import open_requests_for_names
from tracking.requests.choices import DEFINING_ACTIONS, DeliveryState, RequestState
from tracking.requests.models import Change, Delivery, Request
from tracking.traffic.models import SeenName

register = template.Library()

MAX_REQUESTS = 10
MAX_CHANGES_READ = 20
MAX_DECISIONS = 3
MAX_PURPOSE = 220  # characters


@dataclass(frozen=True, slots=True)
class EventOrigin:
    """What a newcomer can quote of an event: who asked for it and why, where it is live, who verified it."""

    request: Request
    author: str
    purpose: str
    live: tuple[tuple[str, datetime], ...]  # source, since when
    pending_sources: tuple[str, ...]
    verifiers: str


@register.inclusion_tag("requests/_story.html")
def event_origin(event: Event) -> dict[str, Any]:
    """`{% event_origin event %}`: one sentence from the newest live request of an event, else its newest (two queries).

    Where no request ever spoke of the event it says how the event came here instead.
    """
    deliveries = Delivery.objects.select_related("source", "tested_by").order_by("source__name", "id")
    changes = list(
        # Who asked for its end does not say why it is sent.
        Change.objects.filter(event=event, action__in=DEFINING_ACTIONS)
        .exclude(request__state__in=(RequestState.DRAFT, RequestState.DECLINED, RequestState.WITHDRAWN))
        .select_related("request", "request__author")
        .defer("definition", "imported_definition")
        .prefetch_related(Prefetch("deliveries", queryset=deliveries))
        .order_by("-request__created_at", "-id")[:MAX_CHANGES_READ]
    )
    # What is asked for next is no reason why a live event is sent.
    newest_change = None if event.status == Status.LIVE else next(iter(changes), None)
    origin_change = next((change for change in changes if _is_live(change)), newest_change)
    return {"event": event, "story": _event_origin(origin_change) if origin_change else None}


def _is_live(change: Change) -> bool:
    return any(delivery.state == DeliveryState.LIVE for delivery in change.deliveries.all())


def _event_origin(change: Change) -> EventOrigin:
    rows = list(change.deliveries.all())
    request = change.request
    live = tuple(
        (row.source.name, row.live_at) for row in rows if row.state == DeliveryState.LIVE and row.live_at is not None
    )
    verifiers = dict.fromkeys(str(row.tested_by) for row in rows if row.tested_by is not None)
    return EventOrigin(
        request=request,
        author=str(request.author),
        purpose=_purpose(request),
        live=live,
        pending_sources=tuple(row.source.name for row in rows if row.is_open),
        verifiers=" and ".join(verifiers),
    )


def _purpose(request: Request) -> str:
    """Return why it was asked for, as the end of a sentence; "" where nobody said."""
    if decision := request.decision.strip():
        return f"to decide: {_as_clause(decision)}"
    if question := request.question.strip():
        return f"to answer: {_as_clause(question)}"
    if metric := request.metric.strip():
        return f"to measure {metric}"
    return ""


def _as_clause(text: str) -> str:
    """Return what somebody wrote as part of a sentence: in quotes where it ends with a mark of its own."""
    shortened = Truncator(text.rstrip(".")).chars(MAX_PURPOSE)
    return f"“{shortened}”" if shortened.endswith(("?", "!")) else shortened


@register.inclusion_tag("requests/_in_doubt.html")
def affected_decisions(event: Event) -> dict[str, Any]:
    """`{% affected_decisions event %}`: the newest decisions that rest on an event, as its live requests name them.

    Whoever looks at a finding sees whom it concerns. Nothing is drawn where no live request names one (one query).
    """
    live = Request.objects.filter(state=RequestState.LIVE, pk__in=Change.objects.filter(event=event).values("request"))
    rows = live.exclude(decision="").select_related("author").order_by("-created_at", "-id")
    return {"requests": list(rows[:MAX_DECISIONS])}


@register.inclusion_tag("requests/_of_event.html")
def event_requests(event: Event) -> dict[str, Any]:
    """`{% event_requests event %}`: the requests that changed or would change an event, newest first (one query)."""
    changes = list(
        Change.objects.filter(event=event)
        .select_related("request", "request__author", "version")
        .defer("definition", "imported_definition", "version__definition", "version__comparison")
        .order_by("-request__updated_at", "-id")[: MAX_REQUESTS + 1]
    )
    return {"event": event, "changes": changes[:MAX_REQUESTS], "has_more": len(changes) > MAX_REQUESTS}


@register.inclusion_tag("requests/_propose.html", takes_context=True)
def propose(context: template.Context, seen_name: SeenName, is_main: bool = True) -> dict[str, Any]:
    """`{% propose name %}`: the button that begins a definition, or the link to the one that is under way (one query).

    The button is for whoever may ask for something; `is_main=False` where something else comes first.
    """
    page_context = {key: context.get(key) for key in ("user", "may_request")}
    return page_context | {
        "name": seen_name,
        "draft": open_requests_for_names([seen_name]).get(seen_name.pk),
        "is_main": is_main,
        "css": "",
    }
