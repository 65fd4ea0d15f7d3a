"""The property library: what a value means, wherever it is sent."""

from typing import TYPE_CHECKING, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, Count, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import User
from accounts.permissions import WHOLE_COMPANY, can
from accounts.roles import Capability
from catalog.choices import Origin, Sensitivity, sensitivity_choices
from catalog.contract import fold_name
from catalog.models.version import VersionProperty
from catalog.search import EXACT_MATCH_RANK, _contains, _integer_rank, prefix_query, search_vector_field

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class PropertyQuerySet(models.QuerySet["Property"]):
    """Entries of the property library."""

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Those that a person may read: all, or none for whoever may not read the catalog."""
        return self if can(user, Capability.CATALOG_VIEW, on=WHOLE_COMPANY) else self.none()

    def search(self, text: str) -> Self:
        """Entries whose name or description contains every word of the text; best match first, with `rank`.

        A name that people read as the text, or as its beginning, is found too: `orderid` finds `order_id`.
        """
        folded = fold_name(text)
        found_by_name = Q(folded_name__startswith=folded) if folded else Q(pk__in=[])
        query = prefix_query(text)
        found = self.filter(found_by_name | (_contains("name", text) if query is None else Q(search=query)))
        rank = _integer_rank(query)
        best = (
            When(name=text.strip(), then=Value(EXACT_MATCH_RANK)),
            When(folded_name=folded, then=Value(EXACT_MATCH_RANK - 1)),
        )
        ranked = found.annotate(rank=Case(*best, default=rank, output_field=models.IntegerField()))
        return ranked.order_by("-rank", "name", "id")

    def used(self) -> Self:
        """Entries that the shown version of at least one event uses."""
        return self.filter(pk__in=self._shown_uses().values("property"))

    def of_event(self, event_id: int) -> Self:
        """Entries that the shown version of an event uses."""
        return self.filter(pk__in=self._shown_uses().filter(version__event=event_id).values("property"))

    def with_list_data(self) -> Self:
        """Each with its team and `use_count`: how many events use it in the version that their page shows."""
        return self.select_related("owner_team").defer("search").annotate(use_count=self._use_count())

    def with_result_data(self) -> Self:
        """Each with what a result of a search shows, and nothing else: name, description and `use_count`."""
        return self.only("name", "description").annotate(use_count=self._use_count())

    def _use_count(self) -> Coalesce:
        uses = self._shown_uses().filter(property=OuterRef("pk")).order_by().values("property")
        count = uses.annotate(count=Count("version__event", distinct=True)).values("count")
        return Coalesce(Subquery(count), 0)

    @staticmethod
    def _shown_uses() -> models.QuerySet[models.Model]:
        shown = Coalesce("version__event__live_version", "version__event__newest_version")
        return VersionProperty.objects.filter(property__isnull=False, version=shown)


class Property(models.Model):
    """A library entry, reused by many events. Changing it alters no definition; stricter sensitivity holds at once."""

    name = models.CharField(max_length=200, unique=True)
    folded_name = models.CharField(max_length=512, editable=False, help_text="By which names that read alike are found")
    description = models.TextField(blank=True)
    schema = models.JSONField(default=dict, blank=True, help_text="JSON Schema of a value: type and constraints")
    examples = models.JSONField(default=list, blank=True)
    unit = models.CharField(max_length=60, blank=True)
    sensitivity = models.CharField(
        max_length=16,
        choices=sensitivity_choices,
        default=Sensitivity.UNKNOWN.value,
        help_text="A stricter word holds at once, for every event. A looser one reaches an event only by a reviewed "
        "change of its definition.",
    )
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.CLIENT)
    owner_team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="properties")
    search = search_vector_field("name", "description")
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = PropertyQuerySet.as_manager()

    # Annotations of querysets: `search` adds the rank, `with_list_data` the number of events.
    rank: int
    use_count: int

    class Meta:
        ordering = ("name", "id")
        verbose_name_plural = "properties"
        indexes = [
            GinIndex(fields=("search",), name="property_search"),
            models.Index(fields=("folded_name",), opclasses=("varchar_pattern_ops",), name="property_by_folding"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:property", args=[self.pk])

    @property
    def type_label(self) -> str:
        """The JSON type of its values in words, such as `string or null`; "any" where the schema names none."""
        types = self.schema.get("type")
        return " or ".join(map(str, types)) if isinstance(types, list) else str(types or "any")
