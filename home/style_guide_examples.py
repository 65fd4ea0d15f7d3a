"""Example data of the style guide: a small part of a shop's catalog."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import django_filters
from django import forms
from django.utils import timezone

from catalog.choices import Health, Status
from pages.filters import YesNoFilter
from pages.ui.timeline import TimelineEntry

NAMES = ("Order Completed", "Product Viewed", "checkout_step.completed", "Wishlist Product Added To Wishlist")
HOSTILE_NAMES = (
    "Order \u202edetelpmoC",
    "Ord\u0435r Completed",
    " Order\u00a0Completed\u200b",
    "<script>alert(1)</script>",
)
# Thirty days, with a lower weekend and one day without.
WEEKLY_VOLUMES = (342, 351, 366, 334, 359, 240, 221)
VOLUMES = (
    *WEEKLY_VOLUMES,
    *(value + 20 for value in WEEKLY_VOLUMES),
    *(value + 40 for value in WEEKLY_VOLUMES),
    0,
    *(value + 60 for value in WEEKLY_VOLUMES),
    452,
)
NONCONFORMING_VOLUMES = (0,) * 22 + (12, 88, 140, 96, 20, 4, 2, 0)
PAYLOAD = {
    "type": "track",
    "event": "Order Completed",
    "userId": "u_20931",
    "properties": {
        "order_id": "50314b8e",
        "total": 129.9,
        "coupon": None,
        "is_first_order": True,
        "products": [{"sku": "45790-32", "quantity": 2}],
        "note": "<b>not bold</b> \u202egnorw",
    },
}
SNIPPET = """analytics.track("Order Completed", {
  order_id: order.id,   // required
  total: order.total,   // required, in EUR
});"""
INVALID_INPUT = {
    "title": "",
    "question": "Do people come back?",
    "priority": "soon",
    "sources": ["web"],
    "volume": "1.5",
}


@dataclass(frozen=True, slots=True)
class ExamplePerson:
    """Somebody who acts in an example."""

    username: str
    name: str
    is_system: bool = False

    def get_full_name(self) -> str:
        """The display name."""
        return self.name

    def get_username(self) -> str:
        """The username."""
        return self.username


@dataclass(frozen=True, slots=True)
class ExampleRow:
    """A row of the example list."""

    name: str
    description: str
    status: str
    health: str
    failing: int | None
    team: str
    volumes: tuple[int, ...]
    wrong: tuple[int, ...]
    total: int
    last_seen: datetime | None


@dataclass(frozen=True, slots=True)
class ExampleStep:
    """A step of the example request."""

    label: str
    state: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ExampleDifference:
    """A line of the example diff."""

    kind: str
    path: str
    field: str
    before: Any = None
    after: Any = None
    note: str = ""


DATE = forms.DateInput(attrs={"type": "date", "class": "form-control"})


class ExampleFilter(django_filters.FilterSet):
    """Filters of every shape. Two of them are on the page, so each must know the parameters of the other."""

    page_params: frozenset[str] = frozenset()

    q = django_filters.CharFilter(label="Name or description")
    status = django_filters.MultipleChoiceFilter(choices=Status, label="Status")
    health = django_filters.ChoiceFilter(choices=Health, label="Health")
    since = django_filters.DateFilter(label="Seen since", widget=DATE)
    verified = YesNoFilter(label="Verified")
    rule = django_filters.CharFilter(label="Rule")
    mine = django_filters.BooleanFilter(label="Mine", widget=forms.CheckboxInput)
    sort = django_filters.OrderingFilter(fields=("name", "total", "last_seen"))


class ExampleForm(forms.Form):
    """Fields of every shape."""

    title = forms.CharField(label="Title", max_length=80, help_text="What is asked for, in one line.")
    question = forms.CharField(
        label="Question it answers",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Who waits for it.",
    )
    priority = forms.ChoiceField(label="Priority", choices=[("low", "Low"), ("normal", "Normal"), ("high", "High")])
    volume = forms.IntegerField(label="Expected events a day", required=False)
    sources = forms.MultipleChoiceField(
        label="Sources", choices=[("web", "Web shop"), ("ios", "iOS app")], widget=forms.CheckboxSelectMultiple
    )
    personal = forms.BooleanField(label="It carries personal data", required=False, help_text="Names, addresses.")


def style_guide_context() -> dict[str, Any]:
    """Everything the style page shows, dated relative to now."""
    now = timezone.now()
    mara, lin, system = (
        ExamplePerson("mara", "Mara Vogt"),
        ExamplePerson("lin", "Lin Chen"),
        ExamplePerson("system", "Signalbook", True),
    )
    return {
        "names": NAMES,
        "hostile_names": HOSTILE_NAMES,
        "volumes": VOLUMES,
        "wrong": NONCONFORMING_VOLUMES,
        "payload": PAYLOAD,
        "snippet": SNIPPET,
        "now": now,
        "times": [
            now - timedelta(seconds=20),
            now - timedelta(minutes=3),
            now - timedelta(hours=5),
            now - timedelta(days=9),
            now - timedelta(days=400),
            now + timedelta(days=2),
        ],
        "people": [mara, lin, system],
        "rows": _rows(now),
        "steps": _steps(),
        "entries": _timeline_entries(now, mara, lin, system),
        "differences": _differences(),
        "shares": [
            ("Conforming", 18_240, "ok"),
            ("Nonconforming", 412, "bad"),
            ("Undocumented", 96, "warn"),
            ("Unchecked", 3, "neutral"),
        ],
    }


def _rows(now: datetime) -> list[ExampleRow]:
    even_volumes = tuple(value // 3 + 40 for value in VOLUMES)
    return [
        ExampleRow(
            NAMES[0],
            "An order was paid.",
            "live",
            "failing",
            2,
            "Checkout",
            VOLUMES,
            NONCONFORMING_VOLUMES,
            10_412,
            now,
        ),
        ExampleRow(
            NAMES[1],
            "A product page was opened.",
            "live",
            "ok",
            None,
            "Shop",
            even_volumes[::-1],
            (),
            1_284_023,
            now - timedelta(minutes=2),
        ),
        ExampleRow(
            NAMES[2],
            "One step of the checkout was left forwards.",
            "deprecated",
            "warnings",
            1,
            "Checkout",
            even_volumes,
            (),
            84_120,
            now - timedelta(hours=7),
        ),
        ExampleRow(
            NAMES[3], "A product was put on the wishlist.", "planned", "unknown", None, "Shop", (0,) * 30, (), 0, None
        ),
    ]


def _steps() -> dict[str, list[ExampleStep]]:
    return {
        "under way": [
            ExampleStep("Draft", "done", "Mara Vogt"),
            ExampleStep("Requested", "done", "4 Mar"),
            ExampleStep("Reviewed", "done", "Lin Chen, 5 Mar"),
            ExampleStep("Developed", "current", "Android is missing"),
            ExampleStep("Tested", "todo"),
            ExampleStep("Live", "todo"),
        ],
        "blocked": [
            ExampleStep("Draft", "done"),
            ExampleStep("Requested", "done"),
            ExampleStep("Reviewed", "blocked", "An analyst's approval is missing"),
            ExampleStep("Developed", "todo"),
            ExampleStep("Tested", "todo"),
            ExampleStep("Live", "todo"),
        ],
    }


def _timeline_entries(
    now: datetime, mara: ExamplePerson, lin: ExamplePerson, system: ExamplePerson
) -> list[TimelineEntry]:
    return [
        TimelineEntry(
            now - timedelta(minutes=12),
            system,
            "moved Web shop to",
            "23 events from 9 ids, all conforming.",
            "broadcast",
            "ok",
            to_state="live",
        ),
        TimelineEntry(
            now - timedelta(hours=3), lin, "sent iOS app back", 'coupon arrives as "" instead of null.', "reply", "bad"
        ),
        TimelineEntry(now - timedelta(days=1), lin, "approved", "", "person-check", "info"),
        TimelineEntry(now - timedelta(days=2), mara, "asked for it", "", "send"),
    ]


def _differences() -> list[ExampleDifference]:
    return [
        ExampleDifference("added", "properties.coupon", "", None, {"type": ["string", "null"]}),
        ExampleDifference(
            "changed", "properties.total", "type", "string", "number", note="breaking: “12” no longer conforms"
        ),
        ExampleDifference("words", "", "trigger", "When the order is sent.", "When the payment provider confirmed it."),
        ExampleDifference("removed", "properties.tax", "", {"type": "number"}, None),
    ]
