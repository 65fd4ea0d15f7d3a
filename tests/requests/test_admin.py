"""The admin site shows requests and changes none."""

import pytest
from django.urls import reverse

from tests.factories.accounts import admin
from tests.factories.requests import RequestFactory
from tracking.requests.models import Change, Delivery, Request

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", [Request, Change, Delivery], ids=lambda model: model.__name__)
def test_an_admin_looks_and_changes_nothing(client_of, model):
    RequestFactory.live(title="Worth <of> orders")
    client = client_of(admin())
    name = f"admin:requests_{model._meta.model_name}"
    assert client.get(reverse(f"{name}_changelist"), {"q": "Order"}).status_code == 200
    row = model.objects.get()
    page = client.get(reverse(f"{name}_change", args=[row.pk]))
    assert page.status_code == 200
    assert "<of>" not in page.content.decode()
    assert client.post(reverse(f"{name}_change", args=[row.pk]), {"state": "draft"}).status_code == 403
    assert client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert client.get(reverse(f"{name}_add")).status_code == 403


def test_a_requests_history_stands_on_its_page(client_of):
    lifecycle = RequestFactory.live()
    page = (
        client_of(admin()).get(reverse("admin:requests_request_change", args=[lifecycle.request.pk])).content.decode()
    )
    assert "tested → live" in page
    assert str(lifecycle.members.developer) in page
