"""Which app versions of a source run today, shown to whoever names the next one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from catalog.choices import Environment, VersionFrom, VersionOrder
from catalog.models import Deploy, Source
from tracking.requests.evidence.delivery_app_version import app_version_sort_key
from tracking.traffic.models import TrafficCount

LOOKBACK_PERIOD = timedelta(days=7)
SHOWN_ENVIRONMENTS = (Environment.STAGING, Environment.PRODUCTION)
EXAMPLE_BY_ORDER = {VersionOrder.SEMVER: "2.4.0", VersionOrder.BUILD: "1042", VersionOrder.DATE: "2026-03-04"}

VersionBySourceAndEnvironment = dict[tuple[int, str], str]  # (source's id, environment) -> app version


@dataclass(frozen=True, slots=True)
class CurrentAppVersions:
    """The newest app version of a source in staging and in production; "" where none is known."""

    source: Source
    staging: str = ""
    production: str = ""

    @property
    def example(self) -> str:
        """A version as the source counts them: the newest known, which the next one follows."""
        return self.staging or self.production or EXAMPLE_BY_ORDER[VersionOrder(self.source.version_order)]

    @property
    def summary(self) -> str:
        """What runs where, as a sentence; "" where nothing is known."""
        if self.staging and self.production:
            return f"Staging runs {self.staging}, production {self.production}."
        if self.staging or self.production:
            return f"{'Staging' if self.staging else 'Production'} runs {self.example}."
        return ""

    def major_jump_warning(self, app_version: str) -> str:
        """Return a sentence where a version is a major one ahead of everything that runs, as by a slip; else ""."""
        version_by_major = {
            _major_version(self.source, version): version for version in (self.production, self.staging) if version
        }
        majors = [major for major in version_by_major if major is not None]
        major = _major_version(self.source, app_version)
        if major is None or not majors or major <= max(majors):
            return ""
        return f"{app_version} is a major version ahead of {version_by_major[max(majors)]}, the newest that runs."


def current_app_versions(sources: Collection[Source]) -> dict[int, CurrentAppVersions]:
    """Return by the source's id what runs of each; two queries, none where no source is asked about.

    Deploy markers say it for sources that are dated by them; else the traffic of the last seven days does, and markers
    where none came.
    """
    if not sources:
        return {}
    by_markers, by_traffic = _from_deploy_markers(sources), _from_traffic(sources)
    by_source = {}
    for source in sources:
        preferred, fallback = (
            (by_markers, by_traffic) if source.version_from == VersionFrom.DEPLOYS else (by_traffic, by_markers)
        )
        staging, production = (
            preferred.get((source.pk, each)) or fallback.get((source.pk, each), "") for each in SHOWN_ENVIRONMENTS
        )
        by_source[source.pk] = CurrentAppVersions(source, staging, production)
    return by_source


def _from_deploy_markers(sources: Collection[Source]) -> VersionBySourceAndEnvironment:
    rows = Deploy.objects.filter(source__in=sources, environment__in=SHOWN_ENVIRONMENTS)
    newest = rows.order_by("source_id", "environment", "-at", "-id").distinct("source_id", "environment")
    return {(row.source_id, row.environment): row.version for row in newest}


def _from_traffic(sources: Collection[Source]) -> VersionBySourceAndEnvironment:
    """The highest version of recent events, without history; what cannot be read in the source's order is ignored."""
    since, by_id = timezone.now() - LOOKBACK_PERIOD, {source.pk: source for source in sources}
    counts = TrafficCount.objects.of_arrivals().filter(
        source__in=sources, environment__in=SHOWN_ENVIRONMENTS, hour__gte=since
    )
    rows = counts.exclude(app_version="").order_by().values_list("source_id", "environment", "app_version").distinct()
    highest: dict[tuple[int, str], tuple[str, str]] = {}
    for source_id, environment, version in rows:
        key = app_version_sort_key(by_id[source_id], version)
        if key is not None:
            highest[source_id, environment] = max(highest.get((source_id, environment), ("", "")), (key, version))
    return {source_and_environment: version for source_and_environment, (_key, version) in highest.items()}


def _major_version(source: Source, version: str) -> int | None:
    """The first number of a semantic version; None for other orders, which know no major step."""
    first = version.strip().removeprefix("v").split(".")[0]
    is_semver = source.version_order == VersionOrder.SEMVER
    return int(first) if is_semver and first.isascii() and first.isdigit() else None
