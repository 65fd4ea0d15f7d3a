"""Hosts as people type them, and bodies at a path that is another's: read as what they are, or refused."""

from __future__ import annotations

import json
import zlib
from time import process_time
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from catalog.models import WriteKey
from tests.factories.traffic import (
    basic_auth_header,
    counts_by_verdict,
    post_batch,
    post_body,
    process_inbox,
    track_call,
)
from tracking.traffic.collect import collector_responses
from tracking.traffic.collect.wires import ROUTES, find_route, is_collector_path
from tracking.traffic.models import InboxBatch, SeenName

pytestmark = pytest.mark.django_db
ORIGIN = "https://shop.example"


def seen() -> set[tuple[str, str]]:
    """The calls and names that arrived."""
    process_inbox()
    return set(SeenName.objects.values_list("call", "name"))


@pytest.mark.parametrize(
    "path",
    [
        *("//v1/batch", "/v1//batch", "/v1/batch//", "///v1/b"),
        *("/v1/v1/batch", "/v1/batch/v1/batch", "/v1/b/v1/batch", "/v1/track/v1/batch"),
        *("/v1/batch/batch", "/v1/batch/b", "/in/v1/v1/batch", "/in/in/v1/b", "/v1/in/v1/batch"),
    ],
)
def test_a_host_typed_with_a_path_or_a_slash_too_many_works(key: WriteKey, path: str) -> None:
    answer = Client().post(
        "/v1/batch",
        json.dumps({"batch": [track_call()]}),
        "application/json",
        headers={"authorization": basic_auth_header(key)},
        PATH_INFO=path,
    )
    assert answer.status_code == 200, answer.content
    assert InboxBatch.objects.get().call == ""


@pytest.mark.parametrize(
    ("path", "call"),
    [("v1/batch/v1/track", "track"), ("v1/batch/t", "track"), ("v1/v1/i", "identify"), ("in/v1/track/page/", "page")],
)
def test_what_the_sdk_added_to_its_host_names_the_call(path: str, call: str) -> None:
    route = find_route(path)
    assert route is not None
    assert route.call == call


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/v1", "/in/", "/in/v1/x/batch", "/v1/batch/nothing", "/v1/projects/k/settings"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_a_path_of_no_sdk_is_404_in_json_that_a_page_can_read(db: None, path: str, method: str) -> None:
    answer = getattr(Client(), method)(path, headers={"origin": ORIGIN})
    assert answer.status_code == 404
    assert "/v1/batch" in answer.json()["message"]
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize("path", [*(f"/{path}" for path in ROUTES), "/v1/nothing", "/v1"])
def test_every_path_answers_preflights_and_other_methods_in_json(db: None, path: str) -> None:
    wanted = {"origin": ORIGIN, "access-control-request-headers": "X-Sentry, b ad, authorization"}
    preflight = Client().options(path, headers=wanted)
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert preflight.headers["Access-Control-Allow-Headers"].endswith("sentat, x-sentry")
    for method in ("get", "head", "put", "patch", "delete", "trace"):
        answer = getattr(Client(), method)(path, headers={"origin": ORIGIN})
        assert answer.status_code in (404, 405)
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_our_own_failure_is_500_in_json_that_a_page_can_read(key: WriteKey, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(request: Any) -> None:
        raise KeyError("a fault of ours")

    monkeypatch.setattr(collector_responses, "ingest", fail)
    answer = post_batch(key, track_call(), origin=ORIGIN)
    assert answer.status_code == 500
    assert answer.json()["code"] == 500
    assert "a fault of ours" not in answer.json()["message"]
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_too_many_parameters_are_400_in_json(key: WriteKey) -> None:
    query = "&".join(f"a{number}=1" for number in range(1_500))
    answer = Client().post(f"/v1/batch?{query}", b"{}", "application/json", headers={"origin": ORIGIN})
    assert answer.status_code == 400
    assert answer.json()["success"] is False
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, br"])
def test_an_encoding_that_is_not_read_is_415(key: WriteKey, encoding: str) -> None:
    answer = post_body(key, b"\x0b\x02\x80rubbish", **{"content-encoding": encoding, "origin": ORIGIN})
    assert answer.status_code == 415
    assert "gzip" in answer.json()["message"]
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    # JSON that only says so is taken, as with gzip.
    assert post_batch(key, track_call(), **{"content-encoding": encoding}).status_code == 200


def test_deflate_is_read_where_the_header_says_so(key: WriteKey) -> None:
    body = zlib.compress(json.dumps({"batch": [track_call()]}).encode())
    assert post_body(key, body, **{"content-encoding": "deflate"}).status_code == 200
    assert post_body(key, body[:-8], **{"content-encoding": "deflate"}).status_code == 400
    assert post_body(key, body).status_code == 400


@pytest.mark.parametrize("path", ["/v1/track", "/v1/t", "/v1/identify", "/v1/page", "/in/v1/merge"])
def test_a_batch_at_the_path_of_a_single_call_is_a_batch(key: WriteKey, path: str) -> None:
    events = [track_call("One"), track_call("Two"), {"type": "page", "name": "Home", "userId": "u"}]
    assert post_body(key, {"batch": events, "context": {"app": {"version": "3.0"}}}, path=path).status_code == 200
    assert InboxBatch.objects.get().event_count == 3
    assert {("track", "One"), ("track", "Two")} <= seen()
    assert sum(counts_by_verdict().values()) == 3


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/import", "/in/v1/batch"])
@pytest.mark.parametrize("is_broken", [False, True])
def test_a_single_event_at_the_path_of_batches_is_that_event(key: WriteKey, path: str, is_broken: bool) -> None:
    body = json.dumps(track_call("One")).replace("27.5", "NaN" if is_broken else "27.5").encode()
    assert post_body(key, body, path=path).status_code == 200
    assert seen() == {("track", "One")}


@pytest.mark.parametrize("path", ["/v1/page", "/v1/identify", "/v1/g", "/v1/screen"])
@pytest.mark.parametrize("has_type", [True, False])
def test_a_track_call_at_another_call_s_path_is_a_track_call(key: WriteKey, path: str, has_type: bool) -> None:
    event = track_call("One")
    if not has_type:
        del event["type"]
    assert post_body(key, event, path=path).status_code == 200
    assert seen() == {("track", "One")}


def test_a_page_at_the_path_of_track_calls_is_a_page(key: WriteKey) -> None:
    assert post_body(key, {"type": "page", "name": "Home", "userId": "u"}, path="/v1/track").status_code == 200
    assert {call for call, _ in seen()} == {"page"}


def test_the_path_names_the_call_where_the_body_does_not(key: WriteKey) -> None:
    assert post_body(key, {"userId": "u", "traits": {"a": 1}}, path="/v1/identify").status_code == 200
    assert post_body(key, {"event": "One", "userId": "u"}, path="/v1/track").status_code == 200
    # Nothing is swallowed: what names neither is counted as what cannot be read.
    assert post_body(key, {"userId": "u"}, path="/v1/track").status_code == 200
    assert {("identify", "identify"), ("track", "One")} <= seen()
    assert counts_by_verdict()["unreadable"] == 1


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/track"])
@pytest.mark.parametrize("is_broken", [False, True])
def test_an_event_and_a_batch_at_once_are_refused(key: WriteKey, path: str, is_broken: bool) -> None:
    body = json.dumps({**track_call("One"), "batch": [track_call("Two")]})
    answer = post_body(key, body.replace("27.5", "NaN" if is_broken else "27.5").encode(), path=path)
    assert answer.status_code == 400
    assert "at once" in answer.json()["message"]
    assert not InboxBatch.objects.exists()


def test_an_event_may_have_something_else_that_is_called_batch(key: WriteKey) -> None:
    for batch in ([], [1, 2], "B-7", {"number": 7}, [{"sku": "a"}]):
        assert post_body(key, {**track_call("One"), "batch": batch}, path="/v1/track").status_code == 200
    assert seen() == {("track", "One")}


def test_no_page_lies_below_the_paths_of_sdks() -> None:
    def addresses(resolver: URLResolver, prefix: str = "") -> list[str]:
        found = []
        for entry in resolver.url_patterns:
            if isinstance(entry, URLPattern):
                found += [prefix + str(entry.pattern)] if entry.name != "collector" else []
            else:
                found += addresses(entry, prefix + str(entry.pattern))
        return found

    pages = addresses(get_resolver())
    assert len(pages) > 50
    assert not [page for page in pages if is_collector_path(page)]


def test_a_path_of_many_words_is_answered_at_once(db: None) -> None:
    began = process_time()
    for path in ("in/" * 30_000 + "v1/batch", "v1/batch/" * 10_000, "v1/" * 30_000):
        find_route(path)
    assert process_time() - began < 2
