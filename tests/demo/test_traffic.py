"""The generated traffic: each event got the verdict that it was made for, by the ordinary check."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db.models import Sum
from django.utils import timezone

from catalog.models import Source
from demo.seeding.demo_loader import COMPANY_AGE
from demo.traffic import DUPLICATE, generate_events
from demo.traffic.injected_faults import INJECTED_FAULTS
from tracking.quality.models import Finding
from tracking.requests.models import Delivery
from tracking.traffic.models import Sample, SeenName, TrafficCount

# Of the events that testers' devices sent, one a broken trial of the story.
BROKEN_TRIALS = 2


@pytest.fixture
def generated(demo):
    """The same traffic again: it depends on nothing but the moment on which it ends."""
    return generate_events(Source.objects.get(slug="web-shop").created_at + COMPANY_AGE)


def counted(**by):
    rows = TrafficCount.objects.filter(**by).order_by().values_list("verdict").annotate(Sum("count"))
    return {verdict: count for verdict, count in rows if count}


def test_it_is_thirty_days_of_a_small_shop(generated):
    assert 5_000 < len(generated) < 15_000
    span = generated[-1].at - generated[0].at
    assert 29 <= span.days <= 30
    assert generated[-1].at < timezone.now()
    assert generated == sorted(generated, key=lambda sent: sent.at)
    assert len({sent.message["messageId"] for sent in generated if sent.expected_verdict != DUPLICATE}) == sum(
        1 for sent in generated if sent.expected_verdict != DUPLICATE
    )


def test_every_fault_happens(generated):
    shown = Counter(sent.fault_key for sent in generated)
    for fault in INJECTED_FAULTS:
        assert shown[fault.key] >= 2, fault.key
    assert min(shown[key] for key in ("undocumented", "still_arriving", "wrong_source", "sent_twice")) >= 2


def test_verdicts_are_as_intended(demo, generated):
    """Every event got the verdict that it was made for; one name was undocumented until it was documented."""
    in_production = [sent for sent in generated if sent.environment == "production"]
    intended = Counter(str(sent.expected_verdict) for sent in in_production)
    documented = counted(environment="production", seen_name__name="Wishlist Shared")["undocumented"]
    intended["undocumented"] += documented
    intended["conforming"] -= documented
    repeats = intended.pop(DUPLICATE)
    assert counted(environment="production") == intended
    assert TrafficCount.objects.aggregate(repeats=Sum("repeats"))["repeats"] == repeats > 0
    assert counted(environment="staging")["nonconforming"] == BROKEN_TRIALS


@pytest.mark.parametrize("fault", INJECTED_FAULTS, ids=lambda fault: fault.key)
def test_each_fault_is_a_finding_of_its_own(demo, fault):
    rules = {
        "price_as_text": ("/properties/price", "type"),
        "no_count": ("/properties/results_count", "required"),
        "address": ("/properties/query", "not"),
        "new_method": ("/properties/payment_method", "enum"),
        "campaign_key": ("/properties/?", "unknown_property"),
        "contact_address": ("/properties/?", "unknown_property"),
    }
    path, rule = rules[fault.key]
    finding = Finding.objects.get(
        seen_name__name=fault.event, source__slug=fault.source, environment="production", path=path, rule=rule
    )
    assert finding.count >= 2
    if fault.app_version:
        assert finding.app_versions.keys() == {fault.app_version}
    others = Finding.objects.filter(seen_name__name=fault.event, source__slug=fault.source, environment="production")
    assert others.exclude(rule="sensitive").count() == 1
    personal = [other.path for other in others.filter(rule="sensitive")]
    assert personal == ([path] if fault.key in ("address", "contact_address") else [])


def test_the_wrong_type_comes_from_one_version_of_one_app(demo):
    rows = TrafficCount.objects.filter(seen_name__name="Product Added", environment="production")
    broken = rows.filter(verdict="nonconforming")
    assert set(broken.values_list("source__slug", "app_version")) == {("ios-app", "7.4.0")}
    fine = set(rows.filter(verdict="conforming", source__slug="ios-app").values_list("app_version", flat=True))
    assert {"7.3.1", "7.4.1"} <= fine and "7.4.0" not in fine


def test_no_address_is_stored_in_production(demo):
    samples = Sample.objects.filter(environment="production")
    for name in ("Search Performed", "Contact Form Sent"):
        for sample in samples.filter(seen_name__name=name):
            assert "example.com" not in str(sample.event)
    assert "example.com" not in str(list(Finding.objects.values_list("came", "samples")))


def test_names_were_first_seen_when_they_came(demo):
    newest = SeenName.objects.order_by("-first_seen").first()
    assert newest is not None
    chat = SeenName.objects.get(name="Live Chat Opened")
    assert 4 <= (timezone.now() - chat.first_seen).days <= 7


def test_what_went_live_was_proven_by_what_arrived(demo):
    live = Delivery.objects.filter(state="live", change__lane="new")
    assert live.count() >= 5
    for delivery in live:
        proving = delivery.evidence.filter(stage="tested", environment="production").aggregate(Sum("proving"))
        assert proving["proving__sum"] >= 1
        assert delivery.live_at and delivery.tested_at and delivery.live_at > delivery.tested_at
