"""What was counted, compared with what was sent: a figure is worth nothing where an event was lost or doubled."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Sum

from benchmarks.workload.traffic import CountKey
from catalog.choices import Environment
from tracking.traffic.models import InboxBatch, QuarantinedBatch, RollupDelta, TrafficCount


class NotExact(Exception):
    """Something was not counted exactly once."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of production so far, and how many repeats were told."""

    counts: Counter[CountKey]
    repeats: int

    def since(self, earlier: "Counted") -> "Counted":
        """Return what was added."""
        return Counted(self.counts - earlier.counts, self.repeats - earlier.repeats)


def read_counts() -> Counted:
    """Return what is counted of production by now, folded or not."""
    production = TrafficCount.objects.in_environment(Environment.PRODUCTION)
    rows = production.order_by().values_list("source__slug", "seen_name__name", "app_version", "verdict")
    counts: Counter[CountKey] = Counter()
    repeats = 0
    for *key, count, repeated in rows.annotate(Sum("count"), Sum("repeats")):
        if count:
            counts[CountKey(*key)] += count
        repeats += repeated
    return Counted(counts, repeats)


def is_checked() -> bool:
    """Whether nothing waits to be checked any more."""
    return not InboxBatch.objects.exists()


def is_folded() -> bool:
    """Whether everything is checked and folded into rollups."""
    return is_checked() and not RollupDelta.objects.exists()


def require_exact(added: Counted, expected: Counter[CountKey], *, repeats: int, possible_repeats: int) -> None:
    """Raise NotExact unless exactly the expected was counted, and nothing lies in quarantine.

    `repeats` are the events that were sent twice; up to `possible_repeats` more may have been, where the client could
    not know whether the server had them.
    """
    if quarantined := QuarantinedBatch.objects.count():
        raise NotExact(f"{quarantined} batches are quarantined")
    wrong = [
        f"{' / '.join(key)}: {added.counts[key]} counted, {expected[key]} sent"
        for key in sorted(added.counts.keys() | expected.keys())
        if added.counts[key] != expected[key]
    ]
    if wrong:
        total = f"{added.counts.total()} events counted, {expected.total()} sent"
        raise NotExact("; ".join([total, f"{len(wrong)} counts differ", *wrong[:10]]))
    if not repeats <= added.repeats <= repeats + possible_repeats:
        raise NotExact(f"{added.repeats} repeats told, {repeats} to {repeats + possible_repeats} sent")
