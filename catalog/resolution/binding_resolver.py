"""Which version an event is validated against, by the bindings of its source."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from catalog.choices import Environment, VersionFrom
from catalog.contract.versions import app_version_order as app_versions
from catalog.models import Binding, Source, VersionSource

RETIRED_NUMBER = (1 << 31, 0, 0)
"""The number of a binding to nothing: at one start, a retirement counts more than any version."""


class ResolutionStatus(StrEnum):
    """Whether a source is expected to send an event at all."""

    DEFINED = "defined"
    RETIRED = "retired"
    WRONG_SOURCE = "wrong_source"


@dataclass(frozen=True, slots=True)
class Resolution:
    """Which version one event is validated against. `version_id` is set where `status` is DEFINED."""

    status: ResolutionStatus
    version_id: int | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class BindingRow:
    """A binding as the choice needs it."""

    version_id: int | None
    number: tuple[int, int, int]
    since_key: str
    since_at: datetime | None
    written_at: datetime
    ended_at: datetime | None

    def is_in_force(self, event_time: datetime) -> bool:
        """Return whether it was written by then, has not ended, and does not begin at a later time."""
        return (
            self.written_at <= event_time
            and (self.ended_at is None or self.ended_at > event_time)
            and (self.since_at is None or self.since_at <= event_time)
        )


@dataclass(frozen=True, slots=True)
class ApprovedVersion:
    """A version approved for the source, and whether a delivery of it is open."""

    version_id: int
    number: tuple[int, int, int]
    origin_version: str
    is_open: bool
    is_superseded: bool = False

    @property
    def number_text(self) -> str:
        return _number_text(self.number)


def app_version_sort_key(app_version: str, source: Source, environment: str) -> str | None:
    """Return the sortable form of an app version, or None where the source's order cannot read it.

    Outside production a pre-release counts as its release: 2.5.0-rc.1 as 2.5.0. That holds for events and for the
    starts of bindings alike: the two are compared with each other.
    """
    text = app_versions.read_formatted(app_version.strip(), source.version_format)
    if environment != Environment.PRODUCTION:
        text = app_versions.without_prerelease(text)
    return app_versions.sort_key(text, source.version_order) if len(app_version) <= app_versions.MAX_LENGTH else None


def select_binding(
    bindings: Sequence[BindingRow], *, version_key: str | None, event_time: datetime
) -> BindingRow | None:
    """Return the binding that counts for an event, or None where none is in force.

    The highest start that is not above the event's app version (ties: the higher version);
    without one, the newest by time; below all of them, the oldest.
    """
    in_force = [binding for binding in bindings if binding.is_in_force(event_time)]
    if not in_force:
        return None
    by_version = [binding for binding in in_force if binding.since_key]
    if version_key is not None:
        reached = [binding for binding in by_version if binding.since_key <= version_key]
        if reached:
            return max(reached, key=lambda binding: (binding.since_key, binding.number, binding.written_at))
    by_time = [binding for binding in in_force if binding.since_at is not None]
    if by_time:
        return max(by_time, key=lambda binding: (binding.since_at, binding.number, binding.written_at))
    if version_key is None and by_version:
        return max(by_version, key=lambda binding: (binding.written_at, binding.since_key, binding.number))
    return min(
        in_force, key=lambda binding: (binding.since_key, binding.since_at or binding.written_at, binding.written_at)
    )


def first_binding_after(bindings: Sequence[BindingRow], event_time: datetime) -> BindingRow | None:
    """Return the first binding to a version that was written later, of those that have not ended; None for none."""
    later = [
        binding
        for binding in bindings
        if binding.version_id is not None and binding.ended_at is None and binding.written_at > event_time
    ]
    return min(later, key=lambda binding: (binding.written_at, binding.since_key, binding.number), default=None)


@dataclass(frozen=True, slots=True)
class BindingResolver:
    """The bindings and approved versions of one source in one environment, loaded for a set of events."""

    source: Source
    environment: str
    bindings: Mapping[int, Sequence[BindingRow]] = field(default_factory=dict)
    approved: Mapping[int, Sequence[ApprovedVersion]] = field(default_factory=dict)
    _changes: dict[int, list[datetime]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _version_keys: dict[str, str | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def load(cls, source: Source, environment: str, event_ids: Iterable[int]) -> "BindingResolver":
        """Read what is needed for these events in two queries."""
        ids = list(event_ids)
        bindings: dict[int, list[BindingRow]] = defaultdict(list)
        # By id, since the models' own order would sort by the names of events and sources, through joins.
        rows = Binding.objects.filter(source=source, environment=environment, event_id__in=ids).order_by("id")
        for row in rows.values_list(
            "event_id",
            "version_id",
            "version__major",
            "version__minor",
            "version__patch",
            "since_key",
            "since_at",
            "written_at",
            "ended_at",
        ):
            event_id, version_id, major, minor, patch, since_key, since_at, written_at, ended_at = row
            number = RETIRED_NUMBER if version_id is None else (major, minor, patch)
            bindings[event_id].append(BindingRow(version_id, number, since_key, since_at, written_at, ended_at))
        approved: dict[int, list[ApprovedVersion]] = defaultdict(list)
        versions = VersionSource.objects.filter(
            source=source, version__event_id__in=ids, version__withdrawn_at__isnull=True
        ).order_by("id")
        for event_id, version_id, major, minor, patch, origin, is_open, is_superseded in versions.values_list(
            "version__event_id",
            "version_id",
            "version__major",
            "version__minor",
            "version__patch",
            "version__origin_version",
            "is_open",
            "is_superseded",
        ):
            approved[event_id].append(
                ApprovedVersion(version_id, (major, minor, patch), origin, is_open, is_superseded)
            )
        return cls(source, environment, dict(bindings), dict(approved))

    def period(self, event_id: int, event_time: datetime) -> int:
        """Return a number for the time between two changes of what binds an event: within it nothing differs."""
        changes = self._changes.get(event_id)
        if changes is None:
            moments = {
                moment
                for binding in self.bindings.get(event_id, ())
                for moment in (binding.written_at, binding.ended_at, binding.since_at)
                if moment is not None
            }
            changes = self._changes[event_id] = sorted(moments)
        return bisect_right(changes, event_time)

    def version_key(self, app_version: str) -> str | None:
        """Return the sortable form of an event's app version, or None where it is empty or unreadable."""
        if app_version not in self._version_keys:
            key = app_version_sort_key(app_version, self.source, self.environment) if app_version else None
            self._version_keys[app_version] = key
        return self._version_keys[app_version]

    def is_by_app_version(self, event_id: int | None) -> bool:
        """Tell whether any of the bindings of an event starts at an app version."""
        return any(binding.since_key for binding in self.bindings.get(event_id or 0, ()))

    def resolve(
        self, event_id: int, *, event_time: datetime, app_version: str = "", named_version: str = ""
    ) -> Resolution:
        """Return which version an event of this source that happened then is validated against."""
        approved = self.approved.get(event_id, ())
        if named_version:
            matching = [
                version for version in approved if named_version in (version.origin_version, version.number_text)
            ]
            if matching:
                newest = max(matching, key=lambda version: version.number)
                return _defined_resolution(newest.version_id, newest.number)
        bindings = self.bindings.get(event_id, ())
        version_key = self.version_key(app_version)
        binding = None
        if version_key is None and self.source.version_from != VersionFrom.NOWHERE:
            # It may come from any version of the app, so that what is only developed says nothing of it.
            pending = {version.version_id for version in approved if version.is_open or version.is_superseded}
            live = [row for row in bindings if row.version_id is not None and row.version_id not in pending]
            binding = select_binding(live, version_key=None, event_time=event_time)
        if binding is None:
            binding = select_binding(bindings, version_key=version_key, event_time=event_time)
        if binding is not None:
            if binding.version_id is None:
                return Resolution(ResolutionStatus.RETIRED)
            return _defined_resolution(binding.version_id, binding.number)
        open_versions = [version for version in approved if version.is_open]
        if open_versions:
            newest = max(open_versions, key=lambda version: version.number)
            return _defined_resolution(newest.version_id, newest.number)
        # What happened before anything was bound (late, or history) is no mistake of its sender's.
        binding = first_binding_after(bindings, event_time)
        if binding is not None and binding.version_id is not None:
            return _defined_resolution(binding.version_id, binding.number)
        return Resolution(ResolutionStatus.WRONG_SOURCE)

    def open_version_ids(self, event_id: int) -> list[int]:
        """Return the ids of the event's versions with an open delivery on this source."""
        return [version.version_id for version in self.approved.get(event_id, ()) if version.is_open]


def _defined_resolution(version_id: int, number: tuple[int, int, int]) -> Resolution:
    return Resolution(ResolutionStatus.DEFINED, version_id, _number_text(number))


def _number_text(number: tuple[int, int, int]) -> str:
    return ".".join(map(str, number))
