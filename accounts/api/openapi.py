"""The API's description: the OpenAPI document, its pages, and how tokens appear in it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class TokenScheme(OpenApiAuthenticationExtension):
    """How the document describes `TokenAuthentication`; drf-spectacular finds it by being imported."""

    target_class = "accounts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """The security scheme object of OpenAPI 3."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "sb_…"}


schema = SpectacularAPIView.as_view()

# The split view has its script in a separate file, as the Content-Security-Policy requires.
docs = login_required(SpectacularSwaggerSplitView.as_view(template_name="accounts/api_docs.html"))
