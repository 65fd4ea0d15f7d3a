"""The source page's test event: really posted, really checked, and only by those who may."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Team, User
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key, definition
from tests.factories.requests import ingest
from tests.live_processes import LiveServer
from tests.page_text import one_line
from tracking.traffic.models import InboxBatch, Sample
from tracking.traffic.pages.recent_samples import recent_arrivals


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("one at a time")
def test_a_test_event_reaches_the_inbox_over_http(
    tmp_path: Path, team: Team, client_of: Callable[[User], Client]
) -> None:
    source = SourceFactory.create(owner_team=team)
    create_write_key(source, "staging")
    browser = client_of(person("developer", team=team))
    form = {"environment": "staging", "name": "Test Event", "properties": '{"total": 27.5}'}
    with LiveServer(tmp_path) as server, override_settings(SIGNALBOOK_URL=server.url):
        response = browser.post(reverse("traffic:test_event", args=[source.slug]), form)
    assert response.status_code == 302
    batch = InboxBatch.objects.get()
    assert (batch.source, batch.environment, batch.event_count) == (source, "staging", 1)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("environment", "production"),
        ("name", " "),
        ("properties", "[1]"),
        ("properties", "{"),
        ("properties", "[" * 10**5),
        ("properties", '{"a": 1} {"b": 2}'),
    ],
)
def test_what_cannot_be_sent_is_told_at_its_field(
    team: Team, client_of: Callable[[User], Client], field: str, typed: str
) -> None:
    source = SourceFactory.create(owner_team=team)
    form = {"environment": "staging", "name": "My own event", "properties": '{"kept": 1}', field: typed}
    browser = client_of(person("developer", team=team))
    answer = browser.post(reverse("traffic:test_event", args=[source.slug]), form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'id="test_{field}_error"' in page
    assert field == "name" or 'value="My own event"' in page
    assert field == "properties" or "&quot;kept&quot;" in page
    assert not InboxBatch.objects.exists()


def test_the_form_begins_with_an_event_of_the_source(team: Team, client_of: Callable[[User], Client]) -> None:
    source = SourceFactory.create(owner_team=team)
    browser = client_of(person("developer", team=team))
    assert 'value="Test Event"' in browser.get(source.get_absolute_url()).content.decode()
    EventFactory.create(name="Order Completed", sources=[source])
    page = browser.get(source.get_absolute_url()).content.decode()
    assert '<option value="Order Completed">' in page
    assert "&quot;total&quot;: 12.5" in page


def test_a_sample_payload_is_filled_in_and_nothing_is_sent(team: Team, client_of: Callable[[User], Client]) -> None:
    source = SourceFactory.create(owner_team=team)
    EventFactory.create(name="Order Completed", sources=[source])
    browser = client_of(person("developer", team=team))
    address = reverse("traffic:test_event", args=[source.slug])
    form = {"environment": "staging", "name": "Order Completed", "properties": "{", "do": "fill"}
    page = browser.post(address, form, follow=True).content.decode()
    assert "&quot;total&quot;: 12.5" in page and '<option value="staging" selected>' in page
    page = browser.post(address, form | {"name": "Nobody's"}, follow=True).content.decode()
    assert "there is no sample of it" in page and 'value="Nobody&#x27;s"' in page
    assert not InboxBatch.objects.exists()
    assert browser.get(address).headers["Location"] == f"{source.get_absolute_url()}#test"


def test_what_was_sent_stands_in_the_form_afterwards(team: Team, client_of: Callable[[User], Client]) -> None:
    source = SourceFactory.create(owner_team=team)
    form = {"environment": "staging", "name": "My own event", "app_version": "2.5.0", "properties": '{"a": 1}'}
    browser = client_of(person("developer", team=team))
    browser.post(reverse("traffic:test_event", args=[source.slug]), form)
    page = browser.get(source.get_absolute_url()).content.decode()
    assert all(words in page for words in ('value="My own event"', 'value="2.5.0"', "{&quot;a&quot;: 1}"))


def test_a_viewer_is_told_who_may_test(team: Team, client_of: Callable[[User], Client]) -> None:
    page = client_of(person("viewer")).get(SourceFactory.create(owner_team=team).get_absolute_url()).content.decode()
    assert "are for product managers, developers, analysts and QA" in page
    assert 'id="test_properties"' not in page


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


def test_an_arrival_says_what_is_wrong_with_it_and_what_would_do(
    team: Team, client_of: Callable[[User], Client]
) -> None:
    source = SourceFactory.create(owner_team=team)
    shape = {
        "type": "object",
        "properties": {"total": {"type": "number"}, "coupon": {"type": "string"}, "note": {"type": "string"}},
        "required": ["total"],
    }
    event = EventFactory.create(
        name="Order Completed", definition=definition("Order Completed", schema=shape), sources=[source], is_live=True
    )
    payload = {"total": "27.50", "copon": "<b>", "note": "ann@example.com"}
    ingest(source, "Order Completed", [payload], environment="staging", app_version="2.5.0 (421)")
    ingest(source, "order completed", [{}], environment="staging")
    browser = client_of(person("developer", team=team))
    for address in (source.get_absolute_url(), reverse("traffic:arrivals", args=[source.slug])):
        page = one_line(browser.get(address).content.decode())
        assert f'<a href="{event.get_absolute_url()}"' in page
        assert "2.5.0 (421)" in page or "version" not in source.version_from
        assert "expected number, came &quot;27.50&quot;." in page
        assert "Send it without quotes: 27.5." in page
        assert "copon is not described. Did you mean “coupon”?" in page
        assert page.index("Send it without quotes") < page.index("Did you mean “coupon”"), "errors come first"
        assert "the name as it is defined, &quot;Order Completed&quot;" in page
        assert "<b>" not in page and "ann@example.com" not in page


def test_the_list_of_arrivals_costs_the_same_however_many_are_wrong(team: Team) -> None:
    source = SourceFactory.create(owner_team=team)
    EventFactory.create(name="Order Completed", sources=[source], is_live=True)
    counts = []
    for number in (1, 7):
        ingest(
            source, "Order Completed", [{"total": "x", "other": each} for each in range(number)], environment="staging"
        )
        recent_arrivals(source)  # compiles the definition, once a process
        with CaptureQueriesContext(connection) as queries:
            assert recent_arrivals(source)[0].violations
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_arrival_of_before_tells_what_it_can(team: Team) -> None:
    source = SourceFactory.create(owner_team=team)
    ingest(source, "Never Defined", [{}], environment="staging")
    broken = [{"path": "/event", "rule": f"rule {each}", "severity": "warning"} for each in range(12)]
    Sample.objects.update(violations=broken, version=None)
    (arrival,) = recent_arrivals(source)
    assert (len(arrival.violations), arrival.hidden_count, arrival.event) == (10, 2, None)
