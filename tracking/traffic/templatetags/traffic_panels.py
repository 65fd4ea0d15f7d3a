"""The panels of traffic that pages of other apps show."""

from dataclasses import dataclass
from typing import Any

from django import template
from django.db.models import Sum
from django.template.context import RequestContext

from accounts.permissions import can
from accounts.roles import Capability
from catalog.choices import Environment
from catalog.models import Event, Source
from tracking.traffic.choices import VerdictChoice
from tracking.traffic.counts.rollups import DayCount, counts_by_day, window_start
from tracking.traffic.models import Sample, ThrottledKey, TrafficCount
from tracking.traffic.pages.forms import TestEventForm, initial_values, sendable_event_names, session_key
from tracking.traffic.pages.recent_samples import recent_arrivals

register = template.Library()

DAYS = 30
MAX_SAMPLES = 5
MAX_THROTTLES = 5
CONFORMING = VerdictChoice.CONFORMING
VERDICT_TONES = {VerdictChoice.CONFORMING: "ok", VerdictChoice.NONCONFORMING: "bad", VerdictChoice.UNREADABLE: "bad"}


@dataclass(frozen=True, slots=True)
class MonthlyTraffic:
    """Thirty days of production traffic, summed up in one sentence."""

    days: list[DayCount]
    by_other_environment: dict[str, int]  # label of an environment outside production -> events

    @property
    def total(self) -> int:
        return sum(day.total for day in self.days)

    @property
    def conforming(self) -> int:
        return sum(day.verdicts.get(CONFORMING, 0) for day in self.days)

    @property
    def repeats(self) -> int:
        return sum(day.repeats for day in self.days)

    @property
    def possible_repeats(self) -> int:
        return sum(day.possible_repeats for day in self.days)

    @property
    def historical(self) -> int:
        return sum(day.historical for day in self.days)

    @property
    def peak(self) -> int:
        """The most events on one day."""
        return max(self.volumes, default=0)

    @property
    def other_environments_text(self) -> str:
        """What came from elsewhere and is not counted here: "3 from staging and 1 from development"; "" for none."""
        return " and ".join(f"{count} from {label.lower()}" for label, count in self.by_other_environment.items())

    @property
    def volumes(self) -> list[int]:
        return [day.total for day in self.days]

    @property
    def wrong(self) -> list[int]:
        return [day.total - day.verdicts.get(CONFORMING, 0) for day in self.days]

    @property
    def verdict_shares(self) -> list[tuple[str, int, str]]:
        """The verdicts of the month as parts of a whole: label, count, tone."""
        sums = {verdict: sum(day.verdicts.get(verdict, 0) for day in self.days) for verdict in VerdictChoice}
        return [(verdict.label, count, VERDICT_TONES.get(verdict, "warn")) for verdict, count in sums.items() if count]

    @property
    def share(self) -> float:
        """How many of 100 conform; rounding turns neither "not all" into 100 nor "some" into 0."""
        if self.conforming in (0, self.total):
            return 100.0 if self.conforming else 0.0
        return min(99.9, max(0.1, round(100 * self.conforming / self.total, 1)))

    @property
    def sentence(self) -> str:
        """What the month says, for whoever reads one line only."""
        if not self.total:
            return "No production event in the last 30 days."
        if self.conforming == self.total:
            return "Every production event of the last 30 days conforms."
        return f"{self.share:g} % of the production events of the last 30 days conform."


def _monthly_traffic(context: RequestContext, event: Event) -> MonthlyTraffic:
    """Return the month of an event; asked for once a page, however many tags show it (four queries)."""
    render_cache = context.render_context
    if (key := f"traffic_month_{event.pk}") not in render_cache:
        rows = (
            TrafficCount.objects.of_event(event).since(window_start(DAYS)).exclude(environment=Environment.PRODUCTION)
        )
        other_environments = dict(rows.order_by().values_list("environment").annotate(Sum("count")))
        render_cache[key] = MonthlyTraffic(
            days=counts_by_day(event, days=DAYS, environment=Environment.PRODUCTION),
            by_other_environment={
                one.label: other_environments[one] for one in Environment if other_environments.get(one)
            },
        )
    month: MonthlyTraffic = render_cache[key]
    return month


@register.inclusion_tag("traffic/_trust.html", takes_context=True)
def traffic_sentence(context: RequestContext, event: Event) -> dict[str, Any]:
    """`{% traffic_sentence event %}`: how much of an event's production traffic conforms, and when it last came."""
    return {"event": event, "month": _monthly_traffic(context, event)}


@register.inclusion_tag("traffic/_event_panel.html", takes_context=True)
def traffic_panel(context: RequestContext, event: Event) -> dict[str, Any]:
    """`{% traffic_panel event %}`: thirty days of an event's production traffic and its newest samples."""
    can_view_samples = bool(can(context["request"].user, Capability.SAMPLES_VIEW, on=event))
    samples = (
        Sample.objects.of_event(event).select_related("source").order_by("-received_at", "-id")[:MAX_SAMPLES]
        if can_view_samples
        else []
    )
    return {
        "event": event,
        "month": _monthly_traffic(context, event),
        "samples": list(samples),
        "can_view_samples": can_view_samples,
    }


@register.inclusion_tag("traffic/_test_event.html", takes_context=True)
def test_event_panel(context: RequestContext, source: Source) -> dict[str, Any]:
    """`{% test_event_panel source %}`: a form that really sends an event to the collector, and the newest arrivals.

    Whoever may not look at what arrives would never see the verdict, so the form says who may instead. The form is
    the refused one of the context (`test_form`), else as this person left it.
    """
    request = context["request"]
    user = request.user
    names = sendable_event_names(source)
    initial = request.session.get(session_key(source)) or initial_values(source, names)
    can_view_samples = bool(can(user, Capability.SAMPLES_VIEW, on=source))
    return {
        "source": source,
        "may_send": can(user, Capability.EVENTS_CHECK, on=source),
        "can_view_samples": can_view_samples,
        "arrivals": recent_arrivals(source) if can_view_samples else [],
        "form": context.get("test_form") or TestEventForm(source, initial=initial),
        "names": names,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("traffic/_throttle_notice.html")
def throttle_notice(source: Source) -> dict[str, Any]:
    """`{% throttle_notice source %}`: by which bounds a source is being held back; nothing where it is not."""
    throttled = ThrottledKey.objects.now().filter(write_key__source=source).select_related("write_key")
    return {"source": source, "throttled": list(throttled.order_by("since", "id")[:MAX_THROTTLES])}
