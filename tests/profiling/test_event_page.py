"""What the page of an event shows of its profile, and what it keeps to itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from catalog.choices import Environment, Sensitivity
from catalog.models import Event, Source, WriteKey
from tests.factories.accounts import person
from tests.factories.catalog import create_write_key
from tests.factories.traffic import post_batch, process_inbox, track_call
from tests.page_text import one_line
from tracking.profiling.event_profile import EventProfile, PropertyProfile
from tracking.profiling.property_figures import figures_of, share_text
from tracking.profiling.tasks import fold_profiles


@pytest.fixture
def viewer(db: None, client_of: Callable[[User], Client]) -> Client:
    return client_of(person("viewer"))


def came(key: WriteKey, *properties: dict[str, object]) -> None:
    post_batch(key, *(track_call("Order Completed", properties=each) for each in properties))
    process_inbox()
    fold_profiles()


def text_of(html: str) -> str:
    return one_line(re.sub(r"<[^<>]*>", " ", html)).strip()  # a no-break space is white space, too


def cells(client: Client, event: Event) -> dict[str, str]:
    """The cell of what was filled in by the name of its property."""
    page = client.get(event.get_absolute_url()).content.decode()
    rows = re.findall(r'<tr id="p\d+">(.*?)</tr>', page, re.DOTALL)
    found = {}
    for row in rows:
        name = text_of(row[: row.index("</th>")]).split()[0]
        cell = re.search(r'<td data-label="Filled">(.*?)</td>', row, re.DOTALL)
        found[name] = unescape(text_of(cell[1])) if cell else ""
    return found


def test_each_property_says_how_often_it_had_a_value(viewer: Client, key: WriteKey, order: Event) -> None:
    came(key, {"total": 1, "coupon": None}, {"total": 2, "coupon": "SPRING"}, {"total": "3"}, {"total": 2})
    found = cells(viewer, order)
    assert found["total"] == "100 % 3 different values wrong type 1 ×"
    assert found["coupon"] == "25 % 1 different value null 1 ×"
    page = text_of(viewer.get(order.get_absolute_url()).content.decode())
    assert "Filled counts the 4 production events of the last 7 days, of about 1 person; one has" in page


def test_listed_values_are_shown_where_the_property_is_not_sensitive(
    viewer: Client, key: WriteKey, order: Event
) -> None:
    came(key, *({"total": 1, "plan": plan, "method": "card"} for plan in ("free", "free", "pro", "gold")))
    found = cells(viewer, order)
    assert found["plan"] == '100 % "free" 50 % "pro" 25 % (other) 25 %'
    assert found["method"] == "100 % values hidden"


def test_nothing_is_said_of_an_event_of_which_nothing_came_from_production(
    viewer: Client, shop: Source, order: Event
) -> None:
    came(create_write_key(shop, Environment.STAGING), {"total": 1})
    assert set(cells(viewer, order).values()) == {""}
    assert "Filled" not in viewer.get(order.get_absolute_url()).content.decode()


def test_a_profile_costs_two_queries_however_many_rows_there_are(viewer: Client, key: WriteKey, order: Event) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            viewer.get(order.get_absolute_url())
        return len([query for query in captured if "profiling_dailyprofile" in query["sql"]])

    viewer.get(order.get_absolute_url())
    came(key, {"total": 1, "plan": "free"})
    assert queries() == 1
    for version in range(5):
        context = {"app": {"version": f"3.{version}"}}
        post_batch(key, track_call("Order Completed", properties={"total": 1, "plan": "pro"}, context=context))
    process_inbox()
    fold_profiles()
    assert queries() == 1


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, "0 %"),
        (0, 7, "0 %"),
        (7, 7, "100 %"),
        (1, 100_000, "0.1 %"),
        (99_999, 100_000, "99.9 %"),
        (1, 3, "33.3 %"),
    ],
)
def test_shares_round_neither_to_none_nor_to_all(part: int, whole: int, text: str) -> None:
    assert share_text(part, whole) == text.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("words", "is_shown"),
    [
        ({"/properties/plan": Sensitivity.NONE}, True),
        ({"/properties": Sensitivity.NONE}, True),
        ({"/properties": Sensitivity.NONE, "/properties/plan": Sensitivity.UNKNOWN}, False),
        ({"/properties": Sensitivity.PERSONAL, "/properties/plan": Sensitivity.NONE}, False),
        ({"/properties/plan": Sensitivity.SECRET}, False),
        ({"/properties/other": Sensitivity.NONE}, False),
        ({}, False),
    ],
)
def test_what_is_declared_above_decides_too(words: dict[str, Sensitivity], is_shown: bool) -> None:
    profile = EventProfile(2, 9, b"", {"/properties/plan": PropertyProfile(2, 2, 0, 0, {'"free"': 2})})
    figures = figures_of(profile, "/properties/plan", words)
    assert bool(figures.values) is is_shown
    assert figures.hides_values is not is_shown


def test_many_values_are_summed_up_and_those_that_are_not_listed_come_last() -> None:
    values = {f'"v{number}"': 10 - number for number in range(6)} | {"(other)": 100}
    profile = EventProfile(145, 9, b"", {"/properties/a": PropertyProfile(145, 145, 0, 0, values)})
    shown = figures_of(profile, "/properties/a", {"/properties/a": Sensitivity.NONE}).values
    assert [value.text for value in shown] == ['"v0"', '"v1"', '"v2"', "4 more"]


def test_a_property_that_nothing_could_have_held_has_no_share() -> None:
    assert figures_of(EventProfile(3), "/properties/new", {}).filled == "–"
