"""Loading the company: what stands afterwards, and that a second time changes nothing."""

from __future__ import annotations

from collections import Counter

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import override_settings
from django.urls import reverse

from accounts.models import HistoryEntry, User
from catalog.choices import Status
from catalog.models import Event, Property, Source, Version
from demo.credentials import USERNAME_BY_ACCOUNT
from demo.seeding.demo_loader import load_company
from tracking.quality.choices import FindingState
from tracking.quality.models import Finding
from tracking.requests.choices import DeliveryState, RequestState
from tracking.requests.models import Delivery, Request
from tracking.requests.workflow.assignments import assignments_for
from tracking.traffic.models import InboxBatch, QuarantinedBatch, RollupDelta, SeenName, TrafficCount

ROOMS = ("accounts", "catalog", "traffic", "profiling", "quality", "requests")


def counts() -> Counter[str]:
    """How many rows each table of the product holds."""
    models = (model for room in ROOMS for model in apps.get_app_config(room).get_models() if model._meta.managed)
    return Counter({model._meta.label: model._default_manager.count() for model in models})


def test_a_second_time_changes_nothing(demo):
    rows, content = counts(), demo.content
    call_command("load_demo", verbosity=0)
    assert counts() == rows and demo.content == content


def test_an_interrupted_loading_leaves_nothing_and_can_be_run_again(demo, monkeypatch):
    call_command("purge_demo", "--yes", verbosity=0)
    rows = counts()
    monkeypatch.setattr("demo.seeding.demo_loader.run_simulation", lambda company: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        load_company()
    assert counts() == rows
    monkeypatch.setattr("demo.seeding.demo_loader.run_simulation", lambda company: 0)
    assert load_company().events > 100


def test_it_refuses_other_settings(demo):
    with override_settings(IS_DEMO=False), pytest.raises(CommandError, match="demo's settings alone"):
        call_command("load_demo", verbosity=0)


def test_the_company_is_as_it_is_described(demo):
    assert Source.objects.filter(is_sample=True).count() == 5
    assert Event.objects.filter(is_sample=True).count() == Event.objects.count() >= 120
    assert not Event.objects.filter(owners=None).exists()
    assert not Event.objects.filter(category=None).exists()
    assert Property.objects.filter(is_sample=True).count() >= 60
    assert {request.state for request in Request.objects.all()} == {*RequestState}
    assert {event.status for event in Event.objects.all()} == {*Status}
    assert set(Request.objects.values_list("lane", flat=True)) == {"words", "documenting", "retiring", "new"}


def test_history_was_written_as_it_happened(demo):
    wishlist = Request.objects.get(title="Know what people save for later buying")
    story = HistoryEntry.objects.for_subject_and_parts("request", wishlist.pk)
    assert [entry.at for entry in story] == sorted(entry.at for entry in story)
    deliveries = {delivery.source.slug: delivery for delivery in Delivery.objects.filter(change__request=wishlist)}
    assert {delivery.state for delivery in deliveries.values()} == {DeliveryState.LIVE}
    assert deliveries["ios-app"].round == 2, "it was sent back once"
    for delivery in deliveries.values():
        times = [delivery.developed_at, delivery.tested_at, delivery.live_at]
        assert all(times) and times == sorted(times, key=str)
        assert delivery.verifications.get().evidence["conforming"] > 0


def test_the_breaking_change_was_seen_before_it_was_approved(demo):
    version = Version.objects.get(event__name="Checkout Step Completed", major=2)
    assert version.change_kind == "major" and str(version.parent.number) == "1.0.0"
    approval = version.change.request.approvals.get()
    assert approval.evidence["counts"]["Checkout Step Completed"]["web-shop"]["total"] > 0
    assert version.event.live_version == version


def test_ten_events_have_everything_on_their_page(demo, client_of):
    full = Event.objects.filter(status=Status.LIVE, live_version__isnull=False, volume__gt=50, owners__role="qa")
    assert full.count() >= 10
    client = client_of(User.objects.get(username=USERNAME_BY_ACCOUNT["viewer"]))
    for event in full[:10]:
        answer = client.get(event.get_absolute_url())
        assert answer.status_code == 200 and event.description in answer.content.decode()


def test_everybody_with_something_to_do_finds_it_on_the_home_page(demo, client_of):
    kinds = {
        account: {duty.kind for duty in assignments_for(User.objects.get(username=username))}
        for account, username in USERNAME_BY_ACCOUNT.items()
    }
    assert kinds["pm"] == {"draft"} and kinds["analyst"] == {"review"}
    assert kinds["developer"] == {"develop"} and kinds["qa"] == {"verify"}
    assert Finding.objects.filter(owner__username=USERNAME_BY_ACCOUNT["admin"], state=FindingState.OPEN).exists()
    for username in USERNAME_BY_ACCOUNT.values():
        answer = client_of(User.objects.get(username=username)).get(reverse("home:home"))
        assert answer.status_code == 200 and "Live Chat Opened" in answer.content.decode()


def test_qa_can_verify_what_waits(demo, api_of):
    waiting = Delivery.objects.get(
        state=DeliveryState.DEVELOPED, source__slug="web-shop", change__event__name="Delivery Slot Chosen"
    )
    qa = api_of(User.objects.get(username=USERNAME_BY_ACCOUNT["qa"]))
    answer = qa.post(f"/api/v1/deliveries/{waiting.pk}/transitions/", {"to": "tested"})
    assert answer.status_code == 200, answer.json()
    waiting.refresh_from_db()
    assert waiting.state == DeliveryState.TESTED


def test_everything_was_checked_and_counted(demo):
    assert not InboxBatch.objects.exists() and not QuarantinedBatch.objects.exists()
    assert not RollupDelta.objects.exists()
    assert not TrafficCount.objects.filter(verdict="unchecked").exists()
    assert SeenName.objects.undocumented().filter(name="Live Chat Opened").exists()
