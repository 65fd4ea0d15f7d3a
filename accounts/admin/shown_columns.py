"""Which columns a list of the admin site may be narrowed by: those that it shows."""

from __future__ import annotations

from django.contrib.admin.options import BaseModelAdmin, ModelAdmin
from django.contrib.admin.utils import flatten_fieldsets
from django.http import HttpRequest


class ShownColumnsMixin(BaseModelAdmin):
    """Refuses a query by a column that the page hides.

    Django takes any column of the row itself, so `?session_key__startswith=a` would tell one character of a secret
    after the other.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Tell whether a list may be narrowed so: by the id, what it shows, and what its own filters and links name."""
        return lookup.partition("__")[0] in self._shown_columns(request) and super().lookup_allowed(
            lookup, value, request
        )

    def _shown_columns(self, request: HttpRequest) -> set[str]:
        columns = {"pk", self.opts.pk.name, *flatten_fieldsets(self.get_fieldsets(request))}
        if isinstance(self, ModelAdmin):
            filters = (each[0] if isinstance(each, tuple) else each for each in self.get_list_filter(request))
            columns.update(each.partition("__")[0] for each in filters if isinstance(each, str))
            columns.update(each for each in self.get_list_display(request) if isinstance(each, str))
            columns.add(self.date_hierarchy or "pk")
        return columns
