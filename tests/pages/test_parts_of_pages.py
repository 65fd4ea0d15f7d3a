"""Pages of which one part fails: a version that no comparison reads, and what a finding kept otherwise than today."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Version
from tests.factories.accounts import TeamFactory, person
from tests.factories.catalog import EventFactory, SourceFactory
from tests.quality.evaluated_batches import NOON, make_seen_name
from tracking.quality.models import Finding

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shown_in_place(settings: Any) -> None:
    settings.RAISE_IN_PAGE_PARTS = False


def test_a_comparison_that_fails_leaves_the_page(client_of: Callable[..., Client]) -> None:
    event = EventFactory.create(name="Order Completed")
    version = event.newest_version
    assert version is not None
    broken = Version.objects.get(pk=version.pk)
    broken.pk, broken.major = None, 2
    broken.definition = broken.definition | {"schema": {"type": "object", "properties": 5}}
    broken.save(force_insert=True)
    url = reverse("catalog:comparison", args=[event.pk, str(version.number), str(broken.number)])
    answer = client_of(person("viewer")).get(url)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "What kind of change it is cannot be shown" in page
    assert f"to {broken.number} of" in page
    assert answer["X-Request-ID"] in page


@pytest.fixture
def finding() -> Finding:
    return Finding.objects.create(
        source=SourceFactory.create(owner_team=TeamFactory.create()),
        seen_name=make_seen_name("Order Completed"),
        environment="production",
        path="/properties/total",
        rule="type",
        severity="error",
        samples=[{"received_at": 5, "app_version": "2.4.1", "event": {}}],
        first_seen=NOON,
        last_seen=NOON,
    )


def test_a_finding_holds_where_its_samples_cannot_be_shown(finding: Finding, client_of: Callable[..., Client]) -> None:
    answer = client_of(person("developer")).get(finding.get_absolute_url())
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "The newest samples cannot be shown" in page
    assert page.count("cannot be shown") == 1
    assert "Expected beside received" in page and "What becomes of it" in page


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_the_list_of_findings_holds_its_filters(
    finding: Finding, client_of: Callable[..., Client], headers: dict[str, str]
) -> None:
    """Nothing that is stored makes a sentence fail today, so one is made to."""
    with patch("tracking.quality.views.findings.explain", side_effect=ZeroDivisionError):
        answer = client_of(person("viewer")).get(reverse("quality:findings"), headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "The list of findings cannot be shown" in page
    assert 'name="rule"' in page
