"""URLs of this app: the collector at the paths of the SDKs, and the probes."""

from django.urls import path

from tracking.traffic.collect.probes import healthz, process_metrics, readyz
from tracking.traffic.collect.views import collector
from tracking.traffic.collect.wires import ROUTES
from tracking.traffic.pages.recent_samples_view import recent_samples_fragment
from tracking.traffic.pages.test_event_view import test_event
from tracking.traffic.pages.throttled_keys_view import ThrottledKeyListView

app_name = "traffic"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", process_metrics, name="figures"),
    path("sources/<slug:slug>/test-event/", test_event, name="test_event"),
    path("sources/<slug:slug>/arrivals/", recent_samples_fragment, name="arrivals"),
    path("throttled/", ThrottledKeyListView.as_view(), name="throttled"),
    *(path(address, collector, {"route": route}, name="collector") for address, route in ROUTES.items()),
]
