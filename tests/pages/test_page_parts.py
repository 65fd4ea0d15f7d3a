"""A part of a page that fails alone: a sentence in its place, the rest of the page, and nothing hidden."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import Http404
from django.template import Context, Template
from django.test import Client
from structlog.testing import capture_logs

from tests.factories.catalog import EventFactory, SourceFactory
from tests.factories.requests import RequestFactory

PAGE = Template(
    '{% load page_parts %}<{% part "The figures" %}{% for one in rows %}{{ one.value }}{% endfor %}{% endpart %}>'
)


class Row:
    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    @property
    def value(self) -> str:
        if self.error is not None:
            raise self.error
        return "7"


def rendered(*errors: Exception | None) -> str:
    return PAGE.render(Context({"rows": [Row(error) for error in errors]}))


@pytest.fixture
def shown_in_place(settings: Any) -> None:
    settings.RAISE_IN_PAGE_PARTS = False


def test_a_part_that_works_is_drawn_as_it_is() -> None:
    assert rendered(None, None) == "<77>"


def test_in_tests_a_failure_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        rendered(ZeroDivisionError())


@pytest.mark.parametrize("error", [ZeroDivisionError("secret"), RecursionError(), KeyError("a"), DatabaseError()])
def test_a_part_that_fails_leaves_a_sentence_and_a_log(shown_in_place: None, error: Exception) -> None:
    with capture_logs() as logs:
        page = rendered(None, error)

    assert "The figures cannot be shown" in page
    assert page.startswith("<") and page.endswith(">")
    assert "7" not in page and "secret" not in page
    assert [(one["event"], one["part"], one["log_level"]) for one in logs] == [
        ("page.part_failed", "The figures", "error")
    ]


@pytest.mark.parametrize("error", [PermissionDenied(), Http404(), KeyboardInterrupt()])
def test_answers_are_raised_on(shown_in_place: None, error: Any) -> None:
    with pytest.raises(type(error)):
        rendered(error)


@pytest.mark.django_db
def test_an_error_of_the_database_in_a_transaction_is_raised_on(shown_in_place: None) -> None:
    assert connection.in_atomic_block
    with pytest.raises(DatabaseError):
        rendered(DatabaseError())
    assert "cannot be shown" in rendered(ZeroDivisionError())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("broken", "title"),
    [
        ("catalog.presenters.event_presenter.read_example", "The code to paste"),
        ("catalog.presenters.event_presenter.read_properties", "The list of properties"),
        ("tracking.traffic.templatetags.traffic_panels.counts_by_day", "The traffic"),
        ("tracking.quality.templatetags.finding_panels._worst_findings", "The findings"),
    ],
)
def test_the_page_of_an_event_holds_where_a_part_fails(
    shown_in_place: None, client_of: Callable[..., Client], broken: str, title: str
) -> None:
    members = RequestFactory.draft().members
    event = EventFactory.create(sources=[SourceFactory.create()])

    with patch(broken, side_effect=ZeroDivisionError):
        page = client_of(members.analyst).get(event.get_absolute_url())

    assert page.status_code == 200
    assert f"{title} cannot be shown" in page.content.decode()
    anchors = ("what", "properties", "sources", "trust", "how", "history")
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in page.content.decode()] == []


@pytest.mark.django_db
def test_the_pages_of_a_request_hold_where_a_part_fails(shown_in_place: None, client_of: Callable[..., Client]) -> None:
    lifecycle = RequestFactory.reviewed()

    with patch(
        "tracking.requests.pages.presenters.delivery_presenter.generate_snippets", side_effect=ZeroDivisionError
    ):
        page = client_of(lifecycle.members.developer).get(f"/requests/{lifecycle.request.pk}/")

    assert page.status_code == 200
    assert "The code to paste cannot be shown" in page.content.decode()
    assert "Approvals" in page.content.decode()
