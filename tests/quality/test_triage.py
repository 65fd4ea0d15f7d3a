"""Triage: who may move a finding, where to, and what is written down."""

import pytest

from accounts.models import HistoryEntry, Team
from accounts.permissions import Forbidden
from accounts.preconditions import UnmetConditionsError
from catalog.models import Source
from tests.factories.accounts import TeamFactory, UserFactory, person
from tests.quality.evaluated_batches import NOON, make_seen_name
from tracking.quality.choices import FindingState
from tracking.quality.models import Finding
from tracking.quality.services import assign_finding, transition_finding
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
    assert Finding.objects.get().owner == developer
    with pytest.raises(UnmetConditionsError, match="deactivated"):
        assign_finding(finding, UserFactory.create(is_active=False), by=developer)
