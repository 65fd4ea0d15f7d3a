"""The panels of traffic that pages of other rooms show."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.template.context import RequestContext

from accounts.permissions import can
from accounts.roles import Capability
from catalog.choices import Environment
from catalog.models import Event, Source
from tracking.traffic.arrivals import arrivals_of
from tracking.traffic.choices import VerdictChoice
from tracking.traffic.models import Sample
from tracking.traffic.rollups import DayCount, counts_by_day

register = template.Library()

DAYS = 30
SAMPLES = 5
GOOD = VerdictChoice.CONFORMING
TONES = {VerdictChoice.CONFORMING: "ok", VerdictChoice.NONCONFORMING: "bad", VerdictChoice.UNREADABLE: "bad"}


@dataclass(frozen=True, slots=True)
class Month:
    """Thirty days of production traffic, summed up in one sentence."""

    days: list[DayCount]
    total: int
    conforming: int
    repeats: int
    possible_repeats: int

    @property
    def volumes(self) -> list[int]:
        return [day.total for day in self.days]

    @property
    def wrong(self) -> list[int]:
        return [day.total - day.verdicts.get(GOOD, 0) for day in self.days]

    @property
    def shares(self) -> list[tuple[str, int, str]]:
        """The verdicts of the month as parts of a whole: label, count, tone."""
        sums = {verdict: sum(day.verdicts.get(verdict, 0) for day in self.days) for verdict in VerdictChoice}
        return [(verdict.label, count, TONES.get(verdict, "warn")) for verdict, count in sums.items() if count]

    @property
    def sentence(self) -> str:
        """What the month says, for whoever reads one line only."""
        if not self.total:
            return "No production event in the last 30 days."
        if self.conforming == self.total:
            return "Every production event of the last 30 days conforms."
        share = 100 * self.conforming / self.total
        # Rounding must not turn "not all" into 100 %, nor "some" into 0 %.
        shown = min(99.9, max(0.1, round(share, 1))) if self.conforming else 0
        return f"{shown:g} % of the production events of the last 30 days conform."


@register.inclusion_tag("traffic/_event_panel.html", takes_context=True)
def traffic_panel(context: RequestContext, event: Event) -> dict[str, Any]:
    """`{% traffic_panel event %}`: thirty days of an event's production traffic and its newest samples."""
    days = counts_by_day(event, days=DAYS, environment=Environment.PRODUCTION)
    month = Month(
        days=days,
        total=sum(day.total for day in days),
        conforming=sum(day.verdicts.get(GOOD, 0) for day in days),
        repeats=sum(day.repeats for day in days),
        possible_repeats=sum(day.possible_repeats for day in days),
    )
    may_look = bool(can(context["request"].user, Capability.SAMPLES_VIEW))
    samples = (
        Sample.objects.of(event).select_related("source").order_by("-received_at", "-id")[:SAMPLES] if may_look else []
    )
    return {"event": event, "month": month, "samples": list(samples), "may_look": may_look}


@register.inclusion_tag("traffic/_test_event.html", takes_context=True)
def test_event_panel(context: RequestContext, source: Source) -> dict[str, Any]:
    """`{% test_event_panel source %}`: a form that really sends an event to the collector, and the newest arrivals."""
    user = context["request"].user
    may_look = bool(can(user, Capability.SAMPLES_VIEW))
    return {
        "source": source,
        "may_send": bool(can(user, Capability.EVENTS_CHECK, on=source)),
        "may_look": may_look,
        "arrivals": arrivals_of(source) if may_look else [],
        "environments": [Environment.DEVELOPMENT, Environment.STAGING],
        "csrf_token": context.get("csrf_token"),
    }
