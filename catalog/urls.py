"""Pages of the catalog."""

from django.urls import path, re_path

from catalog.views.event_pages import EventListView, event_page
from catalog.views.exemption_actions import end_exemption_action
from catalog.views.property_pages import PropertyListView, property_page
from catalog.views.source_pages import (
    SourceListView,
    mark_deploy_action,
    new_source_page,
    remove_deploy_action,
    source_page,
)
from catalog.views.version_comparison import comparison_page
from catalog.views.write_key_actions import create_key_action, revoke_key_action, rotate_key_action

app_name = "catalog"
urlpatterns = [
    path("events/", EventListView.as_view(), name="events"),
    # The readable half of the address is never looked up: a renamed event redirects to its name of today.
    re_path(r"^events/(?P<pk>[0-9]{1,18})(?:-(?P<slug>[^/]*))?/$", event_page, name="event"),
    re_path(r"^events/(?P<pk>[0-9]{1,18})/exemptions/$", end_exemption_action, name="exemption_ended"),
    path("events/<int:pk>/compare/<str:old>...<str:new>/", comparison_page, name="comparison"),
    path("properties/", PropertyListView.as_view(), name="properties"),
    path("properties/<int:pk>/", property_page, name="property"),
    path("sources/", SourceListView.as_view(), name="sources"),
    path("sources/new/", new_source_page, name="source_new"),
    path("sources/<slug:slug>/", source_page, name="source"),
    path("sources/<slug:slug>/deploys/", mark_deploy_action, name="deploy_marked"),
    path("sources/<slug:slug>/deploys/<int:pk>/remove/", remove_deploy_action, name="deploy_removed"),
    path("sources/<slug:slug>/keys/", create_key_action, name="key_created"),
    path("sources/<slug:slug>/keys/<int:pk>/rotate/", rotate_key_action, name="key_rotated"),
    path("sources/<slug:slug>/keys/<int:pk>/revoke/", revoke_key_action, name="key_revoked"),
]
