"""The version that the events of a finding broke."""

from catalog.contract import VersionNumber
from catalog.models import EventName, Version
from tracking.quality.models import Finding


def newest_counted_version(finding: Finding) -> Version | None:
    """Return the newest version of the event that events of a finding were validated against; None where there is none.

    At most one query.
    """
    numbers = []
    for text in finding.versions:
        try:
            numbers.append(VersionNumber.parse(text))
        except ValueError:
            continue  # an event that was validated against none, or the rest past the limit
    if not numbers:
        return None
    newest = max(numbers)
    names = EventName.objects.filter(call=finding.seen_name.call, name_hash=finding.seen_name.name_hash)
    return Version.objects.filter(
        event__in=names.values("event"), major=newest.major, minor=newest.minor, patch=newest.patch
    ).first()
