"""Pages and API of findings: who sees them, what they say, and what a step answers."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Team, User
from catalog.models import Source
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory
from tests.quality.batches import NOON, seen_name
from tracking.quality.models import Finding


@pytest.fixture
def source(team: Team) -> Source:
    return SourceFactory.create(slug="web", owner_team=team)


def finding_of(source: Source, name: str = "Order Completed", **fields: object) -> Finding:
    given = {
        "environment": "production",
        "path": "/properties/total",
        "rule": "type",
        "severity": "error",
        "expected": "number",
        "came": '"27.50"',
        "count": 3,
        "app_versions": {"2.4.1": 3},
        "samples": [{"received_at": NOON.isoformat(), "app_version": "2.4.1", "event": {"properties": {"total": "x"}}}],
        "first_seen": NOON,
        "last_seen": NOON,
    }
    return Finding.objects.create(source=source, seen_name=seen_name(name), **given | fields)


def test_the_list_explains_each_finding(source: Source, client_of: Callable[[User], Client]) -> None:
    finding_of(source)
    page = client_of(person("viewer")).get(reverse("quality:findings")).content.decode()
    assert "total has the wrong type: expected number" in page


def test_an_empty_list_is_good_news(db: None, client_of: Callable[[User], Client]) -> None:
    page = client_of(person("viewer")).get(reverse("quality:findings")).content.decode()
    assert "Nothing is wrong" in page


def test_the_list_keeps_its_query_budget(
    source: Source,
    client_of: Callable[[User], Client],
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    for number in range(12):
        finding_of(source, f"Event {number}", owner=person("developer"))
    browser = client_of(person("viewer"))
    browser.get(reverse("quality:findings"))
    with django_assert_max_num_queries(12):  # type: ignore[attr-defined]
        browser.get(reverse("quality:findings"))


def test_findings_of_an_event_are_found_by_any_of_its_names(
    source: Source, client_of: Callable[[User], Client]
) -> None:
    event = EventFactory.create(name="Order Completed")
    finding = finding_of(source)
    finding_of(source, "Search Performed")
    browser = client_of(person("viewer"))
    page = browser.get(reverse("quality:findings"), {"event": event.pk}).content.decode()
    assert finding.get_absolute_url() in page
    assert "Search Performed" not in page
    assert finding.get_absolute_url() in browser.get(event.get_absolute_url()).content.decode()


def test_samples_are_for_those_who_may_look(source: Source, client_of: Callable[[User], Client]) -> None:
    finding = finding_of(source)
    assert "Samples are shown to" in client_of(person("viewer")).get(finding.get_absolute_url()).content.decode()
    assert "2026-03-04T12:00:00" in client_of(person("qa")).get(finding.get_absolute_url()).content.decode()


def test_a_developer_of_the_team_takes_a_step_and_a_viewer_does_not(
    source: Source, team: Team, client_of: Callable[[User], Client]
) -> None:
    finding = finding_of(source)
    address = reverse("quality:move", args=[finding.pk])
    assert client_of(person("viewer")).post(address, {"to": "resolved"}).status_code == 403
    assert client_of(person("developer", team=team)).post(address, {"to": "resolved"}).status_code == 302
    finding.refresh_from_db()
    assert finding.state == "resolved"


def test_hostile_values_are_shown_as_text(source: Source, client_of: Callable[[User], Client]) -> None:
    evil = '"><script>alert(1)</script>'
    finding = finding_of(source, evil, path=f"/properties/{evil}", came=evil, unknown_keys={evil: 1})
    page = client_of(person("qa")).get(finding.get_absolute_url()).content.decode()
    assert "<script>alert(1)" not in page


def test_the_api_lists_and_moves(source: Source, team: Team, api_of: Callable[..., APIClient]) -> None:
    finding = finding_of(source)
    api = api_of(person("developer", team=team))
    listed = api.get("/api/v1/findings/", {"state": "open", "environment": "production", "rule": "type"}).json()
    row = listed["results"][0]
    assert (row["id"], row["source"], row["event"], row["count"]) == (finding.pk, "web", "Order Completed", 3)
    ignored = api.post(f"/api/v1/findings/{finding.pk}/transitions/", {"to": "ignored"})
    assert ignored.status_code == 409
    assert ignored.json()["unmet"][0]["code"] == "reason"
    done = api.post(f"/api/v1/findings/{finding.pk}/transitions/", {"to": "acknowledged"})
    assert done.json()["state"] == "acknowledged"
    stranger = api_of(person("viewer"))
    assert stranger.post(f"/api/v1/findings/{finding.pk}/transitions/", {"to": "resolved"}).status_code == 403
