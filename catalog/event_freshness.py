"""How long an event may stay away before it counts as quiet: judged by its own rhythm."""

from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Value
from django.db.models.functions import Coalesce, Greatest, NullIf

QUIET_AFTER = timedelta(days=1)
"""No event is quiet sooner than this."""

VOLUME_SPAN = timedelta(days=30)
"""What an event's volume is counted over."""

GAPS = 3
"""An event that comes at random leaves a gap of three mean gaps once in twenty times."""


def patience(volume: int) -> timedelta:
    """Return how long an event with this volume in 30 days may stay away: three mean gaps, at least a day."""
    return max(QUIET_AFTER, GAPS * VOLUME_SPAN / volume) if volume > 0 else QUIET_AFTER


def patience_of_row() -> Coalesce:
    """Return `patience` as an expression over rows that have `volume`."""
    own = ExpressionWrapper(Value(GAPS * VOLUME_SPAN) / NullIf(F("volume"), 0), output_field=DurationField())
    return Coalesce(Greatest(own, Value(QUIET_AFTER)), Value(QUIET_AFTER), output_field=DurationField())
