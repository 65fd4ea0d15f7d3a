"""Filters of requests and deliveries, shared by pages and API."""

from datetime import date

import django_filters
from django.db.models import Q, QuerySet
from django.forms import HiddenInput, TextInput

from accounts.models import Team, User
from catalog.contract import clean_name
from catalog.models import Event, Source
from pages.filters import DueWithinFilter, EventFilterSet, IdFilter, MultiRelatedFilter, MultiValueFilter
from tracking.requests.choices import ApprovalArea, DeliveryState, Lane, Priority, RequestState
from tracking.requests.models import Approval, Change, Delivery, Request
from tracking.requests.models.delivery import DeliveryQuerySet
from tracking.requests.models.request import RequestQuerySet

WAITING_ON_CHOICES = (("me", "me"),)


def _changes_of_name(name: str) -> QuerySet[Change]:
    """Return changes of an event that has or had a name, and those that give an event this name."""
    return Change.objects.filter(
        Q(event__in=Event.objects.with_name(name)) | Q(definition__name__in={name, clean_name(name)})
    )


class RequestFilter(EventFilterSet):
    """Which requests a list shows. `waiting_on=me` keeps those whose next step is the signed-in person's."""

    q = django_filters.CharFilter(
        label="Search",
        method="by_text",
        widget=TextInput(attrs={"type": "search", "placeholder": "Title, question or event"}),
    )
    state = MultiValueFilter(label="State", choices=RequestState.choices)
    lane = MultiValueFilter(label="Lane", choices=Lane.choices)
    priority = MultiValueFilter(label="Priority", choices=Priority.choices)
    team = MultiRelatedFilter(label="Team", field_name="team__slug", queryset=Team.objects.all(), to_field_name="slug")
    source = MultiRelatedFilter(label="Source", queryset=Source.objects.all(), to_field_name="slug", method="by_source")
    author = django_filters.ModelChoiceFilter(label="Author", queryset=User.objects.people(), to_field_name="username")
    owner = django_filters.ModelChoiceFilter(label="Owner", queryset=User.objects.people(), to_field_name="username")
    due_within = DueWithinFilter(
        label="Due within (days)",
        method="by_due_day",
        help_text="Requests whose review date, or an end date of theirs, comes within so many days or is over",
    )
    waiting_on = django_filters.ChoiceFilter(
        label="Waiting on", choices=WAITING_ON_CHOICES, method="by_waiting_on", widget=HiddenInput
    )
    sort = django_filters.OrderingFilter(
        fields=(
            ("updated_at", "updated_at"),
            ("created_at", "created_at"),
            ("title", "title"),
            ("state", "state"),
            ("review_by", "review_by"),
        ),
        label="Sort",
    )

    class Meta:
        model = Request
        fields: tuple[str, ...] = ()

    def by_text(self, queryset: RequestQuerySet, _name: str, text: str) -> RequestQuerySet:
        """Requests that have every word of the text: see `RequestQuerySet.search`."""
        return queryset.search(text)

    def by_source(self, queryset: RequestQuerySet, _name: str, sources: list[Source]) -> RequestQuerySet:
        """Requests with a change meant for one of the sources."""
        if not sources:
            return queryset
        for_sources = Request.objects.filter(changes__sources__in=sources)
        return queryset.filter(pk__in=for_sources.values("pk"))

    def by_event(self, queryset: RequestQuerySet, _name: str, event_id: int) -> RequestQuerySet:
        """Requests with a change of the event; an id that no event has finds none."""
        event = Event.objects.filter(pk=event_id).first()
        return queryset.of_event(event.pk) if event is not None else queryset.none()

    def by_event_name(self, queryset: RequestQuerySet, _name: str, name: str) -> RequestQuerySet:
        """Requests with a change of an event that has or had this name, or that creates it."""
        return queryset.filter(pk__in=_changes_of_name(name).values("request"))

    def by_due_day(self, queryset: RequestQuerySet, _name: str, day: date) -> RequestQuerySet:
        """Requests with something to do by a day."""
        return queryset.due_by(day)

    def by_waiting_on(self, queryset: RequestQuerySet, _name: str, _value: str) -> RequestQuerySet:
        """Requests whose next step is the signed-in person's."""
        return queryset.waiting_on(self.request.user) if self.request is not None else queryset.none()


class DeliveryFilter(EventFilterSet):
    """Which deliveries a list shows."""

    state = MultiValueFilter(label="State", choices=DeliveryState.choices)
    source = MultiRelatedFilter(
        label="Source", field_name="source__slug", queryset=Source.objects.all(), to_field_name="slug"
    )
    team = MultiRelatedFilter(
        label="Team", field_name="source__owner_team__slug", queryset=Team.objects.all(), to_field_name="slug"
    )
    request = IdFilter(label="Request", method="by_request", help_text="A request's id")
    waiting_on = django_filters.ChoiceFilter(
        label="Waiting on", choices=WAITING_ON_CHOICES, method="by_waiting_on", widget=HiddenInput
    )
    sort = django_filters.OrderingFilter(fields=(("updated_at", "updated_at"), ("state", "state")), label="Sort")

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = ()

    def by_event(self, queryset: DeliveryQuerySet, _name: str, event_id: int) -> DeliveryQuerySet:
        """Deliveries of changes of the event."""
        return queryset.filter(change__event=event_id)

    def by_event_name(self, queryset: DeliveryQuerySet, _name: str, name: str) -> DeliveryQuerySet:
        """Deliveries of changes of an event that has or had this name, or that create it."""
        return queryset.filter(change__in=_changes_of_name(name))

    def by_request(self, queryset: DeliveryQuerySet, _name: str, request_id: int) -> DeliveryQuerySet:
        """Deliveries of the request."""
        return queryset.filter(change__request=request_id)

    def by_waiting_on(self, queryset: DeliveryQuerySet, _name: str, _value: str) -> DeliveryQuerySet:
        """Deliveries whose next step is the signed-in person's."""
        request = getattr(self, "request", None)
        return queryset.waiting_on(request.user) if request is not None else queryset.none()


class ApprovalFilter(django_filters.FilterSet):
    """Which approvals of a request a list shows."""

    area = MultiValueFilter(label="Area", choices=ApprovalArea.choices)
    person = django_filters.ModelChoiceFilter(label="Person", queryset=User.objects.people(), to_field_name="username")

    class Meta:
        model = Approval
        fields: tuple[str, ...] = ()
