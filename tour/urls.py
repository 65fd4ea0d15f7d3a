"""The addresses of the tour. None of their words is one that content blockers know."""

from django.urls import path

from tour.views import shop_page, tour_page

app_name = "tour"

urlpatterns = [
    path("start/", tour_page.start, name="start"),
    path("start/in/<str:token>/", tour_page.sign_in_by_link, name="enter"),
    path("start/view/", tour_page.tour_fragment, name="view"),
    path("start/do/", tour_page.perform_action, name="act"),
    path("start/as/", tour_page.switch_account_view, name="become"),
    path("start/shop/", shop_page.shop, name="shop"),
]
