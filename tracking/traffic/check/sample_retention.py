"""Samples: the newest events of each name, kept in rings."""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from django.conf import settings

from catalog.choices import Environment
from tracking.traffic.counts.bulk_copy import copy_rows
from tracking.traffic.models import Sample

# Production brings more than anybody looks at; elsewhere people wait to see their own event.
KEPT_OF_EACH = 20
KEPT_OF_A_CHECK = 100
KEPT_OF_A_CHECK_ELSEWHERE = 2_000

COLUMNS = (
    *("source_id", "environment", "seen_name_id", "version_id", "app_version", "received_at", "verdict", "is_repeat"),
    *("wire", "violations", "event", "masked", "second_verdicts"),
)

# (seen name id, verdict)
Key = tuple[int, str]


def newest(keys: Sequence[Key], environment: str) -> set[int]:
    """Return which of a check's events are kept as samples, by their place in the sequence.

    `keys` are (seen name id, verdict), oldest first. The newest of each key comes before the second newest of any,
    so that what is rare is not driven out by what is not; where not even one of each fits, chance decides.
    """
    is_production = environment == Environment.PRODUCTION
    of_each = KEPT_OF_EACH if is_production else settings.SAMPLES_KEPT
    room = KEPT_OF_A_CHECK if is_production else KEPT_OF_A_CHECK_ELSEWHERE
    counts: Counter[Key] = Counter()
    ranks: defaultdict[int, list[int]] = defaultdict(list)
    for place in range(len(keys) - 1, -1, -1):
        rank = counts[keys[place]]
        if rank < of_each:
            counts[keys[place]] = rank + 1
            ranks[rank].append(place)
    kept: set[int] = set()
    for _, places in sorted(ranks.items()):
        left = room - len(kept)
        if left <= 0:
            break
        kept.update(places if len(places) <= left else random.sample(places, left))
    return kept


def write(samples: Iterable[Sample]) -> None:
    """Store samples; their order is the order of arrival."""
    copy_rows(
        Sample,
        COLUMNS,
        (
            (
                *(sample.source_id, sample.environment, sample.seen_name_id, sample.version_id, sample.app_version),
                *(sample.received_at, sample.verdict, sample.is_repeat, sample.wire),
                *(json.dumps(value) for value in (sample.violations, sample.event, sample.masked)),
                json.dumps(sample.second_verdicts),
            )
            for sample in samples
        ),
    )
