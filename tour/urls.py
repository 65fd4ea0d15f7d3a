"""The addresses of the tour. None of their words is one that content blockers know."""

from django.urls import path

from tour.views import shop_page, tour_page

app_name = "tour"

urlpatterns = [
    path("start/", tour_page.start, name="start"),
    path("start/in/<str:word>/", tour_page.enter, name="enter"),
    path("start/view/", tour_page.view, name="view"),
    path("start/do/", tour_page.act, name="act"),
    path("start/as/", tour_page.become, name="become"),
    path("start/shop/", shop_page.shop, name="shop"),
]
