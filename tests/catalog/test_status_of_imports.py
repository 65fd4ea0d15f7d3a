"""The status that an import gives an event: it counts until people decide, and goes both ways."""

from datetime import date

import pytest
from django.utils import timezone

from accounts.models import HistoryEntry
from catalog.choices import Status
from catalog.models import Event, Version
from catalog.services.event_projections import EventTraffic, update_event_status, update_event_traffic
from catalog.services.imports.import_runs import revert_import
from tests.catalog.test_imports import imported, plan_of, rule
from tests.factories.catalog import EventFactory, SourceFactory, analyst, definition, publish_next_version

pytestmark = pytest.mark.django_db
NAME = "Order Completed"
COUPON = {"type": "string"}


@pytest.fixture
def by():
    return analyst()


def deprecated(*args, **properties):
    return rule(*args, **properties) | {"deprecatedAt": "2026-01-01T00:00:00Z"}


def the_event():
    return Event.objects.get(name=NAME)


def lifecycle(event):
    entries = HistoryEntry.objects.for_subject("event", event.pk).filter(action__startswith="status")
    return [(entry.action, entry.from_state, entry.to_state) for entry in entries]


def test_a_newer_version_deprecates_and_brings_back_with_history(by):
    imported(*plan_of(deprecated()), by=by)
    assert the_event().status == Status.DEPRECATED
    imported(*plan_of(rule(version=2, coupon=COUPON)), by=by)
    assert the_event().status == Status.PLANNED
    imported(*plan_of(deprecated(version=3, coupon=COUPON)), by=by)
    assert the_event().status == Status.DEPRECATED
    assert lifecycle(the_event()) == [
        ("status imported", "planned", "deprecated"),
        ("status imported", "deprecated", "planned"),
        ("status imported", "planned", "deprecated"),
    ]


def test_a_changed_rule_that_stays_deprecated_writes_no_second_line(by):
    imported(*plan_of(deprecated()), by=by)
    imported(*plan_of(deprecated(coupon=COUPON)), by=by)
    assert the_event().status == Status.DEPRECATED and len(lifecycle(the_event())) == 1


def test_an_older_version_found_later_says_nothing_about_the_event(by):
    imported(*plan_of(rule(version=2)), by=by)
    imported(*plan_of(deprecated(version=1, coupon=COUPON)), by=by)
    assert the_event().status == Status.PLANNED
    imported(*plan_of(deprecated(version=3, coupon=COUPON)), by=by)
    imported(*plan_of(rule(version=1, coupon=COUPON, total={"type": "number"})), by=by)
    assert the_event().status == Status.DEPRECATED


def test_of_many_versions_in_one_upload_the_newest_decides(by):
    imported(*plan_of(deprecated(version=1), rule(version=2, coupon=COUPON)), by=by)
    assert the_event().status == Status.PLANNED
    imported(*plan_of(deprecated(version=4), rule(version=3, coupon=COUPON)), by=by)
    assert the_event().status == Status.DEPRECATED


@pytest.mark.parametrize("status", [Status.RETIRED, Status.DEPRECATED])
@pytest.mark.parametrize("make_rule", [rule, deprecated])
def test_an_import_does_not_overrule_what_people_decided(status, make_rule, by, system):
    imported(*plan_of(deprecated()), by=by)
    successor, ends_on = EventFactory.create(name="Order Paid"), date(2027, 1, 1)
    update_event_status(the_event(), status, successor=successor, ends_on=ends_on, by=system)
    before = lifecycle(the_event())
    assert before[-1] == ("status", "deprecated", status)
    imported(*plan_of(make_rule(version=2, coupon=COUPON)), by=by)
    event = the_event()
    assert (event.status, event.successor, event.ends_on) == (status, successor, ends_on)
    assert lifecycle(event) == before


def test_an_import_does_not_deprecate_again_what_people_brought_back(by, system):
    imported(*plan_of(deprecated()), by=by)
    update_event_status(the_event(), Status.PLANNED, by=system)
    imported(*plan_of(deprecated(version=2, coupon=COUPON)), by=by)
    assert the_event().status == Status.PLANNED


def test_people_who_confirm_a_deprecation_without_a_successor_decide_it(by, system):
    imported(*plan_of(deprecated()), by=by)
    update_event_status(the_event(), Status.DEPRECATED, is_decision=False, by=system)
    assert len(lifecycle(the_event())) == 1
    for _ in range(2):
        update_event_status(the_event(), Status.DEPRECATED, by=system)
    assert lifecycle(the_event())[1:] == [("status", "deprecated", "deprecated")]
    imported(*plan_of(rule(version=2, coupon=COUPON)), by=by)
    assert the_event().status == Status.DEPRECATED


def test_an_event_that_people_defined_is_not_deprecated_by_an_import(by):
    publish_next_version(EventFactory.create(name=NAME), definition(NAME, trigger="Once"))
    imported(*plan_of(deprecated()), by=by)
    assert the_event().status == Status.PLANNED


def test_an_imported_event_that_is_live_is_deprecated_and_is_live_again(by):
    imported(*plan_of(rule()), sources=[SourceFactory.create()], by=by)
    update_event_traffic({the_event().pk: EventTraffic(has_conformed=True)}, at=timezone.now())
    assert the_event().status == Status.LIVE
    imported(*plan_of(deprecated(version=2)), by=by)
    assert the_event().status == Status.DEPRECATED
    imported(*plan_of(rule(version=3)), by=by)
    assert the_event().status == Status.LIVE


@pytest.mark.parametrize("second", [rule, deprecated])
@pytest.mark.parametrize("first", [rule, deprecated])
def test_taking_an_import_back_gives_the_status_from_before_it(first, second, by):
    run = imported(*plan_of(first()), by=by)
    before = the_event().status
    again = imported(*plan_of(second(version=2, coupon=COUPON)), by=by)
    revert_import(again, by=by, message="Wrong plan")
    assert the_event().status == before
    revert_import(run, by=by, message="Wrong plan, too")
    assert the_event().status == Status.PLANNED and not Version.objects.active().exists()


def test_taking_an_import_back_leaves_what_people_decided_since(by, system):
    run = imported(*plan_of(deprecated()), by=by)
    successor = EventFactory.create(name="Order Paid")
    update_event_status(the_event(), Status.DEPRECATED, successor=successor, by=system)
    revert_import(run, by=by, message="Wrong plan")
    assert (the_event().status, the_event().successor) == (Status.DEPRECATED, successor)


def test_an_event_that_went_live_with_an_import_is_planned_without_its_versions(by):
    run = imported(*plan_of(rule()), sources=[SourceFactory.create()], by=by)
    update_event_traffic({the_event().pk: EventTraffic(has_conformed=True)}, at=timezone.now())
    revert_import(run, by=by, message="Wrong plan")
    assert (the_event().status, the_event().live_version) == (Status.PLANNED, None)
