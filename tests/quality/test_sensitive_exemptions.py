"""The rule `sensitive` is switched off for one property of one event, with a reason, and on again."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import HistoryEntry, Team
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from catalog.contract import ParsedJson, parse_json
from catalog.models import Event, SensitiveExemption, Source
from catalog.services.sensitive_exemptions import end_exemption, exempt_property
from tests.concurrency import run_behind
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import EventFactory, SourceFactory, create_write_key, definition
from tests.factories.requests import ingest
from tests.factories.traffic import post_batch, process_inbox, track_call
from tests.page_text import one_line
from tracking.quality.models import Finding
from tracking.quality.services.sensitive_findings import decide_exemption, exemption_offer
from tracking.traffic.check.dry_run import dry_run_events
from tracking.traffic.models import Sample

TEXTS = {"schema": {"type": "object", "properties": {"coupon": {"type": "string"}, "note": {"type": "string"}}}}
TOKEN = "ghp_" + "a1B2" * 9
COUPON = "/properties/coupon"
REASON = "Codes of a partner, which look like tokens."

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(team: Team) -> Source:
    return SourceFactory.create(slug="shop", name="Shop", owner_team=team)


@pytest.fixture
def events(shop: Source, team: Team) -> list[Event]:
    names = ("Order Completed", "Order Refunded")
    return [
        EventFactory.create(
            name=name, definition=definition(name, **TEXTS), owner_team=team, sources=[shop], is_live=True
        )
        for name in names
    ]


def verdict_and_paths(source: Source, name: str = "Order Completed", **properties: str) -> tuple[str, set[str]]:
    """The verdict on an event that arrives, and the paths of which `sensitive` tells; a dry run says the same."""
    (checked,) = ingest(source, name, [properties or {"coupon": TOKEN}]).events
    sent = {"type": "track", "event": name, "properties": properties or {"coupon": TOKEN}, "anonymousId": "a"}
    (tried,) = dry_run_events(source, "production", [parse_json(str(sent).replace("'", '"').encode())])
    results = [
        (result.verdict.value, {each.path for each in result.violations if each.rule == "sensitive"})
        for result in (checked.result, tried.result)
    ]
    assert results[0] == results[1]
    return results[0]


def test_it_ends_the_warning_of_one_property_of_one_event_and_hides_what_was_hidden(
    shop: Source, events: list[Event], team: Team
) -> None:
    analyst = person("analyst", team=team)
    other_shop = SourceFactory.create(slug="other", owner_team=team)
    assert verdict_and_paths(shop) == ("nonconforming", {COUPON})
    exempt_property(events[0], COUPON, reason=REASON, by=analyst)
    assert verdict_and_paths(shop) == ("conforming", set())
    assert verdict_and_paths(shop, coupon=TOKEN, note=TOKEN) == ("nonconforming", {"/properties/note"})
    assert verdict_and_paths(shop, "Order Refunded") == ("nonconforming", {COUPON})
    assert verdict_and_paths(other_shop)[1] == set(), "whichever source sends it"
    assert TOKEN not in str(list(Sample.objects.values_list("event", "violations")))
    end_exemption(events[0], COUPON, reason="The partner is gone.", by=analyst)
    assert verdict_and_paths(shop) == ("nonconforming", {COUPON})
    exempt_property(events[0], COUPON, reason=REASON, by=analyst)
    entries = HistoryEntry.objects.filter(subject_type="event", subject_id=str(events[0].pk), evidence__path=COUPON)
    assert [entry.message for entry in entries.order_by("pk")] == [REASON, "The partner is gone.", REASON]
    assert SensitiveExemption.objects.count() == 2


@pytest.mark.parametrize(
    ("path", "reason", "code"),
    [
        (COUPON, " ", "reason"),
        (COUPON, "x" * 501, "reason"),
        ("/properties/?", REASON, "path"),
        ("/properties/a/*/?", REASON, "path"),
        ("/properties", REASON, "path"),
        ("/properties/*", REASON, "path"),
        ("/traits", REASON, "path"),
        ("/context", REASON, "path"),
        ("", REASON, "path"),
    ],
)
def test_what_is_not_exempted(events: list[Event], team: Team, path: str, reason: str, code: str) -> None:
    with pytest.raises(UnmetConditionsError) as refused:
        exempt_property(events[0], path, reason=reason, by=person("analyst", team=team))
    assert [unmet.code for unmet in refused.value.unmet] == [code]
    assert not SensitiveExemption.objects.exists()


def test_an_id_that_is_exempted_is_not_told_of_either(shop: Source, events: list[Event], team: Team) -> None:
    def paths(name: str) -> set[str]:
        sent = {"type": "track", "event": name, "userId": "ann@example.org", "properties": {"coupon": TOKEN}}
        (tried,) = dry_run_events(shop, "production", [ParsedJson(sent)])
        return {each.path for each in tried.result.violations if each.rule == "sensitive"}

    assert paths("Order Completed") == {"/user_id", COUPON}
    exempt_property(
        events[0], "/user_id", reason="Our partners are known by their addresses.", by=person("analyst", team=team)
    )
    assert paths("Order Completed") == {COUPON}
    assert paths("Order Refunded") == {"/user_id", COUPON}


def test_a_text_in_place_of_all_properties_offers_no_exemption_of_all(
    shop: Source, events: list[Event], team: Team, client_of: Callable[..., Client]
) -> None:
    analyst = person("analyst", team=team)
    post_batch(create_write_key(shop), track_call(properties=TOKEN))
    process_inbox()
    finding = Finding.objects.get(rule="sensitive", path="/properties")
    assert exemption_offer(finding, analyst) is None
    page = client_of(analyst).get(reverse("quality:finding", args=[finding.pk])).content.decode()
    assert "Does it only look sensitive?" not in page


def test_only_who_approves_definitions_of_the_event_decides(events: list[Event], team: Team) -> None:
    strangers = [person(role, team=team) for role in ("developer", "pm", "qa", "viewer")]
    for by in (*strangers, person("analyst", team=TeamFactory.create())):
        for decide in (exempt_property, end_exemption):
            with pytest.raises(Forbidden):
                decide(events[0], COUPON, reason=REASON, by=by)


def test_the_finding_offers_it(shop: Source, events: list[Event], team: Team, client_of: Callable[..., Client]) -> None:
    verdict_and_paths(shop)
    finding = Finding.objects.get(rule="sensitive")
    analyst, developer = client_of(person("analyst", team=team)), client_of(person("developer", team=team))
    assert "Switch the rule off here" in one_line(analyst.get(finding.get_absolute_url()).content.decode())
    page = one_line(developer.get(finding.get_absolute_url()).content.decode())
    assert '<a href="#exemption">switch the rule off for this property</a>' in page and 'id="exemption"' in page
    assert "Does it only look sensitive?" in page and "Switch the rule off here" not in page
    assert "Whoever approves the event's definition decides this. You may not approve a request." in page
    url = reverse("quality:exemption", args=[finding.pk])
    assert developer.post(url, {"exempt": "yes", "reason": REASON}).status_code == 403
    page = one_line(analyst.post(url, {"exempt": "yes", "reason": f"<b>{REASON}"}, follow=True).content.decode())
    assert "The rule is off for this property" in page and f"&lt;b&gt;{REASON}" in page
    assert "already" in analyst.post(url, {"exempt": "yes", "reason": REASON}, follow=True).content.decode()
    page = one_line(analyst.post(url, {"exempt": "no", "reason": "Gone."}, follow=True).content.decode())
    assert "The rule is on again for this property." in page and "Switch the rule off here" in page


@pytest.mark.parametrize(("reason", "told"), [(" ", "Say why"), ("x" * 501, "Say it in at most 500 characters.")])
def test_a_refused_reason_is_told_at_its_field_and_kept(
    shop: Source, events: list[Event], team: Team, client_of: Callable[..., Client], reason: str, told: str
) -> None:
    verdict_and_paths(shop)
    finding = Finding.objects.get(rule="sensitive")
    answer = client_of(person("analyst", team=team)).post(
        reverse("quality:exemption", args=[finding.pk]), {"exempt": "yes", "reason": reason}
    )
    page = one_line(answer.content.decode())
    assert answer.status_code == 422 and told in page
    assert f'value="{reason}" aria-invalid="true" aria-describedby="exemption-error"' in page


def test_what_was_found_of_the_property_is_resolved_and_what_comes_later_is_regressed(
    shop: Source, events: list[Event], team: Team, client_of: Callable[..., Client]
) -> None:
    analyst = person("analyst", team=team)
    other_shop = SourceFactory.create(slug="other", owner_team=TeamFactory.create())
    for source in (shop, other_shop):
        verdict_and_paths(source, coupon=TOKEN, note=TOKEN)
    verdict_and_paths(shop, "Order Refunded")
    findings = Finding.objects.filter(rule="sensitive", seen_name__name="Order Completed")
    finding = findings.get(source=shop, path=COUPON)
    decide_exemption(finding, is_exempt=True, reason=REASON, by=analyst)
    assert set(Finding.objects.filter(state="resolved").values_list("source", "path")) == {
        (shop.pk, COUPON),
        (other_shop.pk, COUPON),
    }
    page = one_line(client_of(analyst).get(finding.get_absolute_url()).content.decode())
    assert f"{analyst} switched the rule off for coupon: {REASON}" in page, "its history says who and why"
    decide_exemption(finding, is_exempt=False, reason="They are tokens.", by=analyst)
    verdict_and_paths(shop)
    finding.refresh_from_db()
    assert finding.state == "regressed"


def test_the_event_page_names_it_and_takes_it_back(
    events: list[Event], team: Team, client_of: Callable[..., Client]
) -> None:
    analyst, viewer = person("analyst", team=team), person("viewer", team=team)
    url = events[0].get_absolute_url()
    assert "Taken for no personal data" not in client_of(viewer).get(url).content.decode()
    for path in (COUPON, "/properties/products/*/note"):
        exempt_property(events[0], path, reason=f"<b>{REASON}", by=analyst)
    page = one_line(client_of(viewer).get(url).content.decode())
    assert "products[].note" in page and page.count(f"&lt;b&gt;{REASON}") == 2
    assert "Switch the rule on again" not in page
    assert "Taken for no personal data" not in client_of(viewer).get(events[1].get_absolute_url()).content.decode()

    assert one_line(client_of(analyst).get(url).content.decode()).count("Switch the rule on again") == 2
    action = reverse("catalog:exemption_ended", args=[events[0].pk])
    assert client_of(viewer).get(action)["Location"].startswith(f"/events/{events[0].pk}")
    assert client_of(viewer).post(action, {"path": COUPON, "reason": "x"}).status_code == 403
    assert "Say why" in client_of(analyst).post(action, {"path": COUPON}, follow=True).content.decode()
    answer = client_of(analyst).post(action, {"path": COUPON, "reason": "They are tokens."}, follow=True)
    assert "The rule sensitive is on again for coupon." in answer.content.decode()
    assert "already" in client_of(analyst).post(action, {"path": COUPON, "reason": "x"}, follow=True).content.decode()
    assert events[0].sensitive_exemptions.active().get().path == "/properties/products/*/note"


def test_the_api_takes_it(shop: Source, events: list[Event], team: Team, api_of: Callable[..., APIClient]) -> None:
    verdict_and_paths(shop)
    ingest(shop, "Never Defined", [{"coupon": TOKEN}])
    finding = Finding.objects.get(rule="sensitive", seen_name__name="Order Completed")
    api = api_of(person("analyst", team=team))
    address = f"/api/v1/findings/{finding.pk}/exemption/"
    answer: Any = api.post(address, {"is_exempt": True, "reason": REASON})
    assert (answer.status_code, answer.json()["path"], answer.json()["ended_at"]) == (200, COUPON, None)
    shown = api.get(f"/api/v1/events/{events[0].pk}/").json()["sensitive_exemptions"]
    assert [(each["path"], each["reason"]) for each in shown] == [(COUPON, REASON)]
    again = api.post(address, {"is_exempt": True, "reason": REASON})
    assert (again.status_code, [unmet["code"] for unmet in again.json()["unmet"]]) == (409, ["exempted"])
    assert api.post(address, {"is_exempt": False, "reason": "Gone."}).json()["ended_at"]
    assert api.get(f"/api/v1/events/{events[0].pk}/").json()["sensitive_exemptions"] == []
    undefined = Finding.objects.get(rule="sensitive", seen_name__name="Never Defined")
    assert (
        api.post(f"/api/v1/findings/{undefined.pk}/exemption/", {"is_exempt": True, "reason": "x"}).status_code == 409
    )


@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_exempt_it_once(events: list[Event], team: Team) -> None:
    first, second = (person("analyst", team=team) for _ in range(2))
    _, refused = run_behind(
        lambda: exempt_property(events[0], COUPON, reason=REASON, by=first),
        lambda: exempt_property(events[0], COUPON, reason=REASON, by=second),
    )
    assert isinstance(refused, UnmetConditionsError)
    assert [unmet.code for unmet in refused.unmet] == ["exempted"]
    assert SensitiveExemption.objects.active().get().created_by == first
