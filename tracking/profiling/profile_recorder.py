"""The recorder of profiles: called by the check inside the transaction of its counts."""

from collections import defaultdict
from datetime import UTC, timedelta

from django.conf import settings

from catalog.contract import ValidationResult
from tracking.profiling.event_counter import EventCounter
from tracking.profiling.event_profile import EventProfile
from tracking.profiling.models import ProfileDelta
from tracking.profiling.profile_delta import ProfileKey, pack_delta
from tracking.profiling.property_plan import profile_plan
from tracking.traffic.check.check_results import CheckedBatch, CheckedEvent

MAX_AHEAD = timedelta(days=1)
"""An event whose clock is further ahead belongs to no day that anybody looks at."""

TYPE_RULE = "type"
NULL = "null"  # as a violation says that it came


def record_profiles(batch: CheckedBatch) -> None:
    """Add what came in the properties of a checked batch to the profiles of their events, in one row.

    Repeats are not counted, nor what nobody defined, nor what happened before profiles are kept.
    """
    counters: dict[tuple[ProfileKey, int], EventCounter] = {}
    for event in batch.deduplicated:
        if event.event_id is None or event.version_id is None or not _is_kept(event):
            continue
        day = event.event_time.astimezone(UTC).date()
        key = ProfileKey(day, event.event_id, event.app_version), event.version_id
        counter = counters.get(key)
        if counter is None:
            counter = counters[key] = EventCounter(profile_plan(event.version_id))
        counter.add(
            event.event,
            byte_count=event.byte_count,
            person=event.person_hash,
            wrong_type_paths=_wrong_type_paths(event.contract_result),
        )
    if counters:
        ProfileDelta.objects.create(
            source=batch.source, environment=batch.environment, profiles=pack_delta(_profiles_by_key(counters))
        )


def _wrong_type_paths(result: ValidationResult | None) -> list[str]:
    """Return where a value has a type that the definition does not allow. A null is counted as one, not as this."""
    if result is None:
        return []
    return [each.definition_path for each in result.violations if each.rule == TYPE_RULE and each.came != NULL]


def _is_kept(event: CheckedEvent) -> bool:
    lag = event.received_at - event.event_time
    return -MAX_AHEAD <= lag <= settings.PROFILE_RETENTION


def _profiles_by_key(counters: dict[tuple[ProfileKey, int], EventCounter]) -> dict[ProfileKey, EventProfile]:
    """Return what was counted, of all versions of an event together: they share the paths of their properties."""
    by_key: defaultdict[ProfileKey, list[EventProfile]] = defaultdict(list)
    for (key, _), counter in counters.items():
        by_key[key].append(counter.profile())
    return {key: EventProfile.sum_of(profiles) for key, profiles in by_key.items()}
