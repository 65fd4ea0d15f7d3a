"""What arrived last from a source outside production: the first thing a developer looks at."""

from catalog.choices import Environment
from catalog.models import Source
from tracking.traffic.models import Sample

MAX_SHOWN = 8


def recent_samples(source: Source) -> list[Sample]:
    """Return a source's newest samples outside production, with their names (one query)."""
    samples = Sample.objects.filter(source=source).exclude(environment=Environment.PRODUCTION)
    return list(samples.select_related("seen_name").newest_first()[:MAX_SHOWN])
