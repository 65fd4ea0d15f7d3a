"""Categories and tags in the admin site."""

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from accounts.admin.service_admin import ServiceAdmin
from accounts.audit import RequestOrigin
from accounts.models import User
from catalog.models import Category, Tag
from catalog.services.taxonomy_editing import delete_category, delete_tag, save_category, save_tag

CATEGORY_FIELDS = ("name", "slug", "parent", "description")
TAG_FIELDS = ("name", "slug")


class TaxonomyAdmin(ServiceAdmin):
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
    """Categories; one that still holds events or categories cannot be deleted."""

    fields = CATEGORY_FIELDS
    list_display = ("name", "parent", "event_count")
    list_select_related = ("parent",)
    autocomplete_fields = ("parent",)

    def save_row(self, row: Model | None, form: ModelForm, *, by: User, origin: RequestOrigin) -> Category:
        category = row if isinstance(row, Category) else None
        return save_category(category, by=by, **{field: form.cleaned_data[field] for field in CATEGORY_FIELDS})

    def delete_row(self, row: Category, *, by: User) -> None:
        delete_category(row, by=by)


@admin.register(Tag)
class TagAdmin(TaxonomyAdmin):
    """Tags; deleting one takes it from its events."""

    fields = TAG_FIELDS
    list_display = ("name", "slug", "event_count")

    def save_row(self, row: Model | None, form: ModelForm, *, by: User, origin: RequestOrigin) -> Tag:
        tag = row if isinstance(row, Tag) else None
        return save_tag(tag, by=by, **{field: form.cleaned_data[field] for field in TAG_FIELDS})

    def delete_row(self, row: Tag, *, by: User) -> None:
        delete_tag(row, by=by)
