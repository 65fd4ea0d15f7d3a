"""The evidence that a step pins: counts, app versions, properties and masked samples, as they then were.

Samples go into rows of their own (`Verification`, `PinnedEvent`), never into history, and name nobody's id.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from catalog.contract import Verdict
from tracking.requests.evidence.delivery_app_version import short_of
from tracking.requests.evidence.samples.candidate_verdict import HIDDEN, second_verdict
from tracking.requests.evidence.samples.change_seen_names import seen_names
from tracking.requests.evidence.samples.sample_identity import IDS, hash_of
from tracking.requests.evidence.summaries import OUTSIDE, needed_properties, tested_by
from tracking.requests.models import Delivery, PinnedEvent
from tracking.traffic.models import Sample
from tracking.traffic.models.sample import SampleQuerySet
from tracking.traffic.privacy.pseudonyms import id_text, shown_hash

SAMPLES_PINNED = 5


def pinned_evidence(delivery: Delivery, ids: Sequence[int] | None) -> dict[str, Any]:
    """Return JSON of what came outside production since the delivery was developed, with its newest samples.

    The samples are among the events that the counts are of, with the verdict that was counted. They are stored masked
    as their environment asks, and their ids as keyed hashes; nothing is unmasked here.
    """
    measure = tested_by(delivery, ids)
    return {
        "conforming": measure.conforming,
        "nonconforming": measure.nonconforming,
        "app_versions": list(measure.app_versions),
        "first_seen": measure.first_seen.isoformat() if measure.first_seen else None,
        "last_seen": measure.last_seen.isoformat() if measure.last_seen else None,
        "properties_seen": sorted(measure.seen),
        "properties_needed": needed_properties(delivery),
        "ids": None if ids is None else [str(each) for each in ids],
        "samples": [pinned_sample(delivery, each) for each in islice(_counted(delivery, ids), SAMPLES_PINNED)],
    }


def pinned_sample(delivery: Delivery, sample: Sample) -> dict[str, Any]:
    """Return JSON of a stored event as it stands to the delivery's version."""
    second = second_verdict(sample, delivery)
    event, masked = _nameless(sample)
    return {
        "received_at": sample.received_at.isoformat(),
        "environment": sample.environment,
        "app_version": sample.app_version,
        "verdict": second.verdict,
        "violations": list(second.violations),
        "event": event,
        "masked": masked,
    }


def _nameless(sample: Sample) -> tuple[dict[str, Any], list[str]]:
    """Return the event with the ids of people as production masks them, and the pointers to all that is hidden.

    A sample is gone in days, what is pinned stays: by the keyed hash its events can still be told apart.
    """
    event, masked = dict(sample.event), list(sample.masked)
    for name in IDS:
        value, path = event.get(name), f"/{name}"
        if value is not None and path not in masked:
            event[name] = shown_hash(value) if id_text(value) else None
            masked.append(path)
    return event, masked


def pin_failure(delivery: Delivery, sample_id: int | None, *, at: datetime) -> dict[str, Any] | None:
    """Pin the event that shows why a delivery is sent back; return what history says of it, which holds no values.

    None where no event shows it. `pinned` is the id of the row that keeps the event.
    """
    shown = pinned_failure(delivery, sample_id)
    if shown is None:
        return None
    pinned = PinnedEvent.objects.create(delivery=delivery, at=at, content=shown)
    told = {name: value for name, value in shown.items() if name not in ("event", "masked")}
    violations = [{name: value for name, value in each.items() if name != "came"} for each in shown["violations"]]
    return told | {"violations": violations, "pinned": pinned.pk}


def pinned_failure(delivery: Delivery, sample_id: int | None) -> dict[str, Any] | None:
    """Return JSON of the event that shows why a delivery is sent back: the one that was chosen, else the newest that
    failed; None where none is kept that did. `is_chosen` tells which of the two it is.
    """
    samples = kept_samples(delivery)
    if sample_id is not None:
        chosen = samples.filter(pk=sample_id).first()
        return None if chosen is None else pinned_sample(delivery, chosen) | {"is_chosen": True}
    pinned = (pinned_sample(delivery, sample) for sample in _counted(delivery, None))
    failed = next((each for each in pinned if each["verdict"] not in (Verdict.CONFORMING, HIDDEN)), None)
    return None if failed is None else failed | {"is_chosen": False}


def kept_samples(delivery: Delivery) -> SampleQuerySet:
    """Return the stored events of a developed delivery: outside production, since it was developed, newest first."""
    rows: SampleQuerySet = Sample.objects.filter(
        source=delivery.source,
        environment__in=OUTSIDE,
        seen_name__in=seen_names(delivery.change),
        received_at__gte=delivery.developed_at,
    )
    return rows.select_related("seen_name").newest_first()


def _counted(delivery: Delivery, ids: Sequence[int] | None) -> Iterator[Sample]:
    """Yield the stored events that `tested_by` counts for these ids, newest first."""
    chosen = None if ids is None else set(ids)
    for sample in kept_samples(delivery).fresh():
        if short_of(delivery, sample.app_version, sample.environment) is not None:
            continue
        if chosen is None or hash_of(sample) in chosen:
            yield sample
