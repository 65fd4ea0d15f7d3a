"""The replay of a breaking change: what it says of events that came, and that it must have been seen."""

from datetime import timedelta

import pytest

from accounts.models import HistoryEntry
from accounts.preconditions import UnmetConditions
from tests.factories.catalog import SourceFactory, definition
from tests.factories.requests import VALID, Cast, RequestFactory, arrive
from tracking.requests.authoring.draft_editing import edit_request
from tracking.requests.choices import State
from tracking.requests.evidence import replay as replays
from tracking.requests.evidence.replay import StaleReplay, is_breaking, replay_of, seen_replay
from tracking.requests.workflow.approvals import approve
from tracking.requests.workflow.available_steps import allowed
from tracking.requests.workflow.transition_service import move_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return Cast.of()


@pytest.fixture
def source(cast):
    return SourceFactory.create(owner_team=cast.team)


@pytest.fixture
def breaking(cast, source):
    """A request that makes the coupon required, after some events with and without one came from staging."""
    first = RequestFactory.live(cast=cast, sources=[source])
    arrive(source, "Order Completed", [VALID, VALID, {"total": 1}], environment="staging", app_version="2.0.0")
    arrive(
        source,
        "Order Completed",
        [{"total": 2, "coupon": "***"}],
        environment="development",
        masked=["/properties/coupon"],
    )
    schema = definition()["schema"] | {"required": ["total", "coupon"]}
    return RequestFactory.requested(cast=cast, event=first.event, sources=[source], document=definition(schema=schema))


def test_it_counts_what_would_conform_and_what_a_mask_hides(breaking, source):
    shown = replay_of(breaking.request)
    (change,) = shown.changes
    result = change["sources"][source.slug]
    # One more conforming event came while the first request was verified.
    assert (result["total"], result["conforming"], result["nonconforming"], result["unknown"]) == (5, 3, 1, 1)
    assert result["broken"] == [{"path": "/properties/coupon", "rule": "required", "count": 1}]
    assert result["witness"]["event"]["properties"] == {"total": 1}
    assert change["comparison"]["outcome"] == "breaking"
    assert "coupon" not in change["comparison"]["witness"]["properties"]


def test_production_is_not_replayed(breaking, source):
    before = replay_of(breaking.request).changes[0]["sources"][source.slug]["total"]
    arrive(source, "Order Completed", [{"total": 1}], app_version="2.0.0")
    assert replay_of(breaking.request).changes[0]["sources"][source.slug]["total"] == before


def test_only_so_many_samples_are_replayed(breaking, source, settings):
    settings.REPLAY_SAMPLES = 2
    assert replay_of(breaking.request).changes[0]["sources"][source.slug]["total"] == 2


def test_a_breaking_change_is_not_approved_unseen(breaking, cast):
    with pytest.raises(UnmetConditions) as caught:
        move_request(breaking.request, State.REVIEWED, by=cast.analyst)
    assert [unmet.code for unmet in caught.value.unmet] == ["replay"]
    with pytest.raises(UnmetConditions):
        approve(breaking.request, by=cast.analyst)


def test_what_was_seen_is_kept_on_the_approval_and_in_history(breaking, cast, source):
    shown = replay_of(breaking.request)
    arrive(source, "Order Completed", [{"total": 5}] * 3, environment="staging")  # after it was shown
    move_request(breaking.request, State.REVIEWED, by=cast.analyst, replay=shown.token)
    kept = breaking.request.approvals.get().evidence
    assert kept["counts"]["Order Completed"][source.slug]["nonconforming"] == 1
    assert kept["comparisons"]["Order Completed"]["outcome"] == "breaking"
    entry = HistoryEntry.objects.of("request", breaking.request.pk).filter(to_state="reviewed").get()
    assert entry.evidence["replay"] == kept


def test_the_step_says_that_a_replay_is_asked_for(breaking, cast):
    step = next(step for step in allowed(breaking.request, cast.analyst) if step.to == State.REVIEWED)
    assert step.is_allowed
    assert {asked.field: asked.is_required for asked in step.asks} == {"comment": False, "replay": True}


@pytest.mark.parametrize("token", ["", "nonsense", "a:b:c"])
def test_a_made_up_token_is_none(breaking, token):
    with pytest.raises(StaleReplay):
        seen_replay(breaking.request, token)


def test_a_token_of_another_content_is_stale(breaking, cast):
    token = replay_of(breaking.request).token
    move_request(breaking.request, State.DRAFT, by=cast.pm, comment="A word is wrong.")
    edited = edit_request(breaking.request, by=cast.pm, revision=None, question="What else?")
    with pytest.raises(StaleReplay):
        seen_replay(edited, token)


def test_a_token_ends_after_a_day(breaking, monkeypatch):
    token = replay_of(breaking.request).token
    monkeypatch.setattr(replays, "SEEN_WITHIN_SECONDS", -timedelta(seconds=1))
    with pytest.raises(StaleReplay):
        seen_replay(breaking.request, token)


def test_what_breaks_nothing_has_no_replay(cast):
    walk = RequestFactory.requested(cast=cast)
    assert replay_of(walk.request) is None
    assert not is_breaking(walk.change)
