"""What an event is held against: the version that the bindings of its source name for it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from catalog.choices import Environment
from catalog.contract.versions import app_version_order as app_versions
from catalog.models import Binding, Source, VersionSource

RETIRED = (1 << 31, 0, 0)
"""The number of a binding to nothing: at one start, a retirement counts more than any version."""


class Standing(StrEnum):
    """Whether a source is expected to send an event at all."""

    DEFINED = "defined"
    RETIRED = "retired"
    WRONG_SOURCE = "wrong_source"


@dataclass(frozen=True, slots=True)
class Held:
    """What one event is held against. `version_id` is set where `standing` is DEFINED."""

    standing: Standing
    version_id: int | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class Bound:
    """A binding as the choice needs it."""

    version_id: int | None
    number: tuple[int, int, int]
    since_key: str
    since_at: datetime | None
    written_at: datetime
    ended_at: datetime | None

    def is_in_force(self, received_at: datetime) -> bool:
        return self.written_at <= received_at and (self.ended_at is None or self.ended_at > received_at)


@dataclass(frozen=True, slots=True)
class Approved:
    """A version approved for the source, and whether a delivery of it is open."""

    version_id: int
    number: tuple[int, int, int]
    origin_version: str
    is_open: bool

    @property
    def text(self) -> str:
        return _text(self.number)


def app_key(app_version: str, source: Source, environment: str) -> str | None:
    """Return the sortable form of an app version, or None where the source's order cannot read it.

    Outside production a pre-release counts as its release: 2.5.0-rc.1 as 2.5.0. That holds for events and for the
    starts of bindings alike: the two are compared with each other.
    """
    if environment != Environment.PRODUCTION:
        app_version = app_versions.without_prerelease(app_version)
    return app_versions.sort_key(app_version, source.version_order)


def choose(bounds: Sequence[Bound], *, app_key: str | None, received_at: datetime) -> Bound | None:
    """Return the binding that counts for an event, or None where none is in force.

    The highest start that is not above the event's app version (ties: the higher version);
    without one, the newest by time; below all of them, the oldest.
    """
    in_force = [bound for bound in bounds if bound.is_in_force(received_at)]
    if not in_force:
        return None
    by_version = [bound for bound in in_force if bound.since_key]
    if app_key is not None:
        reached = [bound for bound in by_version if bound.since_key <= app_key]
        if reached:
            return max(reached, key=lambda bound: (bound.since_key, bound.number, bound.written_at))
    by_time = [bound for bound in in_force if bound.since_at is not None and bound.since_at <= received_at]
    if by_time:
        return max(by_time, key=lambda bound: (bound.since_at, bound.number, bound.written_at))
    if app_key is None and by_version:
        return max(by_version, key=lambda bound: (bound.written_at, bound.since_key, bound.number))
    return min(in_force, key=lambda bound: (bound.since_key, bound.since_at or bound.written_at, bound.written_at))


@dataclass(frozen=True, slots=True)
class Holder:
    """The bindings and approved versions of one source in one environment, loaded for a set of events."""

    source: Source
    environment: str
    bounds: Mapping[int, Sequence[Bound]] = field(default_factory=dict)
    approved: Mapping[int, Sequence[Approved]] = field(default_factory=dict)

    @classmethod
    def load(cls, source: Source, environment: str, event_ids: Iterable[int]) -> "Holder":
        """Read what is needed for these events in two queries."""
        ids = list(event_ids)
        bounds: dict[int, list[Bound]] = defaultdict(list)
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
            number = RETIRED if version_id is None else (major, minor, patch)
            bounds[event_id].append(Bound(version_id, number, since_key, since_at, written_at, ended_at))
        approved: dict[int, list[Approved]] = defaultdict(list)
        versions = VersionSource.objects.filter(
            source=source, version__event_id__in=ids, version__withdrawn_at__isnull=True
        ).order_by("id")
        for event_id, version_id, major, minor, patch, origin, is_open in versions.values_list(
            "version__event_id",
            "version_id",
            "version__major",
            "version__minor",
            "version__patch",
            "version__origin_version",
            "is_open",
        ):
            approved[event_id].append(Approved(version_id, (major, minor, patch), origin, is_open))
        return cls(source, environment, dict(bounds), dict(approved))

    def app_key(self, app_version: str) -> str | None:
        """Return the sortable form of an event's app version, or None where it is empty or unreadable."""
        return app_key(app_version, self.source, self.environment) if app_version else None

    def held_against(
        self, event_id: int, *, received_at: datetime, app_version: str = "", named_version: str = ""
    ) -> Held:
        """Return what an event of this source, received then, is held against."""
        approved = self.approved.get(event_id, ())
        if named_version:
            named = [version for version in approved if named_version in (version.origin_version, version.text)]
            if named:
                newest = max(named, key=lambda version: version.number)
                return _defined(newest.version_id, newest.number)
        bounds = self.bounds.get(event_id, ())
        bound = choose(bounds, app_key=self.app_key(app_version), received_at=received_at)
        if bound is not None:
            if bound.version_id is None:
                return Held(Standing.RETIRED)
            return _defined(bound.version_id, bound.number)
        open_versions = [version for version in approved if version.is_open]
        if open_versions:
            newest = max(open_versions, key=lambda version: version.number)
            return _defined(newest.version_id, newest.number)
        return Held(Standing.WRONG_SOURCE)

    def open_versions(self, event_id: int) -> list[int]:
        """Return the ids of the event's versions with an open delivery on this source."""
        return [version.version_id for version in self.approved.get(event_id, ()) if version.is_open]


def _defined(version_id: int, number: tuple[int, int, int]) -> Held:
    return Held(Standing.DEFINED, version_id, _text(number))


def _text(number: tuple[int, int, int]) -> str:
    return ".".join(map(str, number))
