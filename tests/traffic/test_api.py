"""Traffic in the API, and events tried against the catalog without being stored."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from datetime import timezone as zone
from time import process_time
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.roles import Scope
from catalog.models import Event, Source, WriteKey
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, definition, publish_next_version
from tests.factories.traffic import counts_by_verdict, post_batch, post_body, process_inbox, track_call
from tracking.traffic.counts.rollups import fold_deltas
from tracking.traffic.models import InboxBatch, Sample, SeenName, TrafficCount

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(api_of: Callable[..., APIClient]) -> APIClient:
    """A program of somebody who may read."""
    return api_of(person())


class TestTraffic:
    """`GET /api/v1/traffic/`"""

    def test_rows_are_sums_folded_or_not(self, api: APIClient, key: WriteKey, order: Event) -> None:
        post_batch(key, track_call(), track_call(properties={"total": "x"}))
        process_inbox()
        fold_deltas()
        post_batch(key, track_call(), track_call("Product Viewed", context={}))
        process_inbox()
        rows = api.get("/api/v1/traffic/").json()["results"]

        assert {(row["event"], row["verdict"], row["version"], row["app_version"]): row["count"] for row in rows} == {
            ("Order Completed", "conforming", "1.0.0", "2.4.1"): 2,
            ("Order Completed", "nonconforming", "1.0.0", "2.4.1"): 1,
            ("Product Viewed", "undocumented", None, ""): 1,
        }
        assert {(row["source"], row["environment"]) for row in rows} == {("web-shop", "production")}

    def test_it_is_narrowed(self, api: APIClient, key: WriteKey, staging_key: WriteKey, order: Event) -> None:
        post_batch(key, track_call(), track_call("Product Viewed"))
        post_batch(staging_key, track_call(properties={}))
        process_inbox()

        def found(query: str) -> int:
            answer = api.get(f"/api/v1/traffic/?{query}")
            assert answer.status_code == 200, answer.json()
            return sum(row["count"] for row in answer.json()["results"])

        assert found(f"event={order.pk}") == 2
        assert found("event=999999999") == 0
        assert found("name=Order Completed") == 2
        assert found("name=Nobody") == found("name=order completed") == found("name=Order Completed ") == 0
        assert api.get("/api/v1/traffic/?event=Order Completed").status_code == 400
        assert found("environment=staging") == 1
        assert found("verdict=undocumented") == 1
        assert found("source=web-shop") == 3
        assert found(f"since={(timezone.now() - timedelta(minutes=5)).strftime('%Y-%m-%dT%H:%M:%SZ')}") == 3
        assert found("since=2999-01-01T00:00:00Z") == 0

    def test_since_counts_from_the_hour_of_utc_whatever_its_offset(
        self, api: APIClient, key: WriteKey, order: Event
    ) -> None:
        post_batch(key, track_call())
        process_inbox()
        hour = TrafficCount.objects.get().hour
        half = hour.astimezone(zone(timedelta(hours=5, minutes=30))) + timedelta(minutes=45)
        for moment, found in ((half, 1), (half + timedelta(minutes=30), 0)):
            assert len(api.get("/api/v1/traffic/", {"since": moment.isoformat()}).json()["results"]) == found

    @pytest.mark.parametrize(
        "query",
        [
            *("source=nobody", "environment=moon", "verdict=fine", "since=yesterday"),
            # Moments before the first and after the last that UTC can tell.
            *("since=0001-01-01T00:00:00%2B23:59", "since=9999-12-31T23:59:59-23:59"),
        ],
    )
    def test_what_it_does_not_know_is_400(self, api: APIClient, query: str) -> None:
        answer = api.get(f"/api/v1/traffic/?{query}")
        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_pages_hold_every_row_once(self, api: APIClient, key: WriteKey) -> None:
        post_batch(key, *(track_call(f"Name {number:02}") for number in range(23)))
        process_inbox()
        seen: list[str] = []
        url = "/api/v1/traffic/?page_size=5"
        while url:
            page = api.get(url).json()
            seen += [row["event"] for row in page["results"]]
            url = page["next"]
        assert sorted(seen) == [f"Name {number:02}" for number in range(23)]

    def test_it_asks_few_questions(self, api: APIClient, key: WriteKey, django_assert_max_num_queries: Any) -> None:
        post_batch(key, *(track_call(f"Name {number:02}") for number in range(40)))
        process_inbox()
        with django_assert_max_num_queries(8):
            assert len(api.get("/api/v1/traffic/").json()["results"]) == 40

    def test_strangers_get_nothing(self, key: WriteKey) -> None:
        assert Client().get("/api/v1/traffic/").status_code == 401


class TestCheck:
    """`POST /api/v1/check/`"""

    def ask(self, api: APIClient, **asked: Any) -> Any:
        return api.post("/api/v1/check/", {"source": "web-shop", "environment": "production", **asked}, format="json")

    def test_each_event_gets_its_verdict_and_nothing_is_stored(self, api: APIClient, order: Event) -> None:
        events = [
            track_call(),
            track_call(properties={"total": "27.50"}),
            track_call("Product Viewed"),
            track_call(None),
            "no event",
            None,
        ]
        answer = self.ask(api, wire="segment", events=events)

        assert answer.status_code == 200
        verdicts = answer.json()["verdicts"]
        assert [(one["index"], one["event"], one["version"], one["verdict"]) for one in verdicts] == [
            (0, "Order Completed", "1.0.0", "conforming"),
            (1, "Order Completed", "1.0.0", "nonconforming"),
            (2, "Product Viewed", None, "undocumented"),
            (3, "(none)", None, "unreadable"),
            (4, "(none)", None, "unreadable"),
            (5, "(none)", None, "unreadable"),
        ]
        [violation] = verdicts[1]["violations"]
        assert (violation["path"], violation["rule"], violation["severity"]) == ("/properties/total", "type", "error")
        assert violation["came"] == '"27.50"'
        for model in (InboxBatch, TrafficCount, Sample, SeenName):
            assert not model.objects.exists()

    def test_the_number_of_questions_does_not_grow(
        self, api: APIClient, order: Event, django_assert_max_num_queries: Any
    ) -> None:
        self.ask(api, events=[track_call()])
        with django_assert_max_num_queries(12):
            self.ask(api, events=[track_call() for _ in range(200)])

    def test_an_event_without_any_source_is_tried_against_its_newest_version(
        self, api: APIClient, shop: Source
    ) -> None:
        EventFactory.create(name="Imported")
        [verdict] = self.ask(api, events=[track_call("Imported", properties={"total": "x"})]).json()["verdicts"]
        assert (verdict["verdict"], verdict["version"]) == ("nonconforming", "1.0.0")

    @pytest.mark.parametrize(
        "asked", [{"source": "nobody"}, {"environment": "moon"}, {"events": []}, {"wire": "smoke"}, {"events": "x"}]
    )
    def test_what_it_cannot_take_is_400(self, api: APIClient, shop: Source, asked: dict[str, Any]) -> None:
        answer = self.ask(api, **{"events": [track_call()], **asked})
        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == "application/problem+json"

    def test_strict_lets_warnings_fail(self, api: APIClient, order: Event) -> None:
        warned = track_call(properties={"total": 1, "coupn": "x"})
        for asked, passes in (
            ({}, [True, True]),
            ({"strict": True}, [True, False]),
            ({"strict": "true"}, [True, False]),
        ):
            answer = self.ask(api, events=[track_call(), warned], **asked).json()
            assert [one["passes"] for one in answer["verdicts"]] == passes
            assert answer["passes"] is all(passes)
            assert {one["verdict"] for one in answer["verdicts"]} == {"conforming"}
        [violation] = answer["verdicts"][1]["violations"]
        assert violation["path"] == "/properties/coupn"
        assert "Did you mean “coupon”?" in violation["advice"]

    def test_no_key_is_named_that_came_too(self, api: APIClient, order: Event) -> None:
        """Nor one that came in another event, before or after it, with the same key that nobody knows."""
        alone, beside = {"total": 1, "coupn": "x"}, {"total": 1, "coupn": "x", "coupon": "y"}
        for events in ([alone, beside], [beside, alone]):
            answer = self.ask(api, events=[track_call(properties=each) for each in events]).json()
            told = ["Did you mean" in each["violations"][0]["advice"] for each in answer["verdicts"]]
            assert told == ["coupon" not in each for each in events]

    def test_a_version_can_be_named(self, api: APIClient, shop: Source, order: Event) -> None:
        loose = definition()
        loose["schema"] = {"type": "object", "properties": {"total": {"type": "string"}}, "required": ["total"]}
        second = publish_next_version(order, loose, sources=[shop])
        third = publish_next_version(order, definition(schema={"type": "object"}), sources=[SourceFactory.create()])
        events = [track_call(), track_call(properties={"total": "x"})]

        def said(version: str) -> list[tuple[str, str]]:
            answer = self.ask(api, events=events, version=version)
            assert answer.status_code == 200, answer.json()
            return [(one["version"], one["verdict"]) for one in answer.json()["verdicts"]]

        assert said("") == said("1.0.0") == [("1.0.0", "conforming"), ("1.0.0", "nonconforming")]
        assert said("approved") == [(str(second.number), "nonconforming"), (str(second.number), "conforming")]
        assert said(str(second.number)) == said("approved")
        assert {version for version, _ in said("newest")} == {str(third.number)}

    def test_a_version_that_there_is_not_is_told_with_those_that_there_are(
        self, api: APIClient, shop: Source, order: Event
    ) -> None:
        other = EventFactory.create(name="Other", sources=[shop], is_live=True)
        other_second = str(publish_next_version(other, definition("Other", trigger="x"), sources=[shop]).number)
        answer = self.ask(api, events=[track_call(), track_call("Other"), track_call("Nobody")], version=other_second)
        assert answer.status_code == 400
        [error] = answer.json()["errors"]
        assert error["pointer"] == "#/version"
        assert "Order Completed has 1.0.0" in error["detail"]
        assert "Other has" not in error["detail"]
        for wrong in ("1", "v1.0.0", "latest", "1.0.0.0"):
            assert self.ask(api, events=[track_call()], version=wrong).status_code == 400

    def test_one_reading_with_the_collector(self, api: APIClient, staging_key: WriteKey, order: Event) -> None:
        """Bodies as SDKs post them: the dry run answers as the check counts, and refuses what the collector refuses."""
        event = json.dumps(track_call()).replace("messageId", "noId")  # the same event again would be a repeat
        broken = event.replace("27.5", "NaN")
        bodies: list[tuple[str, bytes]] = [
            ("/v1/batch", f'{{"batch": [{event}, {broken}], "sentAt": "2026-11-24T10:00:01Z"}}'.encode()),
            ("/v1/batch", f'{{"batch": [{event}], "batch": []}}'.encode()),
            ("/v1/batch", event.encode()),
            ("/v1/track", f'{{"batch": [{event}]}}'.encode()),
            ("/v1/track", b'{"event": "Order Completed", "userId": "u", "properties": {"total": "x"}}'),
            ("/v1/page", b'{"userId": "u", "name": "Home"}'),
            ("/v1/batch", gzip.compress(f'{{"batch": [{broken}]}}'.encode())),
            ("/v1/batch", b"\xef\xbb\xbf" + event.encode()),
            ("/v1/batch", b'{"batch": [{"type": "track", "event": "Order Completed", "event": 7}, null, 3]}'),
            ("/v1/batch", b""),
            ("/v1/batch", b"data=abc"),
            ("/v1/batch", b'{"batch": 7}'),
            ("/v1/batch", b"[1]"),
            ("/v1/batch", b"\x1f\x8b\x08\x00rubbish"),
            ("/v1/batch", b'{"batch": [{"type": "track"'),
        ]
        for path, body in bodies:
            before = Counter(counts_by_verdict())
            stored = post_body(staging_key, body, path=path)
            process_inbox()
            counted = Counter(counts_by_verdict()) - before
            call = "" if path == "/v1/batch" else path.removeprefix("/v1/")
            tried = api.generic(
                "POST",
                f"/api/v1/check/?source=web-shop&environment=staging&call={call}",
                body,
                content_type="text/plain",
            )
            assert tried.status_code == stored.status_code, (body, tried.content, stored.content)
            if stored.status_code == 200:
                assert Counter(one["verdict"] for one in tried.json()["verdicts"]) == counted, body
            else:
                assert tried.json()["detail"] == stored.json()["message"]

    def test_what_a_batch_says_once_counts_for_each_event(self, api: APIClient, shop: Source, order: Event) -> None:
        needs_page = definition(context={"type": "object", "required": ["page"]})
        version = str(publish_next_version(order, needs_page, sources=[shop]).number)
        events = [track_call(), track_call(context={"page": {"path": "/"}})]

        def said(**asked: Any) -> list[str]:
            answer = self.ask(api, version=version, **asked)
            assert answer.status_code == 200, answer.json()
            return [one["verdict"] for one in answer.json()["verdicts"]]

        assert said(events=events) == ["nonconforming", "conforming"]
        shared = {"context": {"page": {"path": "/cart"}}, "sentAt": "2026-11-24T10:00:01Z"}
        assert said(events=events, **shared) == ["conforming", "conforming"]
        assert said(batch=events, **shared, writeKey="wk") == ["conforming", "conforming"]

    @pytest.mark.parametrize(
        ("query", "body"),
        [
            ("?source=web-shop&environment=moon", {"batch": []}),
            ("?source=nobody", {"batch": []}),
            ("?source=web-shop&strict=perhaps", {"batch": []}),
            ("?source=web-shop&version=1", {"batch": []}),
            ("?source=web-shop&sourc=x", {"batch": []}),
            ("?environment=staging", {"source": "web-shop", "environment": "staging", "events": [1]}),
            ("", {"source": "web-shop", "events": [1], "batch": [1]}),
            ("", {"source": "web-shop"}),
            ("", {"batch": []}),
            ("", {"source": "web-shop", "events": [1], "properties": {}}),
        ],
    )
    def test_what_cannot_be_tried_is_told(self, api: APIClient, shop: Source, query: str, body: Any) -> None:
        answer = api.post(f"/api/v1/check/{query}", body)
        assert answer.status_code == 400
        assert answer.json()["errors"]

    @pytest.mark.parametrize("body", [{"batch": []}, {"batch": [], "context": {}, "sentAt": "2026-03-01T10:00:00Z"}])
    def test_no_event_at_all_is_no_success(self, api: APIClient, shop: Source, body: Any) -> None:
        answer = api.post("/api/v1/check/?source=web-shop", body)
        assert answer.status_code == 400
        assert "No event was checked" in answer.json()["detail"]

    def test_damage_outside_of_the_events_is_told_and_inside_is_a_verdict(self, api: APIClient, order: Event) -> None:
        event = json.dumps(track_call()).replace("27.5", "NaN")
        body = f'{{"source": "web-shop", "events": [{event}]}}'
        answer = api.generic("POST", "/api/v1/check/", body, content_type="application/json")
        assert answer.json()["verdicts"][0]["violations"][0]["rule"] == "malformed"
        answer = api.generic("POST", "/api/v1/check/", body.replace('"events"', '"source": "x", "events"'))
        assert answer.status_code == 400
        assert "/source" in answer.json()["detail"]

    def test_many_events_are_refused_and_much_wrong_is_answered_soon(self, api: APIClient, order: Event) -> None:
        many = json.dumps({"batch": [{}] * 5_001})
        answer = api.generic("POST", "/api/v1/check/?source=web-shop", many, content_type="application/json")
        assert answer.status_code == 413
        assert "5,000" in answer.json()["detail"]
        assert self.ask(api, events=[{}] * 5_001).status_code == 400

        wrong = {"total": 1} | {f"coupon number {number}": 1 for number in range(900)}
        began = process_time()
        answer = self.ask(api, events=[track_call(properties=wrong) for _ in range(40)])
        assert answer.status_code == 200
        assert process_time() - began < 20
        told = [violation["advice"] for one in answer.json()["verdicts"] for violation in one["violations"]]
        assert len(told) == 40 * 900
        assert 20 <= sum(bool(advice) for advice in told) <= 40 * 20

    def test_a_body_over_the_collector_s_limit_is_413(self, api: APIClient, shop: Source, settings: Any) -> None:
        settings.COLLECT_MAX_BODY_BYTES = 1_000
        assert self.ask(api, events=[track_call() for _ in range(20)]).status_code == 413

    def test_a_token_needs_its_scope(self, api_of: Callable[..., APIClient], shop: Source) -> None:
        assert self.ask(api_of(person(), Scope.READ), events=[track_call()]).status_code == 403
        assert self.ask(api_of(person(), Scope.CHECK), events=[track_call()]).status_code == 200
        assert self.ask(APIClient(), events=[track_call()]).status_code == 401
