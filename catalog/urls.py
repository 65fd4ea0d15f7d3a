"""Pages of the catalog."""

from django.urls import path, re_path

from catalog.views.event_pages import EventListView, event_page
from catalog.views.property_pages import PropertyListView, property_page
from catalog.views.source_pages import SourceListView, deploy_marked, source_new, source_page
from catalog.views.version_comparison import comparison_page
from catalog.views.write_key_actions import key_created, key_revoked, key_rotated

app_name = "catalog"
urlpatterns = [
    path("events/", EventListView.as_view(), name="events"),
    # The readable half of the address is never looked up: a renamed event redirects to its name of today.
    re_path(r"^events/(?P<pk>[0-9]{1,18})(?:-(?P<slug>[^/]*))?/$", event_page, name="event"),
    path("events/<int:pk>/compare/<str:old>...<str:new>/", comparison_page, name="comparison"),
    path("properties/", PropertyListView.as_view(), name="properties"),
    path("properties/<int:pk>/", property_page, name="property"),
    path("sources/", SourceListView.as_view(), name="sources"),
    path("sources/new/", source_new, name="source_new"),
    path("sources/<slug:slug>/", source_page, name="source"),
    path("sources/<slug:slug>/deploys/", deploy_marked, name="deploy_marked"),
    path("sources/<slug:slug>/keys/", key_created, name="key_created"),
    path("sources/<slug:slug>/keys/<int:pk>/rotate/", key_rotated, name="key_rotated"),
    path("sources/<slug:slug>/keys/<int:pk>/revoke/", key_revoked, name="key_revoked"),
]
