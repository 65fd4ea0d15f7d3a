"""What pages of other rooms tell of an event's requests: its story in a sentence, and who changed it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import template
from django.db.models import Prefetch

from catalog.choices import Status
from catalog.models import Event
from tracking.requests.authoring.proposals import under_way
from tracking.requests.choices import DeliveryState, State
from tracking.requests.models import Change, Delivery, Request
from tracking.traffic.models import SeenName

register = template.Library()

ROWS = 10
READ = 20
DECISIONS = 3


@dataclass(frozen=True, slots=True)
class Story:
    """What a newcomer can quote of an event: who asked for it and why, where it is live, who verified it."""

    request: Request
    author: str
    purpose: str
    live: tuple[tuple[str, datetime], ...]  # source, since when
    on_the_way: tuple[str, ...]
    verifiers: str


@register.inclusion_tag("requests/_story.html")
def event_story(event: Event) -> dict[str, Any]:
    """`{% event_story event %}`: one sentence from the newest live request of an event, else its newest (two queries).

    Where no request ever spoke of the event it says how the event came here instead.
    """
    deliveries = Delivery.objects.select_related("source", "tested_by").order_by("source__name", "id")
    changes = list(
        Change.objects.filter(event=event)
        .exclude(request__state__in=(State.DRAFT, State.DECLINED, State.WITHDRAWN))
        .select_related("request", "request__author")
        .defer("definition")
        .prefetch_related(Prefetch("deliveries", queryset=deliveries))
        .order_by("-request__created_at", "-id")[:READ]
    )
    # What is asked for next is no reason why a live event is sent.
    newest = None if event.status == Status.LIVE else next(iter(changes), None)
    told = next((change for change in changes if _is_live(change)), newest)
    return {"event": event, "story": _story(told) if told else None}


def _is_live(change: Change) -> bool:
    return change.is_defining and any(delivery.state == DeliveryState.LIVE for delivery in change.deliveries.all())


def _story(change: Change) -> Story:
    rows = list(change.deliveries.all())
    request = change.request
    live = tuple(
        (row.source.name, row.live_at) for row in rows if row.state == DeliveryState.LIVE and row.live_at is not None
    )
    verifiers = dict.fromkeys(str(row.tested_by) for row in rows if row.tested_by is not None)
    return Story(
        request=request,
        author=str(request.author),
        purpose=_purpose(request),
        live=live,
        on_the_way=tuple(row.source.name for row in rows if row.is_open),
        verifiers=" and ".join(verifiers),
    )


def _purpose(request: Request) -> str:
    """Return why it was asked for, as the end of a sentence; "" where nobody said."""
    if decision := request.decision.strip():
        return f"to decide: {decision.rstrip('.')}"
    if question := request.question.strip():
        return f"to answer: {question.rstrip('.')}"
    if metric := request.metric.strip():
        return f"to measure {metric}"
    return ""


@register.inclusion_tag("requests/_in_doubt.html")
def decisions_in_doubt(event: Event) -> dict[str, Any]:
    """`{% decisions_in_doubt event %}`: the newest decisions that rest on an event, as its live requests name them.

    Whoever looks at a finding sees whom it concerns. Nothing is drawn where no live request names one (one query).
    """
    live = Request.objects.filter(state=State.LIVE, pk__in=Change.objects.filter(event=event).values("request"))
    rows = live.exclude(decision="").select_related("author").order_by("-created_at", "-id")
    return {"requests": list(rows[:DECISIONS])}


@register.inclusion_tag("requests/_of_event.html")
def event_requests(event: Event) -> dict[str, Any]:
    """`{% event_requests event %}`: the requests that changed or would change an event, newest first (one query)."""
    changes = list(
        Change.objects.filter(event=event)
        .select_related("request", "request__author", "version")
        .defer("definition", "version__definition", "version__comparison")
        .order_by("-request__updated_at", "-id")[: ROWS + 1]
    )
    return {"event": event, "changes": changes[:ROWS], "has_more": len(changes) > ROWS}


@register.inclusion_tag("requests/_propose.html", takes_context=True)
def propose(context: template.Context, name: SeenName) -> dict[str, Any]:
    """`{% propose name %}`: the button that begins a definition, or the link to the one that is under way (one query).

    The button is for whoever may ask for something.
    """
    shell = {key: context.get(key) for key in ("user", "may_request")}
    return shell | {"name": name, "draft": under_way([name]).get(name.pk), "is_main": True, "css": ""}
