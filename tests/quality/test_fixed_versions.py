"""Fixed in: older app versions do not open a resolved finding again, the one with the fix and later ones do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import HistoryEntry, Team, User
from accounts.preconditions import UnmetConditionsError
from catalog.models import Source
from catalog.services.bindings import bind_source
from catalog.services.deploys import mark_deploy
from tests.concurrency import run_behind
from tests.factories.accounts import person
from tests.factories.catalog import EventFactory, SourceFactory
from tests.page_text import one_line
from tests.quality.evaluated_batches import NOON, evaluated_batch, evaluated_event, make_seen_name, make_violation
from tracking.quality.choices import FindingState
from tracking.quality.explanations import explain
from tracking.quality.finding_recorder import record_findings
from tracking.quality.fixed_versions import MAX_OFFERED, offered_versions
from tracking.quality.models import Finding
from tracking.quality.services import transition_finding

LATER = NOON + timedelta(hours=1)


@pytest.fixture
def source(team: Team) -> Source:
    return SourceFactory.create(slug="app", name="App", owner_team=team)


def ingest_from(
    source: Source, *app_versions: str, at: Any = LATER, environment: str = "production", **fields: Any
) -> Finding:
    """Let one event of each app version come and break the same rule, all in one batch; return the finding."""
    name = make_seen_name()
    events = [
        evaluated_event(name, make_violation(), app_version=each, received_at=at, **fields) for each in app_versions
    ]
    with transaction.atomic():
        record_findings(evaluated_batch(source, *events, environment=environment))
    return Finding.objects.select_related("source", "seen_name").get(source=source, environment=environment)


def resolve(source: Source, resolved_in: str, **fields: Any) -> Finding:
    """Let the violation come at noon from 2.4.1, and resolve it in a version a minute later."""
    finding = ingest_from(source, "2.4.1", at=NOON, **fields)
    at = NOON + timedelta(minutes=1)
    return transition_finding(finding, "resolved", by=User.objects.system(), resolved_in=resolved_in, at=at)


@pytest.mark.parametrize(
    ("app_version", "state", "older"),
    [
        ("2.4.1", "resolved", 1),
        ("2.4.99", "resolved", 1),
        ("2.5.0-rc.1", "resolved", 1),
        ("2.5.0", "regressed", 0),
        ("2.5", "regressed", 0),
        ("2.10.0", "regressed", 0),
        ("", "regressed", 0),
        ("nightly", "regressed", 0),
        ("(other)", "regressed", 0),
    ],
)
def test_only_the_fix_or_later_opens_it_again(source: Source, app_version: str, state: str, older: int) -> None:
    resolve(source, "2.5.0")
    finding = ingest_from(source, app_version)
    assert (finding.state, finding.older_count, finding.count) == (state, older, 2)
    assert finding.app_versions[app_version] == (2 if app_version == "2.4.1" else 1)
    assert finding.last_seen == LATER


def test_outside_production_a_candidate_of_the_release_has_the_fix(source: Source) -> None:
    resolve(source, "2.5.0", environment="staging")
    assert ingest_from(source, "2.4.9", environment="staging").state == "resolved"
    assert ingest_from(source, "2.5.0-rc.1", environment="staging").state == "regressed"


def test_a_second_environment_has_a_finding_of_its_own(source: Source) -> None:
    resolve(source, "2.5.0")
    resolve(source, "2.6.0", environment="staging")
    assert ingest_from(source, "2.5.1").state == "regressed"
    assert ingest_from(source, "2.5.1", environment="staging").state == "resolved"


def test_older_ones_are_counted_batch_after_batch_until_it_comes_back(source: Source) -> None:
    resolve(source, "2.5.0")
    ingest_from(source, "2.4.1", "2.4.1", "2.3.0")
    finding = ingest_from(source, "2.4.1")
    assert (finding.state, finding.older_count, finding.count) == ("resolved", 4, 5)
    assert explain(finding).fix == (
        "Fixed in 2.5.0. 4 events of older versions broke it since, which does not open it again."
    )
    finding = ingest_from(source, "2.4.1", "2.5.3", "2.4.2")
    assert (finding.state, finding.older_count, finding.count) == ("regressed", 6, 8)
    entry = HistoryEntry.objects.get(action="came_back")
    assert entry.message == "It was fixed in 2.5.0 and came in 2.5.3."
    assert entry.evidence == {"resolved_in": "2.5.0", "app_versions": ["2.5.3"]}
    assert explain(finding).fix == "It was fixed in 2.5.0, and came back in that version or a later one."


def test_what_came_before_it_was_resolved_opens_nothing(source: Source) -> None:
    resolve(source, "2.5.0")
    finding = ingest_from(source, "2.5.0", "2.4.1", at=NOON)
    assert (finding.state, finding.older_count) == ("resolved", 0)


@pytest.mark.parametrize("resolved_in", ["", "2.4.0"])
def test_what_happened_before_it_was_resolved_and_was_sent_later_opens_nothing(
    source: Source, resolved_in: str
) -> None:
    resolve(source, resolved_in)
    assert ingest_from(source, "2.4.1", event_time=NOON).state == "resolved"
    finding = ingest_from(source, "2.4.1", event_time=LATER)
    assert (finding.state, finding.count) == ("regressed", 3)


def test_without_a_version_whatever_comes_opens_it(source: Source) -> None:
    resolve(source, "")
    assert ingest_from(source, "1.0.0").state == "regressed"
    assert HistoryEntry.objects.get(action="came_back").message == ""


def test_resolved_a_second_time_it_counts_anew(source: Source) -> None:
    resolve(source, "2.5.0")
    finding = ingest_from(source, "2.5.0", "2.4.1")
    finding = transition_finding(finding, "resolved", by=User.objects.system(), resolved_in="2.6", at=LATER)
    assert (finding.resolved_in, finding.older_count) == ("2.6", 0)
    finding = ingest_from(source, "2.5.0", at=LATER + timedelta(hours=1))
    assert (finding.state, finding.older_count) == ("resolved", 1)
    finding = transition_finding(finding, "open", by=User.objects.system())
    assert (finding.resolved_in, finding.older_count) == ("", 0)


@pytest.mark.parametrize(
    ("order", "fix", "older", "later"),
    [("build", "420", "99", "1000"), ("date", "2026-03-01", "2026-02-28", "2026-11-01")],
)
def test_versions_are_compared_as_their_source_orders_them(
    source: Source, order: str, fix: str, older: str, later: str
) -> None:
    Source.objects.update(version_order=order)
    source.refresh_from_db()
    resolve(source, fix)
    assert ingest_from(source, older).state == "resolved"
    assert ingest_from(source, later).state == "regressed"


class TestDeploys:
    """An event whose version says nothing is held against the deploys of its environment."""

    @pytest.fixture(params=["payload", "deploys"])
    def source(self, request: pytest.FixtureRequest, team: Team) -> Source:
        source = SourceFactory.create(slug="api", name="Api", owner_team=team, version_from=request.param)
        deploys = [("production", "2.4.0", -48), ("production", "2.5.1", 2), ("staging", "2.5.0", -1)]
        for environment, version, hours in [*deploys, ("production", "2.4.0", 3), ("production", "2.5.1", 4)]:
            at = NOON + timedelta(hours=hours)
            mark_deploy(source, environment=environment, version=version, at=at, by=User.objects.system())
        return source

    @pytest.mark.parametrize(
        ("app_version", "state"), [("", "resolved"), ("nightly", "resolved"), ("2.5", "regressed")]
    )
    def test_before_the_fix_or_a_later_version_was_deployed(self, source: Source, app_version: str, state: str) -> None:
        resolve(source, "2.5.0")
        assert ingest_from(source, app_version, at=NOON + timedelta(hours=1)).state == state

    @pytest.mark.parametrize(
        ("app_version", "state"), [("", "regressed"), ("nightly", "regressed"), ("2.4.0", "resolved")]
    )
    def test_after_it_was_deployed(self, source: Source, app_version: str, state: str) -> None:
        resolve(source, "2.5.0")
        assert ingest_from(source, app_version, at=NOON + timedelta(hours=2)).state == state

    def test_sent_after_it_was_deployed_but_older_than_that(self, source: Source) -> None:
        resolve(source, "2.5.0")
        happened_at = NOON + timedelta(hours=1)
        finding = ingest_from(source, "", at=NOON + timedelta(hours=3), event_time=happened_at)
        assert (finding.state, finding.older_count) == ("resolved", 1)

    def test_another_environment_has_deploys_of_its_own(self, source: Source) -> None:
        resolve(source, "2.5", environment="staging")
        assert ingest_from(source, "", at=NOON + timedelta(hours=1), environment="staging").state == "regressed"

    def test_a_fix_that_was_never_deployed(self, source: Source) -> None:
        resolve(source, "3.0.0")
        expected = "resolved" if source.version_from == "deploys" else "regressed"
        assert ingest_from(source, "", at=NOON + timedelta(hours=9)).state == expected


def test_a_source_that_orders_its_versions_otherwise_meanwhile_tells_nothing(source: Source) -> None:
    resolve(source, "2.5.0")
    Source.objects.update(version_order="build")
    source.refresh_from_db()
    assert ingest_from(source, "7").state == "regressed"


@pytest.mark.parametrize(
    ("to", "resolved_in", "detail"),
    [
        ("resolved", "nightly", "nightly is no semantic version, so older and later"),
        ("resolved", "(other)", "is no semantic version"),
        ("resolved", "1." * 60 + "1", "is no semantic version"),
        ("acknowledged", "2.5.0", "An app version says where it is fixed: choose “Mark resolved”"),
    ],
)
def test_what_says_nothing_of_older_and_later_is_refused(
    source: Source, to: str, resolved_in: str, detail: str
) -> None:
    finding = ingest_from(source, "2.4.1")
    with pytest.raises(UnmetConditionsError, match=detail.replace("(", r"\(")):
        transition_finding(finding, to, by=User.objects.system(), resolved_in=resolved_in)
    finding.refresh_from_db()
    assert (finding.state, finding.resolved_in) == ("open", "")


def test_a_source_without_versions_takes_and_offers_none(
    source: Source, client_of: Callable[[User], Client], team: Team
) -> None:
    Source.objects.update(version_from="nowhere")
    source.refresh_from_db()
    finding = ingest_from(source, "")
    with pytest.raises(UnmetConditionsError, match="App sends no app version"):
        transition_finding(finding, "resolved", by=User.objects.system(), resolved_in="2.5.0")
    page = client_of(person("analyst", team=team)).get(finding.get_absolute_url()).content.decode()
    assert 'name="resolved_in"' not in page
    assert offered_versions(source, "production", ["1.0"]) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_wins_and_the_other_is_told(source: Source) -> None:
    finding = ingest_from(source, "2.4.1")
    system = User.objects.system()
    _, told = run_behind(
        lambda: transition_finding(finding, "resolved", by=system, resolved_in="2.5.0"),
        lambda: transition_finding(finding, "resolved", by=system, resolved_in="2.6.0"),
    )
    assert isinstance(told, UnmetConditionsError)
    assert "This finding is Resolved (in 2.5.0); from there it cannot become resolved." in str(told)
    assert Finding.objects.get().resolved_in == "2.5.0"


def test_the_page_offers_versions_newest_first_and_tells_what_became_of_it(
    source: Source, client_of: Callable[[User], Client], team: Team
) -> None:
    system = User.objects.system()
    event = EventFactory.create(name="Order Completed", sources=[source])
    bind_source(event, event.newest_version, source, environments=("production",), since_version="2.10.0", by=system)
    mark_deploy(source, environment="production", version="2.5.0", by=system)
    finding = ingest_from(source, "2.4.1", "2.9.0", "nightly", "")
    client = client_of(person("developer", team=team))
    page = one_line(client.get(finding.get_absolute_url()).content.decode())
    offered = [text.split('"')[0] for text in page.split('<option value="')[1:]]
    assert [each for each in offered if each[:1].isdigit()] == ["2.10.0", "2.9.0", "2.5.0", "2.4.1"]

    move = reverse("quality:move", args=[finding.pk])
    refused = client.post(move, {"to": "resolved", "resolved_in": "nightly"}, follow=True)
    assert "nightly is no semantic version" in refused.content.decode()
    moved = one_line(client.post(move, {"to": "resolved", "resolved_in": " 2.10.0 "}, follow=True).content.decode())
    assert "Fixed in 2.10.0: what older versions still send does not open it again." in moved
    assert "open → resolved in 2.10.0" in moved
    reopened = client.post(move, {"to": "open", "resolved_in": "2.4.1"}, follow=True)
    assert "Fixed in 2.10.0" not in reopened.content.decode()


@pytest.mark.parametrize(
    ("to", "version", "detail"),
    [("resolved", "soon", "soon is no semantic version"), ("acknowledged", "2.6.0", "choose “Mark resolved”")],
)
def test_a_version_that_cannot_be_taken_is_told_at_its_field_and_nothing_typed_is_lost(
    source: Source, client_of: Callable[[User], Client], to: str, version: str, detail: str
) -> None:
    finding = ingest_from(source, "2.4.1")
    client = client_of(person("developer", team=source.owner_team))
    typed = {"to": to, "resolved_in": version, "reason": "Lena mended it <today>."}
    answer = client.post(reverse("quality:move", args=[finding.pk]), typed)
    page = one_line(answer.content.decode())
    assert answer.status_code == 422 and detail in page
    assert f'value="{version}" aria-describedby="resolved_in_hint resolved_in_error" aria-invalid="true"' in page
    assert "Lena mended it &lt;today&gt;.</textarea>" in page
    finding.refresh_from_db()
    assert finding.state == "open"


def test_return_in_the_field_of_the_version_marks_it_resolved(
    source: Source, client_of: Callable[[User], Client]
) -> None:
    finding = ingest_from(source, "2.4.1")
    page = client_of(person("developer", team=source.owner_team)).get(finding.get_absolute_url()).content.decode()
    form = page[page.index('action="' + reverse("quality:move", args=[finding.pk])) :]
    assert form.index('name="resolved_in"') < form.index('value="resolved"') < form.index('value="acknowledged"')
    assert form.index('type="submit"') < form.index('value="resolved"') < form.index("Mark resolved")


def test_lists_and_the_api_name_the_version(
    source: Source, client_of: Callable[[User], Client], api_of: Callable[..., APIClient]
) -> None:
    finding = ingest_from(source, "2.4.1", at=NOON)
    api = api_of(person("developer", team=source.owner_team))
    steps = f"/api/v1/findings/{finding.pk}/transitions/"
    assert api.post(steps, {"to": "resolved", "resolved_in": "soon"}).status_code == 409
    moved = api.post(steps, {"to": "resolved", "resolved_in": "2.5.0"}).json()
    assert (moved["state"], moved["resolved_in"], moved["older_count"]) == ("resolved", "2.5.0", 0)
    assert moved["resolved_at"]
    for text, count in (("2.5.0", 1), ("2.5", 0), ("2.4.1", 0)):
        assert len(api.get("/api/v1/findings/", {"resolved_in": text}).json()["results"]) == count
    client = client_of(person("viewer"))
    listed = one_line(client.get(reverse("quality:findings"), {"resolved_in": "2.5.0"}).content.decode())
    assert "fixed in" in listed
    text = client.get(reverse("quality:findings"), {"export": "csv"}).content.decode()
    head, row = (line.split(",") for line in text.splitlines()[:2])
    assert row[head.index("resolved_in")] == "2.5.0"


def test_ten_findings_of_a_batch_cost_the_queries_of_one(source: Source) -> None:
    Source.objects.update(version_from="deploys")
    source.refresh_from_db()
    mark_deploy(source, environment="production", version="2.5.0", at=NOON, by=User.objects.system())
    name = make_seen_name()
    counts: list[int] = []
    for number in (1, 10):
        Finding.objects.all().delete()
        violations = [make_violation(f"/properties/p{each}") for each in range(number)]
        record_findings(
            evaluated_batch(source, evaluated_event(name, *violations, app_version="old", received_at=NOON))
        )
        Finding.objects.update(state=FindingState.RESOLVED, resolved_in="2.5.0", resolved_at=NOON)
        batch = evaluated_batch(source, evaluated_event(name, *violations, app_version="old", received_at=LATER))
        with CaptureQueriesContext(connection) as queries:
            record_findings(batch)
        assert HistoryEntry.objects.filter(action="came_back").count() == (11 if counts else 1)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db
def test_a_version_of_many_events_and_many_deploys_is_offered_once_beside_the_others(source: Source) -> None:
    system = User.objects.system()
    for number in range(MAX_OFFERED + 1):
        event = EventFactory.create(name=f"Event {number}", sources=[source])
        assert event.newest_version is not None
        bind_source(event, event.newest_version, source, environments=["production"], since_version="2.5.0", by=system)
        mark_deploy(source, environment="production", version="2.7.0", by=system, at=LATER + timedelta(hours=number))
    event = EventFactory.create(name="Older", sources=[source])
    assert event.newest_version is not None
    bind_source(event, event.newest_version, source, environments=["production"], since_version="2.4.0", by=system)
    mark_deploy(source, environment="production", version="2.6.0", by=system, at=NOON)
    assert offered_versions(source, "production", ["2.3.0"]) == ["2.7.0", "2.6.0", "2.5.0", "2.4.0", "2.3.0"]
