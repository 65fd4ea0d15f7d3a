"""How long an event may be absent before it counts as quiet, measured by its usual frequency."""

from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Value
from django.db.models.functions import Coalesce, Greatest, NullIf

MIN_SILENCE = timedelta(days=1)
"""No event is quiet sooner than this."""

VOLUME_PERIOD = timedelta(days=30)
"""What an event's volume is counted over."""

TOLERATED_GAPS = 3
"""An event that comes at random leaves a gap of three mean gaps once in twenty times."""


def max_silence(volume: int) -> timedelta:
    """Return how long an event with this volume in 30 days may be absent: three mean gaps, at least a day."""
    return max(MIN_SILENCE, TOLERATED_GAPS * VOLUME_PERIOD / volume) if volume > 0 else MIN_SILENCE


def max_silence_expression() -> Coalesce:
    """Return `max_silence` as an expression over rows that have `volume`."""
    expected_silence = ExpressionWrapper(
        Value(TOLERATED_GAPS * VOLUME_PERIOD) / NullIf(F("volume"), 0), output_field=DurationField()
    )
    return Coalesce(Greatest(expected_silence, Value(MIN_SILENCE)), Value(MIN_SILENCE), output_field=DurationField())
