"""The stored evidence of several deliveries, read with one query a table instead of one a delivery."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from catalog.choices import Environment, Origin
from catalog.models import Deploy, VersionProperty
from tracking.requests.choices import EvidenceStage
from tracking.requests.models import Change, Delivery, Evidence, EvidenceDevice, EvidenceId, EvidenceProperty

ORIGINS_NOT_SENT = (Origin.ENRICHED, Origin.DERIVED)

RoundKey = tuple[int, int]  # a delivery's id and round


class LoadedEvidence:
    """What is stored about the current rounds of some deliveries.

    Each table is read when it is first asked for, for all of the deliveries at once, and then kept: an instance
    serves one page, one response or one step. Asking it about a delivery that it was not made for finds nothing.
    """

    def __init__(self, deliveries: Iterable[Delivery]) -> None:
        self._deliveries = list(deliveries)
        self._rows_by_stage: dict[EvidenceStage, Mapping[RoundKey, list[Evidence]]] = {}
        self._paths_by_stage: dict[EvidenceStage, Mapping[RoundKey, list[tuple[str, str]]]] = {}

    def rows(self, delivery: Delivery, stage: EvidenceStage, environments: Iterable[str]) -> list[Evidence]:
        """Return the hourly counts of a delivery's round in some environments, oldest hour first."""
        if stage not in self._rows_by_stage:
            by_round = defaultdict(list)
            for row in Evidence.objects.filter(**self._round_filter, stage=stage).order_by("hour", "id"):
                by_round[row.delivery_id, row.round].append(row)
            self._rows_by_stage[stage] = by_round
        found = self._rows_by_stage[stage].get((delivery.pk, delivery.round), ())
        wanted = set(environments)
        return [row for row in found if row.environment in wanted]

    def seen_paths(self, delivery: Delivery, stage: EvidenceStage, environments: Iterable[str]) -> frozenset[str]:
        """Return the paths of the properties that conforming events of a delivery's round had."""
        if stage not in self._paths_by_stage:
            by_round = defaultdict(list)
            rows = EvidenceProperty.objects.filter(**self._round_filter, stage=stage, count__gt=0).order_by()
            for delivery_id, round_number, environment, path in rows.values_list(
                "delivery", "round", "environment", "path"
            ):
                by_round[delivery_id, round_number].append((environment, path))
            self._paths_by_stage[stage] = by_round
        found = self._paths_by_stage[stage].get((delivery.pk, delivery.round), ())
        wanted = set(environments)
        return frozenset(path for environment, path in found if environment in wanted)

    def proving_id_count(self, delivery: Delivery) -> int:
        """Return how many people sent production events that prove a delivery since it was tested.

        A device that was seen with a user is that user; one that never was is a person of its own.
        """
        return self._proving_id_counts.get((delivery.pk, delivery.round), 0)

    def paths_not_sent(self, version_id: int) -> frozenset[str]:
        """Return the paths of a version's properties that are supplied at the data side or derived."""
        return frozenset(self._paths_not_sent.get(version_id, ()))

    def production_deploy_versions(self, source_id: int) -> list[str]:
        """Return the app versions that a source's deploy markers in production name."""
        return self._production_deploy_versions.get(source_id, [])

    def source_count(self, change_id: int) -> int:
        """Return how many sources a change is meant for."""
        return self._source_counts.get(change_id, 0)

    @cached_property
    def _round_filter(self) -> dict[str, object]:
        """Rows of other deliveries' round numbers may be among them, so readers also look them up by `RoundKey`."""
        return {
            "delivery__in": [delivery.pk for delivery in self._deliveries],
            "round__in": {delivery.round for delivery in self._deliveries},
        }

    @cached_property
    def _proving_id_counts(self) -> dict[RoundKey, int]:
        rows = EvidenceId.objects.filter(
            **self._round_filter, stage=EvidenceStage.TESTED, environment=Environment.PRODUCTION, proving__gt=0
        )
        devices = EvidenceDevice.objects.order_by().filter(
            **{name: OuterRef(name) for name in ("delivery", "round", "stage", "environment", "id_hash")}
        )
        person = Coalesce(Subquery(devices.values("user_hash")), F("id_hash"))
        counts = rows.order_by().values_list("delivery", "round").annotate(count=Count(person, distinct=True))
        return {(delivery_id, round_number): count for delivery_id, round_number, count in counts}

    @cached_property
    def _paths_not_sent(self) -> dict[int, list[str]]:
        by_version: dict[int, list[str]] = defaultdict(list)
        rows = VersionProperty.objects.filter(
            version__in={delivery.change.version_id for delivery in self._deliveries},
            property__origin__in=ORIGINS_NOT_SENT,
        )
        for version_id, path in rows.order_by().values_list("version", "path"):
            by_version[version_id].append(path)
        return by_version

    @cached_property
    def _production_deploy_versions(self) -> dict[int, list[str]]:
        by_source: dict[int, list[str]] = defaultdict(list)
        rows = Deploy.objects.filter(
            source__in={delivery.source_id for delivery in self._deliveries}, environment=Environment.PRODUCTION
        )
        for source_id, version in rows.order_by().values_list("source", "version").distinct():
            by_source[source_id].append(version)
        return by_source

    @cached_property
    def _source_counts(self) -> dict[int, int]:
        rows = Change.sources.through.objects.filter(change__in={delivery.change_id for delivery in self._deliveries})
        counts = rows.order_by().values_list("change").annotate(count=Count("pk"))
        return dict(counts)
