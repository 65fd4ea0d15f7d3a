"""An event's projections: where it stands, and what traffic says of it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from catalog.choices import Environment, Health, Status
from catalog.models import Event
from catalog.services.bindings import BASELINE_START, bind_source
from catalog.services.event_projections import EventTraffic, update_event_status, update_event_traffic
from tests.factories.catalog import EventFactory, SourceFactory, definition, publish_next_version

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def test_an_event_goes_live_once_and_keeps_since_when(system, history_actions):
    event = EventFactory.create()
    live = update_event_status(event, Status.LIVE, live_version=event.newest_version, by=system, at=NOW)
    assert (live.status, live.live_since, live.live_version) == (Status.LIVE, NOW, event.newest_version)
    again = update_event_status(event, Status.LIVE, by=system, at=NOW + timedelta(days=1))
    assert again.live_since == NOW and again.live_version == event.newest_version
    assert history_actions("event", event).count("status") == 1


def test_a_successor_and_an_end_go_with_leaving(system):
    event, successor = EventFactory.create(), EventFactory.create()
    gone = update_event_status(event, Status.DEPRECATED, successor=successor, ends_on=date(2027, 1, 1), by=system)
    assert (gone.successor, gone.ends_on) == (successor, date(2027, 1, 1))
    back = update_event_status(event, Status.PLANNED, by=system)
    assert (back.successor, back.ends_on, back.live_version, back.live_since) == (None, None, None, None)


def test_lists_show_the_words_of_the_live_version(system):
    event = EventFactory.create(name="Order Completed")
    first = event.newest_version
    new = publish_next_version(event, definition("Order Completed", title="New", trigger="Once"))
    assert event.title == "New"
    assert update_event_status(event, Status.LIVE, live_version=first, by=system).title == ""
    assert update_event_status(event, Status.LIVE, live_version=new, by=system).title == "New"


def test_traffic_moves_last_seen_forward_alone():
    first, second = EventFactory.create(), EventFactory.create()
    update_event_traffic({first.pk: EventTraffic(last_seen_at=NOW, volume=5, health=Health.OK)})
    update_event_traffic(
        {first.pk: EventTraffic(last_seen_at=NOW - timedelta(hours=1)), second.pk: EventTraffic(volume=7)}
    )
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.last_seen_at, first.volume, first.health) == (NOW, 5, Health.OK)
    assert (second.last_seen_at, second.volume, second.health) == (None, 7, Health.UNKNOWN)


def test_many_events_cost_as_many_queries_as_few(django_assert_num_queries):
    few = {EventFactory.create().pk: EventTraffic(last_seen_at=NOW) for _ in range(2)}
    many = {EventFactory.create().pk: EventTraffic(last_seen_at=NOW) for _ in range(10)}
    for values in (few, many):
        with django_assert_num_queries(4):
            update_event_traffic(values)


def test_planned_events_without_a_baseline_cost_one_query_however_many_conformed(django_assert_num_queries):
    for count in (1, 10):
        values = {EventFactory.create().pk: EventTraffic(volume=1, has_conformed=True) for _ in range(count)}
        update_event_traffic(values)
        with django_assert_num_queries(4):
            update_event_traffic(values)


def test_each_of_many_baselines_goes_live_with_its_newest_bound_version(system):
    source, other = SourceFactory.create(), SourceFactory.create()
    start = {"environments": tuple(Environment), "since_at": BASELINE_START, "by": system}
    events = [EventFactory.create(name=name, sources=[source, other]) for name in ("Cart Viewed", "Order Completed")]
    for event in events:
        bind_source(event, event.newest_version, other, **start)
    newer = publish_next_version(events[1], definition("Order Completed", trigger="Once"), sources=[source])
    bind_source(events[1], newer, source, **start)
    update_event_traffic({event.pk: EventTraffic(has_conformed=True) for event in events}, at=NOW)
    assert [Event.objects.get(pk=event.pk).live_version for event in events] == [events[0].newest_version, newer]


def test_a_baseline_becomes_live_with_its_first_conforming_event(system):
    source = SourceFactory.create()
    baseline, planned = EventFactory.create(sources=[source]), EventFactory.create(sources=[source])
    bind_source(
        baseline, baseline.newest_version, source, environments=tuple(Environment), since_at=BASELINE_START, by=system
    )
    update_event_traffic({baseline.pk: EventTraffic(last_seen_at=NOW)})
    assert not Event.objects.live().exists()
    conforming = EventTraffic(last_seen_at=NOW, has_conformed=True)
    update_event_traffic({baseline.pk: conforming, planned.pk: conforming}, at=NOW)
    live = Event.objects.live().get()
    assert (live, live.live_version, live.live_since) == (baseline, baseline.newest_version, NOW)
