"""A test event, really sent: over HTTP to a live server, and only to our own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from socket import socket
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Role
from catalog.models import Event, Source, WriteKey
from tests.factories.accounts import person
from tests.factories.traffic import counts_by_verdict, process_inbox, track_call
from tests.live_processes import LiveServer, free_port
from tracking.traffic.collect.test_events import post_to_collector, send_test_event
from tracking.traffic.models import InboxBatch, Sample
from tracking.traffic.pages.forms import TestEventForm

GIVEN: dict[str, Any] = {"call": "track", "name": "Order Completed", "properties": {"total": 5}, "app_version": "9.1.0"}


@pytest.mark.xdist_group("one at a time")
@pytest.mark.django_db(transaction=True)
def test_it_arrives_like_any_other(staging_key: WriteKey, shop: Source, order: Event, tmp_path: Path) -> None:
    with LiveServer(tmp_path) as server, override_settings(SIGNALBOOK_URL=server.url):
        sent = send_test_event(shop, "staging", **GIVEN, by=person(Role.QA))

    assert sent.is_accepted, sent
    assert '"success": true' in sent.body
    assert process_inbox() == 1
    assert counts_by_verdict(environment="staging", app_version="9.1.0") == {"conforming": 1}
    assert Sample.objects.get().event["message_id"] == sent.message_id


@pytest.mark.xdist_group("one at a time")
@pytest.mark.django_db(transaction=True)
def test_what_a_person_types_is_read_as_what_an_sdk_sends(
    staging_key: WriteKey, shop: Source, order: Event, tmp_path: Path
) -> None:
    typed = ['{"total": NaN}', '{"total": 1, "total": 2}', '\ufeff{"total": 3}', '{"total": 1' + "0" * 5_000 + "}"]
    with LiveServer(tmp_path) as server, override_settings(SIGNALBOOK_URL=server.url):
        for text in typed:
            form = TestEventForm(shop, {"name": "Order Completed", "environment": "staging", "properties": text})
            assert form.is_valid(), form.errors
            values = {name: form.cleaned_data[name] for name in ("name", "properties")}
            sent = send_test_event(shop, "staging", call="track", **values, by=person(Role.QA))
            assert sent.is_accepted, sent
    process_inbox()
    rules = [violation["rule"] for sample in Sample.objects.order_by("id") for violation in sample.violations]
    assert rules.count("malformed") >= 2
    assert sum(counts_by_verdict(environment="staging").values()) == 4


@pytest.mark.xdist_group("one at a time")
@pytest.mark.django_db(transaction=True)
def test_a_host_with_a_path_or_a_slash_too_many_works_over_http(
    staging_key: WriteKey, shop: Source, order: Event, tmp_path: Path
) -> None:
    paths = ("//v1/batch", "/v1//v1/batch", "/v1/batch/v1/batch/", "/v1/b/t", "/in//v1/track")
    with LiveServer(tmp_path) as server, override_settings(SIGNALBOOK_URL=server.url):
        for path in paths:
            status, body = post_to_collector(path, track_call(), key=staging_key.key)
            assert status == 200, (path, body)
        status, body = post_to_collector("/v1/nothing", track_call(), key=staging_key.key)
        assert (status, "/v1/batch" in body) == (404, True)
    process_inbox()
    assert sum(counts_by_verdict(environment="staging").values()) == len(paths)


@pytest.mark.django_db
class TestRefused:
    """What is not sent."""

    def test_where_no_address_is_set(self, staging_key: WriteKey, shop: Source) -> None:
        for url in ("", "file:///etc/passwd", "signalbook.example.com"):
            with override_settings(SIGNALBOOK_URL=url), pytest.raises(UnmetConditionsError, match="SIGNALBOOK_URL"):
                send_test_event(shop, "staging", **GIVEN, by=person(Role.QA))

    def test_a_request_cannot_choose_where_the_key_goes(
        self, staging_key: WriteKey, shop: Source, client_of: Callable[[User], Client]
    ) -> None:
        with socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            listener.settimeout(0.3)
            elsewhere = f"127.0.0.1:{listener.getsockname()[1]}"
            form = {"environment": "staging", "name": "Order Completed", "properties": "{}"}
            with override_settings(SIGNALBOOK_URL=f"http://127.0.0.1:{free_port()}"):
                address = reverse("traffic:test_event", args=[shop.slug])
                answer = client_of(person(Role.QA)).post(address, form, headers={"Host": elsewhere})
                assert answer.status_code == 302
            with pytest.raises(TimeoutError):
                listener.accept()

    def test_without_a_key(self, shop: Source) -> None:
        with pytest.raises(UnmetConditionsError, match="no write key for Staging"):
            send_test_event(shop, "staging", **GIVEN, by=person(Role.QA))

    def test_to_production_by_those_who_do_not_manage_the_source(self, key: WriteKey, shop: Source) -> None:
        with pytest.raises(Forbidden):
            send_test_event(shop, "production", **GIVEN, by=person(Role.QA))

    def test_where_nobody_answers_it_says_so(self, staging_key: WriteKey, shop: Source) -> None:
        with override_settings(SIGNALBOOK_URL=f"http://127.0.0.1:{free_port()}"):
            sent = send_test_event(shop, "staging", **GIVEN, by=person(Role.QA))
        assert (sent.status, sent.is_accepted) == (0, False)
        assert "did not answer" in sent.body
        assert not InboxBatch.objects.exists()
