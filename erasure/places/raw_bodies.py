"""Bodies as SDKs sent them: those that wait to be checked, and those that could not be."""

from collections import Counter

from django.conf import settings

from catalog.contract import UnparsableBody
from erasure.choices import SubjectKind
from erasure.subject import Subject
from tracking.traffic.check.event_parsing import ParsedEvent, parse_batch
from tracking.traffic.check.unchecked_events import counted_for
from tracking.traffic.collect.wires import get_wire, parse_event_json
from tracking.traffic.collect.wires.body_limits import OversizedBody
from tracking.traffic.models import InboxBatch, QuarantinedBatch

BODIES_AT_ONCE = 4
"""A body may be 16 MB."""


def erase_waiting_bodies(subject: Subject) -> Counter[str]:
    """Take the subject's events out of the inbox."""
    return _erase_bodies(subject, InboxBatch, "events that waited to be checked")


def erase_quarantined_bodies(subject: Subject) -> Counter[str]:
    """Take the subject's events out of quarantine."""
    return _erase_bodies(subject, QuarantinedBatch, "events in quarantine")


def _erase_bodies(subject: Subject, model: type[InboxBatch] | type[QuarantinedBatch], what: str) -> Counter[str]:
    erased: Counter[str] = Counter()
    for batch in model._default_manager.order_by("pk").iterator(BODIES_AT_ONCE):
        if subject.may_be_in(bytes(batch.body)):
            erased[what] += _erase_from(batch, subject)
    return +erased


def _erase_from(batch: InboxBatch | QuarantinedBatch, subject: Subject) -> int:
    """Leave the others' events in a body, and return how many went; delete a body without others.

    A body that cannot be read goes whole where the id stands in it: nobody can tell whose events it holds.
    """
    body = bytes(batch.body)
    max_events = max(batch.event_count, settings.COLLECT_MAX_EVENTS)
    wire = get_wire(batch.wire)
    try:
        parsed_events = parse_batch(batch, is_dry_run=True, max_events=max_events)
        envelope = wire.split(body, call=batch.call, max_events=max_events)
    except (UnparsableBody, OversizedBody, RecursionError):
        if not subject.stands_in(body):
            return 0
        batch.delete()
        return batch.event_count
    kept = [(place, parsed) for place, parsed in enumerate(parsed_events) if not _is_theirs(parsed, subject)]
    erased_count = len(parsed_events) - len(kept)
    if not kept:
        batch.delete()
        return erased_count
    rewritten = wire.body_of([parsed.json_bytes for _, parsed in kept], envelope=envelope, call=batch.call)
    if erased_count or _only_first_names(body, rewritten, subject):
        type(batch)._default_manager.filter(pk=batch.pk).update(
            body=rewritten, size=len(rewritten), event_count=len(kept), counted=counted_for(batch.counted, kept)
        )
    return erased_count


def _is_theirs(parsed: ParsedEvent, subject: Subject) -> bool:
    """Tell whether an event is the subject's; where we fail to read it, whether its bytes hold the id."""
    if parsed.event is None:
        return subject.stands_in(parsed.json_bytes)
    if subject.owns(parsed.event):
        return True
    # A body also holds what the normalised event has no place for.
    return subject.kind is SubjectKind.ANY and subject.is_named_in(parse_event_json(parsed.received).value)


def _only_first_names(body: bytes, rewritten: bytes, subject: Subject) -> bool:
    """Tell whether a body names the subject beside its events, where nobody reads it, and says so no more."""
    text = subject.id.encode()
    return subject.is_distinctive and text in body and text not in rewritten
