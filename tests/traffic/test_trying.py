"""A test event, really sent: over HTTP to a live server, and only to our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts.permissions import Forbidden
from accounts.problems import UnmetConditions
from accounts.roles import Role
from catalog.models import Event, Source, WriteKey
from tests.factories.accounts import person
from tests.factories.traffic import check_all, counts
from tests.processes import LiveServer, free_port
from tracking.traffic.models import InboxBatch, Sample
from tracking.traffic.services.trying import send_test_event

GIVEN: dict[str, Any] = {"call": "track", "name": "Order Completed", "properties": {"total": 5}, "app_version": "9.1.0"}


@pytest.mark.xdist_group("one at a time")
@pytest.mark.django_db(transaction=True)
def test_it_arrives_like_any_other(staging_key: WriteKey, shop: Source, order: Event, tmp_path: Path) -> None:
    with LiveServer(tmp_path) as server:
        sent = send_test_event(shop, "staging", **GIVEN, base_url=server.url, by=person(Role.QA))

    assert sent.is_taken, sent
    assert '"success": true' in sent.answer
    assert check_all() == 1
    assert counts(environment="staging", app_version="9.1.0") == {"conforming": 1}
    assert Sample.objects.get().event["message_id"] == sent.message_id


@pytest.mark.django_db
class TestRefused:
    """What is not sent."""

    def test_elsewhere(self, staging_key: WriteKey, shop: Source) -> None:
        for url in ("https://example.com", "http://169.254.169.254/", "file:///etc/passwd", "http://evil@example.com/"):
            with pytest.raises(ValueError, match="own collector"):
                send_test_event(shop, "staging", **GIVEN, base_url=url, by=person(Role.QA))

    def test_without_a_key(self, shop: Source) -> None:
        with pytest.raises(UnmetConditions, match="no write key for Staging"):
            send_test_event(shop, "staging", **GIVEN, base_url="http://127.0.0.1", by=person(Role.QA))

    def test_to_production_by_those_who_do_not_manage_the_source(self, key: WriteKey, shop: Source) -> None:
        with pytest.raises(Forbidden):
            send_test_event(shop, "production", **GIVEN, base_url="http://127.0.0.1", by=person(Role.QA))

    def test_where_nobody_answers_it_says_so(self, staging_key: WriteKey, shop: Source) -> None:
        url = f"http://127.0.0.1:{free_port()}"
        sent = send_test_event(shop, "staging", **GIVEN, base_url=url, by=person(Role.QA))
        assert (sent.status, sent.is_taken) == (0, False)
        assert "did not answer" in sent.answer
        assert not InboxBatch.objects.exists()
