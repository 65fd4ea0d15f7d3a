"""Addresses of requests and QA."""

from django.urls import path

from tracking.requests.pages.views.draft_form import request_edit, request_new
from tracking.requests.pages.views.qa import DeliveryListView, delivery_transition, qa_page
from tracking.requests.pages.views.request_detail import request_page, request_transition
from tracking.requests.pages.views.request_list import RequestListView, propose_from_traffic
from tracking.requests.pages.views.similar_events import similar
from tracking.requests.pages.views.typed_properties import library

app_name = "requests"
urlpatterns = [
    path("requests/", RequestListView.as_view(), name="requests"),
    path("requests/new/", request_new, name="new"),
    path("requests/similar/", similar, name="similar"),
    path("requests/library/", library, name="library"),
    path("requests/propose/<int:seen_name_id>/", propose_from_traffic, name="propose"),
    path("requests/<int:pk>/", request_page, name="request"),
    path("requests/<int:pk>/edit/", request_edit, name="edit"),
    path("requests/<int:pk>/move/", request_transition, name="move"),
    path("qa/", DeliveryListView.as_view(), name="qa"),
    path("qa/<int:pk>/", qa_page, name="qa_delivery"),
    path("qa/<int:pk>/move/", delivery_transition, name="move_delivery"),
]
