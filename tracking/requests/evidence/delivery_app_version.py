"""The app version of a delivery: whether its source has one, whether it can be read, what reaches it."""

from dataclasses import dataclass
from enum import StrEnum

from catalog.choices import Environment, VersionFrom
from catalog.models import Deploy, Source
from catalog.resolution import binding_resolver
from tracking.requests.models import Delivery


def has_app_versions(source: Source) -> bool:
    """Whether events of a source have an app version: their own, or by deploy markers."""
    return source.version_from != VersionFrom.NOWHERE


def requires_app_version(source: Source, environment: str) -> bool:
    """Whether events there count for a delivery only from its app version on (documenting deliveries name none).

    Not where the source has none, nor in production of one whose markers date changes as long as no marker came
    there: then every event is validated against the delivery's version, and the result decides. Outside production
    such a delivery waits for its marker. Costs one query where markers date changes, else none.
    """
    if source.version_from == VersionFrom.DEPLOYS and environment == Environment.PRODUCTION:
        return Deploy.objects.filter(source=source, environment=environment).exists()
    return has_app_versions(source)


def app_version_sort_key(source: Source, version: str, environment: str = Environment.PRODUCTION) -> str | None:
    """Return the sortable form of an app version, or None where it is empty or unreadable.

    Outside production a pre-release counts as its release.
    """
    if not version:
        return None
    return binding_resolver.app_version_sort_key(version, source, environment)


def reaches_app_version(delivery: Delivery, version: str, environment: str) -> bool:
    """Whether an event's app version is at or after the delivery's; False where either cannot be read."""
    since = app_version_sort_key(delivery.source, delivery.app_version, environment)
    key = app_version_sort_key(delivery.source, version, environment)
    return since is not None and key is not None and key >= since


class ShortfallReason(StrEnum):
    """Why an app version does not reach a delivery."""

    NOT_SENT = "unsent"  # the event has none where the source looks for it
    NO_DEPLOY_MARKER = "unmarked"  # no deploy marker named one
    NO_DELIVERY_VERSION = "unnamed"  # the delivery names none, since its source had none
    UNREADABLE = "unreadable"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class AppVersionShortfall:
    """An app version that does not reach a delivery, and why; of one event or of many."""

    why: ShortfallReason
    version: str
    environment: Environment


def app_version_shortfall(delivery: Delivery, version: str, environment: str) -> AppVersionShortfall | None:
    """Return what keeps an event's app version from a delivery; None where it reaches it or there is none to reach."""
    if not requires_app_version(delivery.source, environment) or reaches_app_version(delivery, version, environment):
        return None
    return AppVersionShortfall(_shortfall_reason(delivery, version, environment), version, Environment(environment))


def _shortfall_reason(delivery: Delivery, version: str, environment: str) -> ShortfallReason:
    """Say why an app version does not reach a delivery, the reason that can be fixed first."""
    if not version:
        return (
            ShortfallReason.NO_DEPLOY_MARKER
            if delivery.source.version_from == VersionFrom.DEPLOYS
            else ShortfallReason.NOT_SENT
        )
    if not delivery.app_version:
        return ShortfallReason.NO_DELIVERY_VERSION
    return (
        ShortfallReason.UNREADABLE
        if app_version_sort_key(delivery.source, version, environment) is None
        else ShortfallReason.BELOW
    )
