"""The shop: the only page of Signalbook that may be framed, and only by pages of this host."""

from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET

from catalog.choices import Environment
from catalog.services.write_keys import current_key
from pages.cache_control import never_stored
from tour.tour_state import TourState
from tour.views.demo_guard import demo_only


@never_stored
@demo_only
@login_required
@require_GET
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})
def shop(request: HttpRequest) -> HttpResponse:
    """The shop with the staging key; the production key never comes near a browser."""
    world = TourState()
    key = current_key(world.shop, Environment.STAGING)
    return render(request, "tour/shop.html", {"key": key.key if key else "", "version": world.version})
