"""What one body may hold: events, values and what they share. Past it the answer is 413, soon and in little memory."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from django.core.management import call_command

from catalog.models import Event, Source, WriteKey
from tests.factories.traffic import counts_by_verdict, post_body, process_inbox, track_call
from tracking.traffic.collect.bodies import MAX_MEMBERS, InvalidBody, inflate
from tracking.traffic.collect.ingestion import (
    LARGE,
    LIGHT,
    BodyTakesLong,
    IncomingRequest,
    prepare,
)
from tracking.traffic.collect.wires import WIRES, OversizedBody, TakesLong, TooManyEvents, find_route
from tracking.traffic.collect.wires.body_limits import MAX_DAMAGED_VALUES, MAX_VALUES, first_items
from tracking.traffic.models import InboxBatch

MILLIONS = b'{"batch":[' + b"{}," * 4_999_999 + b"{}]}"
PATHS = sorted({path for wire in WIRES.values() for path, call in wire.paths.items() if not call})


def batch_of(count: int, event: bytes = b"{}", rest: bytes = b"") -> bytes:
    return b'{"batch": [' + b", ".join([event] * count) + b"]" + rest + b"}"


@pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
@pytest.mark.parametrize(
    ("event", "rest"),
    [(b"{}", b""), (b"1", b""), (b'{"properties": {"a": [1, 2, {"b": ","}]}}', b""), (b"{}", b', "sentAt": NaN')],
    ids=["empty", "numbers", "nested", "damaged"],
)
def test_a_body_at_the_bound_is_split_and_one_past_it_is_not(wire: Any, event: bytes, rest: bytes) -> None:
    assert len(wire.split(batch_of(50, event, rest), call="", max_events=50).events) == 50
    with pytest.raises(TooManyEvents, match="more than 50 events"):
        wire.split(batch_of(51, event, rest), call="", max_events=50)
    assert len(wire.split(batch_of(1, event, rest), call="", max_events=50).events) == 1


@pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
def test_five_million_events_are_refused_without_being_built(wire: Any) -> None:
    assert len(gzip.compress(MILLIONS)) < 20_000
    tracemalloc.start()
    began = process_time()
    try:
        with pytest.raises(TooManyEvents):
            wire.split(MILLIONS, call="", max_events=5_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(MILLIONS)
    assert process_time() - began < 5


@pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
@pytest.mark.parametrize(
    "body",
    [
        b'{"batch": [{"properties": {"a": [' + b"[]," * (MAX_VALUES // 2) + b"[]]}}]}",
        b'{"type": "track", "event": "x", "properties": [' + b"1," * MAX_VALUES + b"1]}",
        b'{"sentAt": NaN, "batch": [{"properties": [' + b"1," * MAX_DAMAGED_VALUES + b"1]}]}",
        batch_of(2, rest=b', "context": ' + json.dumps({f"key{each}": 1 for each in range(101)}).encode()),
        batch_of(2, rest=b', "context": {"a": "' + b"x" * 40_000 + b'"}'),
        batch_of(2, rest=b', "sentAt": NaN, "context": {"a": [' + b"1," * 40_000 + b"1]}"),
        batch_of(2, rest=b', "context": {"a": [' + b"9" * 400 + b"," * 1 + b'"' + b"x" * 33_000 + b'"]}'),
    ],
    ids=["lists", "one event", "damaged", "shared keys", "shared text", "shared and damaged", "shared integer"],
)
def test_what_a_body_holds_beside_its_events_is_bounded(wire: Any, body: bytes) -> None:
    with pytest.raises(OversizedBody):
        wire.split(body, call="", max_events=5_000)


@pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
@pytest.mark.parametrize(
    ("rest", "takes_long"),
    [(b"", False), (b', "sentAt": NaN', True), (b', "batch": []', True), (b', "type": "track"', True)],
    ids=["strict", "damaged", "two lists", "both"],
)
def test_what_only_the_lenient_parser_reads_takes_long_from_a_length_on(
    wire: Any, rest: bytes, takes_long: bool
) -> None:
    body = batch_of(50, rest=rest)
    if takes_long:
        with pytest.raises(TakesLong):
            wire.split(body, call="", max_events=50, max_lenient_bytes=len(body) - 1)
    else:
        assert len(wire.split(body, call="", max_events=50, max_lenient_bytes=len(body) - 1).events) == 50


LIGHT_BYTES, LIGHT_DAMAGED_BYTES = LIGHT.inflated_bytes or 0, LIGHT.lenient_bytes or 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "is_light"),
    [
        (batch_of(50), True),
        (batch_of(50, rest=b', "sentAt": NaN'), True),
        (batch_of(1, rest=b', "x": "' + b"x" * LIGHT_DAMAGED_BYTES + b'"'), True),
        (batch_of(1, rest=b', "sentAt": NaN, "x": "' + b"x" * LIGHT_DAMAGED_BYTES + b'"'), False),
        (batch_of(1, rest=b', "x": "' + b"x" * LIGHT_BYTES + b'"'), False),
    ],
    ids=["small", "small and damaged", "middling", "middling and damaged", "long"],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_what_is_not_light_is_left_for_later_whole(
    body: bytes, is_light: bool, pack: Callable[[bytes], bytes], key: WriteKey
) -> None:
    route = find_route("/v1/batch")
    assert route is not None
    request = IncomingRequest(route, pack(body), query_key=key.key)
    if is_light:
        prepared = prepare(request, LIGHT).accepted
        assert prepared is not None and prepared.body == body
    else:
        with pytest.raises(BodyTakesLong):
            prepare(request, LIGHT)
        whole = prepare(request).accepted
        assert whole is not None and whole.body == body


@pytest.mark.django_db
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_what_is_large_waits_for_nothing_that_is_damaged(pack: Callable[[bytes], bytes], key: WriteKey) -> None:
    """A damaged body of 20 KB may take half a minute, so it is read where no whole one is."""
    route = find_route("/v1/batch")
    assert route is not None
    large, damaged = (
        batch_of(1, rest=b', "x": "' + b"x" * LIGHT_BYTES + b'"' + damage) for damage in (b"", b', "sentAt": NaN')
    )
    whole = prepare(IncomingRequest(route, pack(large), query_key=key.key), LARGE).accepted
    assert whole is not None and whole.body == large
    with pytest.raises(BodyTakesLong):
        prepare(IncomingRequest(route, pack(damaged), query_key=key.key), LARGE)


def test_a_gzip_file_of_thousands_of_files_is_refused() -> None:
    empty, last = gzip.compress(b""), gzip.compress(b"{}")
    assert inflate(empty * (MAX_MEMBERS - 1) + last, 100) == b"{}"
    with pytest.raises(InvalidBody, match="more than 10,000 gzip files"):
        inflate(empty * MAX_MEMBERS + last, 100)


def test_the_first_items_of_a_list_are_those_that_it_begins_with() -> None:
    raw = json.dumps([{"a": [1, 2, 3]}, "x,y", None, 5]).encode()
    for count in range(1, 7):
        found = [json.loads(bytes(item)) for item in first_items(raw, count)]
        assert found[:count] == [{"a": [1, 2, 3]}, "x,y", None, 5][:count]
        assert (len(found) >= count) is (count <= 4)


@pytest.mark.django_db
class TestDoors:
    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize("is_gzipped", [True, False])
    def test_every_door_says_413_past_the_bound(self, key: WriteKey, path: str, is_gzipped: bool) -> None:
        for count, status in ((5_000, 200), (5_001, 413)):
            answer = post_body(key, batch_of(count), path=f"/{path}", is_gzipped=is_gzipped)
            assert answer.status_code == status
        assert "5,000 events" in answer.json()["message"]
        assert InboxBatch.objects.get().event_count == 5_000

    def test_the_small_gzip_of_millions_is_refused(self, key: WriteKey) -> None:
        answer = post_body(key, MILLIONS, is_gzipped=True)
        assert answer.status_code == 413
        assert "5,000 events" in answer.json()["message"]
        assert not InboxBatch.objects.exists()

    def test_the_bound_is_a_setting(self, key: WriteKey, settings: Any) -> None:
        settings.COLLECT_MAX_EVENTS = 3
        assert post_body(key, batch_of(3)).status_code == 200
        assert post_body(key, batch_of(4)).status_code == 413

    def test_a_full_body_is_checked(self, key: WriteKey, order: Event) -> None:
        assert post_body(key, batch_of(5_000)).status_code == 200
        assert process_inbox() == 5_000
        assert counts_by_verdict() == {"unreadable": 5_000}

    def test_a_file_with_a_body_past_the_bound_says_so_and_goes_on(
        self, shop: Source, tmp_path: Path, capsys: Any
    ) -> None:
        file = tmp_path / "events.ndjson"
        file.write_bytes(batch_of(5_001) + b"\n" + json.dumps(track_call("Good")).encode() + b"\n")
        with pytest.raises(SystemExit):
            call_command("check_events", str(file), source=shop.slug)
        told = capsys.readouterr().out
        assert "2 events" in told
        assert "5,000 events" in told


def test_a_gzip_of_very_many_members_is_inflated_soon() -> None:
    members = [gzip.compress(part, mtime=0) for part in (b'{"batch": [', b"", b"]}")]
    began = process_time()
    assert inflate(members[0] + members[1] * (MAX_MEMBERS - 2) + members[2], 1_000) == b'{"batch": []}'
    with pytest.raises(InvalidBody):
        inflate(members[0] + members[1] * 200_000 + members[2], 1_000)
    assert process_time() - began < 2
