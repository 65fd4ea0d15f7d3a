"""Findings: list, read, move."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from accounts.api.strict_views import StrictView
from accounts.current_user import current_user
from accounts.permissions import require
from accounts.roles import Capability
from catalog.api.serializers import ExemptionSerializer
from pages.cache_control import never_stored
from tracking.quality.api.serializers import (
    ExemptionInputSerializer,
    FindingMoveSerializer,
    FindingSerializer,
    NullHandlingResultSerializer,
    NullHandlingSerializer,
)
from tracking.quality.filters import FindingFilter
from tracking.quality.models import Finding
from tracking.quality.services import transition_finding
from tracking.quality.services.null_findings import choose_null_handling, require_null_handling
from tracking.quality.services.sensitive_findings import decide_exemption, require_exemption


@never_stored
class FindingViewSet(StrictView, ReadOnlyModelViewSet):
    """Violations of one kind, grouped; newest first."""

    queryset = Finding.objects.with_list_data()
    serializer_class = FindingSerializer
    filterset_class = FindingFilter
    ordering = ("-last_seen", "-id")

    def require_right(self) -> None:
        if self.action == "transitions":
            require(self.request.user, Capability.FINDING_TRIAGE, on=self.get_object().source)
        elif self.action == "null_handling":
            require_null_handling(self.get_object(), by=current_user(self.request))
        elif self.action == "exemption":
            require_exemption(self.get_object(), by=current_user(self.request))

    @extend_schema(request=FindingMoveSerializer, responses=FindingSerializer)
    @action(detail=True, methods=["post"])
    def transitions(self, request: Request, pk: Any = None) -> Response:
        """Move a finding; 409 with the unmet conditions where the step is not possible now."""
        form = FindingMoveSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        finding = transition_finding(
            self.get_object(),
            form.validated_data["to"],
            by=current_user(request),
            reason=form.validated_data["reason"],
            resolved_in=form.validated_data["resolved_in"],
        )
        return Response(FindingSerializer(finding).data)

    @extend_schema(request=NullHandlingSerializer, responses=NullHandlingResultSerializer)
    @action(detail=True, methods=["post"], url_path="null-handling")
    def null_handling(self, request: Request, pk: Any = None) -> Response:
        """Say what nulls of optional properties count as; 409 where the finding does not tell of one."""
        form = NullHandlingSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        message = choose_null_handling(
            self.get_object(),
            form.validated_data["null_handling"],
            for_company=form.validated_data["applies_to"] == "company",
            by=current_user(request),
        )
        return Response(NullHandlingResultSerializer({"message": message}).data)

    @extend_schema(request=ExemptionInputSerializer, responses=ExemptionSerializer)
    @action(detail=True, methods=["post"], url_path="exemption")
    def exemption(self, request: Request, pk: Any = None) -> Response:
        """Stop or begin again to warn of the property of a finding of `sensitive`; 409 where it is none."""
        form = ExemptionInputSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        exemption = decide_exemption(self.get_object(), by=current_user(request), **form.validated_data)
        return Response(ExemptionSerializer(exemption).data)
