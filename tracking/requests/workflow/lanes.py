"""The lane of a change, which decides its steps: computed from its content, never chosen."""

from collections.abc import Iterable
from datetime import datetime

from catalog.contract import compare_for_all_sources
from catalog.sensitivity.version_sensitivity import loosened_sensitivities
from catalog.services.bindings import UNCHANGED_OUTCOMES
from tracking.requests.approval_areas import areas_required_by
from tracking.requests.choices import ChangeAction, Lane
from tracking.requests.evidence.observed_traffic import missing_observations
from tracking.requests.models import Change, Request

STRICTEST_FIRST = (Lane.NEW, Lane.RETIRING, Lane.DOCUMENTING, Lane.WORDS)


def compute_lane(change: Change, *, expected_per_day: int | None, at: datetime) -> Lane:
    """Return the lane of one change.

    Retiring where an event ends; new where values would be shown that the base hides; words where only words differ
    from the base; documenting where production traffic of each of its sources already meets the proof and all of it
    conforms; else new.
    """
    if change.action in (ChangeAction.DEPRECATE, ChangeAction.RETIRE):
        return Lane.RETIRING
    if change.problems:
        return Lane.NEW
    if change.base is not None and loosened_sensitivities(change.base, change.definition):
        return Lane.NEW
    if change.action == ChangeAction.UPDATE and is_words_only(change):
        return Lane.WORDS
    if change.lacks_sources:
        return Lane.NEW
    if missing_observations(change, expected_per_day=expected_per_day, at=at):
        return Lane.NEW
    return Lane.DOCUMENTING


def is_words_only(change: Change) -> bool:
    """Whether an update changes only words, on no source that its base does not have."""
    if change.base is None:
        return False
    if compare_for_all_sources(change.base.definition, change.definition).outcome not in UNCHANGED_OUTCOMES:
        return False
    base_source_ids = set(change.base.for_sources.values_list("source_id", flat=True))
    return {source.pk for source in change.sources.all()} <= base_source_ids


def strictest_lane(lanes: Iterable[str]) -> Lane:
    """Return the strictest of some lanes: new where there are none yet."""
    present_lanes = set(lanes)
    return next((lane for lane in STRICTEST_FIRST if lane in present_lanes), Lane.NEW)


def assign_lanes(request: Request, *, at: datetime, only_change: Change | None = None) -> Lane:
    """Compute the lane of each change (or of one), store it and the strictest on the request, and return that one.

    The areas in which a change must be approved follow from its content, too, and are stored with its lane.
    """
    changes = request.changes.select_related("event", "base", "request").prefetch_related("sources")
    for change in changes if only_change is None else changes.filter(pk=only_change.pk):
        lane = compute_lane(change, expected_per_day=request.expected_per_day, at=at)
        areas = areas_required_by(change)
        if (change.lane, change.approval_areas) != (lane, areas):
            change.lane, change.approval_areas = lane, areas
            change.save(update_fields=["lane", "approval_areas"])
    return store_strictest_lane(request)


def store_strictest_lane(request: Request) -> Lane:
    """Store the strictest lane of a request's changes, as they are stored, on the request, and return it."""
    request.lane = strictest_lane(request.changes.values_list("lane", flat=True).order_by().distinct())
    request.save(update_fields=["lane"])
    return request.lane
