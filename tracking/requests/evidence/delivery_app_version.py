"""The app version of a delivery: whether its source has one, whether it can be read, what reaches it."""

from dataclasses import dataclass
from enum import StrEnum

from catalog.choices import Environment, VersionFrom
from catalog.contract.versions import app_version_order
from catalog.models import Deploy, Source
from tracking.requests.models import Delivery


def has_app_versions(source: Source) -> bool:
    """Whether events of a source have an app version: their own, or by deploy markers."""
    return source.version_from != VersionFrom.NOWHERE


def must_reach(source: Source, environment: str) -> bool:
    """Whether events there speak for a delivery by reaching its app version (where it names one; documenting does not).

    Not where the source has none, nor in production of one whose markers date changes as long as no marker came
    there: then every event is held against the delivery's version, and what it shows decides. Outside production
    such a delivery waits for its marker. Costs one query where markers date changes, else none.
    """
    if source.version_from == VersionFrom.DEPLOYS and environment == Environment.PRODUCTION:
        return Deploy.objects.filter(source=source, environment=environment).exists()
    return has_app_versions(source)


def key_of(source: Source, version: str, environment: str = Environment.PRODUCTION) -> str | None:
    """Return the sortable form of an app version, or None where it is empty or unreadable.

    Outside production a pre-release counts as its release.
    """
    if not version:
        return None
    if environment != Environment.PRODUCTION:
        version = app_version_order.without_prerelease(version)
    return app_version_order.sort_key(version, source.version_order)


def reaches(delivery: Delivery, version: str, environment: str) -> bool:
    """Whether an event's app version is at or after the delivery's; False where either cannot be read."""
    since = key_of(delivery.source, delivery.app_version, environment)
    key = key_of(delivery.source, version, environment)
    return since is not None and key is not None and key >= since


class Shortfall(StrEnum):
    """Why an app version does not reach a delivery."""

    UNSENT = "unsent"  # none stood where the source looks for it
    UNMARKED = "unmarked"  # no deploy marker named one
    UNNAMED = "unnamed"  # the delivery names none, since its source had none
    UNREADABLE = "unreadable"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Short:
    """An app version that does not reach a delivery, and why; of one event or of many."""

    why: Shortfall
    version: str
    environment: Environment


def short_of(delivery: Delivery, version: str, environment: str) -> Short | None:
    """Return what keeps an event's app version from a delivery; None where it reaches it or there is none to reach."""
    if not must_reach(delivery.source, environment) or reaches(delivery, version, environment):
        return None
    return Short(_shortfall(delivery, version, environment), version, Environment(environment))


def _shortfall(delivery: Delivery, version: str, environment: str) -> Shortfall:
    """Say why an app version does not reach a delivery, what can be mended first."""
    if not version:
        return Shortfall.UNMARKED if delivery.source.version_from == VersionFrom.DEPLOYS else Shortfall.UNSENT
    if not delivery.app_version:
        return Shortfall.UNNAMED
    return Shortfall.UNREADABLE if key_of(delivery.source, version, environment) is None else Shortfall.BELOW
