"""Fixed in: whether what arrives comes from the app version that a finding was resolved in, or from an older one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, Min

from catalog.choices import VersionFrom
from catalog.models import Binding, Deploy, Source
from catalog.resolution.binding_resolver import app_version_sort_key

MAX_OFFERED = 12
"""How many app versions the form offers to resolve a finding in."""


@dataclass(frozen=True, slots=True)
class FixOrder:
    """App versions of one source in one environment, compared as the source orders them, or with its deploys."""

    source: Source
    environment: str
    first_deploys: Mapping[str, datetime] = field(default_factory=dict)  # by the key of the app version

    @classmethod
    def load(cls, source: Source, environment: str, app_versions: Iterable[str]) -> "FixOrder":
        """Return the order of these app versions. One query, where one of them cannot be read; else none."""
        order = cls(source, environment)
        if all(order._key(each) for each in set(app_versions)):
            return order
        deploys = Deploy.objects.filter(source=source, environment=environment).order_by().values("version")
        first_deploys: dict[str, datetime] = {}
        for version, first_at in deploys.annotate(first_at=Min("at")).values_list("version", "first_at"):
            if key := order._key(version):
                first_deploys[key] = min(first_deploys.get(key, first_at), first_at)
        return cls(source, environment, first_deploys)

    def is_fixed(self, app_version: str, fixed_in: str, *, at: datetime) -> bool | None:
        """Tell whether an event comes from the version that has the fix or a later one; None where nothing tells.

        By the source's order of versions. For an event whose version it cannot read, by whether it happened (`at`)
        since the fix, or a later version, was deployed.
        """
        if app_version == fixed_in:
            return True
        key, fix_key = self._key(app_version), self._key(fixed_in)
        if fix_key is None:  # the source has had another order since
            return None
        if key is not None:
            return key >= fix_key
        deployed = [first_at for version_key, first_at in self.first_deploys.items() if version_key >= fix_key]
        if deployed:
            return at >= min(deployed)
        # Where deploys alone say what runs, a version that was never deployed has sent nothing yet.
        return False if self.source.version_from == VersionFrom.DEPLOYS else None

    def _key(self, app_version: str) -> str | None:
        return app_version_sort_key(app_version, self.source, self.environment) if app_version else None


def has_versions(source: Source) -> bool:
    """Tell whether findings of a source can be resolved in an app version."""
    return source.version_from != VersionFrom.NOWHERE


def offered_versions(source: Source, environment: str, seen: Iterable[str]) -> list[str]:
    """Return the app versions to choose from for a fix, newest first: those seen, developed or deployed. Two queries.

    None for a source without versions, and none that its order cannot read.
    """
    if not has_versions(source):
        return []
    markers = Deploy.objects.filter(source=source, environment=environment).order_by().values("version")
    deployed = markers.annotate(last_at=Max("at")).order_by("-last_at", "version").values_list("version", flat=True)
    bound = Binding.objects.filter(source=source, environment=environment, since_version__gt="")
    # Each version once, however many events start at it.
    developed = bound.order_by("-since_key").values_list("since_version", flat=True).distinct()
    versions = {*seen, *deployed[:MAX_OFFERED], *developed[:MAX_OFFERED]}
    keys = {version: key for version in versions if (key := app_version_sort_key(version, source, environment))}
    return sorted(keys, key=lambda version: (keys[version], version), reverse=True)[:MAX_OFFERED]
