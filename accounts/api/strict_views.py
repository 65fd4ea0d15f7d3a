"""Views of the API that refuse query parameters that would not count: ignored, they would answer another question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.http import Http404
from django_filters import MultipleChoiceFilter, OrderingFilter
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from pages.nearest_names import quoted, suggestion

MAX_ERRORS = 20
SEARCH = "q"
"""A search for nothing finds everything; any other filter without a value would not count."""


class InvalidParameters(ValidationError):
    """Query parameters that are not right, whatever the method; the detail is a mapping from their names."""


class StrictView(APIView):
    """The first base of every view of the API.

    Lists know the parameters of their filters and pages; `query_parameters` names what a view knows besides, by method.
    """

    query_parameters: ClassVar[Mapping[str, Sequence[str]]] = {}

    def require_right(self) -> None:
        """Raise Forbidden where the person may not do what they ask for, or not to the row that the address names.

        Asked of whoever writes, before anything of the query or the body is looked at: who may not is told that, and
        not what is wrong with what they sent. Every view that writes says its own; the service asks again.
        """

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """Return the renderer and its media type. Raises InvalidParameters where the query asks for another format.

        REST framework answers 404, as if there were nothing at the address.
        """
        try:
            return super().perform_content_negotiation(request, force)
        except Http404:
            parameter = str(api_settings.URL_FORMAT_OVERRIDE)
            formats = sorted({renderer.format for renderer in self.get_renderers()})
            raise InvalidParameters(
                {parameter: [_unknown_format(request.query_params.get(parameter, ""), formats)]}
            ) from None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let in who may come in and write, then refuse parameters that would not count.

        Raises Forbidden (403), and then InvalidParameters (400).
        """
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            self.require_right()
        if request.method == "OPTIONS":
            return
        known = self.known_parameters(request.method or "")
        unknown = [name for name in request.query_params if name not in known]
        if unknown:
            raise InvalidParameters({name: [_unknown_parameter(name, known)] for name in unknown[:MAX_ERRORS]})
        repeatable = self._repeatable_parameters()
        repeated = [name for name in known - repeatable if len(request.query_params.getlist(name)) > 1]
        if repeated:
            raise InvalidParameters({name: [_repeated_parameter(name)] for name in sorted(repeated)})
        blank = [
            name
            for name in self._filters().keys() & request.query_params.keys() - {SEARCH}
            if not any(value.strip() for value in request.query_params.getlist(name))
        ]
        if blank:
            raise InvalidParameters({name: [_blank_parameter(name)] for name in sorted(blank)})

    def _filters(self) -> Mapping[str, Any]:
        filterset_class = getattr(self, "filterset_class", None)
        return filterset_class.base_filters if filterset_class else {}

    def _repeatable_parameters(self) -> set[str]:
        return {
            name for name, each in self._filters().items() if isinstance(each, MultipleChoiceFilter | OrderingFilter)
        }

    def known_parameters(self, method: str) -> set[str]:
        """Return the names that may stand in the query of a request with this method."""
        known = {str(api_settings.URL_FORMAT_OVERRIDE), *self.query_parameters.get(method, ())}
        if method in ("GET", "HEAD") and isinstance(self, ListModelMixin) and getattr(self, "action", "list") == "list":
            known |= set(self._filters())
            paginator = getattr(self, "paginator", None)
            names = ("cursor_query_param", "page_size_query_param")
            known |= {getattr(paginator, name) for name in names if getattr(paginator, name, None)}
        return known


def _unknown_format(name: str, formats: Sequence[str]) -> ErrorDetail:
    text = f"The API does not answer in the format {quoted(name)} here. {suggestion(name, formats)}"
    if name.lower() == "csv":
        text += " The page of a list has a button “CSV”."
    return ErrorDetail(text, code="invalid")


def _repeated_parameter(name: str) -> ErrorDetail:
    return ErrorDetail(f"{quoted(name)} takes one value, and more came. Only one of them would count.", code="repeated")


def _blank_parameter(name: str) -> ErrorDetail:
    text = f"{quoted(name)} has no value, so that it would not count. Leave it out to get what it does not narrow."
    return ErrorDetail(text, code="blank")


def _unknown_parameter(name: str, known: set[str]) -> ErrorDetail:
    offered = known - {str(api_settings.URL_FORMAT_OVERRIDE)}
    text = f"There is no parameter {quoted(name)} here. {suggestion(name, offered)}".strip()
    return ErrorDetail(text, code="unknown")
