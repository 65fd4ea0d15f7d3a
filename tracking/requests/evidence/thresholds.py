"""How much production traffic proves something: the thresholds of the settings, fitted to one change."""

from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil
from typing import Any

from django.conf import settings

from catalog.models import Source
from tracking.requests.evidence.loaded_evidence import LoadedEvidence
from tracking.requests.models import Delivery

EXPECTED_VOLUME_DAYS = 2


@dataclass(frozen=True, slots=True)
class ProofThreshold:
    """How many events, from how many ids, over how long."""

    events: int
    ids: int
    span: timedelta


def threshold_for_source(source: Source, *, expected_per_day: int | None, source_count: int) -> ProofThreshold:
    """Return what a source must show.

    A public write key can be copied, so client sources must show more than servers. Where two days of the
    expected volume, split evenly over the change's sources, are fewer events, that many are enough; never fewer than 1.
    """
    base: dict[str, Any] = settings.PROOF_SERVER if source.is_server else settings.PROOF_CLIENT
    unreduced = ProofThreshold(base["events"], base["ids"], base["span"])
    if not expected_per_day:
        return unreduced
    expected_per_source = ceil(EXPECTED_VOLUME_DAYS * expected_per_day / max(1, source_count))
    return replace(unreduced, events=max(1, min(unreduced.events, expected_per_source)))


def threshold_for_delivery(delivery: Delivery, *, loaded: LoadedEvidence | None = None) -> ProofThreshold:
    """Return what production must show of a delivery; `loaded` where it is asked for several."""
    loaded = loaded or LoadedEvidence([delivery])
    return threshold_for_source(
        delivery.source,
        expected_per_day=delivery.change.request.expected_per_day,
        source_count=loaded.source_count(delivery.change_id),
    )
