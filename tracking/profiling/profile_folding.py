"""Folding: what checks added is summed up in one row a day, source, environment, event and app version."""

from collections import Counter, defaultdict
from collections.abc import Collection, Container
from datetime import date, datetime
from typing import NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from catalog.models import Event, Source
from tracking.profiling.event_profile import EventProfile
from tracking.profiling.models import DailyProfile, ProfileDelta
from tracking.profiling.profile_delta import unpack_delta
from tracking.traffic import maintenance_lock

FOLD_LOCK_ID = 0x5B_F0_1E
MAX_DELTAS = 100
"""How many deltas one transaction folds. Each holds what one check found in one source, some hundred kilobytes."""

BATCH_SIZE = 500

OTHER_APP_VERSION = "(other)"
"""Whose events those of app versions past the cap are counted as."""


class RowKey(NamedTuple):
    """What one row is of."""

    day: date
    source_id: int
    environment: str
    event_id: int
    app_version: str


@transaction.atomic
def fold_profile_deltas() -> int:
    """Fold the oldest deltas into rows, and return how many those were.

    One fold at a time: where another one is at work, this one does nothing and returns 0. What is of a source or event
    that was deleted meanwhile is left out.
    """
    maintenance_lock.acquire_shared()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [FOLD_LOCK_ID])
        if not cursor.fetchone()[0]:
            return 0
    deltas = list(ProfileDelta.objects.order_by("id")[:MAX_DELTAS])
    if not deltas:
        return 0
    profiles_by_key = _known_profiles(deltas)
    row_ids = _row_ids(profiles_by_key)
    _add_to_rows(_within_row_limit(profiles_by_key, row_ids), row_ids)
    ProfileDelta.objects.filter(pk__in=[delta.pk for delta in deltas]).delete()
    return len(deltas)


def delete_expired_profiles(*, at: datetime | None = None) -> int:
    """Delete the days that are older than `PROFILE_RETENTION`, and return how many rows those were."""
    oldest = (at or timezone.now()) - settings.PROFILE_RETENTION
    deleted, _ = DailyProfile.objects.filter(day__lt=oldest.date()).delete()
    return deleted


def _known_profiles(deltas: list[ProfileDelta]) -> dict[RowKey, list[EventProfile]]:
    """Return the profiles by what they are of, without those of sources and events that are not there any more.

    Where one is deleted at this very moment the constraints refuse the transaction, and the next fold leaves it out.
    """
    found: defaultdict[RowKey, list[EventProfile]] = defaultdict(list)
    for delta in deltas:
        for key, profile in unpack_delta(bytes(delta.profiles)):
            row_key = RowKey(key.day, delta.source_id, delta.environment, key.event_id, key.app_version)
            found[row_key].append(profile)
    sources = set(Source.objects.filter(pk__in={key.source_id for key in found}).values_list("pk", flat=True))
    events = set(Event.objects.filter(pk__in={key.event_id for key in found}).values_list("pk", flat=True))
    return {key: profiles for key, profiles in found.items() if key.source_id in sources and key.event_id in events}


def _within_row_limit(
    profiles_by_key: dict[RowKey, list[EventProfile]], existing: Container[RowKey]
) -> dict[RowKey, list[EventProfile]]:
    """Return the profiles, those of new app versions as of `(other)` once a source has too many rows of a day.

    So strangers with a public key, who can invent app versions, fill no table.
    """
    row_counts = _row_counts(profiles_by_key)
    limited: defaultdict[RowKey, list[EventProfile]] = defaultdict(list)
    for key, profiles in sorted(profiles_by_key.items()):
        if key not in existing:
            day = key[:3]
            if row_counts[day] >= settings.PROFILE_MAX_ROWS:
                key = key._replace(app_version=OTHER_APP_VERSION)
            row_counts[day] += 1
        limited[key] += profiles
    return dict(limited)


def _row_counts(keys: Collection[RowKey]) -> Counter[tuple[date, int, str]]:
    """Return how many rows there are of each of the days, sources and environments of these keys."""
    rows = DailyProfile.objects.order_by().filter(
        day__in={key.day for key in keys}, source__in={key.source_id for key in keys}
    )
    counted = rows.values_list("day", "source_id", "environment").annotate(Count("id"))
    return Counter({(day, source_id, environment): count for day, source_id, environment, count in counted})


def _row_ids(keys: Collection[RowKey]) -> dict[RowKey, int]:
    """Return the ids of the rows that there are of these keys, and of some others of their events and days."""
    rows = DailyProfile.objects.order_by().filter(
        day__in={key.day for key in keys},
        source__in={key.source_id for key in keys},
        event__in={key.event_id for key in keys},
        app_version__in={*(key.app_version for key in keys), OTHER_APP_VERSION},
    )
    return {RowKey(*values): pk for *values, pk in rows.values_list(*RowKey._fields, "id")}


def _add_to_rows(profiles_by_key: dict[RowKey, list[EventProfile]], row_ids: dict[RowKey, int]) -> None:
    rows = DailyProfile.objects.in_bulk([row_ids[key] for key in profiles_by_key if key in row_ids])
    new = []
    for key, profiles in profiles_by_key.items():
        row = rows.get(row_ids.get(key, 0))
        if row is None:
            row = DailyProfile(**key._asdict())
            new.append(row)
        else:
            profiles = [EventProfile.unpack(bytes(row.profile)), *profiles]
        summed = EventProfile.sum_of(profiles)
        row.events, row.profile = summed.events, summed.pack()
    DailyProfile.objects.bulk_update(rows.values(), ("events", "profile"), batch_size=BATCH_SIZE)
    DailyProfile.objects.bulk_create(new, batch_size=BATCH_SIZE)
