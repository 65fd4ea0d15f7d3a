"""Rules `sensitive` and `name` where there are two of a thing: sources, teams, versions, environments, exemptions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.choices import Environment
from catalog.models import Event, Source, WriteKey
from catalog.services.bindings import bind_source
from catalog.services.sensitive_exemptions import end_exemption, exempt_property
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key, definition, publish_next_version
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.quality.models import Finding
from tracking.traffic.check import text_budget
from tracking.traffic.models import Sample, SeenName

pytestmark = pytest.mark.django_db

TOKEN, ANNA = "glpat-aaaaaaaaaaaaaaaaaaaa", "anna@example.org"
COUPON = "/properties/coupon"
TOTAL = {"total": {"type": "number"}}
REASON = "Codes of a partner."


def version_of(coupon: dict[str, Any] | None) -> dict[str, Any]:
    """A definition with or without the coupon."""
    properties = TOTAL if coupon is None else {**TOTAL, "coupon": coupon}
    return definition(schema={"type": "object", "properties": properties})


def sold(app_version: str = "2.4.1", coupon: str = TOKEN, **fields: Any) -> dict[str, Any]:
    context = {"app": {"version": app_version}}
    return track_call(properties={"total": 1, "coupon": coupon}, context=context, **fields)


def newly_told() -> dict[str, int]:
    """How often each path was told of since it was last asked."""
    process_inbox()
    counts = {finding.path: finding.count for finding in Finding.objects.filter(rule="sensitive")}
    Finding.objects.all().delete()
    return counts


@pytest.fixture
def two_versions(shop: Source) -> Event:
    """The first version declares the coupon personal; the second, from 2.5.0 on, has none."""
    declared = version_of({"type": "string", "sensitivity": "personal"})
    order = EventFactory.create(name="Order Completed", definition=declared, sources=[shop], is_live=True)
    dropped = publish_next_version(order, version_of(None), sources=[shop])
    long_ago = timezone.now() - timedelta(days=2)
    first = order.versions.order_by("pk")[0]
    order.bindings.update(ended_at=long_ago)
    for version, since in ((first, "1.0.0"), (dropped, "2.5.0")):
        bind_source(
            *(order, version, shop),
            environments=tuple(Environment),
            since_version=since,
            by=User.objects.system(),
            at=long_ago,
        )
    return order


def test_each_event_is_told_by_its_own_version_whatever_the_memory_knows(key: WriteKey, two_versions: Event) -> None:
    post_batch(key, *(sold(version) for version in ("2.4.0", "2.5.0", "2.4.1", "2.6.0")))
    assert newly_told() == {"/properties/?": 2}
    post_batch(key, sold("2.4.0"))
    assert newly_told() == {}
    post_batch(key, sold("2.5.0"))
    assert newly_told() == {"/properties/?": 1}


def test_outside_production_another_version_that_hides_a_property_declares_nothing_for_this_one(
    staging_key: WriteKey, two_versions: Event
) -> None:
    post_batch(staging_key, *(sold(version) for version in ("2.4.0", "2.5.0")))
    assert newly_told() == {"/properties/?": 1}
    assert TOKEN not in str(list(Sample.objects.values_list("event", "violations")))


def test_an_exemption_outlives_the_version_that_described_the_property_and_can_be_ended(
    key: WriteKey, shop: Source, order: Event
) -> None:
    analyst = person("analyst", team=order.owner_team)
    exempt_property(order, COUPON, reason=REASON, by=analyst)
    dropped = publish_next_version(order, version_of(None), sources=[shop])
    day_ago, system = timezone.now() - timedelta(days=1), User.objects.system()
    bind_source(order, dropped, shop, environments=tuple(Environment), since_at=day_ago, by=system, at=day_ago)
    post_batch(key, sold())
    assert newly_told() == {}
    end_exemption(order, COUPON, reason="Gone.", by=analyst)
    post_batch(key, sold())
    assert newly_told() == {"/properties/?": 1}


def test_a_second_source_and_a_second_team(key: WriteKey, shop: Source, order: Event) -> None:
    other_team = TeamFactory.create()
    app = SourceFactory.create(slug="other-app", owner_team=other_team)
    refund = EventFactory.create(
        name="Order Refunded",
        definition=definition("Order Refunded"),
        owner_team=other_team,
        sources=[app, shop],
        is_live=True,
    )
    app_key = create_write_key(app)
    exempt_property(order, COUPON, reason=REASON, by=person("analyst", team=order.owner_team))
    refunds = [sold(event="Order Refunded") for _ in range(2)]
    post_batch(key, sold(), *refunds)
    post_batch(app_key, sold(), sold(event="Order Refunded"))
    process_inbox()
    found = Finding.objects.filter(rule="sensitive").values_list("source__slug", "seen_name__name", "count")
    assert sorted(found) == [("other-app", "Order Refunded", 1), (shop.slug, "Order Refunded", 2)]
    Finding.objects.all().delete()
    exempt_property(refund, COUPON, reason=REASON, by=person("analyst", team=other_team))
    post_batch(key, *(sold(event="Order Refunded") for _ in range(2)))
    assert newly_told() == {}


@pytest.mark.parametrize(("path", "fields"), [("/user_id", {"userId": ANNA}), ("/message_id", {"messageId": ANNA})])
def test_an_id_that_only_looks_personal_is_exempted_too(
    key: WriteKey, order: Event, path: str, fields: dict[str, str]
) -> None:
    analyst = person("analyst", team=order.owner_team)
    post_batch(key, sold(coupon="TEN", **fields))
    assert newly_told() == {path: 1}
    exempt_property(order, path, reason="Ids of machines.", by=analyst)
    fields = {name: value.replace("anna", "bea") for name, value in fields.items()}
    post_batch(key, sold(coupon="TEN", **fields), sold(coupon=TOKEN, **fields, timestamp="2026-11-24T09:00:00Z"))
    assert newly_told() == {COUPON: 1}


def test_a_label_has_one_pseudonym_in_two_sources_environments_and_teams(key: WriteKey, staging_key: WriteKey) -> None:
    others = [create_write_key(SourceFactory.create(owner_team=TeamFactory.create())) for _ in range(2)]
    for each in (key, staging_key, *others):
        post_batch(
            each, track_call(f"Viewed {ANNA}"), track_call(f"Viewed {ANNA.upper()}"), track_call("Viewed b@x.de")
        )
    process_inbox()
    names = set(SeenName.objects.values_list("name", flat=True))
    assert len({name for name in names if name.startswith("Viewed ‹email")}) == 2 == len(names)
    counts = Finding.objects.filter(rule="undocumented").values_list("source", "environment", "count")
    assert sorted(count for *_, count in counts) == [1] * 4 + [2] * 4


def test_a_name_with_a_value_is_told_of_each_source_and_of_none_where_it_is_defined(
    key: WriteKey, shop: Source
) -> None:
    name = "Step 50314 Viewed"
    other = create_write_key(SourceFactory.create())
    for each in (key, other):
        post_batch(each, track_call(name), track_call(name))
    process_inbox()
    found = Finding.objects.filter(rule="name").values_list("source", "count")
    assert sorted(found) == sorted([(shop.pk, 2), (other.source_id, 2)])
    EventFactory.create(name=name, definition=definition(name), sources=[shop], is_live=True)
    post_batch(key, track_call(name, properties={"total": 1}))
    process_inbox()
    assert sum(Finding.objects.filter(rule="name").values_list("count", flat=True)) == 4


def test_what_the_memory_knows_of_one_name_holds_for_all(key: WriteKey, order: Event) -> None:
    post_batch(key, sold())
    assert newly_told() == {COUPON: 1}
    assert text_budget.text_memory.kind_found(hash(TOKEN)) is not None
    post_batch(key, *(track_call("Never Defined", properties={"a": {"b": TOKEN}}) for _ in range(50)))
    assert newly_told() == {"/properties/a/b": 50}
