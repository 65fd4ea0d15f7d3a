"""The list page: one way for every list to filter, sort, page and export."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views import View

from pages.exports import EXPORT_CONTENT_TYPES, export_response

BOM_VALUES = frozenset({"1", "true", "yes", "on"})
Column = tuple[str, Callable[[Any], Any]]


class FilteredListView(LoginRequiredMixin, View):
    """A list with its state in the address: filters, sort and page are the query string.

    A filter value that means nothing is left out and shown as such, so that an old link still
    shows a list. With the header `HX-Request` only the partial `results` of the template is answered.
    `?export=csv` and `?export=json` answer the filtered rows, up to `export_limit`; where there are more, the name of
    the file says so. `?bom=1` puts a byte order mark in front of CSV.
    """

    template_name: ClassVar[str]
    filterset_class: ClassVar[type[django_filters.FilterSet]]
    columns: ClassVar[Sequence[Column]] = ()  # of the export: heading, and what a row shows
    export_name: ClassVar[str] = "list"
    export_limit: ClassVar[int] = 5_000
    page_size: ClassVar[int] = 50

    def get_queryset(self) -> QuerySet[Any]:
        """Return every row that the person may see, with what the list shows, in a stable order."""
        raise NotImplementedError(f"{type(self).__name__} names no rows")

    def get_extra_context(self, page: Page[Any]) -> dict[str, Any]:
        """Return what else the template needs, given the rows of the page."""
        return {}

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        all_rows = self.get_queryset()
        filterset, valid_filterset = _bind_filtersets(self.filterset_class, request.GET, all_rows, request)
        rows = _with_stable_order(valid_filterset.qs)
        if (kind := request.GET.get("export", "")) in EXPORT_CONTENT_TYPES:
            has_bom = request.GET.get("bom", "") in BOM_VALUES
            name = _export_name(self.export_name, rows.count(), self.export_limit)
            return export_response(kind, name, self.columns, rows[: self.export_limit], has_bom=has_bom)
        page = IdsFirstPaginator(rows, self.page_size, all_rows).get_page(request.GET.get("page"))
        is_filtered = any(valid_filterset.form.cleaned_data.values())
        context = {
            "filterset": filterset,
            "page": page,
            "found": page.paginator.count,
            "total": all_rows.count() if is_filtered else page.paginator.count,
            "is_filtered": is_filtered,
            "export_limit": self.export_limit,
            **self.get_extra_context(page),
        }
        template = f"{self.template_name}#results" if request.headers.get("HX-Request") else self.template_name
        response = render(request, template, context)
        patch_vary_headers(response, ["HX-Request"])
        return response


if TYPE_CHECKING:
    AnyPaginator = Paginator[Any]
else:
    AnyPaginator = Paginator  # Django's own takes no parameter as the program runs


class IdsFirstPaginator(AnyPaginator):
    """Chooses the rows of a page by their ids alone, which an index may have in order, and then reads these.

    Else the database reads, for each row of the pages before, all that a row shows. `all_rows` are the rows without
    filters, with what each shows.
    """

    def __init__(self, rows: QuerySet[Any], page_size: int, all_rows: QuerySet[Any]) -> None:
        super().__init__(rows, page_size)
        self._rows, self._all_rows = rows, all_rows

    def page(self, number: int | str) -> Page[Any]:
        """Return the page. Raises what Django's does. A row that has gone meanwhile is left out."""
        valid = self.validate_number(number)
        begin = (valid - 1) * self.per_page
        ids = list(self._rows.values_list("pk", flat=True)[begin : begin + self.per_page])
        rows = self._all_rows.in_bulk(ids)
        return Page([rows[pk] for pk in ids if pk in rows], valid, self)


def _export_name(name: str, found: int, limit: int) -> str:
    """Return the name of a file, which says where it is not all: a file that is cut looks like a whole one."""
    return name if found <= limit else f"{name}-first-{limit}-of-{found}"


def _bind_filtersets(
    filterset_class: type[django_filters.FilterSet], query: QueryDict, queryset: QuerySet[Any], request: HttpRequest
) -> tuple[django_filters.FilterSet, django_filters.FilterSet]:
    """Return the filters as they were asked, errors and all, and those of them that can be understood."""
    cleaned = query.copy()
    for name in list(cleaned):
        cleaned.setlist(name, [value.replace("\0", "") for value in cleaned.getlist(name)])
    filterset = filterset_class(cleaned, queryset=queryset, request=request)
    if filterset.is_valid():
        return filterset, filterset
    valid_query = cleaned.copy()
    for name in filterset.form.errors:
        valid_query.pop(name, None)
    lenient = filterset_class(valid_query, queryset=queryset, request=request)
    lenient.is_valid()
    return filterset, lenient


def _with_stable_order(queryset: QuerySet[Any]) -> QuerySet[Any]:
    """Return the rows in their order, with the key as the last criterion, so that no row is on two pages."""
    order = tuple(queryset.query.order_by or queryset.model._meta.ordering or ())
    has_key = any(str(field).lstrip("-") in ("pk", "id") for field in order)
    # Set even where the model has it: a query that groups loses the model's own order.
    return queryset.order_by(*order, *(() if has_key else ("-pk",)))
