"""Evidence added up: what a delivery has shown since a step, in production or outside it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet

from catalog.choices import Environment, Origin
from catalog.contract import for_source, properties_of
from catalog.contract.json.pointers import UNKNOWN
from catalog.contract.property_listing import PropertyLine
from catalog.contract.schema.subschemas import ANNOTATIONS, Schema, mapped
from catalog.models import Version, VersionProperty
from tracking.requests.choices import Stage
from tracking.requests.evidence.delivery_app_version import Short, short_of
from tracking.requests.models import Delivery, Evidence, EvidenceId, EvidenceProperty

OUTSIDE = (Environment.STAGING, Environment.DEVELOPMENT)
NOT_SENT = (Origin.ENRICHED, Origin.DERIVED)
NEWEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Measure:
    """What the evidence of one stage comes to."""

    conforming: int = 0
    nonconforming: int = 0
    proving: int = 0
    proving_first: datetime | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    app_versions: tuple[str, ...] = ()
    seen: frozenset[str] = field(default_factory=frozenset)  # paths of properties in conforming events

    @property
    def share(self) -> float:
        """The conforming part of all; 0.0 where nothing came."""
        total = self.conforming + self.nonconforming
        return self.conforming / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Proof:
    """What production has shown of a tested delivery."""

    events: int
    ids: int
    span: timedelta
    newest: Measure  # of the last 24 hours before the newest event
    first_seen: datetime | None  # of a proving event; no other begins a proof


def lit_by(delivery: Delivery) -> Measure:
    """Return what came outside production since the delivery was reviewed, before anybody said that it is built.

    It lights the developer's lamp and counts for nothing else. `proving` are the correct events: conforming, and able
    to show the new version, since what is sent already conforms to many an update.
    """
    return _added(list(_rows(delivery, Stage.REVIEWED, OUTSIDE)), _properties(delivery, Stage.REVIEWED, OUTSIDE))


def tested_by(delivery: Delivery, ids: Sequence[int] | None = None) -> Measure:
    """Return what came outside production since the delivery was developed.

    Where the source has app versions, only events at or after the delivery's count. With `ids` only the events
    of these keyed ids.
    """
    rows = [
        row
        for row in _rows(delivery, Stage.DEVELOPED, OUTSIDE)
        if short_of(delivery, row.app_version, row.environment) is None
    ]
    seen = _properties(delivery, Stage.DEVELOPED, OUTSIDE)
    if ids is None:
        return _added(rows, seen)
    chosen = _chosen(delivery, ids)
    total = _added(rows, seen)
    return Measure(
        conforming=sum(row.conforming for row in chosen),
        nonconforming=sum(row.nonconforming for row in chosen),
        proving=sum(row.proving for row in chosen),
        first_seen=total.first_seen,
        last_seen=max((row.last_seen for row in chosen), default=None),
        app_versions=total.app_versions,
        seen=seen,
    )


def short_by(delivery: Delivery) -> list[tuple[Short, int]]:
    """Return what came since the delivery was developed and `tested_by` leaves out: why, and how many, most first."""
    found: Counter[Short] = Counter()
    for row in _rows(delivery, Stage.DEVELOPED, OUTSIDE):
        if short := short_of(delivery, row.app_version, row.environment):
            found[short] += row.conforming + row.nonconforming
    return found.most_common()


def not_kept(delivery: Delivery, ids: Sequence[int]) -> list[int]:
    """Return which of these keyed ids no evidence is kept of since the delivery was developed, in their order.

    None of their events came, or `EVIDENCE_IDS_KEPT` others came first; either way `tested_by` cannot speak for them.
    """
    known = set(_chosen(delivery, ids).values_list("id_hash", flat=True))
    return [each for each in dict.fromkeys(ids) if each not in known]


def proof_of(delivery: Delivery) -> Proof:
    """Return what production has shown since the delivery was tested; its span is that of the proving events alone."""
    rows = list(_rows(delivery, Stage.TESTED, (Environment.PRODUCTION,)))
    first = min((row.proving_first for row in rows if row.proving_first), default=None)
    last = max((row.proving_last for row in rows if row.proving_last), default=None)
    newest = max((row.last_seen for row in rows), default=None)
    ids = EvidenceId.objects.filter(
        delivery=delivery,
        round=delivery.round,
        stage=Stage.TESTED,
        environment=Environment.PRODUCTION,
        proving__gt=0,
    ).count()
    events = sum(row.proving for row in rows)
    return Proof(
        events=events,
        # A server that names nobody is itself the one id.
        ids=max(ids, min(events, 1)),
        span=last - first if first and last else timedelta(0),
        newest=_added([row for row in rows if newest and row.last_seen > newest - NEWEST], frozenset()),
        first_seen=first,
    )


def needed_properties(delivery: Delivery) -> list[str]:
    """Return the paths of every property that the change adds or alters on this source, outer ones first.

    Free keys need not come; properties that are supplied at the data side, or derived, never come with an event.
    """
    version = delivery.change.version
    if version is None:
        return []
    slug = delivery.source.slug
    old = {line.path: _rule(line) for line in _lines(version.parent, slug)}
    supplied_elsewhere = set(
        VersionProperty.objects.filter(version=version, property__origin__in=NOT_SENT).values_list("path", flat=True)
    )
    return [
        line.path
        for line in _lines(version, slug)
        if _rule(line) != old.get(line.path)
        and line.path not in supplied_elsewhere
        and UNKNOWN not in line.path.split("/")
        and line.type_label != "nothing"
    ]


def _lines(version: Version | None, slug: str) -> list[PropertyLine]:
    return [] if version is None else properties_of(for_source(version.definition, slug))


def _rule(line: PropertyLine) -> tuple[bool, Schema]:
    return line.is_required, _bare(line.schema)


def _bare(schema: Schema) -> Schema:
    """Return a schema without its words for people."""
    if not isinstance(schema, dict):
        return schema
    copy = mapped(schema, lambda _steps, inner: _bare(inner))
    return {keyword: value for keyword, value in copy.items() if keyword not in ANNOTATIONS}


def _rows(delivery: Delivery, stage: Stage, environments: Iterable[str]) -> QuerySet[Evidence]:
    return Evidence.objects.filter(
        delivery=delivery, round=delivery.round, stage=stage, environment__in=list(environments)
    ).order_by("hour", "id")


def _chosen(delivery: Delivery, ids: Sequence[int]) -> QuerySet[EvidenceId]:
    return EvidenceId.objects.filter(
        delivery=delivery,
        round=delivery.round,
        stage=Stage.DEVELOPED,
        environment__in=OUTSIDE,
        id_hash__in=list(ids),
    )


def _properties(delivery: Delivery, stage: Stage, environments: Iterable[str]) -> frozenset[str]:
    return frozenset(
        EvidenceProperty.objects.filter(
            delivery=delivery, round=delivery.round, stage=stage, environment__in=list(environments), count__gt=0
        ).values_list("path", flat=True)
    )


def _added(rows: Sequence[Evidence], seen: frozenset[str]) -> Measure:
    return Measure(
        conforming=sum(row.conforming for row in rows),
        nonconforming=sum(row.nonconforming for row in rows),
        proving=sum(row.proving for row in rows),
        proving_first=min((row.proving_first for row in rows if row.proving_first), default=None),
        first_seen=min((row.first_seen for row in rows), default=None),
        last_seen=max((row.last_seen for row in rows), default=None),
        app_versions=tuple(sorted({row.app_version for row in rows if row.app_version})),
        seen=seen,
    )
