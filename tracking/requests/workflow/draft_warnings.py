"""What a draft says that is allowed and yet looks wrong: shown while it is written, beside Approve, and by the API."""

from collections.abc import Iterable

from catalog.library_warnings import LibraryWarning, document_warnings
from tracking.requests.models import Change


def warnings_of_changes(changes: Iterable[Change]) -> dict[int, list[LibraryWarning]]:
    """Return by its id what each change says anew that contradicts the property library; one query for all.

    Of a change that is approved, or whose definition does not hold, nothing is told. Each has its base at hand.
    """
    open_changes = [change for change in changes if change.version_id is None and change.has_valid_definition]
    pairs = [(change.definition, change.base.definition if change.base else None) for change in open_changes]
    return {change.pk: found for change, found in zip(open_changes, document_warnings(pairs), strict=True) if found}
