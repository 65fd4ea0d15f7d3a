"""Traffic in the API: counts, and events tried against the catalog."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.strict_views import StrictView
from accounts.permissions import require_anywhere
from accounts.roles import Capability
from catalog.contract import ParsedJson
from tracking.traffic.api.serializers import CheckSerializer, TrafficRowSerializer, VerdictsSerializer
from tracking.traffic.api.traffic_pagination import TrafficPagination
from tracking.traffic.check.dry_run import dry_run_events
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


class CheckView(StrictView, GenericAPIView[Any]):
    """Events tried against the catalog. Nothing is stored, and what came is shown as it came."""

    serializer_class = CheckSerializer

    @extend_schema(responses={200: VerdictsSerializer})
    def post(self, request: Request) -> Response:
        """Return the verdict on each event, as the check would give it now."""
        require_anywhere(request.user, Capability.EVENTS_CHECK)
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        results = dry_run_events(
            values["source"],
            values["environment"],
            [ParsedJson(event) for event in values["events"]],
            wire=values["wire"],
        )
        return Response({"verdicts": [result.as_json() for result in results]})
