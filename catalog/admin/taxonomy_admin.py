"""Categories and tags in the admin site."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from catalog.models import Category, Tag


class TaxonomyAdmin(admin.ModelAdmin):
    """A list with the number of events in each."""

    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).annotate(event_count=Count("events", distinct=True))

    @admin.display(description="Events", ordering="event_count")
    def event_count(self, category_or_tag: Category | Tag) -> int:
        return category_or_tag.event_count  # type: ignore[union-attr]  # annotated above


@admin.register(Category)
class CategoryAdmin(TaxonomyAdmin):
    """Categories are kept here; one that still holds events cannot be deleted."""

    list_display = ("name", "parent", "event_count")
    list_select_related = ("parent",)
    autocomplete_fields = ("parent",)


@admin.register(Tag)
class TagAdmin(TaxonomyAdmin):
    """Tags are kept here."""

    list_display = ("name", "slug", "event_count")
