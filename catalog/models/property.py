"""The property library: what a value means, wherever it is sent."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.urls import reverse

from catalog.choices import Origin, Sensitivity
from catalog.querysets import PropertyQuerySet
from catalog.search import searchable


class Property(models.Model):
    """A library entry, reused by many events. Changing it alters no event until a change of that event takes it."""

    name = models.CharField(max_length=200, unique=True)
    description = models.TextField(blank=True)
    schema = models.JSONField(default=dict, blank=True, help_text="JSON Schema of a value: type and constraints")
    examples = models.JSONField(default=list, blank=True)
    unit = models.CharField(max_length=60, blank=True)
    sensitivity = models.CharField(max_length=16, choices=Sensitivity, default=Sensitivity.UNKNOWN)
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.CLIENT)
    owner_team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="properties")
    search = searchable("name", "description")
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = PropertyQuerySet.as_manager()

    # What querysets add: `search` the rank, `with_list_data` how many events have it.
    rank: int
    use_count: int

    class Meta:
        ordering = ("name", "id")
        verbose_name_plural = "properties"
        indexes = [GinIndex(fields=("search",), name="property_search")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:property", args=[self.pk])

    @property
    def type_label(self) -> str:
        """The JSON type of its values in words, such as `string or null`; "any" where the schema names none."""
        types = self.schema.get("type")
        return " or ".join(map(str, types)) if isinstance(types, list) else str(types or "any")
