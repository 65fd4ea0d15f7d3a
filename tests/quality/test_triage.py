"""Triage: who may move a finding, where to, and what is written down."""

from collections.abc import Iterable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import HistoryEntry, Team, User
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from catalog.models import Source
from tests.concurrency import run_beside
from tests.factories.accounts import TeamFactory, UserFactory, person
from tests.factories.catalog import EventFactory, SourceFactory
from tests.factories.requests import ingest
from tests.quality.evaluated_batches import NOON, make_seen_name
from tracking.quality.choices import FindingState
from tracking.quality.models import Finding
from tracking.quality.services import assign_finding, resolve_undocumented, transition_finding
from tracking.quality.services.null_findings import choose_null_handling
from tracking.quality.services.triage import TRIAGE_TRANSITIONS


@pytest.fixture
def team(db: None) -> Team:
    return TeamFactory.create()


@pytest.fixture
def finding(team: Team) -> Finding:
    source = Source.objects.create(slug="web", name="Web shop", platform="web", owner_team=team)
    return Finding.objects.create(
        source=source,
        environment="production",
        seen_name=make_seen_name(),
        path="/properties/total",
        rule="type",
        severity="error",
        first_seen=NOON,
        last_seen=NOON,
    )


@pytest.mark.parametrize("state", FindingState.values)
@pytest.mark.parametrize("to", FindingState.values)
def test_every_move_from_every_state(finding: Finding, team: Team, state: str, to: str) -> None:
    developer = person("developer", team=team)
    Finding.objects.update(state=state)
    allowed = to in TRIAGE_TRANSITIONS and state in TRIAGE_TRANSITIONS[FindingState(to)][0]
    if not allowed:
        with pytest.raises(UnmetConditionsError):
            transition_finding(finding, to, by=developer, reason="because")
        assert Finding.objects.get().state == state
        return
    transition_finding(finding, to, by=developer, reason="because")
    assert Finding.objects.get().state == to
    entry = HistoryEntry.objects.get(subject_type="finding")
    assert (entry.from_state, entry.to_state, entry.actor) == (state, to, developer)


def test_ignoring_asks_why(finding: Finding, team: Team) -> None:
    with pytest.raises(UnmetConditionsError, match="Say why"):
        transition_finding(finding, "ignored", by=person("developer", team=team))


def test_a_word_that_is_no_state_is_told_so(finding: Finding, team: Team) -> None:
    with pytest.raises(UnmetConditionsError, match="cannot become gone"):
        transition_finding(finding, "gone", by=person("developer", team=team))


@pytest.mark.parametrize("role", ["viewer", "pm"])
def test_a_wrong_role_may_not(finding: Finding, team: Team, role: str) -> None:
    with pytest.raises(Forbidden):
        transition_finding(finding, "acknowledged", by=person(role, team=team))


def test_a_stranger_may_not(finding: Finding) -> None:
    for stranger in (person("developer"), UserFactory.create()):
        with pytest.raises(Forbidden):
            transition_finding(finding, "acknowledged", by=stranger)
        with pytest.raises(Forbidden):
            assign_finding(finding, stranger, by=stranger)


def test_an_owner_is_somebody_who_still_works_here(finding: Finding, team: Team) -> None:
    developer = person("developer", team=team)
    assign_finding(finding, developer, by=developer)
    assign_finding(finding, developer, by=developer)
    assert Finding.objects.get().owner == developer
    assert HistoryEntry.objects.filter(subject_type="finding", action="assigned").count() == 1
    with pytest.raises(UnmetConditionsError, match="deactivated"):
        assign_finding(finding, UserFactory.create(is_active=False), by=developer)


def make_undocumented(name: str, sources: Iterable[Source], **fields: object) -> None:
    for source in sources:
        given: dict[str, object] = {
            "environment": "production",
            "seen_name": make_seen_name(name),
            "path": "/event",
            "rule": "undocumented",
            "severity": "error",
            "first_seen": NOON,
            "last_seen": NOON,
        }
        Finding.objects.create(source=source, **given | fields)


def test_findings_of_events_that_are_defined_now_are_resolved_in_as_many_queries_for_ten_as_for_one(db: None) -> None:
    events = [EventFactory.create(name=name) for name in ("Cart Viewed", "Cart Emptied")]
    sources = SourceFactory.create_batch(10)
    User.objects.system()
    counts = []
    for number in (1, 10):
        Finding.objects.all().delete()
        for event in events:
            make_undocumented(event.name, sources[:number])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert resolve_undocumented(events, at=NOON) == 2 * number
        counts.append(len(queries))
    assert counts[0] == counts[1] < 8
    finding = Finding.objects.filter(seen_name__name="Cart Emptied").latest("pk")
    assert (finding.state, finding.resolved_at, finding.reason) == ("resolved", NOON, "Cart Emptied is defined now.")
    entries = HistoryEntry.objects.filter(subject_type="finding", subject_id=str(finding.pk))
    (entry,) = entries
    assert (entry.from_state, entry.to_state, entry.action, entry.message, entry.at) == (
        *("open", "resolved", "moved", "Cart Emptied is defined now.", NOON),
    )
    assert entry.actor.is_system


@pytest.mark.parametrize("state", FindingState.values)
def test_only_active_findings_of_the_rule_and_the_event_are_resolved(db: None, state: str) -> None:
    event = EventFactory.create(name="Cart Viewed")
    source = SourceFactory.create()
    make_undocumented("Cart Viewed", [source], state=state)
    make_undocumented("Cart Viewed", [source], rule="wrong_source")
    make_undocumented("Cart Emptied", [source])
    is_active = state not in {"resolved", "ignored"}
    assert resolve_undocumented([event], at=NOON) == int(is_active)
    found = Finding.objects.order_by("pk").values_list("state", "resolved_at")
    assert list(found) == [("resolved", NOON) if is_active else (state, None), ("open", None), ("open", None)]
    assert [entry.from_state for entry in HistoryEntry.objects.filter(subject_type="finding")] == [state] * is_active


def test_events_without_findings_need_no_history(db: None) -> None:
    assert resolve_undocumented([], at=NOON) == 0
    assert resolve_undocumented([EventFactory.create()], at=NOON) == 0
    assert not HistoryEntry.objects.filter(subject_type="finding").exists()


@pytest.mark.django_db(transaction=True)
def test_no_decision_about_a_finding_waits_for_a_check_that_refers_to_its_source(team: Team) -> None:
    shop = SourceFactory.create(name="Shop", owner_team=team)
    EventFactory.create(name="Order Completed", sources=[shop], is_live=True)
    ingest(shop, "Order Completed", [{"total": 3, "coupon": None}])
    finding = Finding.objects.select_related("source", "seen_name").get(path="/properties/coupon")
    analyst = person("analyst", team=team)

    def refer() -> None:
        """Lock the source as an insert of a row of it does."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM catalog_source WHERE id = %s FOR KEY SHARE", [shop.pk])

    for decide in (
        lambda: transition_finding(finding, "acknowledged", by=analyst).state,
        lambda: assign_finding(finding, analyst, by=analyst).owner,
        lambda: choose_null_handling(finding, "absent", by=analyst),
    ):
        answer = run_beside(refer, decide)
        assert not isinstance(answer, Exception), answer
    finding.refresh_from_db()
    assert (finding.state, finding.owner) == ("resolved", analyst)
