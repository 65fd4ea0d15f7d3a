"""Traffic in the API, and events tried against the catalog without being stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from datetime import timezone as zone
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.roles import Scope
from catalog.models import Event, Source, WriteKey
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory
from tests.factories.traffic import post_batch, process_inbox, track_call
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
        assert found("event=Order Completed") == 2
        assert found("event=Nobody") == 0
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

    def test_a_token_needs_its_scope(self, api_of: Callable[..., APIClient], shop: Source) -> None:
        assert self.ask(api_of(person(), Scope.READ), events=[track_call()]).status_code == 403
        assert self.ask(api_of(person(), Scope.CHECK), events=[track_call()]).status_code == 200
        assert self.ask(APIClient(), events=[track_call()]).status_code == 401


class TestCommand:
    """`manage.py check_events`"""

    def run(self, tmp_path: Path, *lines: Any, **options: Any) -> tuple[int, str]:
        """Its exit code and what it printed."""
        path = tmp_path / "events.ndjson"
        path.write_bytes(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))
        out = StringIO()
        try:
            call_command("check_events", str(path), **{"source": "web-shop", **options}, stdout=out)
        except SystemExit as end:
            return int(end.code or 0), out.getvalue()
        return 0, out.getvalue()

    def test_all_conforming_is_zero(self, tmp_path: Path, order: Event) -> None:
        code, said = self.run(tmp_path, track_call(), b"", track_call())
        assert code == 0
        assert "2 events" in said
        assert "2  conforming" in said

    def test_anything_else_is_one_and_says_where(self, tmp_path: Path, order: Event) -> None:
        code, said = self.run(
            tmp_path,
            track_call(),
            track_call(properties={"total": "x"}),
            track_call(properties={"total": "y"}),
            b"{rubbish",
            track_call("\x1b[2J"),
        )
        assert code == 1
        assert "error: Order Completed: /properties/total: type (line 2, 2 in all)" in said
        assert "1  unreadable" in said
        assert "1  undocumented" in said
        assert "\x1b" not in said

    def test_a_missing_file_or_source_is_said_in_a_sentence(self, tmp_path: Path, shop: Source) -> None:
        with pytest.raises(CommandError, match=r"no source 'nobody'\. Sources are: web-shop"):
            self.run(tmp_path, track_call(), source="nobody")
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("check_events", str(tmp_path / "missing"), source="web-shop")
