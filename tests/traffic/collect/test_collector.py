"""The collector: what it takes, what it refuses, and that nothing refused is stored."""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from accounts.models import User
from catalog.models import Source, WriteKey
from catalog.services.write_keys import revoke_key, rotate_key, write_key_cache
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.traffic import (
    basic_auth_header,
    counts_by_verdict,
    post_batch,
    post_body,
    process_inbox,
    track_call,
)
from tracking.traffic.collect.back_pressure import inbox_capacity
from tracking.traffic.collect.wake_up import wake_up_sender
from tracking.traffic.models import InboxBatch

pytestmark = pytest.mark.django_db


def refused(answer: Any, status: int) -> str:
    """Assert that an answer refuses in the form that every SDK reads, and return its sentence."""
    answered = answer.json()
    assert answer.status_code == status
    assert answered["success"] is False
    assert answered["code"] == status
    assert answered["message"] == answered["error"]
    assert not InboxBatch.objects.exists()
    return str(answered["message"])


def test_a_batch_is_stored_before_it_is_answered(key: WriteKey) -> None:
    answer = post_batch(key, track_call(), track_call("Product Viewed"))

    assert answer.status_code == 200
    assert answer.json() == {"success": True, "status": 1, "code": 200}
    batch = InboxBatch.objects.get()
    assert (batch.source_id, batch.environment, batch.event_count) == (key.source_id, "production", 2)
    assert batch.lease is None
    assert json.loads(bytes(batch.body))["batch"][1]["event"] == "Product Viewed"


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/import", "/in/v1/batch", "/in/v1/b", "/v1/batch/"])
def test_batches_are_taken_at_every_path_of_the_sdks(key: WriteKey, path: str) -> None:
    assert post_batch(key, track_call(), path=path).status_code == 200
    assert InboxBatch.objects.get().call == ""


@pytest.mark.parametrize(
    ("path", "call"),
    [
        ("/v1/track", "track"),
        ("/v1/t", "track"),
        ("/v1/p", "page"),
        ("/v1/screen", "screen"),
        ("/v1/s", "screen"),
        ("/v1/i", "identify"),
        ("/v1/g", "group"),
        ("/in/v1/a", "alias"),
        ("/v1/merge", "merge"),
    ],
)
def test_single_calls_are_taken_at_their_paths(key: WriteKey, path: str, call: str) -> None:
    assert post_body(key, track_call(), path=path).status_code == 200
    assert InboxBatch.objects.get().call == call


def test_gzip_is_known_by_its_bytes_whatever_the_headers_say(key: WriteKey) -> None:
    body = gzip.compress(json.dumps({"batch": [track_call()]}).encode())
    answer = Client().post(
        "/v1/batch", body, "application/x-www-form-urlencoded", headers={"authorization": basic_auth_header(key)}
    )

    assert answer.status_code == 200
    assert bytes(InboxBatch.objects.get().body).startswith(b'{"batch"')


def test_plain_json_that_calls_itself_gzip_is_taken(key: WriteKey) -> None:
    assert post_batch(key, track_call(), **{"content-encoding": "gzip"}).status_code == 200


def test_the_key_may_come_in_the_body_or_the_query(key: WriteKey) -> None:
    body = json.dumps({"batch": [track_call()], "writeKey": key.key})
    assert Client().post("/v1/batch", body, "text/plain").status_code == 200
    assert (
        Client().post(f"/v1/b?writeKey={key.key}", json.dumps({"batch": [track_call()]}), "text/plain").status_code
        == 200
    )
    single = json.dumps(track_call(writeKey=key.key))
    assert Client().post("/v1/t", single, "text/plain").status_code == 200
    assert InboxBatch.objects.count() == 3


def test_escaped_names_and_values_are_no_second_list(key: WriteKey) -> None:
    event = b'{"type": "track", "event": "Caf\\u00e9", "properties": {"by": "b\\u0061tch"}}'
    assert post_body(key, b'{"b\\u0061tch": [' + event + b"]}").status_code == 200
    assert post_body(key, b'{"batch": [' + event + b"]}").status_code == 200
    assert [batch.event_count for batch in InboxBatch.objects.all()] == [1, 1]


def test_an_empty_batch_is_no_mistake(key: WriteKey) -> None:
    assert post_batch(key).status_code == 200
    assert not InboxBatch.objects.exists()


@pytest.mark.parametrize("authorization", ["", "Basic", "Basic ###", "Bearer abc", "Basic Og=="])
def test_without_a_key_it_is_401(db: None, authorization: str) -> None:
    answer = Client().post(
        "/v1/batch", json.dumps({"batch": [track_call()]}), "application/json", headers={"authorization": authorization}
    )

    assert "write key" in refused(answer, 401)
    assert "WWW-Authenticate" not in answer.headers


def test_an_unknown_key_is_401(key: WriteKey) -> None:
    assert "unknown" in refused(post_batch("wk_nobody", track_call()), 401)


def test_a_revoked_key_stops_at_once_in_this_process(key: WriteKey, django_capture_on_commit_callbacks: Any) -> None:
    assert post_batch(key).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        revoke_key(key, by=User.objects.system())

    assert "no longer in use" in refused(post_batch(key, track_call()), 401)


def test_a_rotated_key_works_until_its_overlap_ends(key: WriteKey, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        rotate_key(key.source, "production", by=User.objects.system(), overlap=timedelta(hours=1))
    assert post_batch(key).status_code == 200
    WriteKey.objects.filter(pk=key.pk).update(retires_at=timezone.now() - timedelta(seconds=1))
    write_key_cache.entries.clear()

    refused(post_batch(key, track_call()), 401)


def test_the_environment_is_the_key_s(key: WriteKey, staging_key: WriteKey) -> None:
    post_batch(staging_key, track_call())
    assert InboxBatch.objects.get().environment == "staging"


def test_a_key_s_last_use_is_written_once_a_minute(key: WriteKey, django_assert_max_num_queries: Any) -> None:
    post_batch(key, track_call())
    key.refresh_from_db()
    assert key.last_seen_at is not None
    with django_assert_max_num_queries(1):
        post_batch(key, track_call())


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "empty"),
        (b"   ", "empty"),
        (b"data=abc", "neither JSON nor gzip"),
        (b'{"batch": [{"type": "track"', "ends"),
        (b'{"batch": {"type": "track"}}', "no list of events"),
        (b'{"event": "x"}', "no list of events"),
        (b"[1, 2]", "not a JSON object"),
        (b'{"batch": [{}], "batch": []}', "more than one"),
        (b'{"batch": [{}], "b\\u0061tch": []}', "more than one"),
        (b'{"\\u0062\\u0061\\u0074\\u0063\\u0068": [{}], "batch": []}', "more than one"),
        (b'{"b\\u0061tch": [{}], "b\\u0061tch": []}', "more than one"),
        (b"\x1f\x8b\x08\x00rubbish that is no gzip", "damaged"),
        (gzip.compress(b'{"batch": []}', mtime=0)[:-9], "too early"),
        (gzip.compress(b"<html>", mtime=0), "neither JSON nor gzip"),
    ],
)
def test_what_cannot_be_split_is_400_and_not_stored(key: WriteKey, body: bytes, says: str) -> None:
    assert says in refused(post_body(key, body), 400)


def test_a_body_over_the_limit_is_413(key: WriteKey, settings: Any) -> None:
    settings.COLLECT_MAX_BODY_BYTES = 1000
    assert "1,000 bytes" in refused(post_body(key, b'{"batch": [' + b" " * 1000 + b"]}"), 413)


def test_a_small_body_that_inflates_too_far_is_413(key: WriteKey, settings: Any) -> None:
    settings.COLLECT_MAX_INFLATED_BYTES = 1_000_000
    bomb = zlib.compressobj(9, zlib.DEFLATED, 31)
    body = bomb.compress(b"[" + b" " * 50_000_000) + bomb.flush()
    assert len(body) < 100_000

    assert "inflates" in refused(post_body(key, body), 413)


def test_a_full_inbox_is_503_with_the_time_to_wait(key: WriteKey, settings: Any) -> None:
    settings.INBOX_MAX_BYTES = 3000
    assert post_batch(key, track_call()).status_code == 200
    answer = post_batch(key, track_call(), track_call(), track_call())

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert answer.json()["code"] == 503
    assert InboxBatch.objects.count() == 1


def stored_until_refused(key: WriteKey) -> int:
    """Post until the inbox takes no more of the key's source, and return how many bodies it took."""
    stored = 0
    while post_batch(key, track_call()).status_code == 200:
        stored += 1
    return stored


def test_sources_that_send_share_the_inbox_and_leave_room_for_another(settings: Any, shop: Source) -> None:
    settings.INBOX_MAX_BYTES = 120_000
    keys = [create_write_key(SourceFactory.create(slug=f"source-{number}")) for number in range(4)]
    first = stored_until_refused(keys[0])
    shares = [stored_until_refused(key) for key in keys[1:]]
    assert all(shares), "whoever comes later finds room"
    assert first > 2 * shares[0] > 4 * shares[1], "whoever is alone may fill much of it"

    process_inbox()
    inbox_capacity.invalidate()
    for _ in range(first):
        for key in keys:
            post_batch(key, track_call())
    counts = dict(InboxBatch.objects.order_by().values_list("source").annotate(Count("id"))).values()
    assert max(counts) - min(counts) <= 1, "those who send at once fill as much each"
    assert stored_until_refused(create_write_key(shop)) > 0


def test_the_inbox_has_room_again_when_it_was_checked(key: WriteKey, settings: Any) -> None:
    settings.INBOX_MAX_BYTES = 3000
    post_batch(key, track_call())
    assert post_batch(key, track_call()).status_code == 503
    process_inbox()
    inbox_capacity.invalidate()
    assert post_batch(key, track_call()).status_code == 200


def test_a_database_that_cannot_write_is_503_and_nothing_is_stored(key: WriteKey, monkeypatch: Any) -> None:
    def full(bodies: Any) -> None:
        raise OperationalError("could not extend file: No space left on device")

    monkeypatch.setattr("tracking.traffic.collect.ingestion.store", full)
    answer = post_batch(key, track_call())

    refused(answer, 503)
    assert answer.headers["Retry-After"] == "10"


@pytest.mark.django_db(transaction=True)
def test_the_key_of_a_source_that_is_deleted_is_unknown_at_once(key: WriteKey) -> None:
    """This process knows the key for some seconds more, and the database has no place for its events."""
    assert post_batch(key, track_call()).status_code == 200
    InboxBatch.objects.all().delete()
    WriteKey.objects.filter(pk=key.pk).delete()
    Source.objects.filter(pk=key.source_id).delete()
    for _ in range(2):
        assert "unknown" in refused(post_batch(key, track_call()), 401)


def test_a_stored_body_is_answered_as_stored_though_the_key_s_use_cannot_be_noted(
    key: WriteKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    def timed_out(*args: Any, **fields: Any) -> None:
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr("tracking.traffic.collect.ingestion.update_keys_last_seen", timed_out)
    assert post_batch(key, track_call()).status_code == 200
    assert InboxBatch.objects.count() == 1


def test_origins_are_echoed_and_preflights_need_no_key(db: None) -> None:
    origin = "https://shop.example"
    answer = Client().options(
        "/v1/t",
        headers={
            "origin": origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization",
        },
    )

    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    for name in ("authorization", "content-type", "anonymousid", "sentat"):
        assert name in answer.headers["Access-Control-Allow-Headers"]


def test_a_refusal_can_be_read_by_a_page_too(db: None) -> None:
    answer = Client().post("/v1/t", "{}", "text/plain", headers={"origin": "https://shop.example"})

    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"


def test_cookies_are_neither_read_nor_set_and_any_host_will_do(key: WriteKey) -> None:
    client = Client(headers={"cookie": "sessionid=abc", "host": "events.example.com"})
    answer = client.post(
        "/v1/batch",
        json.dumps({"batch": [track_call()]}),
        "application/json",
        headers={"authorization": basic_auth_header(key)},
    )

    assert answer.status_code == 200
    assert not answer.cookies
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_get_is_405_in_json(db: None) -> None:
    answer = Client().get("/v1/batch")

    refused(answer, 405)
    assert "POST" in answer.headers["Allow"]


def test_pages_send_no_cors_headers(db: None) -> None:
    answer = Client().get("/api/v1/", headers={"origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_dead_broker_fails_no_request(key: WriteKey, monkeypatch: Any) -> None:
    def dead() -> None:
        raise OSError("connection refused")

    monkeypatch.setattr(wake_up_sender, "send", dead)
    assert post_batch(key, track_call()).status_code == 200
    assert process_inbox() == 1
    assert counts_by_verdict() == {"undocumented": 1}
