"""The stored projections of an event (status, health, traffic), which only this module writes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.history import record
from accounts.models import HistoryEntry, User
from catalog.choices import Health, Kind, Status
from catalog.contract import list_properties
from catalog.contract.definition.listed_values import listed_values
from catalog.models import Binding, Event, ImportRun, Version
from catalog.services.bindings import BASELINE_START
from catalog.services.event_values import replace_event_values

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 20_000
ENDING_STATUSES = (Status.DEPRECATED, Status.RETIRED)
STATUS_ACTION, IMPORTED_STATUS_ACTION = "status", "status imported"
"""The actions under which history records a status that requests and traffic, or that an import decided."""


@dataclass(frozen=True, slots=True)
class EventTraffic:
    """An event's figures from traffic; None leaves what is stored. `has_conformed` means: in production."""

    last_seen_at: datetime | None = None
    volume: int | None = None
    health: Health | None = None
    has_conformed: bool = False


@transaction.atomic
def update_event_status(
    event: Event,
    status: Status | str,
    *,
    by: User,
    live_version: Version | None = None,
    successor: Event | None = None,
    ends_on: date | None = None,
    imported_by: ImportRun | None = None,
    is_decision: bool = True,
    at: datetime | None = None,
) -> Event:
    """Set an event's status, and return it. `live_version`, where given, is the newest that is live.

    `successor` and `ends_on` go with deprecated and retired, and are cleared by the others. The caller
    has decided the status: `tracking.requests` for deliveries and retirements, an import (`imported_by`) for
    its entries; with `is_decision=False` it was decided before, and only the live version is new. History records
    a new status, successor or end, and an ending that people confirm after an import; what an import decided under
    an action of its own, since people overrule it.
    """
    locked = Event.objects.select_for_update(of=("self",)).get(pk=event.pk)
    moment = at or timezone.now()
    before, locked.status = locked.status, Status(status)
    ending_before = (locked.successor_id, locked.ends_on)
    is_ending = locked.status in ENDING_STATUSES
    locked.successor = successor if is_ending else None
    locked.ends_on = ends_on if is_ending else None
    if locked.status == Status.PLANNED:
        locked.live_version = locked.live_since = None
    if live_version is not None:
        locked.live_version = live_version
    if locked.status == Status.LIVE and locked.live_since is None:
        locked.live_since = moment
    confirms_import = is_decision and is_ending and imported_by is None and is_ending_imported(locked)
    if locked.status != before or (locked.successor_id, locked.ends_on) != ending_before or confirms_import:
        locked.updated_at = moment
        record(
            by=by,
            subject_type="event",
            subject_id=locked.pk,
            action=STATUS_ACTION if imported_by is None else IMPORTED_STATUS_ACTION,
            from_state=before,
            to_state=locked.status,
            evidence=_status_evidence(locked, imported_by),
            at=moment,
        )
    _copy_shown_fields(locked)
    locked.save()
    return locked


def lifecycle_history(event: Event) -> QuerySet[HistoryEntry]:
    """Return the history entries by which an event came to its end or was brought back, oldest first."""
    return HistoryEntry.objects.for_subject("event", event.pk).filter(
        Q(from_state__in=ENDING_STATUSES) | Q(to_state__in=ENDING_STATUSES),
        action__in=(STATUS_ACTION, IMPORTED_STATUS_ACTION),
    )


def is_ending_imported(event: Event) -> bool:
    """Return whether an import, and not an approved change, was the last to end an event or to bring it back."""
    newest = lifecycle_history(event).last()
    return newest is not None and newest.action == IMPORTED_STATUS_ACTION


def _status_evidence(event: Event, imported_by: ImportRun | None) -> dict[str, Any]:
    evidence: dict[str, Any] = {}
    if event.successor is not None:
        evidence["successor"] = event.successor.name
    if event.ends_on is not None:
        evidence["ends_on"] = event.ends_on
    if imported_by is not None:
        evidence["import"] = imported_by.pk
    return evidence


def set_newest_version(event: Event, version: Version, *, is_live: bool, at: datetime) -> None:
    """Let a version be the newest approved one, and the newest live one where nothing but words is new in it.

    `event` must be locked by the caller's transaction.
    """
    event.newest_version = version
    if is_live:
        event.live_version = version
    event.updated_at = at
    _copy_shown_fields(event)
    event.save()


def revert_version_pointers(event: Event, withdrawn: Version, *, at: datetime) -> None:
    """Step back from a version that was taken back, to its nearest ancestor that still counts.

    `event` must be locked by the caller's transaction.
    """
    active_versions = {version.pk: version for version in event.versions.filter(withdrawn_at=None)}
    parents = dict(event.versions.values_list("pk", "parent"))
    for pointer in ("newest_version_id", "live_version_id"):
        version_id = getattr(event, pointer)
        while version_id is not None and version_id not in active_versions:
            version_id = parents[version_id]
        setattr(event, pointer, version_id)
    if event.newest_version_id is None and active_versions:
        event.newest_version = max(active_versions.values(), key=lambda version: version.number)
    event.updated_at = at
    _copy_shown_fields(event)
    event.save()


@transaction.atomic
def update_event_traffic(values: Mapping[int, EventTraffic], *, at: datetime | None = None) -> None:
    """Write the traffic figures of many events: last seen only moves forward, the rest is replaced.

    A planned event that was imported as a baseline becomes live with its first conforming
    event of production. Rows are locked in the order of their ids, so two writers never deadlock.
    """
    events = Event.objects.select_for_update(of=("self",)).filter(pk__in=values).order_by("pk")
    changed = []
    for event in events:
        traffic = values[event.pk]
        before = (event.last_seen_at, event.volume, event.health)
        if traffic.last_seen_at is not None:
            event.last_seen_at = max(event.last_seen_at or traffic.last_seen_at, traffic.last_seen_at)
        event.volume = event.volume if traffic.volume is None else traffic.volume
        event.health = event.health if traffic.health is None else traffic.health
        if before != (event.last_seen_at, event.volume, event.health):
            changed.append(event)
    Event.objects.bulk_update(changed, ["last_seen_at", "volume", "health"], batch_size=1000)
    planned = [event for event in events if event.status == Status.PLANNED and values[event.pk].has_conformed]
    for event, version in _baselines_of(planned) if planned else ():
        update_event_status(event, Status.LIVE, live_version=version, by=User.objects.system(), at=at)


def _baselines_of(events: Sequence[Event]) -> Iterator[tuple[Event, Version]]:
    """Yield each event that has a baseline with the newest version that it is bound to from the beginning."""
    bindings = Binding.objects.filter(
        event__in=events, version__isnull=False, since_at=BASELINE_START, ended_at=None
    ).select_related("version")
    newest: dict[int, Version] = {}
    for binding in bindings.order_by("version__major", "version__minor", "version__patch", "pk"):
        assert binding.version is not None
        newest[binding.event_id] = binding.version
    for event in events:
        if event.pk in newest:
            yield event, newest[event.pk]


def _copy_shown_fields(event: Event) -> None:
    """Copy onto the event, and into its values, what lists and search show of the version that its page shows."""
    version = event.live_version or event.newest_version
    replace_event_values(event, [] if version is None else listed_values(version.definition))
    if version is None:
        return
    definition = version.definition
    event.title = str(definition.get("title") or "")[:TITLE_LENGTH]
    event.description = str(definition.get("description") or "")[:DESCRIPTION_LENGTH]
    event.kind = definition.get("kind") or Kind.STANDARD
    event.property_count = len(list_properties(definition, with_examples=False))
