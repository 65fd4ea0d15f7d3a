"""Which event the sender of an undocumented name may have meant: one whose name people read as the same."""

from collections.abc import Collection

from catalog.contract.rules.name import NAME
from catalog.contract.rules.undocumented import UNDOCUMENTED
from catalog.look_alikes import event_names_like, folded_key
from catalog.models import Event
from tracking.quality.models import Finding

RULES_OF_NAMES = frozenset({UNDOCUMENTED.code, NAME.code})
"""Both tell of one misspelling; each finding says what was meant."""


def events_looked_like(findings: Collection[Finding]) -> dict[int, Event]:
    """Return by the id of each finding that tells of a name the event that its name reads like, where there is one.

    One query, or none where no finding is of such a rule. A name that was defined since is an event's own.
    """
    of_names = [finding for finding in findings if finding.rule in RULES_OF_NAMES]
    key_by_id = {found.pk: folded_key(found.seen_name.call, found.seen_name.name) for found in of_names}
    names_by_key = event_names_like(key_by_id.values())
    events = {}
    for finding in of_names:
        names = names_by_key.get(key_by_id[finding.pk], [])
        digest = bytes(finding.seen_name.name_hash)
        if names and all(bytes(name.name_hash) != digest for name in names):
            events[finding.pk] = names[0].event
    return events
