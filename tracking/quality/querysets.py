"""Findings, many at a time."""

from collections.abc import Collection
from typing import Self

from django.db import models

from catalog.choices import Environment
from catalog.models import EventName
from tracking.quality.choices import FindingState, SeverityChoice

NEEDS_SOMEBODY = (FindingState.OPEN, FindingState.REGRESSED)


class FindingQuerySet(models.QuerySet):
    """Adjectives of findings."""

    def unsettled(self) -> Self:
        """Findings that nobody has taken up yet, or that came back."""
        return self.filter(state__in=NEEDS_SOMEBODY)

    def standing(self) -> Self:
        """Findings that are neither resolved nor ignored: whether or not somebody knows, events still break a rule."""
        return self.filter(state__in=(*NEEDS_SOMEBODY, FindingState.ACKNOWLEDGED))

    def worst_first(self) -> Self:
        """Production before other environments, errors before warnings, then by how often it was seen."""
        outside = models.Case(models.When(environment=Environment.PRODUCTION, then=0), default=1)
        mild = models.Case(models.When(severity=SeverityChoice.ERROR, then=0), default=1)
        return self.order_by(outside, mild, "-count", "-id")

    def of_names(self, seen_name_ids: list[int]) -> Self:
        """Findings of these seen names."""
        return self.filter(seen_name_id__in=seen_name_ids)

    def of_event(self, event_id: int) -> Self:
        """Findings of every name that an event of the catalog has or had."""
        return self.of_events([event_id])

    def of_events(self, event_ids: Collection[int]) -> Self:
        """Findings of every name that one of these events has or had."""
        return self.filter(
            models.Exists(
                EventName.objects.filter(
                    event_id__in=event_ids,
                    call=models.OuterRef("seen_name__call"),
                    name_hash=models.OuterRef("seen_name__name_hash"),
                )
            )
        )

    def with_list_data(self) -> Self:
        """What a list shows, in one query."""
        return self.select_related("source", "seen_name", "owner")
