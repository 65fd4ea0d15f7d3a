"""The evidence that a verification pins: counts, app versions, properties and masked samples, as they then were."""

from collections.abc import Sequence
from typing import Any

from tracking.requests.measuring import OUTSIDE, needed_properties, tested_by
from tracking.requests.models import Delivery
from tracking.requests.names import seen_names
from tracking.traffic.models import Sample

SAMPLES_PINNED = 5


def pinned_evidence(delivery: Delivery, ids: Sequence[int] | None) -> dict[str, Any]:
    """Return JSON of what came outside production since the delivery was developed, with its newest samples.

    Samples are stored masked as their environment asks; nothing is unmasked here. The ids are keyed hashes.
    """
    measure = tested_by(delivery, ids)
    samples = Sample.objects.filter(
        source=delivery.source,
        environment__in=OUTSIDE,
        seen_name__in=seen_names(delivery.change),
        received_at__gte=delivery.developed_at,
    ).order_by("-id")[:SAMPLES_PINNED]
    return {
        "conforming": measure.conforming,
        "nonconforming": measure.nonconforming,
        "app_versions": list(measure.app_versions),
        "first_seen": measure.first_seen.isoformat() if measure.first_seen else None,
        "last_seen": measure.last_seen.isoformat() if measure.last_seen else None,
        "properties_seen": sorted(measure.seen),
        "properties_needed": needed_properties(delivery),
        "ids": None if ids is None else [str(each) for each in ids],
        "samples": [
            {
                "received_at": sample.received_at.isoformat(),
                "environment": sample.environment,
                "app_version": sample.app_version,
                "verdict": sample.verdict,
                "violations": sample.violations,
                "event": sample.event,
                "masked": sample.masked,
            }
            for sample in samples
        ],
    }
