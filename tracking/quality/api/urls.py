"""URLs of findings under /api/v1/."""

from rest_framework.routers import SimpleRouter

from tracking.quality.api.views import FindingViewSet

router = SimpleRouter()
router.register("findings", FindingViewSet, basename="finding")

urlpatterns = router.urls
