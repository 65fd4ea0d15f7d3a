"""Bad input: each with a clear verdict, and nothing lost beside it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.contract import name_hash
from catalog.models import Event, WriteKey
from tests.factories.traffic import counts_by_verdict, post_batch, post_body, process_inbox, track_call
from tracking.traffic.models import InboxBatch, QuarantinedBatch, Sample, SeenName, TrafficCount

pytestmark = pytest.mark.django_db

GOOD = json.dumps(track_call("Good")).encode()


def among_good_ones(event: bytes) -> bytes:
    """A batch in which an event stands between two that nothing is wrong with."""
    first = json.dumps(track_call("Good")).encode()
    return b'{"batch": [' + first + b", " + event + b", " + GOOD.replace(b"messageId", b"otherId") + b"]}"


def raw(properties: str) -> bytes:
    """A track call of `Order Completed` with properties written out by hand."""
    return (
        '{"type": "track", "event": "Order Completed", "userId": "u", "messageId": "m-1", '
        f'"properties": {properties}}}'
    ).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize(
    ("properties", "path", "says"),
    [
        ('{"total": NaN}', "/properties/total", "NaN"),
        ('{"total": Infinity}', "/properties/total", "Infinity"),
        ('{"total": 1e999}', "/properties/total", "range"),
        ('{"total": 1, "coupon": "\\ud800"}', "/properties/coupon", "surrogate"),
        ('{"total": 1, "coupon": "a", "coupon": "b"}', "/properties/coupon", "twice"),
        ('{"total": 1, "coupon": ' + "[" * 1000 + "]" * 1000 + "}", "/properties/coupon", "deep"),
    ],
)
def test_what_only_the_second_parser_reads_is_malformed_there_and_nowhere_else(
    key: WriteKey, order: Event, properties: str, path: str, says: str
) -> None:
    assert post_body(key, among_good_ones(raw(properties))).status_code == 200
    assert process_inbox() == 3

    assert counts_by_verdict(seen_name__name="Good") == {"undocumented": 2}
    assert counts_by_verdict(seen_name__name="Order Completed") == {"nonconforming": 1}
    found = Sample.objects.get(seen_name__name="Order Completed").violations
    malformed = [violation for violation in found if violation["rule"] == "malformed"]
    assert len(malformed) >= 1
    assert malformed[0]["path"].startswith(path)
    assert not QuarantinedBatch.objects.exists()


@pytest.mark.parametrize(
    ("properties", "verdict"),
    [
        ('{"total": 1' + "0" * 400 + "}", "conforming"),
        ('{"total": 1, "coupon": "a\\u0000b"}', "conforming"),
        ('{"total": "27.50"}', "nonconforming"),
        ("[1, 2]", "nonconforming"),
        ('"total"', "nonconforming"),
        ("null", "nonconforming"),
    ],
)
def test_odd_values_are_judged_stored_and_shown(
    staging_key: WriteKey, order: Event, properties: str, verdict: str
) -> None:
    assert post_body(staging_key, among_good_ones(raw(properties))).status_code == 200
    assert process_inbox() == 3

    assert counts_by_verdict(seen_name__name="Order Completed") == {verdict: 1}
    assert counts_by_verdict(seen_name__name="Good") == {"undocumented": 2}


@pytest.mark.parametrize("name", ["", "  ", None, 42, True, {"a": 1}, ["x"]])
def test_an_event_without_a_usable_name_is_unreadable(key: WriteKey, name: Any) -> None:
    post_batch(key, track_call(name), track_call("Good"))
    assert process_inbox() == 2

    assert counts_by_verdict(seen_name__name="(none)") == {"unreadable": 1}
    sample = Sample.objects.get(verdict="unreadable")
    assert [violation["rule"] for violation in sample.violations] == ["unreadable"]


@pytest.mark.parametrize("event", [{}, {"type": "nonsense", "event": "x"}, {"type": 5}, [], "text", 1, None, True])
def test_what_is_no_event_is_unreadable(key: WriteKey, event: Any) -> None:
    post_batch(key, event, track_call("Good"))
    assert process_inbox() == 2

    assert counts_by_verdict() == {"unreadable": 1, "undocumented": 1}


@pytest.mark.parametrize(("said", "call"), [("Track", "track"), ("IDENTIFY", "identify"), (" Page ", "page")])
def test_calls_are_read_in_any_case(key: WriteKey, said: str, call: str) -> None:
    post_batch(key, track_call(type=said))
    process_inbox()
    assert TrafficCount.objects.get().seen_name.call == call


def test_names_of_10000_characters_are_cut_and_kept_apart(key: WriteKey) -> None:
    long = "x" * 10_000
    post_batch(key, track_call(long), track_call(long + "y"), track_call(long))
    process_inbox()

    names = SeenName.objects.order_by("id")
    assert {len(name.name) for name in names} == {512}
    assert {bytes(name.name_hash) for name in names} == {name_hash(long), name_hash(long + "y")}
    assert sorted(TrafficCount.objects.values_list("count", flat=True)) == [1, 2]


@pytest.mark.parametrize("name", ["a\x00b", "\ud800 lone", "‮reversed", "<script>alert(1)</script>", "a/../b", "😀"])
def test_hostile_names_are_counted_under_themselves(key: WriteKey, name: str) -> None:
    post_batch(key, track_call(name))
    assert process_inbox() == 1
    assert bytes(SeenName.objects.get().name_hash) == name_hash(name)
    assert counts_by_verdict() == {"undocumented": 1}


def test_one_spelling_of_a_name_finds_the_other(key: WriteKey, order: Event) -> None:
    post_batch(key, track_call("Caf\u00e9"), track_call("Cafe\u0301"))
    process_inbox()
    assert SeenName.objects.count() == 1


@pytest.mark.parametrize("user", [5, 5.5, "u", None, {"a": 1}, [1], True, "", "x" * 10_000, "a\x00b", 10**400])
def test_ids_may_be_anything(key: WriteKey, staging_key: WriteKey, order: Event, user: Any) -> None:
    for one in (key, staging_key):
        post_batch(
            one,
            track_call(userId=user, anonymousId=user, messageId=user),
            track_call(messageId=user, userId=user, event="B"),
        )
    assert process_inbox() == 4
    assert not QuarantinedBatch.objects.exists()
    totals = TrafficCount.objects.totals()
    assert totals["count"] + totals["repeats"] == 4


@pytest.mark.parametrize(
    "when",
    [
        *("yesterday", 1732442400, "2026-13-45", {}, "9999-12-31T23:59:59+14:00", "0001-01-01", "\x00"),
        *("2026-11-24\x0010:00:00", "2026-11-24\ud80010:00:00", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z"),
    ],
)
def test_times_may_be_anything(key: WriteKey, staging_key: WriteKey, when: Any) -> None:
    for chosen in (key, staging_key):
        post_batch(chosen, track_call(timestamp=when, sentAt=when))
        post_body(chosen, {"batch": [track_call(timestamp=when)]}, path="/v1/import")
    assert process_inbox() == 4
    assert not QuarantinedBatch.objects.exists()


@pytest.mark.parametrize("version", [5, True, None, {}, "v" * 5_000, "2.4\x00", "  2.4.1 ", 10**50, -1.5])
def test_app_versions_may_be_anything(key: WriteKey, order: Event, version: Any) -> None:
    post_batch(key, track_call(context={"app": {"version": version}}))
    assert process_inbox() == 1
    assert len(TrafficCount.objects.get().app_version) <= 100


@pytest.mark.parametrize("context", [None, [], "text", 5, {"app": []}, {"app": {"version": {"a": 1}}}])
def test_contexts_may_be_anything(key: WriteKey, order: Event, context: Any) -> None:
    post_batch(
        key,
        track_call(context=context),
        track_call(context=context, type="group", groupId=5),
        track_call(type="alias", context=context),
    )
    assert process_inbox() == 3
    assert not QuarantinedBatch.objects.exists()


def test_bytes_that_are_not_utf8_are_malformed(key: WriteKey, order: Event) -> None:
    body = among_good_ones(raw('{"total": 1, "coupon": "caf?"}').replace(b"?", b"\xe9"))
    assert post_body(key, body).status_code == 200
    assert process_inbox() == 3
    assert counts_by_verdict(seen_name__name="Order Completed") == {"nonconforming": 1}


def test_a_deep_single_call_is_taken(key: WriteKey, order: Event) -> None:
    body = raw('{"total": 1, "coupon": ' + '{"a":' * 1000 + "1" + "}" * 1000 + "}")
    assert post_body(key, body, path="/v1/t").status_code == 200
    assert process_inbox() == 1
    assert counts_by_verdict() == {"nonconforming": 1}


def test_large_events_are_sampled_in_part(staging_key: WriteKey, order: Event) -> None:
    wide = {f"key{number}": "v" * 50 for number in range(20_000)}
    post_batch(
        staging_key,
        track_call(properties={"total": 1, "coupon": "c" * 5_000, "list": list(range(10_000)), "wide": wide}),
    )
    assert process_inbox() == 1
    sample = Sample.objects.get()
    assert len(json.dumps(sample.event)) < 500_000
    assert "/properties/list" in sample.masked
    assert not InboxBatch.objects.exists()
