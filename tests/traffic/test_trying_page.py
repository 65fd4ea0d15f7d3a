"""The source page's test event: really posted, really checked, and only by those who may."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Team, User
from tests.factories.accounts import person
from tests.factories.catalog import SourceFactory, key_of
from tests.processes import LiveServer
from tracking.traffic.models import InboxBatch


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("one at a time")
def test_a_test_event_reaches_the_inbox_over_http(
    tmp_path: Path, team: Team, client_of: Callable[[User], Client]
) -> None:
    source = SourceFactory.create(owner_team=team)
    key_of(source, "staging")
    browser = client_of(person("developer", team=team))
    form = {"environment": "staging", "name": "Test Event", "properties": '{"total": 27.5}'}
    with LiveServer(tmp_path) as server:
        host = f"127.0.0.1:{server.port}"
        response = browser.post(reverse("traffic:test_event", args=[source.slug]), form, headers={"host": host})
    assert response.status_code == 302
    batch = InboxBatch.objects.get()
    assert (batch.source, batch.environment, batch.event_count) == (source, "staging", 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"environment": "production"},
        {"name": " "},
        {"properties": "[1]"},
        {"properties": "{"},
        {"properties": "[" * 10**5},
    ],
)
def test_what_cannot_be_sent_is_told(team: Team, client_of: Callable[[User], Client], fields: dict[str, str]) -> None:
    source = SourceFactory.create(owner_team=team)
    form = {"environment": "staging", "name": "Test Event", "properties": "{}"} | fields
    browser = client_of(person("developer", team=team))
    page = browser.post(reverse("traffic:test_event", args=[source.slug]), form, follow=True).content.decode()
    assert "A test event needs a name" in page
    assert not InboxBatch.objects.exists()


def test_without_a_key_the_way_to_one_is_told(team: Team, client_of: Callable[[User], Client]) -> None:
    source = SourceFactory.create(owner_team=team)
    form = {"environment": "staging", "name": "Test Event", "properties": "{}"}
    browser = client_of(person("developer", team=team))
    page = browser.post(reverse("traffic:test_event", args=[source.slug]), form, follow=True).content.decode()
    assert "Create one first" in page


def test_arrivals_are_for_those_who_may_look(team: Team, client_of: Callable[[User], Client]) -> None:
    address = reverse("traffic:arrivals", args=[SourceFactory.create(owner_team=team).slug])
    assert client_of(person("qa")).get(address).status_code == 200
    assert client_of(person("viewer")).get(address).status_code == 403
