"""The values by which an event is found, which only this module writes."""

from collections.abc import Iterable

from catalog.models import Event, EventValue, ListedValue

ROWS_AT_ONCE = 1_000


def replace_event_values(event: Event, values: Iterable[str]) -> None:
    """Let these be the values that an event is found by, as `listed_values` returns them; writes only what differs.

    The event must be locked by the caller's transaction.
    """
    wanted = set(values)
    stored = dict(event.values.values_list("value__value", "pk"))
    if gone := [stored[value] for value in stored.keys() - wanted]:
        event.values.filter(pk__in=gone).delete()
    if new := wanted - stored.keys():
        ids = _listed_value_ids(new)
        EventValue.objects.bulk_create(
            (EventValue(event=event, value_id=ids[value]) for value in sorted(new)), batch_size=ROWS_AT_ONCE
        )


def _listed_value_ids(values: set[str]) -> dict[str, int]:
    """Return the ids of the rows of these values, of which those that are missing are added."""
    known = ListedValue.objects.filter(value__in=values).order_by("-pk")
    ids = dict(known.values_list("value", "pk"))  # of several rows the oldest
    added = ListedValue.objects.bulk_create(
        (ListedValue(value=value) for value in sorted(values - ids.keys())), batch_size=ROWS_AT_ONCE
    )
    return ids | {row.value: row.pk for row in added}
