"""Which app versions of a source run today, so that nobody names the next one blindly."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from catalog.choices import Environment, VersionFrom, VersionOrder
from catalog.models import Deploy, Source
from tracking.requests.evidence.delivery_app_version import key_of
from tracking.traffic.models import Rollup, RollupDelta

LOOKED_BACK = timedelta(days=7)
TOLD = (Environment.STAGING, Environment.PRODUCTION)
EXAMPLES = {VersionOrder.SEMVER: "2.4.0", VersionOrder.BUILD: "1042", VersionOrder.DATE: "2026-03-04"}

Found = dict[tuple[int, str], str]  # (source's id, environment) -> app version


@dataclass(frozen=True, slots=True)
class Running:
    """The newest app version of a source in staging and in production; "" where none is known."""

    source: Source
    staging: str = ""
    production: str = ""

    @property
    def example(self) -> str:
        """A version as the source counts them: the newest known, which the next one follows."""
        return self.staging or self.production or EXAMPLES[VersionOrder(self.source.version_order)]

    @property
    def words(self) -> str:
        """What runs where, as a sentence; "" where nothing is known."""
        if self.staging and self.production:
            return f"Staging runs {self.staging}, production {self.production}."
        if self.staging or self.production:
            return f"{'Staging' if self.staging else 'Production'} runs {self.example}."
        return ""

    def doubt(self, given: str) -> str:
        """Return a sentence where a version is a major one ahead of everything that runs, as by a slip; else ""."""
        known = {_major(self.source, version): version for version in (self.production, self.staging) if version}
        majors = [major for major in known if major is not None]
        major = _major(self.source, given)
        if major is None or not majors or major <= max(majors):
            return ""
        return f"{given} is a major version ahead of {known[max(majors)]}, the newest that runs."


def running_versions(sources: Collection[Source]) -> dict[int, Running]:
    """Return by the source's id what runs of each; two queries, none where no source is asked about.

    Deploy markers say it for sources that are dated by them; else the traffic of the last seven days does, and markers
    where none came.
    """
    if not sources:
        return {}
    marked, seen = _marked(sources), _seen(sources)
    found = {}
    for source in sources:
        first, then = (marked, seen) if source.version_from == VersionFrom.DEPLOYS else (seen, marked)
        staging, production = (first.get((source.pk, each)) or then.get((source.pk, each), "") for each in TOLD)
        found[source.pk] = Running(source, staging, production)
    return found


def _marked(sources: Collection[Source]) -> Found:
    rows = Deploy.objects.filter(source__in=sources, environment__in=TOLD)
    newest = rows.order_by("source_id", "environment", "-at", "-id").distinct("source_id", "environment")
    return {(row.source_id, row.environment): row.version for row in newest}


def _seen(sources: Collection[Source]) -> Found:
    """The highest version that events carried of late; what cannot be read in the source's order is passed over."""
    since, by_id = timezone.now() - LOOKED_BACK, {source.pk: source for source in sources}
    folded, fresh = (
        model.objects.filter(source__in=sources, environment__in=TOLD, hour__gte=since)
        .exclude(app_version="")
        .order_by()
        .values_list("source_id", "environment", "app_version")
        for model in (Rollup, RollupDelta)
    )
    highest: dict[tuple[int, str], tuple[str, str]] = {}
    for source_id, environment, version in folded.union(fresh):
        key = key_of(by_id[source_id], version)
        if key is not None:
            highest[source_id, environment] = max(highest.get((source_id, environment), ("", "")), (key, version))
    return {place: version for place, (_key, version) in highest.items()}


def _major(source: Source, version: str) -> int | None:
    """The first number of a semantic version; None for other orders, which know no major step."""
    first = version.strip().removeprefix("v").split(".")[0]
    is_semver = source.version_order == VersionOrder.SEMVER
    return int(first) if is_semver and first.isascii() and first.isdigit() else None
