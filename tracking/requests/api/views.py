"""Requests, deliveries and their steps over the API."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from accounts.api.strict_views import InvalidParameters, StrictView
from accounts.current_user import current_user
from accounts.permissions import require_anywhere
from accounts.roles import Capability
from catalog.api.views import EventViewSet
from catalog.contract import InvalidDefinition, LintSeverity
from pages.cache_control import never_stored
from pages.nearest_names import quoted
from tracking.requests.api.definition_errors import errors_by_place
from tracking.requests.api.replay_serializers import REPLAYED_CHANGE
from tracking.requests.api.serializers import (
    ApprovalInputSerializer,
    ApprovalSerializer,
    DeliveryDetailSerializer,
    DeliveryTransitionSerializer,
    DocumentedSerializer,
    DocumentSerializer,
    RequestCreateSerializer,
    RequestDetailSerializer,
    RequestEditSerializer,
    RequestSerializer,
    TransitionSerializer,
)
from tracking.requests.authoring.documentation import document_event
from tracking.requests.authoring.draft_editing import add_change, create_request, edit_request
from tracking.requests.evidence.content_hash import request_content_hash
from tracking.requests.evidence.draft_lint import issues_of, lint_issues
from tracking.requests.filters import ApprovalFilter, DeliveryFilter, RequestFilter
from tracking.requests.models import Approval, Change, Delivery, Request
from tracking.requests.workflow.approval_service import approve_request
from tracking.requests.workflow.steps.step_permissions import require_approval, require_edit, require_some_step
from tracking.requests.workflow.transition_service import move_delivery, move_request

REQUEST_ID = OpenApiParameter("request_pk", int, OpenApiParameter.PATH, description="The request's id")

REPLAYED_CHANGE_ID = OpenApiParameter(
    REPLAYED_CHANGE,
    int,
    description="The id of a change: its replay is answered, instead of that of the first breaking changes",
)


def _validated_data(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _refuse_lint_errors(changes: list[Change]) -> None:
    """Raise ValidationError with the lint's errors of each change, at its place in the body."""
    errors_by_change = [issues_of(lint_issues(change, is_preview=True), LintSeverity.ERROR) for change in changes]
    if any(errors_by_change):
        raise ValidationError(
            {"changes": [{"definition": errors_by_place(errors)} if errors else {} for errors in errors_by_change]}
        )


@never_stored
class RequestViewSet(StrictView, mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Tracking requirements: drafted, moved, read."""

    queryset = Request.objects.with_list_data()
    filterset_class = RequestFilter

    def require_right(self) -> None:
        user = current_user(self.request)
        if self.action == "create":
            require_anywhere(user, Capability.REQUEST_CREATE)
        elif self.action == "partial_update":
            require_edit(self.get_object(), by=user)
        elif self.action == "transitions":
            require_some_step(self.get_object(), by=user)

    def get_queryset(self) -> QuerySet[Request]:
        return Request.objects.with_list_data() if self.action == "list" else Request.objects.with_changes()

    def get_serializer_class(self) -> type[RequestSerializer]:
        return RequestSerializer if self.action == "list" else RequestDetailSerializer

    def known_parameters(self, method: str) -> set[str]:
        """The names that may stand in the query: of one request also which change's replay it answers."""
        known = super().known_parameters(method)
        return known | {REPLAYED_CHANGE} if self.action == "retrieve" else known

    @extend_schema(parameters=[REPLAYED_CHANGE_ID])
    def retrieve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """One request; 400 where it has no change with the id whose replay is asked for."""
        subject = self.get_object()
        context = {**self.get_serializer_context(), "replayed_change": self._replayed_change(subject)}
        return Response(RequestDetailSerializer(subject, context=context).data)

    def _replayed_change(self, subject: Request) -> int | None:
        """Return the id of the change whose replay is asked for; None where the query does not say."""
        text = self.request.query_params.get(REPLAYED_CHANGE)
        if text is None:
            return None
        found = next((change.pk for change in subject.changes.all() if str(change.pk) == text), None)
        if found is None:
            raise InvalidParameters({REPLAYED_CHANGE: [f"{quoted(text)} is the id of no change of this request."]})
        return found

    def _detail_data(self, pk: int) -> dict[str, Any]:
        request = Request.objects.with_changes().get(pk=pk)
        return RequestDetailSerializer(request, context=self.get_serializer_context()).data

    @extend_schema(request=RequestCreateSerializer, responses={201: RequestDetailSerializer})
    def create(self, request: HttpRequest) -> Response:
        """Create a draft with its changes; 400 where the lint finds an error in what a change defines."""
        fields = _validated_data(RequestCreateSerializer(data=request.data))
        changes = fields.pop("changes", [])
        user = current_user(request)
        with transaction.atomic():
            draft = create_request(by=user, **fields)
            _refuse_lint_errors([add_change(draft, by=user, **change) for change in changes])
        return Response(self._detail_data(draft.pk), status=status.HTTP_201_CREATED)

    @extend_schema(request=RequestEditSerializer, responses=RequestDetailSerializer)
    def partial_update(self, request: HttpRequest, pk: Any = None) -> Response:
        """Edit a draft; 409 where somebody else edited it since `revision`."""
        fields = _validated_data(RequestEditSerializer(data=request.data))
        edited = edit_request(self.get_object(), by=current_user(request), **fields)
        return Response(self._detail_data(edited.pk))

    @extend_schema(request=TransitionSerializer, responses=RequestDetailSerializer)
    @action(detail=True, methods=["post"])
    def transitions(self, request: HttpRequest, pk: Any = None) -> Response:
        """Take a step; 409 with the unmet conditions, 403 where the person may not."""
        step = _validated_data(TransitionSerializer(data=request.data))
        evidence = step.pop("evidence", {})
        moved = move_request(self.get_object(), step.pop("to"), by=current_user(request), **step, **evidence)
        return Response(self._detail_data(moved.pk))


@extend_schema_view(list=extend_schema(parameters=[REQUEST_ID]), create=extend_schema(parameters=[REQUEST_ID]))
class ApprovalViewSet(StrictView, mixins.ListModelMixin, GenericViewSet):
    """The approvals of one request, newest first."""

    queryset = Approval.objects.none()
    serializer_class = ApprovalSerializer
    filterset_class = ApprovalFilter
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[Approval]:
        if getattr(self, "swagger_fake_view", False):
            return Approval.objects.none()
        return self._request_or_404().approvals.select_related("person", "team", "request")

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if not getattr(self, "swagger_fake_view", False):
            context["content_hash"] = request_content_hash(self._request_or_404())
        return context

    def require_right(self) -> None:
        require_approval(self._request_or_404(), by=current_user(self.request))

    def _request_or_404(self) -> Request:
        return get_object_or_404(Request, pk=self.kwargs["request_pk"])

    @extend_schema(request=ApprovalInputSerializer, responses={201: ApprovalSerializer})
    def create(self, request: HttpRequest, **_address: Any) -> Response:
        """Approve a request; the last approval that it needs moves it to reviewed."""
        subject = self._request_or_404()
        values = _validated_data(ApprovalInputSerializer(data=request.data))
        seen = values.pop("evidence", {})
        approval = approve_request(subject, by=current_user(request), **values, **seen)
        return Response(self.get_serializer(approval).data, status=status.HTTP_201_CREATED)


@never_stored
class DeliveryViewSet(StrictView, ReadOnlyModelViewSet):
    """Changes on their sources, and their steps."""

    queryset = Delivery.objects.with_step_data()
    serializer_class = DeliveryDetailSerializer
    filterset_class = DeliveryFilter
    ordering = ("-updated_at", "-id")

    def require_right(self) -> None:
        if self.action == "transitions":
            require_some_step(self.get_object(), by=current_user(self.request))

    @extend_schema(request=DeliveryTransitionSerializer, responses=DeliveryDetailSerializer)
    @action(detail=True, methods=["post"])
    def transitions(self, request: HttpRequest, pk: Any = None) -> Response:
        """Take a step; 409 with the unmet conditions, 403 where the person may not."""
        step = _validated_data(DeliveryTransitionSerializer(data=request.data))
        chosen = step.pop("evidence", {})
        moved = move_delivery(self.get_object(), step.pop("to"), by=current_user(request), **step, **chosen)
        shown = Delivery.objects.with_step_data().get(pk=moved.pk)
        return Response(DeliveryDetailSerializer(shown, context=self.get_serializer_context()).data)


class DocumentedEventViewSet(EventViewSet):
    """The catalog's events, and the way to hand over a definition whole."""

    def require_right(self) -> None:
        require_anywhere(self.request.user, Capability.REQUEST_CREATE)

    @extend_schema(request=DocumentSerializer, responses={201: DocumentedSerializer})
    def create(self, request: HttpRequest) -> Response:
        """Ask for an event by its definition document: a request, submitted and, where policy allows, approved."""
        document = _validated_data(DocumentSerializer(data=request.data))
        sources, name_reason = document.pop("sources", []), document.pop("name_reason", "")
        # As it came, since a definition is stored as its author wrote it; that it is an object was checked above.
        values = {key: value for key, value in dict(request.data).items() if key in document}
        try:
            documented = document_event(values, sources=sources, name_reason=name_reason, by=current_user(request))
        except InvalidDefinition as refused:
            raise ValidationError(errors_by_place(refused.problems)) from refused
        subject = Request.objects.with_changes().get(pk=documented.request.pk)
        shown = DocumentedSerializer(
            {"request": subject, "unmet": documented.unmet}, context=self.get_serializer_context()
        )
        return Response(shown.data, status=status.HTTP_201_CREATED)
