"""Traffic in the API: counts, and events tried against the catalog."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ParseError
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.strict_views import StrictView
from accounts.permissions import require_anywhere
from accounts.roles import Capability
from pages.cache_control import never_stored
from tracking.traffic.api.check_requests import OPTIONS, EventBodyParser, dry_run_request
from tracking.traffic.api.serializers import (
    CheckOptionsSerializer,
    CheckSerializer,
    TrafficRowSerializer,
    VerdictsSerializer,
)
from tracking.traffic.api.traffic_pagination import TrafficPagination
from tracking.traffic.filters import TrafficFilter
from tracking.traffic.models import TrafficCount


class TrafficView(StrictView, ListAPIView[Any]):
    """How many events arrived, by hour, source, environment, name, app version, version and verdict."""

    queryset = TrafficCount.objects.all()
    serializer_class = TrafficRowSerializer
    filterset_class = TrafficFilter
    pagination_class = TrafficPagination

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows asked for, summed by key."""
        narrowed = super().filter_queryset(queryset)
        return narrowed.by_key()  # type: ignore[attr-defined]


@never_stored
class CheckView(StrictView, GenericAPIView[Any]):
    """Events tried against the catalog. Nothing is stored, and what came is shown as it came."""

    serializer_class = CheckSerializer
    parser_classes = (EventBodyParser,)
    query_parameters: ClassVar = {"POST": OPTIONS}

    @extend_schema(
        parameters=[CheckOptionsSerializer],
        request={"application/json": CheckSerializer},
        responses={200: VerdictsSerializer},
    )
    def post(self, request: Request) -> Response:
        """Return the verdict on each event, as the check would give it now.

        The body is one of these, or what an SDK posts to the collector (a batch or one event, packed or not), its
        source named in the query.
        """
        require_anywhere(request.user, Capability.EVENTS_CHECK)
        body = dict(request.data).get("body", b"")
        if not body:
            raise ParseError("The body is empty.")
        query = {name: request.query_params[name] for name in OPTIONS if name in request.query_params}
        results, strict = dry_run_request(body, query)
        verdicts = [result.as_json(strict=strict) for result in results]
        return Response({"passes": all(verdict["passes"] for verdict in verdicts), "verdicts": verdicts})
