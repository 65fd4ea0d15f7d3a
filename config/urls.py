"""The URLs of the project."""

from django.contrib import admin
from django.urls import include, path

from accounts.api.openapi import docs, schema

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("catalog.urls")),
    path("", include("tracking.traffic.urls")),
    path("", include("tracking.quality.urls")),
    path("", include("tracking.requests.urls")),
    path("", include("home.urls")),
    path("", include("tour.urls")),
    path("admin/", admin.site.urls),
    path("api/schema/", schema, name="schema"),
    path("api/docs/", docs, name="api-docs"),
    path("api/v1/", include("catalog.api.urls")),
    path("api/v1/", include("tracking.traffic.api.urls")),
    path("api/v1/", include("tracking.profiling.api.urls")),
    path("api/v1/", include("tracking.quality.api.urls")),
    path("api/v1/", include("tracking.requests.api.urls")),
]

handler400 = "accounts.views.error_pages.bad_request"
handler403 = "accounts.views.error_pages.forbidden"
handler404 = "accounts.views.error_pages.not_found"
handler429 = "accounts.views.error_pages.too_many_requests"  # allauth's name for it: too many attempts to sign in
handler500 = "accounts.views.error_pages.server_error"
