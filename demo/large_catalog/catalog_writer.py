"""Writes a generated catalog into the database: many rows at once, by COPY, past the services that people use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

from django.db import connection, models
from django.utils.text import slugify

from accounts.models import Team, User
from catalog.choices import Call, Environment, OwnerRole, Platform
from catalog.contract import Comparison, ComparisonOutcome, VersionBump, definition_hash, fold_name, name_hash
from catalog.contract.definition.listed_values import listed_values
from catalog.contract.json.storage_encoding import storable_json
from catalog.models import (
    Binding,
    Category,
    Event,
    EventName,
    EventValue,
    ListedValue,
    Ownership,
    Property,
    Source,
    Tag,
    Version,
    VersionProperty,
    VersionSource,
)
from catalog.services.bindings import BASELINE_START
from demo.large_catalog.generated_events import GeneratedEvent, GeneratedVersion
from demo.large_catalog.generated_properties import GeneratedProperty
from demo.large_catalog.word_lists import AREAS, CHOICE_WORDS, OBJECTS
from tracking.traffic.counts.bulk_copy import copy_rows

EVENTS_AT_ONCE = 1_000
_COMPARISONS = {
    bump.value: storable_json(Comparison(ComparisonOutcome.COMPATIBLE, bump, reason="Generated.").as_json())
    for bump in VersionBump
}


@dataclass(frozen=True, slots=True)
class Company:
    """Whom and what the events of a generated catalog belong to."""

    system: User
    people: Sequence[User]
    teams: Sequence[Team]
    sources: Sequence[Source]
    categories: Sequence[Category]
    tags: Sequence[Tag]


@dataclass(frozen=True, slots=True)
class WrittenEvent:
    """What traffic needs to know of an event that was written; `version_id` is the live one."""

    name: str
    age: timedelta
    quiet: timedelta | None
    volume: int
    version_id: int | None
    source_ids: tuple[int, ...]


def write_company(now: datetime, *, teams: int, sources: int, people: int) -> Company:
    """Write teams, people, sources, categories and tags, and return them. Nobody can sign in as one of the people."""
    new_teams = [Team(slug=f"made-{area}", name=f"Made {area.title()}") for area in AREAS[:teams]]
    all_teams = Team.objects.bulk_create(new_teams)
    names = [f"{OBJECTS[place % len(OBJECTS)]}.{AREAS[place % len(AREAS)]}{place}" for place in range(people)]
    all_people = User.objects.bulk_create(
        User(username=f"made.{name}", name=name.replace(".", " ").title(), password="!", date_joined=now)  # noqa: S106  by which nobody can sign in
        for name in names
    )
    platforms = list(Platform)
    all_sources = Source.objects.bulk_create(
        Source(
            slug=f"made-{AREAS[place % len(AREAS)]}-{place + 1}",
            name=f"{AREAS[place % len(AREAS)].title()} {platforms[place % 4].label} {place + 1}",
            platform=platforms[place % 4],
            owner_team=all_teams[place % len(all_teams)],
            is_sample=True,
            created_at=now,
        )
        for place in range(sources)
    )
    parents = Category.objects.bulk_create(Category(slug=f"made-{area}", name=area.title()) for area in AREAS)
    children = Category.objects.bulk_create(
        Category(slug=f"made-{parent.name.lower()}-{thing}", name=f"{parent.name}: {thing}", parent=parent)
        for parent in parents
        for thing in OBJECTS[:2]
    )
    tags = Tag.objects.bulk_create(
        Tag(slug=f"made-{slugify(word)}", name=word.replace("_", " ").title()) for word in CHOICE_WORDS
    )
    return Company(User.objects.system(), all_people, all_teams, all_sources, [*parents, *children], tags)


def write_properties(library: Sequence[GeneratedProperty], company: Company, now: datetime) -> dict[str, int]:
    """Write the library and return the ids of its entries by their names."""
    ids = _new_ids(Property, len(library))
    teams = [*(team.pk for team in company.teams), None]
    columns = ("id", "name", "folded_name", "description", "schema", "examples", "unit", "sensitivity", "origin")
    rows = (
        (pk, entry.name, fold_name(entry.name), entry.description, storable_json(entry.schema), "[]", "")
        + (entry.sensitivity.value, entry.origin.value, teams[place % len(teams)], True, now, now)
        for place, (pk, entry) in enumerate(zip(ids, library, strict=True))
    )
    copy_rows(Property, (*columns, "owner_team_id", "is_sample", "created_at", "updated_at"), rows)
    return {entry.name: pk for pk, entry in zip(ids, library, strict=True)}


class EventWriter:
    """Writes events with their names, owners, tags, versions, sources and bindings, `EVENTS_AT_ONCE` at a time."""

    def __init__(self, company: Company, property_ids: dict[str, int], now: datetime, random: Random) -> None:
        self._company = company
        self._property_ids = property_ids
        self._now = now
        self._random = random
        self._rows: dict[type[models.Model], list[tuple[Any, ...]]] = {}
        self._value_ids: dict[str, int] = {}

    def write(self, events: Iterator[GeneratedEvent]) -> Iterator[WrittenEvent]:
        """Write all events, and yield each when it is written. Needs a transaction."""
        while batch := list(islice(events, EVENTS_AT_ONCE)):
            event_ids = iter(_new_ids(Event, len(batch)))
            version_ids = iter(_new_ids(Version, sum(len(event.versions) for event in batch)))
            written = [self._add(event, next(event_ids), version_ids) for event in batch]
            self._flush()
            yield from written

    def _add(self, event: GeneratedEvent, pk: int, version_ids: Iterator[int]) -> WrittenEvent:
        versions = [(next(version_ids), version) for version in event.versions]
        sources = tuple(source.pk for source in self._random.sample(self._company.sources, self._source_count()))
        created, changed = self._now - event.age, self._now - event.changed
        live_id = None if event.live is None else versions[event.live][0]
        shown = versions[-1 if event.live is None else event.live][1]
        self._put(
            Event,
            *(pk, Call.TRACK.value, event.name, "", event.description, event.kind.value, event.tier),
            *(self._pick(self._company.categories), self._pick(self._company.teams), "", event.status.value),
            *(live_id, versions[-1][0], None if live_id is None else created, event.health.value),
            *(None if event.quiet is None else self._now - event.quiet, event.volume, _line_count(shown)),
            *(True, created, changed),
        )
        self._put(EventName, pk, Call.TRACK.value, event.name, name_hash(event.name), fold_name(event.name), created)
        for value in listed_values(shown.document):
            self._put(EventValue, pk, self._value_id(value))
        for role in self._random.sample(list(OwnerRole), self._random.choice((0, 1, 1, 2, 4))):
            self._put(Ownership, pk, self._random.choice(self._company.people).pk, role.value)
        for tag in self._random.sample(self._company.tags, self._random.choice((0, 1, 2, 2, 3))):
            self._put(Event.tags.through, pk, tag.pk)
        parent_id = None
        for number, (version_id, version) in enumerate(versions):
            at = created + (changed - created) * number / len(versions)
            self._add_version(version, version_id, pk, parent_id, at)
            for source in sources:
                self._put(VersionSource, version_id, source, version.change.value, False, False)
            parent_id = version_id
        if live_id is not None:
            for source in sources:
                place = (pk, source, Environment.PRODUCTION.value, live_id, "", "")
                self._put(Binding, *place, BASELINE_START, BASELINE_START)
        return WrittenEvent(event.name, event.age, event.quiet, event.volume, live_id, sources)

    def _add_version(
        self, version: GeneratedVersion, pk: int, event_id: int, parent_id: int | None, at: datetime
    ) -> None:
        system = self._company.system.pk
        self._put(
            Version,
            *(pk, event_id, parent_id, *version.number, storable_json(version.document)),
            *(definition_hash(version.document), version.change.value, _COMPARISONS[version.change.value], "", ""),
            *(at, system),
        )
        for entry, is_required in version.properties:
            for line in entry.lines:
                is_top = line.depth == 0
                self._put(
                    VersionProperty,
                    *(pk, self._property_ids[entry.name] if is_top else None, line.path, line.name, line.type_label),
                    *(is_required if is_top else line.is_required, entry.sensitivity.value if is_top else ""),
                )

    def _value_id(self, value: str) -> int:
        """Return the id of a value, which is written where it is new; a generated catalog has a hundred of them."""
        if value not in self._value_ids:
            self._value_ids[value] = ListedValue.objects.create(value=value).pk
        return self._value_ids[value]

    def _put(self, model: type[models.Model], *values: Any) -> None:
        self._rows.setdefault(model, []).append(values)

    def _flush(self) -> None:
        for model, columns in _COLUMNS.items():
            copy_rows(model, columns, self._rows.pop(model, ()))
        # What the database still has to look at grows with every row; it does so now.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def _source_count(self) -> int:
        return min(self._random.choice((1, 1, 2, 2, 3, 4)), len(self._company.sources))

    def _pick(self, rows: Sequence[models.Model]) -> int | None:
        """Return the id of one of the rows, or in one case of twenty none."""
        return None if self._random.random() < 0.05 else int(self._random.choice(rows).pk)


_COLUMNS: dict[type[models.Model], tuple[str, ...]] = {
    Event: (
        *("id", "call", "name", "title", "description", "kind", "tier", "category_id", "owner_team_id", "owner_text"),
        *("status", "live_version_id", "newest_version_id", "live_since", "health", "last_seen_at", "volume"),
        *("property_count", "is_sample", "created_at", "updated_at"),
    ),
    EventName: ("event_id", "call", "name", "name_hash", "folded_name", "since"),
    EventValue: ("event_id", "value_id"),
    Ownership: ("event_id", "person_id", "role"),
    Event.tags.through: ("event_id", "tag_id"),
    Version: (
        *("id", "event_id", "parent_id", "major", "minor", "patch", "definition", "content_hash", "change_kind"),
        *("comparison", "origin_version", "message", "created_at", "created_by_id"),
    ),
    VersionProperty: ("version_id", "property_id", "path", "name", "type_label", "is_required", "sensitivity"),
    VersionSource: ("version_id", "source_id", "change_kind", "is_open", "is_superseded"),
    Binding: (
        *("event_id", "source_id", "environment", "version_id", "since_version", "since_key", "since_at"),
        "written_at",
    ),
}
"""What is written of each table, in this order."""


def _line_count(version: GeneratedVersion) -> int:
    return sum(len(entry.lines) for entry, _ in version.properties)


def _new_ids(model: type[models.Model], count: int) -> list[int]:
    """Return ids that no row of the model has or will have."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [pk for (pk,) in cursor.fetchall()]
