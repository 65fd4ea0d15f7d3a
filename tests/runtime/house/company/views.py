"""What the web server answers: whether the database and the worker are there, and how often the demo was loaded."""

import time

from django.core.cache import cache
from django.http import HttpRequest, JsonResponse
from django.urls import path


def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 where the worker was seen in the last five seconds, else 503."""
    is_alive = time.time() - cache.get("beat", 0) < 5
    return JsonResponse({"loads": cache.get("loads", 0)}, status=200 if is_alive else 503)


urlpatterns = [path("readyz", readyz)]
