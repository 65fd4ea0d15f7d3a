"""Pages of findings."""

from django.urls import path

from tracking.quality.views.findings import (
    FindingListView,
    choose_null_handling_action,
    decide_exemption_action,
    finding_page,
    transition,
)

app_name = "quality"
urlpatterns = [
    path("findings/", FindingListView.as_view(), name="findings"),
    path("findings/<int:pk>/", finding_page, name="finding"),
    path("findings/<int:pk>/move/", transition, name="move"),
    path("findings/<int:pk>/nulls/", choose_null_handling_action, name="nulls"),
    path("findings/<int:pk>/exemption/", decide_exemption_action, name="exemption"),
]
