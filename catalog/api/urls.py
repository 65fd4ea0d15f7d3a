"""Addresses of the catalog under /api/v1/. Events are routed by `tracking.requests`, which can create them."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from catalog.api.views import (
    SLUG_PATTERN,
    CategoryViewSet,
    CompanyPolicyView,
    DeployViewSet,
    PropertyViewSet,
    SourceViewSet,
    VersionViewSet,
)

router = SimpleRouter()
router.register(r"events/(?P<event_pk>[0-9]{1,18})/versions", VersionViewSet, basename="version")
router.register("properties", PropertyViewSet, basename="property")
router.register("categories", CategoryViewSet, basename="category")
router.register("sources", SourceViewSet, basename="source")
router.register(rf"sources/(?P<source_slug>{SLUG_PATTERN})/deploys", DeployViewSet, basename="deploy")

urlpatterns = [*router.urls, path("company-policy/", CompanyPolicyView.as_view(), name="company_policy")]
