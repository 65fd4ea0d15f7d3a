"""Addresses of this room: the collector at the paths of the SDKs, and the probes."""

from django.urls import path

from tracking.traffic.views.arrivals import arrivals
from tracking.traffic.views.collector import collector
from tracking.traffic.views.health import figures, healthz, readyz
from tracking.traffic.views.trying import test_event
from tracking.traffic.wires import ROUTES

app_name = "traffic"

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", figures, name="figures"),
    path("sources/<slug:slug>/test-event/", test_event, name="test_event"),
    path("sources/<slug:slug>/arrivals/", arrivals, name="arrivals"),
    *(path(address, collector, {"route": route}, name="collector") for address, route in ROUTES.items()),
]
