"""Summaries of evidence: what a delivery has shown since a step, in production or outside it.

Each function takes `loaded`, the stored evidence of several deliveries, so that a list costs as many queries as one
row; left out, the delivery's own is read.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet

from catalog.choices import Environment
from catalog.contract import for_source, json_equal, list_properties
from catalog.contract.json.pointers import UNKNOWN_KEY
from catalog.contract.property_listing import PropertySummary
from catalog.contract.schema.subschemas import ANNOTATIONS, Schema, map_subschemas
from catalog.models import Version
from tracking.requests.choices import EvidenceStage
from tracking.requests.evidence.delivery_app_version import AppVersionShortfall, app_version_shortfall
from tracking.requests.evidence.loaded_evidence import LoadedEvidence
from tracking.requests.models import Delivery, Evidence, EvidenceDevice, EvidenceId

NON_PRODUCTION = (Environment.STAGING, Environment.DEVELOPMENT)
RECENT_PERIOD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class EvidenceSummary:
    """What the evidence of one stage comes to."""

    conforming: int = 0
    nonconforming: int = 0
    proving: int = 0
    proving_first: datetime | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    app_versions: tuple[str, ...] = ()
    seen_paths: frozenset[str] = field(default_factory=frozenset)  # paths of properties in conforming events

    @property
    def conforming_share(self) -> float:
        """The conforming part of all; 0.0 where nothing came."""
        total = self.conforming + self.nonconforming
        return self.conforming / total if total else 0.0


@dataclass(frozen=True, slots=True)
class ProductionEvidence:
    """What production has shown of a tested delivery."""

    events: int
    ids: int
    span: timedelta
    recent: EvidenceSummary  # of the last 24 hours before the newest event
    first_proving_at: datetime | None  # of a proving event; no other begins a proof


def pre_build_evidence(delivery: Delivery, *, loaded: LoadedEvidence | None = None) -> EvidenceSummary:
    """Return what came outside production since the delivery was reviewed, before anybody said that it is built.

    It is shown to the developer and counts for nothing else. `proving` are the correct events: conforming, and able
    to show the new version, since what is sent already conforms to many an update.
    """
    loaded = loaded or LoadedEvidence([delivery])
    return _summarize(
        loaded.rows(delivery, EvidenceStage.REVIEWED, NON_PRODUCTION),
        loaded.seen_paths(delivery, EvidenceStage.REVIEWED, NON_PRODUCTION),
    )


def staging_evidence(
    delivery: Delivery, ids: Sequence[int] | None = None, *, loaded: LoadedEvidence | None = None
) -> EvidenceSummary:
    """Return what came outside production since the delivery was developed.

    Where the source has app versions, only events at or after the delivery's count. With `ids` only the events
    of these pseudonyms of ids and of their users' devices, which costs two queries more.
    """
    loaded = loaded or LoadedEvidence([delivery])
    rows = [
        row
        for row in loaded.rows(delivery, EvidenceStage.DEVELOPED, NON_PRODUCTION)
        if app_version_shortfall(delivery, row.app_version, row.environment) is None
    ]
    seen = loaded.seen_paths(delivery, EvidenceStage.DEVELOPED, NON_PRODUCTION)
    if ids is None:
        return _summarize(rows, seen)
    rows_of_ids = _rows_of_ids(delivery, with_devices(delivery, ids))
    total = _summarize(rows, seen)
    return EvidenceSummary(
        conforming=sum(row.conforming for row in rows_of_ids),
        nonconforming=sum(row.nonconforming for row in rows_of_ids),
        proving=sum(row.proving for row in rows_of_ids),
        first_seen=total.first_seen,
        last_seen=max((row.last_seen for row in rows_of_ids), default=None),
        app_versions=total.app_versions,
        seen_paths=seen,
    )


def shortfalls(delivery: Delivery, *, loaded: LoadedEvidence | None = None) -> list[tuple[AppVersionShortfall, int]]:
    """Return what came since the delivery was developed and `staging_evidence` leaves out: why, and how many."""
    loaded = loaded or LoadedEvidence([delivery])
    event_counts: Counter[AppVersionShortfall] = Counter()
    for row in loaded.rows(delivery, EvidenceStage.DEVELOPED, NON_PRODUCTION):
        if shortfall := app_version_shortfall(delivery, row.app_version, row.environment):
            event_counts[shortfall] += row.conforming + row.nonconforming
    return event_counts.most_common()


def unknown_ids(delivery: Delivery, ids: Sequence[int]) -> list[int]:
    """Return those of these pseudonyms that no evidence is stored for since the delivery was developed, in their order.

    None of their events came, or `EVIDENCE_IDS_KEPT` others came first, so `staging_evidence` does not count them.
    """
    users = user_by_device(delivery)
    rows = _rows_of_ids(delivery, {*ids, *(device for device, user in users.items() if user in set(ids))})
    known = set(rows.values_list("id_hash", flat=True))
    known |= {users[id_hash] for id_hash in known if id_hash in users}
    return [id_hash for id_hash in dict.fromkeys(ids) if id_hash not in known]


def production_evidence(delivery: Delivery, *, loaded: LoadedEvidence | None = None) -> ProductionEvidence:
    """Return what production has shown since the delivery was tested; its span is that of the proving events alone."""
    loaded = loaded or LoadedEvidence([delivery])
    rows = loaded.rows(delivery, EvidenceStage.TESTED, (Environment.PRODUCTION,))
    first = min((row.proving_first for row in rows if row.proving_first), default=None)
    last = max((row.proving_last for row in rows if row.proving_last), default=None)
    newest = max((row.last_seen for row in rows), default=None)
    events = sum(row.proving for row in rows)
    return ProductionEvidence(
        events=events,
        # A server that names nobody is itself the one id.
        ids=max(loaded.proving_id_count(delivery), min(events, 1)),
        span=last - first if first and last else timedelta(0),
        recent=_summarize([row for row in rows if newest and row.last_seen > newest - RECENT_PERIOD], frozenset()),
        first_proving_at=first,
    )


def required_property_paths(delivery: Delivery, *, loaded: LoadedEvidence | None = None) -> list[str]:
    """Return the paths of every property that the change adds or alters on this source, outer ones first.

    Free keys need not come; properties that are supplied at the data side, or derived, never come with an event; nor
    do those that the definition says are absent on this source.
    """
    loaded = loaded or LoadedEvidence([delivery])
    version = delivery.change.version
    if version is None:
        return []
    source_slug = delivery.source.slug
    parent_requirements = {line.path: _requirement(line) for line in _property_lines(version.parent, source_slug)}
    not_sent = loaded.paths_not_sent(version.pk)
    return [
        line.path
        for line in _property_lines(version, source_slug)
        if not _is_same_requirement(_requirement(line), parent_requirements.get(line.path))
        and line.path not in not_sent
        and UNKNOWN_KEY not in line.path.split("/")
        and line.type_label != "nothing"
    ]


def _property_lines(version: Version | None, slug: str) -> list[PropertySummary]:
    return [] if version is None else list_properties(for_source(version.definition, slug))


def _requirement(line: PropertySummary) -> tuple[bool, Schema]:
    return line.is_required, _without_annotations(line.schema)


def _is_same_requirement(one: tuple[bool, Schema], other: tuple[bool, Schema] | None) -> bool:
    return other is not None and one[0] == other[0] and json_equal(one[1], other[1])


def _without_annotations(schema: Schema) -> Schema:
    """Return a schema without its words for people."""
    if not isinstance(schema, dict):
        return schema
    stripped = map_subschemas(schema, lambda _steps, inner: _without_annotations(inner))
    return {keyword: value for keyword, value in stripped.items() if keyword not in ANNOTATIONS}


def user_by_device(delivery: Delivery) -> dict[int, int]:
    """Return the pseudonym of the user of each device that was seen with one since the delivery was developed."""
    rows = EvidenceDevice.objects.filter(
        delivery=delivery, round=delivery.round, stage=EvidenceStage.DEVELOPED, environment__in=NON_PRODUCTION
    )
    # The same device in both environments: the smallest user, as within one.
    return dict(rows.order_by("-user_hash").values_list("id_hash", "user_hash"))


def with_devices(delivery: Delivery, ids: Iterable[int]) -> set[int]:
    """Return these pseudonyms of ids and those of their users' devices, whose events are theirs. One query."""
    chosen = set(ids)
    return chosen | {device for device, user in user_by_device(delivery).items() if user in chosen}


def _rows_of_ids(delivery: Delivery, ids: Iterable[int]) -> QuerySet[EvidenceId]:
    return EvidenceId.objects.filter(
        delivery=delivery,
        round=delivery.round,
        stage=EvidenceStage.DEVELOPED,
        environment__in=NON_PRODUCTION,
        id_hash__in=list(ids),
    )


def _summarize(rows: Sequence[Evidence], seen: frozenset[str]) -> EvidenceSummary:
    return EvidenceSummary(
        conforming=sum(row.conforming for row in rows),
        nonconforming=sum(row.nonconforming for row in rows),
        proving=sum(row.proving for row in rows),
        proving_first=min((row.proving_first for row in rows if row.proving_first), default=None),
        first_seen=min((row.first_seen for row in rows), default=None),
        last_seen=max((row.last_seen for row in rows), default=None),
        app_versions=tuple(sorted({row.app_version for row in rows if row.app_version})),
        seen_paths=seen,
    )
