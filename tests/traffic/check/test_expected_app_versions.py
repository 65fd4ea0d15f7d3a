"""The cap on app versions never hides one that somebody expects, whatever strangers invented before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.choices import Environment, VersionFrom
from catalog.models import Event, Source
from catalog.services.bindings import bind_source
from catalog.services.deploys import mark_deploy
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.requests import RequestFactory
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.requests.evidence.summaries import staging_evidence
from tracking.traffic.models import InboxBatch, TrafficCount

pytestmark = pytest.mark.django_db

INVENTED = 230


@pytest.fixture
def system() -> User:
    return User.objects.system()


def send(
    source: Source, *app_versions: str, environment: str = "staging", name: str = "Order Completed", hours: int = 0
) -> None:
    key = source.write_keys.filter(environment=environment).first() or create_write_key(source, environment)
    events = [track_call(name, context={"app": {"version": version}}) for version in app_versions]
    post_batch(key, *events)
    if hours:
        InboxBatch.objects.update(received_at=timezone.now() + timedelta(hours=hours))
    process_inbox()


def counted(source: Source, environment: str = "staging") -> dict[str, int]:
    rows = TrafficCount.objects.filter(source=source, environment=environment).order_by()
    found: dict[str, int] = {}
    for app_version, count in rows.values_list("app_version", "count"):
        found[app_version] = found.get(app_version, 0) + count
    return found


def invented(prefix: str = "9.9") -> list[str]:
    return [f"{prefix}.{number}" for number in range(INVENTED)]


@pytest.mark.parametrize("environment", [Environment.STAGING, Environment.PRODUCTION])
def test_what_a_binding_names_is_counted_by_its_name(
    shop: Source, order: Event, system: User, environment: Environment
) -> None:
    bind_source(order, order.newest_version, shop, environments=tuple(Environment), since_version="2.5.0", by=system)
    for hours in (1, 2):
        send(shop, *invented(), environment=environment, hours=hours)
        send(shop, "2.5.0", "v2.5", "2.5.0+sha.1", "never named", environment=environment, hours=hours)
    totals = counted(shop, environment)
    assert (totals["2.5.0"], totals["v2.5"], totals["2.5.0+sha.1"]) == (2, 2, 2)
    assert totals["(other)"] == 2 * (INVENTED - 200 + 1) and "never named" not in totals


def test_what_is_like_a_named_one_has_room_of_its_own_but_no_more(shop: Source, order: Event, system: User) -> None:
    bind_source(order, order.newest_version, shop, environments=tuple(Environment), since_version="2.5.0", by=system)
    send(shop, *invented())
    send(shop, *(f"2.5.0-rc.{number}" for number in range(INVENTED)))
    send(shop, "2.5.0")
    totals = counted(shop)
    assert totals["2.5.0"] == 1 and len(totals) <= 402


def test_what_a_deploy_names_is_counted_by_its_name(shop: Source, order: Event, system: User) -> None:
    mark_deploy(shop, environment="production", version="3.0.0", by=system)
    other = SourceFactory.create()
    for source in (shop, other):
        send(source, *invented())
        send(source, "3.0.0")
    assert counted(shop)["3.0.0"] == 1
    assert "3.0.0" not in counted(other)


def test_the_marker_of_a_source_whose_versions_others_wrote_is_counted(
    shop: Source, order: Event, system: User
) -> None:
    send(shop, *invented())
    Source.objects.update(version_from=VersionFrom.DEPLOYS)
    mark_deploy(shop, environment="staging", version="3.0.0", by=system, at=timezone.now() - timedelta(hours=1))
    send(shop, "whatever")
    assert counted(shop)["3.0.0"] == 1


def test_qa_is_not_blocked_by_strangers() -> None:
    """230 invented versions come first; the one that the delivery names is still evidence."""
    lifecycle = RequestFactory.developed(app_version="2.5.0")
    source, name = lifecycle.sources[0], lifecycle.change.name
    send(source, *invented("1.0"), name=name)
    send(source, "2.5.0", name=name)
    summary = staging_evidence(lifecycle.delivery)
    assert summary.conforming == 1 and "2.5.0" in summary.app_versions


def test_a_defined_name_is_counted_by_its_name(shop: Source, order: Event, settings: Any) -> None:
    key = create_write_key(shop, "staging")
    settings.MAX_EVENT_NAMES_PER_HOUR = 20
    post_batch(key, *(track_call(f"Invented {number}") for number in range(30)))
    process_inbox()
    post_batch(key, track_call(), track_call("Never Defined"))
    process_inbox()
    names = set(TrafficCount.objects.values_list("seen_name__name", flat=True))
    assert "Order Completed" in names and "Never Defined" not in names
