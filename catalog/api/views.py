"""The catalog over the API: events, versions, properties, categories, sources and their deploys."""

from typing import Any

from django.core.exceptions import ValidationError as ModelInvalid
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ReadOnlyModelViewSet

from accounts.api.strict_serializers import EmptyBodySerializer
from accounts.api.strict_views import StrictView
from accounts.current_user import current_user
from accounts.permissions import WHOLE_COMPANY, require
from accounts.roles import Capability
from catalog.api.serializers import (
    CategorySerializer,
    CompanyPolicySerializer,
    DeploySerializer,
    EventDetailSerializer,
    EventSerializer,
    PropertySerializer,
    SourceDetailSerializer,
    SourceNullHandlingSerializer,
    SourceSerializer,
    VersionSerializer,
)
from catalog.filters import CategoryFilter, DeployFilter, EventFilter, PropertyFilter, SourceFilter, VersionFilter
from catalog.models import Category, CompanyPolicy, Deploy, Event, Property, Source, Version
from catalog.services.deploys import mark_deploy, remove_deploy
from catalog.services.policy_editing import save_company_policy
from catalog.services.sources import update_source
from catalog.services.write_keys import rotate_key
from pages.cache_control import never_stored

SLUG_PATTERN = r"[-a-zA-Z0-9_]+"
"""What a slug can be; any other path is not found without a query."""

SOURCE_SLUG_PARAMETER = OpenApiParameter("source_slug", str, OpenApiParameter.PATH, description="The source's slug")
EVENT_ID_PARAMETER = OpenApiParameter("event_pk", int, OpenApiParameter.PATH, description="The event's id")


class EventViewSet(StrictView, ReadOnlyModelViewSet):
    """Events of the catalog; `?name=` finds one by a name that it has or had."""

    queryset = Event.objects.with_list_data()
    filterset_class = EventFilter

    def get_queryset(self) -> QuerySet[Event]:
        if self.action == "retrieve":
            return Event.objects.with_page_data().defer(None)
        return Event.objects.with_list_data()

    def get_serializer_class(self) -> type[EventSerializer]:
        return EventDetailSerializer if self.action == "retrieve" else EventSerializer


@extend_schema_view(
    list=extend_schema(parameters=[EVENT_ID_PARAMETER]), retrieve=extend_schema(parameters=[EVENT_ID_PARAMETER])
)
class VersionViewSet(StrictView, ReadOnlyModelViewSet):
    """The versions of one event, newest first; one is read by its number, as in `1.4.0`."""

    queryset = Version.objects.none()
    serializer_class = VersionSerializer
    filterset_class = VersionFilter
    ordering = ("-created_at", "-id")
    lookup_value_regex = r"[0-9]+\.[0-9]+\.[0-9]+"
    lookup_url_kwarg = "number"

    def get_queryset(self) -> QuerySet[Version]:
        if getattr(self, "swagger_fake_view", False):
            return Version.objects.none()
        event = get_object_or_404(Event, pk=self.kwargs["event_pk"])
        return event.versions.select_related("created_by", "parent")

    def get_object(self) -> Version:
        major, minor, patch = (int(part[:9]) for part in self.kwargs["number"].split("."))
        return get_object_or_404(self.get_queryset(), major=major, minor=minor, patch=patch)


class PropertyViewSet(StrictView, ReadOnlyModelViewSet):
    """Entries of the property library."""

    queryset = Property.objects.with_list_data()
    serializer_class = PropertySerializer
    filterset_class = PropertyFilter


class CategoryViewSet(StrictView, ReadOnlyModelViewSet):
    """The catalog's categories."""

    queryset = Category.objects.select_related("parent")
    serializer_class = CategorySerializer
    filterset_class = CategoryFilter
    lookup_field = "slug"
    lookup_value_regex = SLUG_PATTERN


@never_stored
class SourceViewSet(StrictView, ReadOnlyModelViewSet):
    """The apps that send events, with their write keys."""

    queryset = Source.objects.with_list_data()
    filterset_class = SourceFilter
    lookup_field = "slug"
    lookup_value_regex = SLUG_PATTERN

    def require_right(self) -> None:
        if self.action == "rotate_key":
            require(self.request.user, Capability.KEY_ROTATE, on=self.get_object())
        elif self.action == "null_handling":
            require(self.request.user, Capability.SOURCE_MANAGE, on=self.get_object())

    def get_serializer_class(self) -> type[SourceSerializer]:
        return SourceDetailSerializer if self.action == "retrieve" else SourceSerializer

    @extend_schema(request=None, responses={201: SourceDetailSerializer})
    @action(detail=True, methods=["post"], url_path=r"keys/(?P<environment>[a-z]+)/rotate")
    def rotate_key(self, request: Request, slug: Any = None, environment: str = "") -> Response:
        """Give an environment a new write key; the old one works on for a day."""
        source = self.get_object()
        if environment not in ("production", "staging", "development"):
            raise ValidationError({"environment": "Choose production, staging or development."})
        EmptyBodySerializer(data=request.data or {}).is_valid(raise_exception=True)
        rotate_key(source, environment, by=current_user(request))
        return Response(SourceDetailSerializer(self.get_object()).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SourceNullHandlingSerializer, responses=SourceDetailSerializer)
    @action(detail=True, methods=["post"], url_path="null-handling")
    def null_handling(self, request: Request, slug: Any = None) -> Response:
        """Say what a null means for an optional property of the source; empty: as the company says."""
        serializer = SourceNullHandlingSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        update_source(self.get_object(), by=current_user(request), **serializer.validated_data)
        return Response(SourceDetailSerializer(self.get_object()).data)


class CompanyPolicyView(StrictView):
    """What the company decided for every source that does not say otherwise."""

    def require_right(self) -> None:
        require(self.request.user, Capability.POLICY_SET, on=WHOLE_COMPANY)

    @extend_schema(responses=CompanyPolicySerializer)
    def get(self, request: Request) -> Response:
        """The policy as it is."""
        require(request.user, Capability.CATALOG_VIEW, on=WHOLE_COMPANY)
        return Response(CompanyPolicySerializer(CompanyPolicy.objects.current()).data)

    @extend_schema(request=CompanyPolicySerializer, responses=CompanyPolicySerializer)
    def patch(self, request: Request) -> Response:
        """Change the policy. Every check follows it within a minute."""
        serializer = CompanyPolicySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        policy = save_company_policy(by=current_user(request), **serializer.validated_data)
        return Response(CompanyPolicySerializer(policy).data)


@extend_schema_view(
    list=extend_schema(parameters=[SOURCE_SLUG_PARAMETER]),
    create=extend_schema(parameters=[SOURCE_SLUG_PARAMETER]),
    destroy=extend_schema(parameters=[SOURCE_SLUG_PARAMETER]),
)
class DeployViewSet(StrictView, ListModelMixin, GenericViewSet):
    """The deploy markers of one source, newest first."""

    queryset = Deploy.objects.none()
    serializer_class = DeploySerializer
    filterset_class = DeployFilter
    lookup_value_regex = "[0-9]{1,18}"
    ordering = ("-at", "-id")

    def get_queryset(self) -> QuerySet[Deploy]:
        if getattr(self, "swagger_fake_view", False):
            return Deploy.objects.none()
        return Deploy.objects.filter(source=self._source()).select_related("created_by")

    def require_right(self) -> None:
        require(self.request.user, Capability.DEPLOY_MARK, on=self._source())

    def _source(self) -> Source:
        return get_object_or_404(Source, slug=self.kwargs["source_slug"])

    def create(self, request: Request, **_address: Any) -> Response:
        """Mark a deploy. The same one sent twice is one marker."""
        source = self._source()
        serializer = DeploySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            deploy = mark_deploy(source, **serializer.validated_data, by=current_user(request))
        except ModelInvalid as error:
            raise ValidationError(error.message_dict) from error
        return Response(DeploySerializer(deploy).data, status=status.HTTP_201_CREATED)

    def destroy(self, request: Request, pk: str, **_address: Any) -> Response:
        """Take back a marker that was made by mistake."""
        EmptyBodySerializer(data=request.data or {}).is_valid(raise_exception=True)
        deploy = get_object_or_404(Deploy.objects.select_related("source"), pk=pk, source__slug=self._source().slug)
        remove_deploy(deploy, by=current_user(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
