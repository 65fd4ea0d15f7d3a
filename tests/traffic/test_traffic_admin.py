"""The admin site's pages for arriving traffic show by which door and when something came."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.roles import Role
from catalog.models import Event, WriteKey
from tests.factories.accounts import person
from tests.factories.traffic import post_body, process_inbox, track_call
from tracking.traffic.models import QuarantinedBatch, Sample

pytestmark = pytest.mark.django_db

ADMIN = "/admin/traffic/"


@pytest.fixture
def site(client_of: Any) -> Any:
    return client_of(person(Role.ADMIN))


def text_of(site: Any, path: str, **query: str) -> str:
    answer = site.get(ADMIN + path, query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def quarantine(key: WriteKey, *, is_history: bool) -> QuarantinedBatch:
    now = timezone.now()
    kept: QuarantinedBatch = QuarantinedBatch.objects.create(
        source=key.source,
        environment=key.environment,
        wire="segment",
        body=b"{}",
        size=2,
        event_count=1,
        received_at=now,
        attempts=3,
        reason="a reason of its own",
        quarantined_at=now,
        is_history=is_history,
    )
    return kept


def test_quarantine_tells_history_from_what_arrived(site: Any, key: WriteKey) -> None:
    arrived, historical = quarantine(key, is_history=False), quarantine(key, is_history=True)
    listed = text_of(site, "quarantinedbatch/")
    assert "Is history" in listed
    only = text_of(site, "quarantinedbatch/", is_history__exact="1")
    assert f"/quarantinedbatch/{historical.pk}/change/" in only
    assert f"/quarantinedbatch/{arrived.pk}/change/" not in only
    assert "Whether it came by a door for history" in text_of(site, f"quarantinedbatch/{historical.pk}/change/")


def test_the_inbox_tells_it_too(site: Any, key: WriteKey) -> None:
    for path in ("/v1/import", "/v1/batch"):
        assert post_body(key, {"batch": [track_call()]}, path=path).status_code == 200
    only = text_of(site, "inboxbatch/", is_history__exact="1")
    assert "1 inbox batch" in only


def test_samples_say_when_they_happened_and_whether_that_counts(site: Any, key: WriteKey, order: Event) -> None:
    now = timezone.now()
    for ago in (timedelta(days=3), timedelta(days=90)):
        sent = {"batch": [track_call(timestamp=(now - ago).isoformat())], "sentAt": now.isoformat()}
        assert post_body(key, sent).status_code == 200
        process_inbox()
    reliable = Sample.objects.get(is_evidence=True)
    listed = text_of(site, "sample/")
    assert "Event time" in listed and "Is evidence" in listed
    assert 'class="field-event_time' in listed
    only = text_of(site, "sample/", is_evidence__exact="0")
    assert f"/sample/{reliable.pk}/change/" not in only
    assert f"/sample/{Sample.objects.get(is_evidence=False).pk}/change/" in only
