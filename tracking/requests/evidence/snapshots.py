"""The evidence that a step pins: counts, app versions, properties and masked samples, as they then were.

Samples go into rows of their own (`Verification`, `PinnedEvent`), never into history, and name nobody's id.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from catalog.contract import Verdict
from catalog.contract.usable_ids import id_text
from tracking.requests.evidence.delivery_app_version import app_version_shortfall
from tracking.requests.evidence.samples.candidate_verdict import HIDDEN_VERDICT, candidate_verdict
from tracking.requests.evidence.samples.change_seen_names import seen_names_for
from tracking.requests.evidence.samples.sample_identity import person_hash_of
from tracking.requests.evidence.summaries import (
    NON_PRODUCTION,
    required_property_paths,
    staging_evidence,
    with_devices,
)
from tracking.requests.models import Delivery, PinnedEvent
from tracking.traffic.models import Sample
from tracking.traffic.models.sample import SampleQuerySet
from tracking.traffic.privacy.pseudonyms import PERSON_ID_FIELDS, pseudonym

SNAPSHOT_SAMPLES = 5


def evidence_snapshot(delivery: Delivery, ids: Sequence[int] | None) -> dict[str, Any]:
    """Return JSON of what came outside production since the delivery was developed, with its newest samples.

    The samples are among the events that the counts are of, with the verdict that was counted. They are stored masked
    as their environment asks, and their ids as pseudonyms; nothing is unmasked here.
    """
    summary = staging_evidence(delivery, ids)
    return {
        "conforming": summary.conforming,
        "nonconforming": summary.nonconforming,
        "app_versions": list(summary.app_versions),
        "first_seen": summary.first_seen.isoformat() if summary.first_seen else None,
        "last_seen": summary.last_seen.isoformat() if summary.last_seen else None,
        "properties_seen": sorted(summary.seen_paths),
        "properties_needed": required_property_paths(delivery),
        "ids": None if ids is None else [str(each) for each in ids],
        "samples": [
            sample_snapshot(delivery, each) for each in islice(_counted_samples(delivery, ids), SNAPSHOT_SAMPLES)
        ],
    }


def sample_snapshot(delivery: Delivery, sample: Sample) -> dict[str, Any]:
    """Return JSON of a stored event with its candidate verdict, that of the delivery's version."""
    candidate = candidate_verdict(sample, delivery)
    event, masked = _pseudonymized(sample)
    return {
        "received_at": sample.received_at.isoformat(),
        "event_time": sample.happened_at.isoformat(),
        "environment": sample.environment,
        "app_version": sample.app_version,
        "verdict": candidate.verdict,
        "violations": list(candidate.violations),
        "event": event,
        "masked": masked,
    }


def _pseudonymized(sample: Sample) -> tuple[dict[str, Any], list[str]]:
    """Return the event with the ids of people as production masks them, and the pointers to all that is hidden.

    Samples expire within days and snapshots stay; the pseudonyms still distinguish the people.
    """
    event, masked_paths = dict(sample.event), list(sample.masked)
    for name in PERSON_ID_FIELDS:
        value, path = event.get(name), f"/{name}"
        if value is not None and path not in masked_paths:
            event[name] = pseudonym(value) if id_text(value) else None
            masked_paths.append(path)
    return event, masked_paths


def store_failure_snapshot(delivery: Delivery, sample_id: int | None, *, at: datetime) -> dict[str, Any] | None:
    """Pin the event that shows why a delivery is sent back; return what history says of it, which holds no values.

    None where no event shows it. `pinned` is the id of the row that keeps the event.
    """
    snapshot = failure_snapshot(delivery, sample_id)
    if snapshot is None:
        return None
    pinned = PinnedEvent.objects.create(delivery=delivery, at=at, content=snapshot)
    history_evidence = {name: value for name, value in snapshot.items() if name not in ("event", "masked")}
    violations = [{name: value for name, value in each.items() if name != "came"} for each in snapshot["violations"]]
    return history_evidence | {"violations": violations, "pinned": pinned.pk}


def failure_snapshot(delivery: Delivery, sample_id: int | None) -> dict[str, Any] | None:
    """Return JSON of the event that shows why a delivery is sent back: the one that was chosen, else the newest that
    failed; None where none is kept that did. `is_chosen` tells which of the two it is.
    """
    samples = stored_samples(delivery)
    if sample_id is not None:
        chosen = samples.filter(pk=sample_id).first()
        return None if chosen is None else sample_snapshot(delivery, chosen) | {"is_chosen": True}
    snapshots = (sample_snapshot(delivery, sample) for sample in _counted_samples(delivery, None))
    newest_failure = next(
        (each for each in snapshots if each["verdict"] not in (Verdict.CONFORMING, HIDDEN_VERDICT)), None
    )
    return None if newest_failure is None else newest_failure | {"is_chosen": False}


def stored_samples(delivery: Delivery) -> SampleQuerySet:
    """Return the stored events of a developed delivery: outside production, since it was developed, newest first.

    They happened since then too, and can be dated.
    """
    if delivery.developed_at is None:
        return Sample.objects.none()
    rows: SampleQuerySet = Sample.objects.evidence_since(delivery.developed_at).filter(
        source=delivery.source,
        environment__in=NON_PRODUCTION,
        seen_name__in=seen_names_for(delivery.change),
    )
    return rows.select_related("seen_name").newest_first()


def _counted_samples(delivery: Delivery, ids: Sequence[int] | None) -> Iterator[Sample]:
    """Yield the stored events that `staging_evidence` counts for these ids, newest first."""
    chosen_ids = None if ids is None else with_devices(delivery, ids)
    for sample in stored_samples(delivery).deduplicated():
        if app_version_shortfall(delivery, sample.app_version, sample.environment) is not None:
            continue
        if chosen_ids is None or person_hash_of(sample) in chosen_ids:
            yield sample
