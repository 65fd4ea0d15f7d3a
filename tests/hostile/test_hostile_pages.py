"""Pages answer whatever stands in an address: no value of a path or a query is a failure of ours."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.hostile.every_address import Address, Rows, addresses, escape
from tests.hostile.hostile_values import ALL, STEP, some
from tests.hostile.server_errors import gathered_server_errors

pytestmark = pytest.mark.django_db
PAGES = [each for each in addresses() if not (each.is_api or each.is_admin)]
PARAMETERS = ("page", "export", "bom", "next", "q", "sort", "name", "tab", "source", "since", "until", "call", "event")
"""Parameters of pages besides the filters of lists."""
ADMIN_PARAMETERS = ("q", "p", "o", "all", "_facets", "_popup", "_to_field", "_changelist_filters", "e", "pk__in")
HEADERS: tuple[dict[str, str], ...] = ({}, {"HTTP_HX_REQUEST": "1"})
LOOKUPS = ("", "__exact", "__isnull", "__isempty", "__gte", "__lt", "__year", "__month", "__day", "__in", "__id__exact")


def names_of_parameters(address: Address) -> list[str]:
    filterset: Any = getattr(address.view, "filterset_class", None)
    return [*dict.fromkeys((*(filterset.base_filters if filterset else ()), *PARAMETERS))]


def test_no_value_of_a_path_fails(rows: Rows, browser: Client) -> None:
    with gathered_server_errors() as errors:
        for turn, address in enumerate(PAGES):
            for url in address.hostile_urls(rows.arguments(address), some(ALL, turn)):
                errors.send(browser, "GET", url)
    assert errors.asked > 100


@pytest.mark.timeout(300)
def test_no_value_of_a_query_fails(rows: Rows, browser: Client) -> None:
    with gathered_server_errors() as errors:
        for turn, address in enumerate(PAGES):
            url, names = address.url(rows.arguments(address)), names_of_parameters(address)
            for first in some(range(len(ALL)), turn):
                # Each parameter gets another value: in as many requests as there are values, each has had them all.
                values = [ALL[(first + number * STEP) % len(ALL)] for number in range(len(names))]
                query = "&".join(f"{name}={escape(value)}" for name, value in zip(names, values, strict=True))
                errors.send(browser, "GET", f"{url}?{query}", **HEADERS[first % 2])


@pytest.mark.timeout(300)
def test_no_filter_of_the_admin_fails(rows: Rows, browser: Client) -> None:
    turn = 0
    with gathered_server_errors() as errors:
        for model, listed in admin.site._registry.items():
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            filters: Any = listed.list_filter
            fields = [entry if isinstance(entry, str) else entry[0] for entry in filters]
            fields += [listed.date_hierarchy] if listed.date_hierarchy else []
            for name in (*ADMIN_PARAMETERS, *(f"{field}{lookup}" for field in fields for lookup in LOOKUPS)):
                turn += 1
                for value in some(some(ALL, turn), turn // STEP):
                    errors.send(browser, "GET", f"{url}?{name}={escape(value)}")


def test_no_value_of_a_path_of_the_admin_fails(rows: Rows, browser: Client) -> None:
    with gathered_server_errors() as errors:
        for turn, address in enumerate(each for each in addresses() if each.is_admin):
            for url in address.hostile_urls(rows.arguments(address), some(some(ALL, turn), turn // STEP)):
                errors.send(browser, "GET", url)
