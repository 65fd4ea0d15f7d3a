"""Rates over the wire: several processes of the collector keep one together, and a key that is revoked ends in all."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from django.db.models import Sum

from accounts.models import User
from catalog.models import WriteKey
from catalog.services.write_keys import revoke_key
from tests.factories.catalog import SourceFactory, create_write_key
from tests.front.raw_http import RawResponse, post_events
from tests.live_processes import LiveServer, wait_for
from tracking.traffic.choices import ThrottleBound
from tracking.traffic.models import InboxBatch, ThrottledKey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("one at a time")]
RATE = 20
SECONDS = 8.0


def test_a_leaked_key_gets_its_rate_alone_and_is_shown_and_ended(key: WriteKey, tmp_path: Path) -> None:
    other = create_write_key(SourceFactory.create(slug="till"))
    bounds = {"WEB_PROCESSES": "2", "KEY_EVENTS_PER_SECOND": str(RATE), "RATE_BURST_SECONDS": "1"}
    answers: list[RawResponse] = []
    with LiveServer(tmp_path, env=bounds) as server:
        began = time.monotonic()

        def flood() -> None:
            while time.monotonic() < began + SECONDS:
                answers.append(post_events(server.port, key.key))

        threads = [threading.Thread(target=flood) for _ in range(4)]
        for thread in threads:
            thread.start()
        wait_for(lambda: ThrottledKey.objects.now().exists(), seconds=5, what="the row that people read")
        assert post_events(server.port, other.key).status == 200
        for thread in threads:
            thread.join()
        elapsed = time.monotonic() - began

        refused = [answer for answer in answers if answer.status != 200]
        assert {answer.status for answer in refused} == {503}
        assert all(1 <= int(answer.headers["Retry-After"]) <= 30 for answer in refused)
        stored = InboxBatch.objects.filter(source=key.source).aggregate(Sum("event_count"))["event_count__sum"]
        burst_of_each, late_of_each = RATE, 2 * RATE
        assert stored <= RATE * elapsed + 2 * (burst_of_each + late_of_each)
        assert len(answers) > 2 * stored, "far more was sent"
        row = ThrottledKey.objects.get()
        assert (row.write_key, row.bound) == (key, ThrottleBound.KEY_EVENTS)

        revoke_key(key, by=User.objects.system())
        time.sleep(2.0)  # the promise is two seconds, in every process
        assert {post_events(server.port, key.key).status for _ in range(20)} == {401}
        assert post_events(server.port, other.key).status == 200
    row.refresh_from_db()
    assert row.requests == len(refused), "each refusal is counted, also those of the last second"
