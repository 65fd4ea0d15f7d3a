"""Versions are published, numbered by their distance from the parent, and taken back."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import User
from accounts.permissions import Forbidden, can, can_any
from accounts.preconditions import UnmetCondition, UnmetConditionsError
from accounts.roles import Capability
from catalog.choices import ChangeKind
from catalog.contract import (
    Comparison,
    ComparisonOutcome,
    InvalidDefinition,
    Problem,
    VersionBump,
    VersionNumber,
    compare,
    definition_hash,
    find_problems,
    list_properties,
    name_hash,
    named_sources,
    next_version_number,
)
from catalog.models import Event, Source, Version, VersionProperty, VersionSource
from catalog.sensitivity.version_sensitivity import library_entry, sensitivities_to_publish
from catalog.services.bindings import UNCHANGED_OUTCOMES, inherit_bindings
from catalog.services.event_projections import revert_version_pointers, set_newest_version
from catalog.services.property_library import library_entries_for

Document = dict[str, Any]

PUBLISH_CAPABILITIES = (Capability.REQUEST_APPROVE, Capability.IMPORT_BASELINE)
WITHDRAW_CAPABILITIES = (*PUBLISH_CAPABILITIES, Capability.REQUEST_EDIT)
FIRST_VERSION = Comparison(ComparisonOutcome.COMPATIBLE, VersionBump.MAJOR, reason="There is no version before it.")
NEW_SOURCE = Comparison(
    ComparisonOutcome.COMPATIBLE, VersionBump.MINOR, reason="It was not approved for this source before."
)
PATH_LENGTH, NAME_LENGTH, TYPE_LENGTH = 1000, 512, 120

_CHANGE_ORDER = tuple(VersionBump)


@transaction.atomic
def publish_version(
    event: Event,
    *,
    definition: Document,
    parent: Version | None,
    sources: Iterable[Source],
    by: User,
    message: str = "",
    at: datetime | None = None,
    origin_version: str = "",
    is_backfill: bool = False,
) -> Version:
    """Write the next version of an event, approved for these sources, and return it.

    A source of the parent whose contract stays the same is approved along with them. The number follows
    from the largest difference from the parent, on the sources and in general; where it is taken, the next
    free one of its kind is used. A source whose contract equals its parent's inherits the parent's
    bindings; `VersionSource.change_kind` says for each how far it is. `is_backfill` says that a version older
    than the newest was found afterwards, so that the newest stays the newest.

    Raises InvalidDefinition with every problem of the definition (a name or call that is not the event's
    among them), UnmetConditionsError where the parent is another event's, and Forbidden where `by` may not
    approve requests for the event, nor publish words where nothing but words differs.
    """
    locked = Event.objects.select_for_update(of=("self",), no_key=True).get(pk=event.pk)
    _validate_definition(locked, definition)
    if parent is not None and parent.event_id != locked.pk:
        raise UnmetConditionsError([UnmetCondition("parent", f"{parent} is a version of another event.")])
    general, by_source = _compare_with_parent(parent, definition, set(sources))
    approved_sources = sorted(by_source, key=lambda source: source.pk)
    largest = max((general, *by_source.values()), key=_change_rank)
    _require_publish(by, locked, largest)

    moment = at or timezone.now()
    number = _next_unused_number(locked, parent, largest.version_bump)
    version = Version.objects.create(
        event=locked,
        parent=parent,
        major=number.major,
        minor=number.minor,
        patch=number.patch,
        definition=definition,
        content_hash=definition_hash(definition),
        change_kind=ChangeKind(largest.version_bump),
        comparison=largest.as_json() | {"sources": {each.slug: by_source[each].as_json() for each in approved_sources}},
        origin_version=origin_version,
        message=message,
        created_at=moment,
        created_by=by,
    )
    _write_properties(version)
    VersionSource.objects.bulk_create(
        VersionSource(version=version, source=source, change_kind=ChangeKind(by_source[source].version_bump))
        for source in approved_sources
    )
    record(
        by=by,
        subject_type="event",
        subject_id=locked.pk,
        action="version published",
        message=message,
        evidence={
            "version": str(number),
            "version_id": version.pk,
            "parent": str(parent.number) if parent else None,
            "change": largest.version_bump,
            "sources": [source.slug for source in approved_sources],
        },
        at=moment,
    )
    for source in approved_sources:
        if by_source[source].outcome in UNCHANGED_OUTCOMES:
            inherit_bindings(version, source, by=by, at=moment)
    if not is_backfill:
        parent_is_live = parent is not None and locked.live_version_id == parent.pk
        is_live = parent_is_live and largest.outcome in UNCHANGED_OUTCOMES
        set_newest_version(locked, version, is_live=is_live, at=moment)
    return version


@transaction.atomic
def withdraw_version(version: Version, *, by: User, message: str, at: datetime | None = None) -> Version:
    """Withdraw a version: it is no longer active, its bindings end, its number stays used.

    Again: changes nothing. Raises Forbidden where `by` may neither approve nor edit requests, and
    UnmetConditionsError where an active version was built on it.
    """
    if not can_any(by, WITHDRAW_CAPABILITIES, on=[version.event]):
        raise Forbidden(can(by, WITHDRAW_CAPABILITIES[0], on=version.event))
    event = Event.objects.select_for_update(of=("self",), no_key=True).get(pk=version.event_id)
    moment = at or timezone.now()
    child = version.children.filter(withdrawn_at=None).order_by("pk").first()
    if child is not None:
        raise UnmetConditionsError(
            [UnmetCondition("children", f"{child.number} was built on it. Withdraw that one first.")]
        )
    if not Version.objects.filter(pk=version.pk, withdrawn_at=None).update(withdrawn_at=moment):
        return version
    version.withdrawn_at = moment
    version.bindings.filter(ended_at=None).update(ended_at=moment)
    version.for_sources.update(is_open=False)
    revert_version_pointers(event, version, at=moment)
    record(
        by=by,
        subject_type="event",
        subject_id=event.pk,
        action="version withdrawn",
        message=message,
        evidence={"version": str(version.number), "version_id": version.pk},
        at=moment,
    )
    return version


def _validate_definition(event: Event, definition: Document) -> None:
    found = find_problems(definition)
    if not found:
        if definition.get("call", "track") != event.call:
            found = [*found, Problem("/call", "wrong_call", f"{event} is known by {event.call}.")]
        if not event.names.filter(name_hash=name_hash(definition["name"])).exists():
            found = [*found, Problem("/name", "wrong_name", f"{event} never had this name. Rename it first.")]
    if found:
        raise InvalidDefinition(found)


def _compare_with_parent(
    parent: Version | None, definition: Document, sources: set[Source]
) -> tuple[Comparison, dict[Source, Comparison]]:
    """Return how the definition differs from its parent in general, and on each source that it is approved for.

    These are the sources that were asked for, and those of the parent for which nothing changes.
    """
    if parent is None:
        return FIRST_VERSION, dict.fromkeys(sources, FIRST_VERSION)
    old = parent.definition
    general = compare(old, definition)
    # Only a source that one of the two names can differ from the general case.
    named = set(named_sources(old, definition))
    approved = {row.source for row in parent.for_sources.select_related("source")}
    by_source = {}
    for source in approved | sources:
        found = compare(old, definition, source=source.slug) if source.slug in named else general
        if source not in approved and _change_rank(found) < _change_rank(NEW_SOURCE):
            found = NEW_SOURCE
        if source in sources or found.outcome in UNCHANGED_OUTCOMES:
            by_source[source] = found
    return general, by_source


def _change_rank(comparison: Comparison) -> int:
    return _CHANGE_ORDER.index(comparison.version_bump)


def _require_publish(by: User, event: Event, largest: Comparison) -> None:
    allowed = (
        (*PUBLISH_CAPABILITIES, Capability.WORDS_PUBLISH)
        if largest.outcome in UNCHANGED_OUTCOMES
        else PUBLISH_CAPABILITIES
    )
    if not can_any(by, allowed, on=[event]):
        raise Forbidden(can(by, allowed[-1] if len(allowed) > len(PUBLISH_CAPABILITIES) else allowed[0], on=event))


def _next_unused_number(event: Event, parent: Version | None, bump: VersionBump) -> VersionNumber:
    """Return the first number that is `bump` away from the parent and was never used."""
    used = set(event.versions.values_list("major", "minor", "patch"))
    step = VersionBump.PATCH if bump == VersionBump.NONE else bump
    number = next_version_number(parent.number if parent else None, step)
    while number in used:
        number = next_version_number(number, VersionBump.MAJOR if parent is None else step)
    return number


def _write_properties(version: Version) -> None:
    lines = list_properties(version.definition, with_examples=False)
    library = library_entries_for(version.definition)
    sensitivities = sensitivities_to_publish(version.definition, parent=version.parent, lines=lines, library=library)
    rows: dict[str, VersionProperty] = {}
    for line in lines:
        # Texts are cut at their columns' lengths; of two paths that then read alike, the first one stays.
        path = line.path[:PATH_LENGTH]
        rows.setdefault(
            path,
            VersionProperty(
                version=version,
                property=library_entry(line, library),
                path=path,
                name=line.name[:NAME_LENGTH],
                type_label=line.type_label[:TYPE_LENGTH],
                is_required=line.is_required,
                sensitivity=sensitivities.get(line.path, ""),
            ),
        )
    VersionProperty.objects.bulk_create(rows.values())
