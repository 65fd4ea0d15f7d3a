"""Deploy markers: from when on a source ran a version."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.history import record
from accounts.models import User
from accounts.permissions import require
from accounts.roles import Capability
from catalog.choices import Environment
from catalog.contract.versions import app_version_order as app_versions
from catalog.models import Deploy, Source

EARLIEST_DEPLOY = datetime(2000, 1, 1, tzinfo=UTC)
MAX_AHEAD = timedelta(days=30)
"""How long before it happens a deploy may be marked."""


@transaction.atomic
def mark_deploy(
    source: Source,
    *,
    environment: Environment | str,
    version: str,
    by: User,
    at: datetime | None = None,
) -> Deploy:
    """Note that a source runs a version in an environment since `at` (default: now). Again: the same marker.

    Without `at`, a version that runs there already, by the newest marker, is no deploy of another one: that marker is
    returned, so that a pipeline which tries again, or ten at once, leave one.

    Raises Forbidden where `by` may not mark deploys of the source, and ValidationError where the version
    cannot be read in the source's order of versions, or the time is before 2000 or more than 30 days ahead.
    """
    require(by, Capability.DEPLOY_MARK, on=source)
    moment = at or timezone.now()
    _require_possible_time(moment)
    text = version.strip()
    if app_versions.sort_key(text, source.version_order, source.version_format) is None:
        order = source.get_version_order_display().lower()
        raise ValidationError({"version": f"{text[:100]!r} is no {order}, which is how {source} counts its versions."})
    marker = Deploy(source=source, environment=environment, version=text, at=moment, created_by=by)
    marker.full_clean(validate_constraints=False)
    if at is None and (running := _running_since_before(marker)):
        return running
    deploy, is_new = Deploy.objects.get_or_create(
        source=source, environment=environment, version=text, at=moment, defaults={"created_by": by}
    )
    if is_new:
        record(
            by=by,
            subject_type="source",
            subject_id=source.pk,
            action="deploy marked",
            message=text,
            evidence={"environment": str(environment), "version": text, "at": moment},
            at=moment,
        )
    return deploy


def _running_since_before(marker: Deploy) -> Deploy | None:
    """Return the marker by which this version runs already, None where another one does.

    One after the other: of ten at once each would find none.
    """
    Source.objects.select_for_update(no_key=True).get(pk=marker.source_id)
    markers = Deploy.objects.filter(source=marker.source_id, environment=marker.environment, at__lte=timezone.now())
    newest = markers.order_by("-at", "-pk").first()
    return newest if newest is not None and newest.version == marker.version else None


@transaction.atomic
def remove_deploy(deploy: Deploy, *, by: User, at: datetime | None = None) -> None:
    """Take back a marker that was made by mistake. Again: changes nothing.

    Events that arrive from now on are dated by the markers that are left; what was counted before stays as it was
    counted. Raises Forbidden where `by` may not mark deploys of the source.
    """
    source = deploy.source
    require(by, Capability.DEPLOY_MARK, on=source)
    deleted, _ = Deploy.objects.filter(pk=deploy.pk).delete()
    if deleted:
        record(
            by=by,
            subject_type="source",
            subject_id=source.pk,
            action="deploy taken back",
            message=deploy.version,
            evidence={"environment": deploy.environment, "version": deploy.version, "at": deploy.at},
            at=at or timezone.now(),
        )


def _require_possible_time(moment: datetime) -> None:
    if not EARLIEST_DEPLOY <= moment <= timezone.now() + MAX_AHEAD:
        raise ValidationError({"at": "A deploy is marked between the year 2000 and 30 days from now."})


def app_versions_at(source: Source, environment: Environment | str, times: Sequence[datetime]) -> list[str]:
    """Return for each time the version of the newest marker at or before it, or "" where there is none.

    For sources whose app version is found in deploy markers; two queries, whatever the number of times.
    """
    if not times:
        return []
    markers = Deploy.objects.filter(source=source, environment=environment).order_by("at", "pk")
    before = markers.filter(at__lte=min(times)).reverse().values_list("at", "version")[:1]
    during = markers.filter(at__gt=min(times), at__lte=max(times)).values_list("at", "version")
    known = [*before, *during]
    starts = [at for at, _ in known]
    positions = (bisect_right(starts, time) for time in times)
    return [known[position - 1][1] if position else "" for position in positions]
