"""What the collector refuses is counted for people to see: bounded, and without keys or payloads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from catalog.models import Source, WriteKey
from catalog.services.write_keys import revoke_key, write_key_cache
from tests.factories.accounts import person
from tests.factories.catalog import SourceFactory, create_write_key
from tests.factories.traffic import post_batch, post_body, track_call
from tracking.traffic.choices import RefusalReason
from tracking.traffic.collect.refusal_log import MAX_KINDS_PER_MINUTE, OTHER_KEYS, RefusalLog, key_prefix, refusal_log
from tracking.traffic.models import RefusedRequest
from tracking.traffic.tasks import expire

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_log() -> Iterator[None]:
    """Nothing was refused before, nor is it written later."""
    refusal_log.counts.clear()
    refusal_log.kinds_of_minute.clear()
    yield
    refusal_log.counts.clear()


def rows() -> list[tuple[int, str, str, int | None, int]]:
    refusal_log.flush()
    fields = ("status", "reason", "key_prefix", "source_id", "count")
    return list(RefusedRequest.objects.order_by("status", "reason", "key_prefix").values_list(*fields))


def test_what_is_taken_leaves_no_row(key: WriteKey) -> None:
    assert post_batch(key, track_call()).status_code == 200
    assert rows() == []


def test_a_key_of_ours_names_its_source_and_no_row_its_key(
    key: WriteKey, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    assert post_body(key, b"rubbish").status_code == 400
    settings.COLLECT_MAX_BODY_BYTES = 5
    assert post_body(key, b"rubbish").status_code == 413
    settings.COLLECT_MAX_BODY_BYTES = 5_000
    settings.INBOX_MAX_BYTES = 1
    assert post_batch(key, track_call()).status_code == 503
    with django_capture_on_commit_callbacks(execute=True):
        revoke_key(key, by=User.objects.system())
    write_key_cache.entries.clear()
    for _ in range(3):
        assert post_batch(key, track_call()).status_code == 401

    start = key.key[:7]
    assert rows() == [
        (400, "unreadable", start, key.source_id, 1),
        (401, "ended_key", start, key.source_id, 3),
        (413, "too_large", start, key.source_id, 1),
        (503, "inbox_full", start, key.source_id, 1),
    ]


def test_a_second_flush_adds_to_the_first(key: WriteKey) -> None:
    minutes = RefusedRequest.objects.values_list("minute", flat=True)
    for _ in range(2):
        post_batch("wk_nobody_knows", track_call())
        post_batch("", track_call())
        refusal_log.flush()
    by_reason = {reason: 0 for _, reason, *_ in rows()}
    for _, reason, _, source_id, count in rows():
        by_reason[reason] += count
        assert source_id is None
    assert by_reason == {"unknown_key": 2, "no_key": 2}
    assert len(minutes) <= 4


def test_ever_new_keys_make_no_ever_new_rows(db: None) -> None:
    for number in range(MAX_KINDS_PER_MINUTE * 3):
        refusal_log.note(401, RefusalReason.UNKNOWN_KEY, key=f"{number:05d}-nobody-has-this-key")
    written = rows()
    assert sum(count for *_, count in written) == MAX_KINDS_PER_MINUTE * 3
    assert len(written) <= 2 * (MAX_KINDS_PER_MINUTE + 1)  # a minute may have passed
    assert OTHER_KEYS in {start for _, _, start, _, _ in written}


@pytest.mark.parametrize(
    ("key", "start"),
    [
        ("", ""),
        ("a", ""),
        ("abcd", "ab"),
        ("wk_" + "x" * 32, "wk_xxxx"),
        ("<b>\x00\n‮äöüß!", "?b???"),
        ("é" * 40, "???????"),
    ],
)
def test_of_a_key_only_its_beginning_is_kept(key: str, start: str) -> None:
    assert key_prefix(key) == start


def test_what_cannot_be_written_is_written_later_and_bounded_meanwhile() -> None:
    log = RefusalLog()
    log.note(401, RefusalReason.NO_KEY)
    with connection.execute_wrapper(_fail), pytest.raises(OperationalError):
        log.flush()
    log.flush()
    assert RefusedRequest.objects.get().count == 1


def _fail(*arguments: Any) -> None:
    raise OperationalError("the disk is full")


def test_old_rows_go_and_admins_read_the_rest(key: WriteKey, settings: Any, client_of: Any) -> None:
    post_batch("wk_nobody_knows", track_call())
    refusal_log.flush()
    expire()
    assert RefusedRequest.objects.count() == 1
    admin = person(Role.ADMIN)
    page = client_of(admin).get("/admin/traffic/refusedrequest/")
    assert page.status_code == 200 and b"wk_nobo" in page.content
    assert b"wk_nobody" not in page.content
    settings.REFUSAL_RETENTION *= 0
    expire()
    assert not RefusedRequest.objects.exists()


def test_what_is_refused_before_a_body_is_counted_too(db: None) -> None:
    client = Client()
    assert client.get("/v1/batch").status_code == 405
    assert client.post("/v1/nothing").status_code == 404
    assert client.options("/v1/batch").status_code == 204
    assert [(status, reason) for status, reason, *_ in rows()] == [(404, "no_such_path"), (405, "wrong_method")]


def test_a_source_that_is_deleted_meanwhile_stops_no_writing(key: WriteKey, db: None) -> None:
    """Its refusals are those of no source, with those of others that begin alike."""
    other = create_write_key(SourceFactory.create(), "production")
    for each in (key, other):
        assert post_body(each, b"rubbish").status_code == 400
    refusal_log.note(400, RefusalReason.UNREADABLE, key=key.key[:7] + "?" * 7)
    WriteKey.objects.filter(pk=key.pk).delete()
    Source.objects.filter(pk=key.source_id).delete()
    connection.check_constraints()
    prefixes = {key_prefix(key.key), key_prefix(other.key)}
    found = rows()
    connection.check_constraints()  # references, which PostgreSQL else checks when all is committed
    assert {prefix for _, _, prefix, _, _ in found} == prefixes
    assert sorted((source_id or 0, count) for *_, source_id, count in found) == [(0, 2), (other.source_id, 1)]
