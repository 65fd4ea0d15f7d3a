"""The status that an import gives an event: it counts until people decide about the event themselves."""

from datetime import datetime

from accounts.models import User
from catalog.choices import Status
from catalog.models import Event, ImportEntry, ImportRun
from catalog.services.bindings import UNCHANGED_OUTCOMES
from catalog.services.event_projections import (
    ENDING_STATUSES,
    IMPORTED_STATUS_ACTION,
    is_ending_imported,
    lifecycle_history,
    update_event_status,
)


def apply_imported_status(event: Event, *, is_deprecated: bool, imported_by: ImportRun, by: User, at: datetime) -> None:
    """Deprecate an event, or take that back, as the origin of its newest version has it.

    Changes nothing where the status says so already, or where an approved change defined the event, or was the last to
    end it or to bring it back.
    """
    if is_deprecated == (event.status in ENDING_STATUSES) or _is_decided_by_people(event):
        return
    status = Status.DEPRECATED if is_deprecated else _status_without_ending(event)
    update_event_status(event, status, imported_by=imported_by, by=by, at=at)


def revert_imported_status(event: Event, run: ImportRun, *, by: User, at: datetime) -> None:
    """Give an event the status from before a run whose versions were withdrawn; planned where it has no version left.

    Changes nothing where an approved change defined the event, or was the last to end it or to bring it back.
    """
    if _is_decided_by_people(event):
        return
    by_run = lifecycle_history(event).filter(action=IMPORTED_STATUS_ACTION, evidence__import=run.pk)
    first = by_run.first()
    if not event.versions.active().exists():
        status = Status.PLANNED
    elif first is None:
        return
    else:
        status = Status.DEPRECATED if first.from_state in ENDING_STATUSES else _status_without_ending(event)
    if event.status != status:
        update_event_status(event, status, imported_by=run, by=by, at=at)


def _is_decided_by_people(event: Event) -> bool:
    """Return whether an approved change defined the event, or was the last to end it or to bring it back."""
    imported = ImportEntry.objects.filter(version__event=event).values("version")
    defined_by_people = (
        event.versions.active().exclude(pk__in=imported).exclude(comparison__outcome__in=UNCHANGED_OUTCOMES)
    )
    if defined_by_people.exists():
        return True
    return lifecycle_history(event).exists() and not is_ending_imported(event)


def _status_without_ending(event: Event) -> Status:
    return Status.LIVE if event.live_since is not None and event.live_version_id is not None else Status.PLANNED
