"""Ids of events seen within the deduplication window, so that a batch sent again is counted as repeats."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def to_seconds(at: datetime) -> int:
    """Return the whole seconds from the beginning of 2020 to a time: 4 bytes hold them until 2088."""
    return (at - EPOCH) // timedelta(seconds=1)


class SecondsField(models.IntegerField):
    """A time, to the second, for everybody who reads or writes the field, and 4 bytes in the table."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> datetime | None:
        return None if value is None else EPOCH + timedelta(seconds=value)

    def to_python(self, value: Any) -> Any:
        return value

    def get_prep_value(self, value: Any) -> Any:
        return to_seconds(value) if isinstance(value, datetime) else super().get_prep_value(value)


class AbstractDedupKey(models.Model):
    """An event that came, by 8 bytes of keyed hashes: of its id, its source and its environment.

    `content` is the half of a hash of what it said. The events with that id that say something else have a row each,
    whose key is made of the id and of the whole hash of what they say.

    Such a row stands in no table without the row of its id.
    """

    key = models.BigIntegerField(primary_key=True)
    content = models.IntegerField(
        null=True, help_text="Empty in rows of before 2026-12: every event with such an id is a repeat"
    )
    seen_at = SecondsField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.key & (2**64 - 1):016x}"


class DedupKey(AbstractDedupKey):
    """An event of today. Rows are added; when all have been seen a day ago, the table becomes that of yesterday."""

    class Meta:
        ordering = ("key",)


class EarlierDedupKey(AbstractDedupKey):
    """An event of the table before. All of them are forgotten at once."""

    class Meta:
        ordering = ("key",)


class DedupRotation(models.Model):
    """When the tables changed places. The one row has the number 1; without it they never did."""

    rotated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_dedup_rotation")]

    def __str__(self) -> str:
        return f"rotated at {self.rotated_at}"
