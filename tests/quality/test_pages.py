"""Pages and API of findings: who sees them, what they say, and what a step answers."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Team, User
from catalog.models import Source
from tests.factories.accounts import UserFactory, person
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key, definition
from tests.factories.requests import RequestFactory
from tests.factories.traffic import post_batch, process_inbox, track_call
from tests.page_text import one_line
from tests.quality.evaluated_batches import NOON, make_seen_name
from tracking.quality.choices import TRIAGE_LABELS, FindingState
from tracking.quality.filters import FindingFilter
from tracking.quality.models import Finding
from tracking.quality.services.triage import available_transitions, transition_finding
from tracking.requests.authoring.draft_editing import add_change, create_request
from tracking.requests.choices import ChangeAction


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
    return Finding.objects.create(source=source, seen_name=make_seen_name(name), **given | fields)


def test_the_address_of_a_step_leads_whoever_opens_it_to_the_finding(
    source: Source, client_of: Callable[[User], Client]
) -> None:
    finding = finding_of(source)
    answer = client_of(person("viewer")).get(reverse("quality:move", args=[finding.pk]))
    assert answer["Location"] == finding.get_absolute_url()


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
    page = client_of(person("qa")).get(finding.get_absolute_url()).content.decode()
    assert 'datetime="2026-03-04T12:00:00+00:00"' in page and "4 Mar, 12:00:00" in page


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


def test_an_acknowledged_finding_stands_on_the_event_page(
    source: Source, team: Team, client_of: Callable[[User], Client]
) -> None:
    event = EventFactory.create(name="Order Completed")
    browser = client_of(person("viewer"))
    assert "Nothing is wrong as far as we know" in browser.get(event.get_absolute_url()).content.decode()
    owner = person("developer", team=team, name="Sofia Marques")
    finding = finding_of(source, state="acknowledged", owner=owner)
    finding_of(source, environment="staging", count=900, rule="enum")
    page = browser.get(event.get_absolute_url()).content.decode()
    assert "Nothing is wrong" not in page
    head = page[: page.index("What is it?")]
    assert f'<a href="{finding.get_absolute_url()}">total has the wrong type' in head
    assert "Sofia Marques knows." in head
    Finding.objects.update(state="resolved")
    assert "Nothing is wrong as far as we know" in browser.get(event.get_absolute_url()).content.decode()


def test_ignoring_without_a_reason_is_refused_at_its_field(
    source: Source, team: Team, client_of: Callable[[User], Client]
) -> None:
    finding = finding_of(source)
    browser = client_of(person("developer", team=team))
    answer = browser.post(reverse("quality:move", args=[finding.pk]), {"to": "ignored", "reason": " "})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-describedby="reason_error" autofocus' in page and "Say why it is ignored" in page
    finding.refresh_from_db()
    assert finding.state == "open"


def test_a_change_is_proposed_by_those_who_may(source: Source, client_of: Callable[[User], Client]) -> None:
    event = EventFactory.create(name="Order Completed")
    finding = finding_of(source)
    form = f"{reverse('requests:new')}?event={event.pk}"
    assert form in client_of(person("pm")).get(finding.get_absolute_url()).content.decode()
    assert form not in client_of(person("viewer")).get(finding.get_absolute_url()).content.decode()


def test_the_decision_that_a_finding_puts_in_doubt_is_named(db: None, client_of: Callable[[User], Client]) -> None:
    lifecycle = RequestFactory.live()
    finding = finding_of(lifecycle.sources[0], lifecycle.event.name)
    page = client_of(person("viewer")).get(finding.get_absolute_url()).content.decode()
    assert "Puts in doubt" in page and lifecycle.request.decision in page
    assert f"asked by {lifecycle.request.author}" in page
    lifecycle.request.decision = ""
    lifecycle.request.save()
    assert "Puts in doubt" not in client_of(person("viewer")).get(finding.get_absolute_url()).content.decode()


def test_the_home_page_counts_what_its_links_show(source: Source, client_of: Callable[[User], Client]) -> None:
    finding_of(source)
    finding_of(source, rule="enum", environment="staging")
    finding_of(source, rule="required", state="acknowledged")
    browser = client_of(person("viewer"))
    page = browser.get("/").content.decode()
    assert "wait for somebody, 1 of them in production" in page
    address = f"{reverse('quality:findings')}?state=open&state=regressed"
    assert address.replace("&", "&amp;") in page
    assert browser.get(address).context["found"] == 2
    for query in ("status=live", "status=planned", "health=failing"):
        assert f"{reverse('catalog:events')}?{query}" in page


def test_a_value_that_came_is_found_where_no_property_may_have_it(
    source: Source, client_of: Callable[[User], Client]
) -> None:
    finding = finding_of(source, came='"klarna"', rule="enum")
    browser = client_of(person("viewer"))
    assert finding.get_absolute_url() in browser.get("/search/?q=Klarna").content.decode()
    assert finding.get_absolute_url() not in browser.get("/search/?q=paypal").content.decode()


def test_the_home_page_names_what_a_misspelling_looks_like(source: Source, client_of: Callable[[User], Client]) -> None:
    event = EventFactory.create(name="Product Viewed")
    post_batch(create_write_key(source), track_call("Product viewed"))
    process_inbox()
    page = client_of(person("pm")).get("/").content.decode()
    assert f'Looks like <a href="{event.get_absolute_url()}">' in page
    assert page.count('type="search"') == 1


def test_the_finding_of_what_nobody_defined_leads_to_its_definition(
    source: Source, client_of: Callable[[User], Client], django_assert_max_num_queries: Callable[..., Any]
) -> None:
    finding = finding_of(source, "Mouse Moved", rule="undocumented", path="")
    url = finding.get_absolute_url()
    pm, viewer = person("pm"), client_of(person("viewer"))
    assert "Propose a definition <span" in one_line(client_of(pm).get(url).content.decode())
    assert "Propose a definition <span" not in one_line(viewer.get(url).content.decode())
    draft = create_request(by=pm, title="Document Mouse Moved")
    add_change(draft, action=ChangeAction.CREATE, by=pm, definition=definition("Mouse Moved"), sources=[source])
    with django_assert_max_num_queries(25):
        page = viewer.get(url).content.decode()
    assert f"{pm} is drafting this" in page
    assert draft.get_absolute_url() in page


@pytest.mark.parametrize("state", FindingState)
def test_each_state_offers_its_steps_by_name(
    state: FindingState, source: Source, team: Team, client_of: Callable[[User], Client]
) -> None:
    finding = finding_of(source, state=state)
    page = one_line(client_of(person("developer", team=team)).get(finding.get_absolute_url()).content.decode())
    offered = dict(re.findall(r'name="to" value="(\w+)">([^<]+)</button>', page))
    assert offered == {str(to): TRIAGE_LABELS[to] for to in available_transitions(state)} != {}


@pytest.mark.parametrize(
    ("state", "is_owned", "expected"),
    [
        ("open", True, "Dora owns it."),
        ("acknowledged", True, "Dora knows."),
        ("open", False, "Nobody has taken it up yet."),
        ("acknowledged", False, "It is known."),
        ("regressed", False, "It had been resolved and came back."),
    ],
)
def test_the_event_page_says_who_takes_care_of_its_worst_finding(
    state: str, is_owned: bool, expected: str, source: Source, client_of: Callable[[User], Client]
) -> None:
    event = EventFactory.create(name="Order Completed")
    owner = UserFactory.create(username="dora", name="Dora") if is_owned else None
    finding_of(source, state=state, owner=owner)
    page = one_line(client_of(person("viewer")).get(event.get_absolute_url()).content.decode())
    assert f"</a> {expected}</p>" in page


def test_the_history_of_a_finding_is_a_timeline(
    source: Source, team: Team, client_of: Callable[[User], Client]
) -> None:
    finding, developer = finding_of(source), person("developer", team=team)
    transition_finding(finding, "acknowledged", by=developer)
    transition_finding(finding, "ignored", by=developer, reason="Only in our own tests.")
    page = one_line(client_of(person("viewer")).get(finding.get_absolute_url()).content.decode())
    assert re.findall(r"<span>(\w+ → \w+)</span>", page) == ["acknowledged → ignored", "open → acknowledged"]
    assert '<div class="moment-body">Only in our own tests.</div>' in page


@pytest.fixture
def misspelt(source: Source) -> Finding:
    EventFactory.create(name="Order Completed")
    return finding_of(source, "order completed", rule="undocumented", path="/event")


def test_a_finding_of_another_spelling_says_what_it_looks_like_and_to_correct_the_sender_first(
    misspelt: Finding, client_of: Callable[[User], Client]
) -> None:
    page = one_line(client_of(person("pm")).get(misspelt.get_absolute_url()).content.decode())
    assert "It looks like Order Completed." in page
    assert "Correct the sender first" in page
    assert page.index("Correct the sender <span") < page.index("Propose a definition")
    assert page.count("btn-primary") >= 1
    propose = page[: page.index("Propose a definition")].rsplit("<button", 1)[1]
    assert "btn-primary" not in propose
    listed = one_line(client_of(person("viewer")).get(reverse("quality:findings")).content.decode())
    assert "It looks like Order Completed." in listed


@pytest.mark.parametrize(
    ("name", "rule", "is_sender_wrong"),
    [
        ("Viewed {50314}", "undocumented", True),
        ("/products/17/", "undocumented", True),
        ("Wish Made", "undocumented", False),
        ("Viewed 50314", "type", False),
    ],
)
def test_a_name_that_holds_a_value_is_the_senders_to_correct(
    name: str, rule: str, is_sender_wrong: bool, source: Source, client_of: Callable[[User], Client]
) -> None:
    finding = finding_of(source, name, rule=rule, path="/event")
    client = client_of(person("pm"))
    page = one_line(client.get(finding.get_absolute_url()).content.decode())
    assert ("Its name holds" in page) is is_sender_wrong
    assert (f"Correct the sender first: have {source} send one name each time" in page) is is_sender_wrong
    if rule == "undocumented":
        propose = page[: page.index("Propose a definition <span")].rsplit("<button", 1)[1]
        assert ("btn-primary" in propose) is not is_sender_wrong
    assert ("Its name holds" in client.get(reverse("quality:findings")).content.decode()) is is_sender_wrong


def test_the_rule_of_names_says_what_was_meant_as_well(
    misspelt: Finding, source: Source, client_of: Callable[[User], Client], api_of: Callable[[User], APIClient]
) -> None:
    finding = Finding.objects.create(
        source=source,
        seen_name=misspelt.seen_name,
        environment="production",
        rule="name",
        path="/event",
        severity="warning",
        first_seen=NOON,
        last_seen=NOON,
    )
    page = one_line(client_of(person("pm")).get(finding.get_absolute_url()).content.decode())
    assert "The name reads like that of Order Completed, and is spelled otherwise: order completed." in page
    assert "Correct the sender <span" in page and "looks like <a" in page
    assert (
        api_of(person("viewer")).get(f"/api/v1/findings/{finding.pk}/").json()["looks_like"]["name"]
        == "Order Completed"
    )


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Wish Made", "undocumented"),
        ("Wish Made", "name"),
        ("order completed", "type"),
        ("Order Completed", "undocumented"),
    ],
)
def test_a_finding_of_another_kind_or_name_looks_like_nothing(
    name: str, rule: str, source: Source, api_of: Callable[[User], APIClient]
) -> None:
    EventFactory.create(name="Order Completed")
    finding = finding_of(source, name, rule=rule)
    assert api_of(person("viewer")).get(f"/api/v1/findings/{finding.pk}/").json()["looks_like"] is None


def test_the_api_tells_what_findings_look_like_in_one_query(
    misspelt: Finding, source: Source, api_of: Callable[[User], APIClient], django_assert_max_num_queries: Any
) -> None:
    api = api_of(person("viewer"))
    shown = api.get(f"/api/v1/findings/{misspelt.pk}/").json()["looks_like"]
    assert shown["name"] == "Order Completed"
    assert shown["url"].startswith(f"/events/{shown['id']}-")
    with CaptureQueriesContext(connection) as one:
        api.get("/api/v1/findings/")
    EventFactory.create(name="Cart Viewed")
    finding_of(source, "cart_viewed", rule="undocumented", path="/event")
    finding_of(source, "cartViewed", rule="undocumented", path="/event")
    with django_assert_max_num_queries(len(one)):
        rows = api.get("/api/v1/findings/").json()["results"]
    assert {row["event"]: row["looks_like"]["name"] for row in rows} == {
        "order completed": "Order Completed",
        "cart_viewed": "Cart Viewed",
        "cartViewed": "Cart Viewed",
    }


@pytest.mark.parametrize("text", ["order completed", "orderCompl", "ORDER_COMPLETED", "Order\u00a0Completed"])
def test_a_search_finds_every_spelling_of_a_name(text: str, source: Source) -> None:
    spelt = {finding_of(source, name) for name in ("order_completed", "Order Completed", "orderCompleted")}
    finding_of(source, "Cart Viewed")
    assert set(FindingFilter({"q": text}, queryset=Finding.objects.all()).qs) == spelt


@pytest.mark.parametrize("text", ["%", "___", "\u200b", "x" * 10_000])
def test_no_text_breaks_the_search_of_findings(text: str, source: Source) -> None:
    finding_of(source)
    assert not FindingFilter({"q": text}, queryset=Finding.objects.all()).qs.exists()
