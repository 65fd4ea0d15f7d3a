"""Writes and ends bindings, and stores which versions have an open delivery."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import User
from accounts.permissions import require_any
from accounts.roles import Capability
from catalog.choices import Environment
from catalog.contract import ComparisonOutcome
from catalog.models import Binding, Event, Source, Version, VersionSource
from catalog.resolution.binding_resolver import app_version_sort_key

# Every step of a delivery that changes which version a source is validated against; its guards are stricter.
BINDING_CAPABILITIES = (
    Capability.DELIVERY_DEVELOP,
    Capability.DELIVERY_VERIFY,
    Capability.DELIVERY_SEND_BACK,
    Capability.DELIVERY_UNDO,
    Capability.DELIVERY_DROP,
    Capability.DELIVERY_PROVE,
    Capability.REQUEST_APPROVE,
    Capability.IMPORT_BASELINE,
    Capability.WORDS_PUBLISH,
)
UNCHANGED_OUTCOMES = (ComparisonOutcome.EQUAL, ComparisonOutcome.WORDS)
"""Changes that leave a source's contract unchanged: it inherits its parent's bindings and gets no delivery."""

BASELINE_START = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when a baseline counts: earlier than anything that can arrive."""


@transaction.atomic
def bind_source(
    event: Event,
    version: Version | None,
    source: Source,
    *,
    environments: Iterable[Environment | str],
    since_version: str = "",
    since_at: datetime | None = None,
    by: User,
    at: datetime | None = None,
) -> list[Binding]:
    """Bind a source to a version (None: retired) from an app version or a time on.

    One binding an environment is written, in the order of `environments`; where the same one is in force
    already, that one is returned. It counts for events received from `at` on. Raises Forbidden where `by`
    may take no step of a delivery on the source or event, and ValidationError where neither or both of
    `since_version` and `since_at` are given, or the app version cannot be read in the source's order.
    """
    require_any(by, BINDING_CAPABILITIES, on=[source, event])
    if bool(since_version) == (since_at is not None):
        raise ValidationError("A binding starts either at an app version or at a time.")
    moment = at or timezone.now()
    wanted = [Environment(environment) for environment in environments]
    keys = {one: _start_sort_key(since_version, source, one) if since_version else "" for one in wanted}
    start = {"since_version": since_version, "since_at": since_at}
    existing = Binding.objects.filter(
        event=event, source=source, version=version, environment__in=wanted, ended_at=None, **start
    )
    in_force = {binding.environment: binding for binding in existing.order_by("-pk")}
    missing = [
        Binding(
            event=event,
            source=source,
            environment=environment,
            version=version,
            since_key=since_key,
            written_at=moment,
            **start,
        )
        for environment, since_key in keys.items()
        if environment not in in_force
    ]
    if missing:
        in_force |= {binding.environment: binding for binding in Binding.objects.bulk_create(missing)}
        _record_bindings(event, source, "bound", missing, by=by, at=moment)
    written = [in_force[environment] for environment in wanted]
    return written


@transaction.atomic
def inherit_bindings(version: Version, source: Source, *, by: User, at: datetime | None = None) -> list[Binding]:
    """Bind a version whose contract equals its parent's wherever the parent is bound, and return the bindings.

    Each starts where the parent's starts. A version without a parent, or whose parent is bound nowhere on
    the source, gets none. Raises Forbidden as `bind_source` does.
    """
    require_any(by, BINDING_CAPABILITIES, on=[version.event, source])
    if version.parent_id is None:
        return []
    moment = at or timezone.now()
    inherited = []
    for parent in Binding.objects.filter(version=version.parent_id, source=source, ended_at=None).order_by("pk"):
        binding, _ = Binding.objects.get_or_create(
            event=version.event,
            source=source,
            environment=parent.environment,
            version=version,
            ended_at=None,
            since_version=parent.since_version,
            since_key=parent.since_key,
            since_at=parent.since_at,
            defaults={"written_at": moment},
        )
        inherited.append(binding)
    if inherited:
        _record_bindings(version.event, source, "binding inherited", inherited, by=by, at=moment)
    return inherited


@transaction.atomic
def end_bindings(
    event: Event,
    version: Version | None,
    source: Source,
    *,
    by: User,
    at: datetime | None = None,
    environments: Sequence[Environment | str] = tuple(Environment),
) -> int:
    """End what binds a source to a version (None: to retired) for events received from `at` on; return how many.

    Bindings that versions inherited from it end too. Raises Forbidden as `bind_source` does.
    """
    require_any(by, BINDING_CAPABILITIES, on=[source, event])
    moment = at or timezone.now()
    bindings = Binding.objects.select_for_update().filter(
        event=event, source=source, environment__in=environments, ended_at=None
    )
    if version is None:
        bindings = bindings.filter(version=None)
    else:
        bindings = bindings.filter(version__in=[version, *inheriting_versions(version, source)])
    ended = list(bindings.order_by("pk"))
    Binding.objects.filter(pk__in=[binding.pk for binding in ended]).update(ended_at=moment)
    for _, of_one in groupby(sorted(ended, key=lambda binding: binding.version_id or 0), attrgetter("version_id")):
        _record_bindings(event, source, "binding ended", list(of_one), by=by, at=moment)
    return len(ended)


def inheriting_versions(version: Version, source: Source) -> list[Version]:
    """Return the versions built on one that inherit its bindings on a source, parents before children.

    These are its descendants whose contract on the source is the same: nothing but words differs on the way.
    """
    children: dict[int | None, list[Version]] = {}
    rows = Version.objects.filter(event=version.event_id, for_sources__source=source, withdrawn_at=None)
    for row in rows.order_by("pk"):
        outcome = row.comparison.get("sources", {}).get(source.slug, {}).get("outcome")
        if outcome in UNCHANGED_OUTCOMES:
            children.setdefault(row.parent_id, []).append(row)
    found = list(children.get(version.pk, ()))
    for descendant in found:  # the list grows during the loop: children of inheriting versions inherit too
        found += children.get(descendant.pk, ())
    return found


def set_delivery_open(version: Version, source: Source, *, is_open: bool, is_superseded: bool = False) -> None:
    """Store whether a delivery of the version to the source is open; only `tracking.requests` calls it.

    Raises VersionSource.DoesNotExist where the version is not approved for the source.
    """
    row = VersionSource.objects.get(version=version, source=source)
    row.is_open, row.is_superseded = is_open, is_superseded
    row.save(update_fields=["is_open", "is_superseded"])


@transaction.atomic
def supersede_ancestors(version: Version, source: Source) -> list[int]:
    """Close the open deliveries of the version's ancestors on the source, and return those versions' ids."""
    parents = dict(Version.objects.filter(event=version.event_id).values_list("pk", "parent"))
    ancestors = []
    ancestor_id = parents.get(version.pk)
    while ancestor_id is not None:
        ancestors.append(ancestor_id)
        ancestor_id = parents.get(ancestor_id)
    rows = VersionSource.objects.select_for_update().filter(version__in=ancestors, source=source, is_open=True)
    superseded = sorted(rows.values_list("version", flat=True))
    rows.filter(version__in=superseded).update(is_open=False, is_superseded=True)
    return superseded


def _start_sort_key(app_version: str, source: Source, environment: Environment) -> str:
    key = app_version_sort_key(app_version, source, environment)
    if key is None:
        order = source.get_version_order_display().lower()
        detail = f"{app_version[:100]!r} is no {order}, which is how {source} counts its versions."
        raise ValidationError({"app_version": detail})
    return key


def _record_bindings(
    event: Event, source: Source, action: str, bindings: Sequence[Binding], *, by: User, at: datetime
) -> None:
    first = bindings[0]
    record(
        by=by,
        subject_type="event",
        subject_id=event.pk,
        action=action,
        message=f"{source}: {first.version.number if first.version else 'retired'}",
        evidence={
            "source": source.slug,
            "version": str(first.version.number) if first.version else None,
            "bindings": [
                {"environment": row.environment, "since": row.since_version or row.since_at} for row in bindings
            ],
        },
        at=at,
    )
