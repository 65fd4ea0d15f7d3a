"""Who descends from whom: versions built on versions, and deliveries that replaced deliveries."""

from catalog.models import Version
from tracking.requests.choices import DeliveryState
from tracking.requests.models import Delivery


def descendants(version_ids: list[int]) -> list[Version]:
    """Return every version built on one of these, directly or not, that is not withdrawn."""
    found: list[Version] = []
    parents = version_ids
    while parents:
        children = Version.objects.filter(parent_id__in=parents, withdrawn_at=None).select_related(
            "event", "change", "change__request"
        )
        found += children
        parents = [child.pk for child in children]
    return found


def ancestors(version: Version) -> list[int]:
    """Return the ids of the versions that one is built on, nearest first."""
    parents = dict(Version.objects.filter(event=version.event_id).values_list("pk", "parent"))
    found: list[int] = []
    at_hand = parents.get(version.pk)
    while at_hand is not None:
        found.append(at_hand)
        at_hand = parents.get(at_hand)
    return found


def replacement(delivery: Delivery) -> Delivery | None:
    """Return what came in the place of a superseded delivery: the newest, where that one was superseded too."""
    newer = delivery.superseded_by
    while newer is not None and newer.state == DeliveryState.SUPERSEDED:
        newer = newer.superseded_by
    return newer
