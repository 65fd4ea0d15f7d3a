"""URLs of the pages above all apps."""

from django.templatetags.static import static
from django.urls import path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from home.views.home_page import home_page
from home.views.search_page import search_page
from home.views.style_guide import style_guide_page

# Computed at the request: the hashed names are known after `collectstatic`.
lazy_static = lazy(static, str)

app_name = "home"
urlpatterns = [
    path("", home_page, name="home"),
    path("search/", search_page, name="search"),
    path("style/", style_guide_page, name="style"),
    # The stock admin names no icon, so browsers ask for one here.
    path("favicon.ico", RedirectView.as_view(url=lazy_static("img/favicon.svg")), name="favicon"),
]
