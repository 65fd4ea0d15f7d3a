"""Seen names: what traffic called things, whether or not anybody defined them."""

from __future__ import annotations

from django.db import models
from django.db.models import Exists, OuterRef, Q

from catalog.choices import Call
from catalog.models import Event, EventName


def seen_name_belongs_to(event: Event | int, *, prefix: str = "") -> Q:
    """Return the condition that a seen name is one of an event's, past names included."""
    call, digest = f"{prefix}call", f"{prefix}name_hash"
    condition = Q(pk__in=[])
    # An event knows its names where they were read with it, and its page asks this often.
    names = EventName.objects.filter(event_id=event) if isinstance(event, int) else event.names.all()
    for one in sorted(names, key=lambda name: name.pk):
        condition |= Q(**{call: one.call, digest: bytes(one.name_hash)})
    return condition


class SeenNameQuerySet(models.QuerySet["SeenName"]):
    """Names that traffic brought."""

    def of_event(self, event: Event | int) -> SeenNameQuerySet:
        """The names of an event, past ones included."""
        return self.filter(seen_name_belongs_to(event))

    def undocumented(self) -> SeenNameQuerySet:
        """Names that no event of the catalog has or had; without the rows that count what has no name."""
        named = EventName.objects.filter(call=OuterRef("call"), name_hash=OuterRef("name_hash"))
        return self.filter(~Exists(named)).exclude(name__in=("(none)", "(other)"))


class SeenName(models.Model):
    """(call, name) as traffic brought it.

    Rollups, samples and findings refer to it and not to the event, so that defining an
    undocumented event joins its past without a rewrite.
    """

    call = models.CharField(max_length=16, choices=Call)
    name = models.CharField(max_length=512)
    name_hash = models.BinaryField(max_length=32)
    first_seen = models.DateTimeField()

    objects = SeenNameQuerySet.as_manager()

    class Meta:
        ordering = ("name", "id")
        constraints = [models.UniqueConstraint(fields=("call", "name_hash"), name="seen_name_once")]

    def __str__(self) -> str:
        return self.name
