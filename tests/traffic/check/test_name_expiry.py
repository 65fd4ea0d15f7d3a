"""Names that nobody defined and that do not come any more: forgotten, unless somebody needs them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.models import Event, Source, WriteKey
from catalog.services.events import rename_event
from tests.factories.catalog import EventFactory
from tests.factories.requests import TeamFixture
from tests.factories.traffic import post_batch, process_inbox, track_call
from tracking.quality.choices import FindingState
from tracking.quality.models import Finding
from tracking.quality.services.triage import assign_finding, transition_finding
from tracking.requests.authoring.traffic_inference import request_from_undocumented
from tracking.requests.choices import RequestState
from tracking.requests.workflow.transition_service import move_request
from tracking.traffic.counts import name_expiry
from tracking.traffic.counts.name_expiry import delete_expired_names
from tracking.traffic.counts.rollups import fold_deltas
from tracking.traffic.models import InboxBatch, Rollup, Sample, SeenName
from tracking.traffic.tasks import expire

pytestmark = pytest.mark.django_db


def receive(key: WriteKey, *names: Any, days_ago: float) -> None:
    """Let events of these names be received then, and folded."""
    at = timezone.now() - timedelta(days=days_ago)
    post_batch(key, *[track_call(name, timestamp=at.isoformat(), sentAt=at.isoformat()) for name in names])
    InboxBatch.objects.update(received_at=at)
    process_inbox()
    fold_deltas()


def names() -> set[str]:
    return set(SeenName.objects.values_list("name", flat=True))


def test_a_stranger_that_did_not_come_again_is_forgotten_with_all_of_it(key: WriteKey, order: Event) -> None:
    receive(key, "Gone", "Back", "Order Completed", None, days_ago=40)
    receive(key, "Back", days_ago=20)
    assert Finding.objects.filter(seen_name__name="Gone").exists()
    expire()

    assert names() == {"Back", "Order Completed", "(none)"}
    for model in (Finding, Sample, Rollup):
        left = set(model._default_manager.values_list("seen_name__name", flat=True))
        assert left - {"Order Completed"} == {"Back", "(none)"}
    receive(key, "Gone", days_ago=0)
    assert Finding.objects.get(seen_name__name="Gone").count == 1


def test_counts_that_are_not_folded_yet_keep_a_name(key: WriteKey, order: Event) -> None:
    receive(key, "Back", days_ago=40)
    post_batch(key, track_call("Back"))
    process_inbox()
    assert delete_expired_names() == 0


def test_how_long_is_a_setting(key: WriteKey, order: Event, settings: Any) -> None:
    receive(key, "Gone", days_ago=3)
    settings.UNDEFINED_NAME_RETENTION = timedelta(days=4)
    assert delete_expired_names() == 0
    settings.UNDEFINED_NAME_RETENTION = timedelta(days=2)
    assert delete_expired_names() == 1


def test_a_name_that_an_event_has_or_had_stays(key: WriteKey, shop: Source, order: Event) -> None:
    rename_event(order, "Purchase", by=User.objects.system())
    EventFactory.create(name="Planned")
    receive(key, "Order Completed", "Purchase", "Planned", days_ago=40)
    assert delete_expired_names() == 0


def test_a_name_that_an_open_request_asks_for_stays(key: WriteKey, shop: Source) -> None:
    members = TeamFixture.create(team=shop.owner_team)
    receive(key, "Asked For", "Gone", days_ago=40)
    request = request_from_undocumented(SeenName.objects.get(name="Asked For"), by=members.pm)
    assert delete_expired_names() == 1
    assert names() == {"Asked For"}

    move_request(request, RequestState.WITHDRAWN, by=members.pm, comment="not needed")
    assert delete_expired_names() == 1
    assert names() == set()


@pytest.mark.parametrize(
    "take_up",
    [
        lambda finding, by: transition_finding(finding, FindingState.ACKNOWLEDGED, by=by),
        lambda finding, by: transition_finding(finding, FindingState.IGNORED, by=by, reason="a bot"),
        lambda finding, by: assign_finding(finding, by, by=by),
    ],
)
def test_a_name_with_a_finding_that_somebody_took_up_stays(
    key: WriteKey, shop: Source, take_up: Callable[[Finding, User], Finding]
) -> None:
    receive(key, "Known Bot", "Gone", days_ago=40)
    take_up(Finding.objects.get(seen_name__name="Known Bot"), TeamFixture.create(team=shop.owner_team).analyst)
    assert delete_expired_names() == 1
    assert names() == {"Known Bot"}


def test_it_takes_small_transactions_and_comes_past_what_stays(
    key: WriteKey, shop: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(name_expiry, "EXPIRY_BATCH_SIZE", 2)
    deleted: list[int] = []
    usual = name_expiry._delete

    def count(ids: Any, cutoff: Any) -> int:
        deleted.append(len(ids))
        return usual(ids, cutoff)

    monkeypatch.setattr(name_expiry, "_delete", count)
    receive(key, *[f"Gone {number}" for number in range(7)], days_ago=40)
    Finding.objects.filter(seen_name__name__in=["Gone 0", "Gone 1", "Gone 2"]).update(state=FindingState.IGNORED)
    assert delete_expired_names() == 4
    assert max(deleted) <= 2
    assert names() == {"Gone 0", "Gone 1", "Gone 2"}
