"""Nulls of optional properties: what the company chose decides every verdict, and a finding offers the choice."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import HistoryEntry, Team, User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from accounts.roles import Scope
from catalog.contract import parse_json
from catalog.models import CompanyPolicy, Event, Source
from catalog.resolution import null_handling
from catalog.resolution.null_handling import CACHE_SECONDS
from catalog.services.bindings import BASELINE_START, bind_source
from catalog.services.policy_editing import save_company_policy
from catalog.services.sources import update_source
from tests.factories.accounts import admin, person
from tests.factories.catalog import EventFactory, SourceFactory, publish_next_version
from tests.factories.catalog import definition as definition_of
from tests.factories.requests import RequestFactory, TeamFixture, ingest
from tests.page_text import one_line
from tracking.quality.models import Finding
from tracking.quality.services.null_findings import choose_null_handling, tells_of_optional_null
from tracking.requests.models import EvidenceProperty
from tracking.traffic.check.dry_run import dry_run_events
from tracking.traffic.models import Sample

pytestmark = pytest.mark.django_db


def text_of(answer: Any) -> str:
    return one_line(answer.content.decode())


NULL_COUPON = {"total": 3, "coupon": None}


@pytest.fixture
def shop(team: Team) -> Source:
    return SourceFactory.create(slug="shop", name="Shop", owner_team=team)


@pytest.fixture
def order(shop: Source) -> Event:
    return EventFactory.create(name="Order Completed", sources=[shop], is_live=True)


def verdict(source: Source, payload: dict[str, Any] = NULL_COUPON, environment: str = "production") -> str:
    """The verdict on one event that arrives now, which the dry run gives as well."""
    source = Source.objects.get(pk=source.pk)
    (checked,) = ingest(source, "Order Completed", [payload], environment=environment).events
    sent = {"type": "track", "event": "Order Completed", "properties": payload, "anonymousId": "a"}
    (tried,) = dry_run_events(source, environment, [parse_json(json.dumps(sent).encode())])
    assert tried.result.verdict == checked.result.verdict
    return checked.result.verdict.value


def null_finding(source: Source, environment: str = "production") -> Finding:
    ingest(source, "Order Completed", [NULL_COUPON], environment=environment)
    return Finding.objects.select_related("source", "seen_name").get(
        source=source, environment=environment, path="/properties/coupon", rule="type"
    )


def test_the_source_decides_before_the_company(shop: Source, order: Event) -> None:
    chief = admin()
    assert verdict(shop) == "nonconforming", "as JSON Schema says, where nobody decided anything"
    save_company_policy(null_handling="absent", by=chief)
    assert verdict(shop) == "conforming"
    update_source(shop, null_handling="error", by=chief)
    assert verdict(shop) == "nonconforming"
    update_source(shop, null_handling="", by=chief)
    assert verdict(shop) == "conforming"
    assert verdict(shop, {"total": None}) == "nonconforming", "it is required"


def test_a_second_source_and_environment_follow_the_company(shop: Source, order: Event, team: Team) -> None:
    app = SourceFactory.create(slug="app", owner_team=team)
    version = publish_next_version(order, definition_of(description="An order was paid."), sources=[shop, app])
    system = User.objects.system()
    bind_source(order, version, app, environments=("production",), since_at=BASELINE_START, by=system)
    update_source(shop, null_handling="absent", by=admin())

    assert [verdict(shop, environment=each) for each in ("production", "staging")] == ["conforming"] * 2
    assert verdict(app) == "nonconforming"


def test_a_warning_keeps_its_rule_and_its_finding(shop: Source, order: Event) -> None:
    finding = null_finding(shop)
    assert (finding.severity, finding.count) == ("error", 1)
    update_source(shop, null_handling="warning", by=admin())

    assert verdict(shop) == "conforming"
    finding.refresh_from_db()
    assert (finding.severity, finding.count, finding.rule) == ("warning", 2, "type")


def test_as_if_absent_finds_nothing(shop: Source, order: Event) -> None:
    update_source(shop, null_handling="absent", by=admin())
    ingest(Source.objects.get(), "Order Completed", [NULL_COUPON, {"total": 4, "coupon": None}])
    assert not Finding.objects.exists()


def test_a_process_follows_a_change_made_elsewhere_within_a_minute(
    shop: Source, order: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    monkeypatch.setattr(null_handling, "CACHE_SECONDS", CACHE_SECONDS)
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    assert verdict(shop) == "nonconforming"
    CompanyPolicy.objects.update(null_handling="absent")  # by another process
    assert verdict(shop) == "nonconforming"
    now[0] += 60
    assert verdict(shop) == "conforming"


def test_the_policy_is_not_asked_of_the_database_for_each_batch(shop: Source, order: Event) -> None:
    verdict(shop)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        verdict(shop)
    assert not [query for query in queries if "companypolicy" in query["sql"]]


@pytest.mark.parametrize("choice", ["warning", "absent"])
def test_evidence_of_a_property_is_a_value(choice: str) -> None:
    lifecycle = RequestFactory.developed(members=TeamFixture.create())
    (source,) = lifecycle.sources
    update_source(source, null_handling=choice, by=admin())
    source.refresh_from_db()
    payloads = [NULL_COUPON, {"total": 3, "coupon": "SPRING"}]
    ingest(source, lifecycle.change.name, payloads, environment="staging", app_version="2.0.0")
    assert dict(EvidenceProperty.objects.values_list("path", "count")) == {
        "/properties/total": 2,
        "/properties/coupon": 1,
    }


def test_versions_under_way_are_judged_by_the_same_choice() -> None:
    lifecycle = RequestFactory.developed(members=TeamFixture.create())
    (source,) = lifecycle.sources
    update_source(source, null_handling="warning", by=admin())
    source.refresh_from_db()
    ingest(source, lifecycle.change.name, [NULL_COUPON], environment="staging", app_version="2.0.0")
    sample = Sample.objects.get(source=source)
    verdicts = [sample.verdict, *(found["verdict"] for found in sample.second_verdicts.values())]
    assert set(verdicts) == {"conforming"}


def test_only_a_finding_of_such_a_null_offers_the_choice(shop: Source, order: Event) -> None:
    ingest(shop, "Order Completed", [NULL_COUPON, {"total": None}, {"total": 1, "coupon": 7}, {"total": 1, "a": None}])
    ingest(shop, "Never Defined", [NULL_COUPON])
    offering = {each.path for each in Finding.objects.all() if tells_of_optional_null(each)}
    ingest(shop, "Order Completed", [NULL_COUPON])
    assert offering == set(), "the newest sample of coupon came as a number"
    offering = {each.path for each in Finding.objects.all() if tells_of_optional_null(each)}
    assert offering == {"/properties/coupon"}


def test_one_press_changes_the_source_and_says_so(
    shop: Source, order: Event, client_of: Callable[[User], Client], team: Team
) -> None:
    finding = null_finding(shop)
    analyst = person("analyst", team=team)
    client = client_of(analyst)
    page = text_of(client.get(finding.get_absolute_url()))
    assert "Nulls of optional properties from Shop are an error, as JSON Schema says" in page
    assert '<a href="#nulls">let such a null count as absent</a>' in page and 'id="nulls"' in page
    assert "every source that does not say otherwise" not in page, "an analyst of one team does not decide for all"

    answer = client.post(reverse("quality:nulls", args=[finding.pk]), {"null_handling": "absent"}, follow=True)

    assert 'href="#nulls"' not in text_of(answer), "it is decided"
    sentence = "From now on, nulls of optional properties from Shop count as if the property had not come."
    assert sentence in text_of(answer)
    assert Source.objects.get(pk=shop.pk).null_handling == "absent"
    entry = HistoryEntry.objects.get(subject_type="finding", subject_id=str(finding.pk), to_state="")
    assert (entry.action, entry.message, entry.actor) == ("null_handling", sentence, analyst)
    changed = HistoryEntry.objects.get(subject_type="source", action="changed")
    assert changed.evidence == {"null_handling": ["", "absent"]}
    again = client.post(reverse("quality:nulls", args=[finding.pk]), {"null_handling": "absent"}, follow=True)
    assert "count as if the property had not come already" in text_of(again)
    assert verdict(shop) == "conforming"


def test_a_company_analyst_decides_for_every_source(shop: Source, order: Event) -> None:
    finding = null_finding(shop)
    message = choose_null_handling(finding, "warning", for_company=True, by=person("analyst"))
    assert message == (
        "From now on, nulls of optional properties from every source that does not say otherwise are a warning, "
        "and their events conform."
    )
    assert CompanyPolicy.objects.get().null_handling == "warning"
    update_source(shop, null_handling="error", by=admin())
    assert "Shop says otherwise" in choose_null_handling(finding, "absent", for_company=True, by=person("analyst"))


@pytest.mark.parametrize("for_company", [False, True])
def test_findings_of_nulls_that_count_as_absent_are_resolved(
    shop: Source, order: Event, team: Team, for_company: bool
) -> None:
    other_shop = SourceFactory.create(slug="other", owner_team=team)
    version = publish_next_version(order, definition_of(description="An order was paid."), sources=[shop, other_shop])
    system = User.objects.system()
    bind_source(order, version, other_shop, environments=("production",), since_at=BASELINE_START, by=system)
    finding = null_finding(shop)
    others = [null_finding(shop, "staging"), null_finding(other_shop)]
    ingest(shop, "Order Completed", [{"total": None}])
    choose_null_handling(finding, "absent", for_company=for_company, by=person("analyst"))
    resolved = set(Finding.objects.filter(state="resolved").values_list("pk", flat=True))
    assert resolved == {finding.pk, others[0].pk, *([others[1].pk] if for_company else [])}
    choose_null_handling(finding, "error", for_company=for_company, by=person("analyst"))
    null_finding(Source.objects.get(pk=shop.pk))
    finding.refresh_from_db()
    assert finding.state == "regressed"


def test_a_source_goes_back_to_what_the_company_says(
    shop: Source, order: Event, client_of: Callable[[User], Client], team: Team
) -> None:
    finding = null_finding(shop)
    client = client_of(person("analyst", team=team))
    back = "What the company says (an error)"
    assert back not in text_of(client.get(finding.get_absolute_url()))
    update_source(shop, null_handling="warning", by=admin())
    assert back in text_of(client.get(finding.get_absolute_url()))
    answer = client.post(
        reverse("quality:nulls", args=[finding.pk]), {"null_handling": "", "for": "source"}, follow=True
    )
    assert "are an error, as JSON Schema says. So the company chose." in text_of(answer)
    assert Source.objects.get(pk=shop.pk).null_handling == ""
    with pytest.raises(UnmetConditionsError, match="Choose one of"):
        choose_null_handling(finding, "", for_company=True, by=person("analyst"))


def test_who_may_not_and_what_cannot_be_chosen(shop: Source, order: Event, team: Team) -> None:
    finding = null_finding(shop)
    for somebody in (person("viewer"), person("qa"), person("analyst", team=TeamFixture.create().team)):
        with pytest.raises(Forbidden):
            choose_null_handling(finding, "absent", by=somebody)
    with pytest.raises(Forbidden):
        choose_null_handling(finding, "absent", for_company=True, by=person("analyst", team=team))
    with pytest.raises(UnmetConditionsError, match="Choose one of error, warning, absent"):
        choose_null_handling(finding, "maybe", by=person("analyst", team=team))
    ingest(shop, "Order Completed", [{"total": "x"}])
    with pytest.raises(UnmetConditionsError, match="does not tell of a null"):
        choose_null_handling(Finding.objects.get(path="/properties/total"), "absent", by=person("analyst", team=team))
    assert Source.objects.get(pk=shop.pk).null_handling == ""


def test_the_api_chooses_shows_and_resets(shop: Source, order: Event, api_of: Callable[..., APIClient]) -> None:
    finding = null_finding(shop)
    api = api_of(person("analyst"))
    address = f"/api/v1/findings/{finding.pk}/null-handling/"
    assert api.post(address, {"null_handling": "maybe"}).status_code == 400
    answer = api.post(address, {"null_handling": "warning"})
    assert answer.json()["message"].startswith("From now on, nulls of optional properties from Shop are a warning")
    assert api.post(address, {"null_handling": "warning"}).status_code == 409
    assert api.get("/api/v1/sources/shop/").json()["null_handling"] == "warning"
    assert api.post("/api/v1/sources/shop/null-handling/", {"null_handling": ""}).json()["null_handling"] == ""
    assert api.get("/api/v1/company-policy/").json() == {"null_handling": "error"}
    assert api.patch("/api/v1/company-policy/", {"null_handling": "absent"}).json() == {"null_handling": "absent"}
    assert api.get("/api/v1/company-policy/").json() == {"null_handling": "absent"}

    stranger = api_of(person("viewer"))
    assert stranger.get("/api/v1/company-policy/").status_code == 200
    assert stranger.patch("/api/v1/company-policy/", {"null_handling": "error"}).status_code == 403
    assert stranger.post(address, {"null_handling": "error"}).status_code == 403
    narrow = api_of(person("analyst"), Scope.READ)
    assert narrow.patch("/api/v1/company-policy/", {"null_handling": "error"}).status_code == 403
    assert narrow.post("/api/v1/sources/shop/null-handling/", {"null_handling": "error"}).status_code == 403


def test_the_editor_and_the_source_say_what_a_null_is(
    shop: Source, order: Event, client_of: Callable[[User], Client]
) -> None:
    chief = admin()
    save_company_policy(null_handling="warning", by=chief)
    update_source(shop, null_handling="absent", by=chief)
    client = client_of(person("analyst"))
    form = text_of(client.get(f"{reverse('requests:new')}?event={order.pk}"))
    assert "Nulls of optional properties are a warning, and their events conform." in form
    assert "From Shop they count as if the property had not come." in form
    assert "<dt>Nulls of optional properties</dt> <dd>As if absent</dd>" in text_of(client.get(shop.get_absolute_url()))
