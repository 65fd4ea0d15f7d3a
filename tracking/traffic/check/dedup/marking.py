"""Repeats: events whose id was seen with the same content, for the same source and environment, within a day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.conf import settings

from catalog.contract.usable_ids import id_text
from tracking.traffic.check.dedup.event_hashes import event_content, hash_events
from tracking.traffic.check.dedup.stored_keys import note_events
from tracking.traffic.check.event_parsing import ParsedEvent


def mark_repeats(parsed_events: Sequence[ParsedEvent]) -> None:
    """Mark the repeats among events that arrived, and the events whose id was seen on another one.

    A repeat has an id that was seen with the same content within the window; all but the first count as such. An id
    that was seen with another content is no repeat, but reused: other than the first that came with it within the
    window. Likeness without an id is only noted. What is sent again from quarantine was compared when it was counted.

    Of two events with one id that are checked at the same moment, the later one to be stored is told.
    """
    for parsed in parsed_events:
        parsed.is_possible_repeat = parsed.was_possible_repeat
    hashed = hash_events(parsed_events)
    decision = note_events(hashed, int(settings.DEDUP_WINDOW.total_seconds()))
    for place in decision.repeats:
        if place in hashed.without_id:
            hashed.events[place].is_possible_repeat = True
        else:
            hashed.events[place].is_repeat = True
    for place in decision.reused:
        hashed.events[place].is_id_reused = True


def mark_reused_ids(parsed_events: Iterable[ParsedEvent]) -> None:
    """Mark the events whose id came on another one of these, without noting any."""
    contents_by_id: defaultdict[str, set[bytes]] = defaultdict(set)
    for parsed in parsed_events:
        if parsed.event is not None and (message_id := id_text(parsed.event.message_id)):
            contents = contents_by_id[message_id]
            content = event_content(parsed.event)
            parsed.is_id_reused = bool(contents - {content})
            contents.add(content)
