"""Events whose names people read as the same: they differ in case, blanks, separators or look-alike letters alone."""

from collections import defaultdict
from collections.abc import Iterable

from catalog.contract import fold_name
from catalog.models import EventName

FoldedName = tuple[str, str]
"""A call, and a name as `fold_name` returns it."""


def folded_key(call: str, name: str) -> FoldedName:
    """Return by what names of one call are found that people read as this one."""
    return call, fold_name(name)


def event_names_like(keys: Iterable[FoldedName]) -> dict[FoldedName, list[EventName]]:
    """Return the present and former names of events that fold to each key, with their events; one query.

    The present names come first, then the oldest; a key that no name folds to is left out.
    """
    wanted = set(keys)
    if not wanted:
        return {}
    rows = EventName.objects.filter(call__in={call for call, _ in wanted}, folded_name__in={name for _, name in wanted})
    found: dict[FoldedName, list[EventName]] = defaultdict(list)
    for row in sorted(rows.select_related("event").order_by("pk"), key=lambda row: row.until is not None):
        if (row.call, row.folded_name) in wanted:
            found[row.call, row.folded_name].append(row)
    return dict(found)
