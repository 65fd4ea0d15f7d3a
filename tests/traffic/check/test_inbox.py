"""The inbox as a queue: turns, leases, second tries alone, and quarantine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Role
from catalog.models import Event, Source, WriteKey
from tests.factories.accounts import person
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.traffic import counts_by_verdict, post_batch, process_inbox, track_call
from tracking.traffic.check import worker
from tracking.traffic.check.event_ways import read_body
from tracking.traffic.check.inbox_queue import (
    MAX_LOST_LEASES,
    claim_batches,
    claim_single,
    postpone_claim,
    release_expired_leases,
    release_failed_claim,
)
from tracking.traffic.check.quarantine import download_quarantined, resend_quarantined
from tracking.traffic.models import InboxBatch, QuarantinedBatch
from tracking.traffic.tasks import drain_inbox

pytestmark = pytest.mark.django_db


def let_leases_end() -> None:
    """Do as if the time of every lease had passed."""
    InboxBatch.objects.filter(lease__isnull=False).update(leased_until=timezone.now() - timedelta(seconds=1))


def test_a_claim_takes_turns_between_sources(key: WriteKey, settings: Any) -> None:
    settings.INBOX_CLAIM_BATCHES = 4
    quiet = create_write_key(SourceFactory.create(slug="quiet"))
    for _ in range(10):
        post_batch(key, track_call())
    for _ in range(2):
        post_batch(quiet, track_call())
    claim = claim_batches()
    assert claim is not None

    claimed = InboxBatch.objects.filter(lease=claim.lease)
    assert sorted(claimed.values_list("source__slug", flat=True)) == ["quiet", "quiet", "web-shop", "web-shop"]


def test_large_bodies_of_one_source_hold_back_no_other(key: WriteKey, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = create_write_key(SourceFactory.create(slug="quiet"))
    for _ in range(5):
        post_batch(key, track_call(properties={"note": "x" * 5000}))
    post_batch(quiet, track_call())
    monkeypatch.setattr("tracking.traffic.check.inbox_queue.MAX_CLAIM_BYTES", 8000)
    claim = claim_batches()
    assert claim is not None

    claimed = InboxBatch.objects.filter(lease=claim.lease)
    assert sorted(claimed.values_list("source__slug", flat=True)) == ["quiet", "web-shop"]


def test_what_is_claimed_is_not_claimed_again(key: WriteKey) -> None:
    post_batch(key, track_call())
    assert claim_batches() is not None
    assert claim_batches() is None
    assert claim_single() is None


def test_a_claim_is_bounded_in_bytes_but_never_empty(key: WriteKey, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracking.traffic.check.inbox_queue.MAX_CLAIM_BYTES", 100)
    for _ in range(3):
        post_batch(key, track_call())
    claim = claim_batches()
    assert claim is not None
    assert InboxBatch.objects.filter(lease=claim.lease).count() == 1


def test_a_set_whose_lease_ended_once_stays_whole(key: WriteKey) -> None:
    for _ in range(2):
        post_batch(key, track_call())
    claim_batches()
    let_leases_end()
    release_expired_leases()

    assert set(InboxBatch.objects.values_list("is_alone", "attempts", "lease")) == {(False, 0, None)}
    claim = claim_batches()
    assert claim is not None
    assert InboxBatch.objects.filter(lease=claim.lease).count() == 2


def test_a_set_that_lost_workers_twice_is_claimed_batch_by_batch_and_costs_no_attempt(key: WriteKey) -> None:
    for _ in range(2):
        post_batch(key, track_call())
    for _ in range(MAX_LOST_LEASES):
        claim_batches()
        let_leases_end()
        release_expired_leases()

    assert set(InboxBatch.objects.values_list("is_alone", "attempts", "lease")) == {(True, 0, None)}
    assert claim_batches() is None
    first, second = claim_single(), claim_single()
    assert first is not None
    assert second is not None
    assert claim_single() is None
    assert InboxBatch.objects.filter(lease=first.lease).count() == 1


@pytest.mark.parametrize("is_alone", [False, True])
def test_leases_that_ended_while_the_database_was_down_count_against_nobody(key: WriteKey, is_alone: bool) -> None:
    post_batch(key, track_call())
    InboxBatch.objects.update(is_alone=is_alone)
    for _ in range(4):
        assert (claim_single() if is_alone else claim_batches()) is not None
        InboxBatch.objects.update(leased_until=timezone.now() - timedelta(days=365))  # long before it came up
        release_expired_leases()
    batch = InboxBatch.objects.get()
    assert (batch.is_alone, batch.attempts, batch.lost_leases, batch.lease) == (is_alone, 0, 0, None)


def test_a_lease_that_has_not_ended_is_left_alone(key: WriteKey) -> None:
    post_batch(key, track_call())
    claim_batches()
    release_expired_leases()
    assert InboxBatch.objects.get().lease is not None


def test_only_what_fails_alone_uses_attempts_up(key: WriteKey, settings: Any) -> None:
    settings.INBOX_MAX_ATTEMPTS = 3
    post_batch(key, track_call())
    claim = claim_batches()
    assert claim is not None
    release_failed_claim(claim, "RuntimeError")
    assert InboxBatch.objects.get().attempts == 0

    assert InboxBatch.objects.get().not_before is None
    for attempt in (1, 2):
        claim_single()
        let_leases_end()
        release_expired_leases()
        assert InboxBatch.objects.get().attempts == attempt
    claim = claim_single()
    assert claim is not None
    release_failed_claim(claim, "RuntimeError at x.py:1 in f")

    assert not InboxBatch.objects.exists()
    kept = QuarantinedBatch.objects.get()
    assert (kept.attempts, kept.reason, kept.event_count) == (3, "RuntimeError at x.py:1 in f", 1)


def test_one_bad_batch_is_quarantined_alone_and_the_others_are_counted(
    key: WriteKey, order: Event, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INBOX_RETRY_DELAY = timedelta(0)
    for name in ("Order Completed", "POISON", "Order Completed"):
        post_batch(key, track_call(name))
    opened = read_body

    def fail(batch: InboxBatch) -> Any:
        if b"POISON" in bytes(batch.body):
            raise MemoryError
        return opened(batch)

    monkeypatch.setattr(worker, "read_body", fail)
    assert drain_inbox() == 2

    assert counts_by_verdict() == {"conforming": 2}
    assert QuarantinedBatch.objects.get().event_count == 1
    monkeypatch.setattr(worker, "read_body", opened)
    resend_quarantined(QuarantinedBatch.objects.get(), by=User.objects.system())
    assert process_inbox() == 1
    assert counts_by_verdict() == {"conforming": 2, "undocumented": 1}


def test_what_failed_alone_waits_before_its_next_attempt(key: WriteKey) -> None:
    post_batch(key, track_call())
    InboxBatch.objects.update(is_alone=True)
    claim = claim_single()
    assert claim is not None
    release_failed_claim(claim, "RuntimeError")

    assert claim_single() is None
    InboxBatch.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert claim_single() is not None


def test_a_database_that_fails_costs_no_batch_an_attempt(
    key: WriteKey, order: Event, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INBOX_RETRY_DELAY = timedelta(0)
    for _ in range(3):
        post_batch(key, track_call())
    opened, tries = read_body, []

    def fail(batch: InboxBatch) -> Any:
        tries.append(batch.pk)
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(worker, "read_body", fail)
    for _ in range(4):
        tries.clear()
        assert drain_inbox() == 0
        assert len(tries) == 3, "it stops after a few failures"
    assert list(InboxBatch.objects.values_list("attempts", "lease", "is_alone")) == [(0, None, False)] * 3
    assert not QuarantinedBatch.objects.exists()

    monkeypatch.setattr(worker, "read_body", opened)
    assert process_inbox_in_claims() == [3], "the set was not broken up"
    assert counts_by_verdict() == {"conforming": 3}


def process_inbox_in_claims() -> list[int]:
    """Check what waits, and return how many events each claim held."""
    held = []
    while claim := claim_batches():
        held.append(worker.process_claim(claim))
    return held


def test_what_the_database_failed_waits_before_it_is_tried_again(key: WriteKey, order: Event) -> None:
    post_batch(key, track_call())
    claim = claim_batches()
    assert claim is not None
    postpone_claim(claim, "OperationalError")

    assert claim_batches() is None
    post_batch(key, track_call("Product Viewed"))
    assert process_inbox_in_claims() == [1], "others need not wait for it"
    InboxBatch.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert process_inbox_in_claims() == [1]


def test_a_batch_that_asks_too_much_of_the_database_is_found_and_set_aside(
    key: WriteKey, order: Event, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INBOX_RETRY_DELAY = timedelta(0)
    for name in ("Order Completed", "POISON", "Order Completed"):
        post_batch(key, track_call(name))
    opened = read_body

    def ask_too_much(batch: InboxBatch) -> Any:
        if b"POISON" in bytes(batch.body):
            with connection.cursor() as cursor:
                cursor.execute("SELECT repeat('x', 2000000000)")  # an operational error by its kind
        return opened(batch)

    monkeypatch.setattr(worker, "read_body", ask_too_much)
    assert drain_inbox() == 2
    assert counts_by_verdict() == {"conforming": 2}
    assert QuarantinedBatch.objects.get().event_count == 1


def test_a_claim_that_another_worker_took_over_checks_nothing(key: WriteKey, order: Event) -> None:
    post_batch(key, track_call())
    slow = claim_batches()
    assert slow is not None
    let_leases_end()
    release_expired_leases()
    assert process_inbox() == 1

    assert worker.process_claim(slow) == 0
    assert counts_by_verdict() == {"conforming": 1}


class TestQuarantine:
    """Who may send quarantined batches again and download them."""

    @pytest.fixture
    def kept(self, shop: Source, key: WriteKey) -> QuarantinedBatch:
        """A batch in quarantine."""
        post_batch(key, track_call())
        batch = InboxBatch.objects.get()
        InboxBatch.objects.update(is_alone=True, attempts=2)
        claim = claim_single()
        assert claim is not None
        release_failed_claim(claim, "MemoryError")
        assert not InboxBatch.objects.exists()
        return QuarantinedBatch.objects.get(size=batch.size)

    def test_it_is_sent_again_once(self, kept: QuarantinedBatch) -> None:
        analyst = person(Role.ANALYST)
        batch = resend_quarantined(kept, by=analyst)
        assert bytes(batch.body) == bytes(kept.body)
        assert batch.received_at == kept.received_at
        with pytest.raises(UnmetConditionsError, match="sent again"):
            resend_quarantined(kept, by=analyst)
        assert InboxBatch.objects.count() == 1

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.PM, Role.DEVELOPER, Role.QA])
    def test_others_may_neither_send_nor_download(self, kept: QuarantinedBatch, role: Role) -> None:
        somebody = person(role)
        with pytest.raises(Forbidden):
            resend_quarantined(kept, by=somebody)
        with pytest.raises(Forbidden):
            download_quarantined(kept, by=somebody)
        assert not InboxBatch.objects.exists()

    def test_a_download_is_an_admin_s_and_leaves_a_line(self, kept: QuarantinedBatch) -> None:
        admin = person(Role.ADMIN)
        assert b"Order Completed" in download_quarantined(kept, by=admin)
        assert admin.history.filter(action="downloaded", subject_type="quarantine").exists()
        with pytest.raises(Forbidden):
            download_quarantined(kept, by=person(Role.ANALYST))

    def test_the_admin_site_does_both(self, kept: QuarantinedBatch, client_of: Any) -> None:
        client = client_of(person(Role.ADMIN))
        url = "/admin/traffic/quarantinedbatch/"
        chosen = {"_selected_action": [kept.pk]}
        answer = client.post(url, {"action": "download_one", **chosen})
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert b"Order Completed" in answer.content
        answer = client.post(url, {"action": "send_again", **chosen}, follow=True)
        assert "1 sent again" in answer.content.decode()
        assert "Order Completed" not in client.get(f"{url}{kept.pk}/change/").content.decode()
        assert InboxBatch.objects.exists()
