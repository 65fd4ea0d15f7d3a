"""URLs of this app's part of the API, below `/api/v1/`."""

from django.urls import path

from tracking.profiling.api.views import EventProfileView

urlpatterns = [
    path("events/<int:event_pk>/profile/", EventProfileView.as_view(), name="event-profile"),
]
