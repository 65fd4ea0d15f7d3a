"""Values of events: the texts that the shown definition of each lists, so that a value finds its events."""

from typing import Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Length

from catalog.contract.definition.listed_values import MAX_VALUE_LENGTH
from catalog.contract.json.text import escape_text
from catalog.search import prefix_query, search_vector_field

MAX_VALUES_FOUND = 500
"""How many values that have the words of a text are looked at."""


class ListedValueQuerySet(models.QuerySet["ListedValue"]):
    """Values that definitions list."""

    def search(self, text: str) -> Self:
        """Those that have every word of a text, each at least as the start of one, in any case; the shortest first.

        Where the text has no letter and no digit: those that are this very text.
        """
        sought = escape_text(text.replace("\0", "").strip())[:MAX_VALUE_LENGTH]
        query = prefix_query(sought)
        if query is not None:
            # In an order that no index has, or PostgreSQL may read values in turn, hoping for enough of them soon.
            return self.filter(search=query).order_by(Length("value"), "value", "pk")
        return self.filter(value=sought).order_by("pk") if sought else self.none()


class ListedValue(models.Model):
    """A text that definitions list as a value of a property; most of them are listed by many.

    Rows are added and never changed. Two may hold the same text, where two definitions brought it at the same moment:
    with a constraint one of them would wait until the other's transaction ends, and they could wait for each other.
    """

    value = models.CharField(max_length=MAX_VALUE_LENGTH)
    search = search_vector_field("value")

    objects = ListedValueQuerySet.as_manager()

    class Meta:
        ordering = ("value", "id")
        indexes = [
            models.Index(fields=("value",), name="listed_value_text"),
            GinIndex(fields=("search",), name="listed_value_search"),
        ]

    def __str__(self) -> str:
        return self.value


class EventValue(models.Model):
    """A value that an event's shown version lists.

    A projection, written by `catalog.services.event_values` alone, as `Event.description` is: without it, whoever looks
    for a value would read every definition.
    """

    event = models.ForeignKey("catalog.Event", models.CASCADE, related_name="values")
    value = models.ForeignKey(ListedValue, models.CASCADE, related_name="events", db_index=False)

    class Meta:
        ordering = ("event", "value")
        # In this order it is the index of the values, too.
        constraints = [models.UniqueConstraint(fields=("value", "event"), name="event_value_once")]

    def __str__(self) -> str:
        return f"{self.event}: {self.value}"
