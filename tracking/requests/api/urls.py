"""Addresses of requests, deliveries and events under /api/v1/."""

from rest_framework.routers import SimpleRouter

from tracking.requests.api.views import ApprovalViewSet, DeliveryViewSet, DocumentedEventViewSet, RequestViewSet

router = SimpleRouter()
router.register("requests", RequestViewSet, basename="request")
router.register(r"requests/(?P<request_pk>[0-9]{1,18})/approvals", ApprovalViewSet, basename="approval")
router.register("deliveries", DeliveryViewSet, basename="delivery")
router.register("events", DocumentedEventViewSet, basename="event")

urlpatterns = router.urls
