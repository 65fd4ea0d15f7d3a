"""The addresses of the tour. None of their words is one that content blockers know."""

from django.urls import path

from tour.views import shop, start

app_name = "tour"

urlpatterns = [
    path("start/", start.start, name="start"),
    path("start/in/<str:word>/", start.enter, name="enter"),
    path("start/view/", start.view, name="view"),
    path("start/do/", start.act, name="act"),
    path("start/as/", start.become, name="become"),
    path("start/shop/", shop.shop, name="shop"),
]
