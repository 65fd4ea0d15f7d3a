"""URLs of this app's part of the API, below `/api/v1/`."""

from django.urls import path

from tracking.traffic.api.views import CheckView, TrafficView

urlpatterns = [
    path("traffic/", TrafficView.as_view(), name="traffic-list"),
    path("check/", CheckView.as_view(), name="check"),
]
