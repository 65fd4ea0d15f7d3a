"""Samples: the newest events of each name, kept in rings."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from django.conf import settings

from catalog.choices import Environment
from catalog.contract.json.storage_encoding import storable_json
from tracking.traffic.counts.bulk_copy import copy_rows
from tracking.traffic.models import Sample

# Production sends more events than anybody reads; elsewhere people wait for their own event.
MAX_PER_KEY_PRODUCTION = 20
MAX_PER_CHECK_PRODUCTION = 100
MAX_PER_CHECK_OTHER_ENVIRONMENTS = 2_000

COLUMNS = (
    *("source_id", "environment", "seen_name_id", "version_id", "app_version"),
    *("received_at", "event_time", "is_evidence", "verdict", "is_repeat"),
    *("wire", "violations", "event", "masked", "second_verdicts"),
)

# (seen name id, verdict)
SampleKey = tuple[int, str]


def select_newest(keys: Sequence[SampleKey], environment: str) -> set[int]:
    """Return which of a check's events are kept as samples, by their place in the sequence.

    `keys` are (seen name id, verdict), oldest first. The newest of each key comes before the second newest of any,
    so that what is rare is not driven out by what is not; where not even one of each fits, chance decides.
    """
    is_production = environment == Environment.PRODUCTION
    max_per_key = MAX_PER_KEY_PRODUCTION if is_production else settings.SAMPLES_KEPT
    max_total = MAX_PER_CHECK_PRODUCTION if is_production else MAX_PER_CHECK_OTHER_ENVIRONMENTS
    counts: Counter[SampleKey] = Counter()
    ranks: defaultdict[int, list[int]] = defaultdict(list)
    for position in range(len(keys) - 1, -1, -1):
        rank = counts[keys[position]]
        if rank < max_per_key:
            counts[keys[position]] = rank + 1
            ranks[rank].append(position)
    selected: set[int] = set()
    for _, positions in sorted(ranks.items()):
        remaining = max_total - len(selected)
        if remaining <= 0:
            break
        selected.update(positions if len(positions) <= remaining else random.sample(positions, remaining))
    return selected


def store_samples(samples: Iterable[Sample]) -> None:
    """Store samples; their order is the order of arrival."""
    copy_rows(
        Sample,
        COLUMNS,
        (
            (
                *(sample.source_id, sample.environment, sample.seen_name_id, sample.version_id, sample.app_version),
                *(sample.received_at, sample.event_time, sample.is_evidence, sample.verdict, sample.is_repeat),
                sample.wire,
                *(storable_json(value) for value in (sample.violations, sample.event, sample.masked)),
                storable_json(sample.second_verdicts),
            )
            for sample in samples
        ),
    )
