"""Who descends from whom: versions built on versions, and deliveries that replaced deliveries."""

from catalog.models import Version
from tracking.requests.choices import DeliveryState, Lane
from tracking.requests.models import Change, Delivery


def descendants(version_ids: list[int]) -> list[Version]:
    """Return every version built on one of these, directly or not, that is not withdrawn; parents first."""
    found: list[Version] = []
    parents = version_ids
    while parents:
        children = Version.objects.filter(parent_id__in=parents, withdrawn_at=None).select_related(
            "event", "change", "change__request"
        )
        found += children
        parents = [child.pk for child in children]
    return found


def substantive_descendants(version_ids: list[int]) -> list[Version]:
    """Return the descendants that are more than words: words count by the version that they inherit from."""
    return [version for version in descendants(version_ids) if not _is_metadata_only(version)]


def metadata_descendants(version: Version) -> list[Version]:
    """Return the descendants that change nothing but words, the last first."""
    return [each for each in reversed(descendants([version.pk])) if _is_metadata_only(each)]


def substantive_ancestor(version: Version) -> Change | None:
    """Return the change whose version one is built on, words left out; None for the first, and on an import."""
    parent = version.parent
    while parent is not None and _is_metadata_only(parent):
        parent = parent.parent
    return _originating_change(parent)


def ancestor_ids(version: Version) -> list[int]:
    """Return the ids of the versions that one is built on, nearest first."""
    parents = dict(Version.objects.filter(event=version.event_id).values_list("pk", "parent"))
    ancestor_ids: list[int] = []
    current_id = parents.get(version.pk)
    while current_id is not None:
        ancestor_ids.append(current_id)
        current_id = parents.get(current_id)
    return ancestor_ids


def newest_replacement(delivery: Delivery) -> Delivery | None:
    """Return the delivery that replaced a superseded one, followed to the newest where that was superseded, too."""
    successor = delivery.superseded_by
    while successor is not None and successor.state == DeliveryState.SUPERSEDED:
        successor = successor.superseded_by
    return successor


def _is_metadata_only(version: Version) -> bool:
    change = _originating_change(version)
    return change is not None and change.lane == Lane.WORDS


def _originating_change(version: Version | None) -> Change | None:
    return getattr(version, "change", None)
